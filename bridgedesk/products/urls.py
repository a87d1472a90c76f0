"""Addresses of products."""

from django.urls import path

from bridgedesk.products import stock_views, today, views

urlpatterns = [
    path("products", views.products, name="products"),
    path("products/add", views.add, name="products-add"),
    path("products/<int:pk>", views.product, name="product"),
    path("products/<int:pk>/do/<slug:name>", views.act, name="product-act"),
    path("stock", stock_views.stock, name="stock"),
    path("stock/count", stock_views.sheet, name="count-sheet"),
    path("stock/count/scanned", stock_views.scanned, name="count-scanned"),
    path("stock/articles/<int:pk>", stock_views.history, name="sku-shelf"),
    path("stock/articles/<int:pk>/count", stock_views.count, name="sku-count"),
    path("stock/articles/<int:pk>/move", stock_views.move, name="sku-move"),
    path("stock/articles/<int:pk>/restock", stock_views.restock, name="sku-restock"),
    path("restocks", stock_views.restocks, name="restocks"),
    path("restocks/<int:pk>/<slug:state>", stock_views.answer, name="restock-answer"),
    path("today/stock", today.stock, name="today-stock"),
]
