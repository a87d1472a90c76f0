"""Addresses of packs of evidence."""

from django.urls import path

from bridgedesk.evidence import views

urlpatterns = [path("orders/<int:pk>/evidence.zip", views.pack, name="order-evidence")]
