"""Addresses of the workbench and of the pages beside it."""

from django.urls import path

from bridgedesk.conversations import (
    about_views,
    composer_views,
    goods,
    greeting_views,
    notice_views,
    offers,
    order_links,
    palette,
    policy_views,
    response_views,
    search_views,
    shop_rates,
    template_share,
    template_views,
    thread_views,
    today,
    views,
)

workbench = [
    path("", views.inbox, name="inbox"),
    path("inbox/rows", views.rows, name="inbox-rows"),
    path("inbox/bulk", views.bulk, name="inbox-bulk"),
    path("inbox/views", views.save_view, name="view-save"),
    path("inbox/views/<int:pk>/remove", views.remove_view, name="view-remove"),
    path("palette", palette.palette, name="palette"),
    path("conversations/of-order", order_links.of_order, name="conversations-of-order"),
    path("conversations/said", offers.said_since, name="conversations-said"),
    path("conversations/about", about_views.about, name="conversation-about"),
    path("conversations/<int:pk>", thread_views.conversation, name="conversation"),
    path("conversations/<int:pk>/head", thread_views.head, name="conversation-head"),
    path("conversations/<int:pk>/context", thread_views.context, name="conversation-context"),
    path("conversations/<int:pk>/thread", thread_views.thread, name="conversation-thread"),
    path("conversations/<int:pk>/presence", thread_views.presence, name="conversation-presence"),
    path("conversations/<int:pk>/products", goods.beside, name="conversation-products"),
    path("conversations/<int:pk>/timeline", thread_views.timeline, name="conversation-timeline"),
    path("conversations/<int:pk>/check", composer_views.check, name="conversation-check"),
    path("conversations/<int:pk>/phrases", composer_views.phrases, name="conversation-phrases"),
    path("conversations/<int:pk>/suggestions", composer_views.suggestions, name="conversation-suggestions"),
    path("conversations/<int:pk>/reply", composer_views.reply, name="conversation-reply"),
    path("conversations/<int:pk>/note", composer_views.note, name="conversation-note"),
    path("conversations/<int:pk>/do/<slug:name>", thread_views.act, name="conversation-act"),
    path("messages/<int:pk>/html", thread_views.html, name="message-html"),
    path("messages/<int:pk>/do/<slug:name>", thread_views.message_act, name="message-act"),
]

pages = [
    path("today/answers", today.answers, name="today-answers"),
    path("today/notices", notice_views.today, name="today-notices"),
    path("notices", notice_views.page, name="notices"),
    path("notices/bulk", notice_views.bulk, name="notices-bulk"),
    path("notices/<int:pk>/<slug:name>", notice_views.act, name="notice-act"),
    path("search", search_views.page, name="search"),
    path("policies", policy_views.policies_page, name="policies"),
    path("help", policy_views.help_page, name="help"),
    path("shops/rates", shop_rates.rates, name="shop-rates"),
    path("shops/<int:pk>/greetings", greeting_views.greetings, name="shop-greetings"),
    path("shops/<int:pk>/notices", notice_views.of_shop, name="shop-notices"),
    path("shops/<int:pk>/response", response_views.response, name="shop-response"),
    path("templates", template_views.shelf_page, name="templates"),
    path("templates/new", template_views.new, name="template-new"),
    path("templates/share", template_share.share_card, name="template-share"),
    path("templates/look", template_views.look, name="template-look"),
    path("templates/<slug:key>", template_views.template, name="template"),
    path("templates/<slug:key>/retire", template_views.retire, name="template-retire"),
    path("templates/<slug:key>/restore/<int:version>", template_views.restore, name="template-restore"),
]

urlpatterns = [*workbench, *pages]
