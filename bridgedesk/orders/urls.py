"""Addresses of orders."""

from django.urls import path

from bridgedesk.orders import views

urlpatterns = [path("orders/card", views.card, name="orders-card")]
