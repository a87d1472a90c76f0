"""Addresses of the workbench."""

from django.urls import path

from bridgedesk.conversations import views

urlpatterns = [
    path("", views.inbox, name="inbox"),
]
