"""Addresses of stock that concern orders and shops: telling the shops, articles that cannot be had."""

from django.urls import path

from bridgedesk.orders import stock_views, stockout_views

urlpatterns = [
    path("stock/push", stock_views.push, name="stock-push"),
    path("stock/pushes", stock_views.pushes, name="stock-pushes"),
    path("stock/pushes/<int:pk>/<slug:name>", stock_views.act, name="stock-push-act"),
    path("stockouts", stockout_views.page, name="stockouts"),
    path("stockouts/card", stockout_views.card, name="stockouts-card"),
    path("stockouts/begin", stockout_views.begin, name="stockout-begin"),
    path("stockouts/<int:pk>/end", stockout_views.end, name="stockout-end"),
    path("stockouts/orders/<int:pk>/<slug:name>", stockout_views.act, name="short-act"),
]
