"""Every address of the application; each folder owns its own under its name."""

from django.urls import include, path

urlpatterns = [
    path("", include("bridgedesk.conversations.urls")),
    path("account/", include("allauth.urls")),
]
