"""Addresses of products."""

from django.urls import path

from bridgedesk.products import views

urlpatterns = [
    path("products", views.products, name="products"),
    path("products/add", views.add, name="products-add"),
    path("products/<int:pk>", views.product, name="product"),
    path("products/<int:pk>/do/<slug:name>", views.act, name="product-act"),
]
