"""Addresses of stock that concern orders and shops: telling the shops, articles that cannot be had."""

from django.urls import path

from bridgedesk.orders import stock_views

urlpatterns = [
    path("stock/push", stock_views.push, name="stock-push"),
    path("stock/pushes", stock_views.pushes, name="stock-pushes"),
    path("stock/pushes/<int:pk>/<slug:name>", stock_views.act, name="stock-push-act"),
]
