"""Addresses of orders."""

from django.urls import path

from bridgedesk.orders import order_views, parcel_views, views

urlpatterns = [
    path("orders", order_views.orders, name="orders"),
    path("orders/<int:pk>", order_views.order, name="order"),
    path("orders/<int:pk>/do/<slug:name>", order_views.act, name="order-act"),
    path("orders/card", views.card, name="orders-card"),
    path("orders/<int:pk>/parcels", parcel_views.of_order, name="order-parcels"),
    path("parcels", parcel_views.page, name="parcels"),
    path("parcels/troubles/<int:pk>/settle", parcel_views.settle, name="parcel-settle"),
    path("parcels/troubles/<int:pk>/extend", parcel_views.extend, name="parcel-extend"),
]
