"""Addresses of the live connection."""

from django.urls import path

from bridgedesk.activity import views

urlpatterns = [path("live", views.live, name="live")]
