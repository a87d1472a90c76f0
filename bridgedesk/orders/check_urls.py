"""Addresses of checking orders."""

from django.urls import path

from bridgedesk.orders import audit_views, check_views, today

urlpatterns = [
    path("today/orders", today.waiting, name="today-orders"),
    path("today/shipping", today.shipping, name="today-shipping"),
    path("today/parcels", today.parcels, name="today-parcels"),
    path("orders/check", check_views.check_page, name="orders-check"),
    path("orders/<int:pk>/check/<slug:name>", check_views.check_act, name="order-check-act"),
    path("orders/<int:pk>/correct", check_views.correction, name="order-correct"),
    path("orders/pickups", audit_views.pickups, name="orders-pickups"),
    path("orders/<int:pk>/call", audit_views.call, name="order-call"),
]
