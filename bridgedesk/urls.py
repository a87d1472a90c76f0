"""Every address of the application; each folder owns its own under its name."""

from django.urls import include, path

from bridgedesk.api import api

urlpatterns = [
    path("", include("bridgedesk.conversations.urls")),
    path("", include("bridgedesk.sync.urls")),
    path("", include("bridgedesk.imports.urls")),
    path("", include("bridgedesk.conversations.files")),
    path("", include("bridgedesk.assist.urls")),
    path("", include("bridgedesk.playbooks.urls")),
    path("", include("bridgedesk.customers.urls")),
    path("", include("bridgedesk.products.urls")),
    path("", include("bridgedesk.orders.urls")),
    path("", include("bridgedesk.orders.stock_urls")),
    path("", include("bridgedesk.orders.check_urls")),
    path("", include("bridgedesk.reviews.urls")),
    path("", include("bridgedesk.remedies.urls")),
    path("", include("bridgedesk.evidence.urls")),
    path("", include("bridgedesk.metrics.urls")),
    path("", include("bridgedesk.activity.urls")),
    path("", include("bridgedesk.shops.urls")),
    path("", include("bridgedesk.team.urls")),
    path("api/v1/", api.urls),
    path("account/", include("allauth.urls")),
]
