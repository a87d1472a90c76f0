"""Addresses of returns and refunds."""

from django.urls import path

from bridgedesk.remedies import views

urlpatterns = [path("remedies", views.cases, name="remedies")]
