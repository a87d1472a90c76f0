"""Where platforms push to, and the pages of what came in and goes out."""

from django.urls import path

from bridgedesk.sync import entering, pages, views, webhooks

urlpatterns = [
    path("in/<slug:platform>/<int:shop_id>", views.hook, name="hook"),
    path("sync", pages.sync, name="sync"),
    path("sync/<int:pk>", pages.delivery, name="delivery"),
    path("sync/<int:pk>/bytes", pages.download, name="delivery-bytes"),
    path("sync/<int:pk>/replay", pages.replay, name="delivery-replay"),
    path("shops/<int:pk>/inflow", pages.inflow, name="shop-inflow"),
    path("shops/<int:pk>/poll", pages.poll, name="shop-poll"),
    path("shops/<int:pk>/replay-stuck", pages.replay_stuck, name="shop-replay-stuck"),
    path("shops/<int:pk>/paste", entering.paste, name="shop-paste"),
    path("shops/<int:pk>/table", entering.table, name="shop-table"),
    path("webhooks", webhooks.webhooks, name="webhooks"),
    path("webhooks/<int:pk>", webhooks.endpoint, name="webhook"),
    path("webhooks/<int:pk>/do/<slug:name>", webhooks.act, name="webhook-act"),
]
