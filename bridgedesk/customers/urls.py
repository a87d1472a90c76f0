"""Addresses of buyers."""

from django.urls import path

from bridgedesk.customers import views

urlpatterns = [
    path("customers/<int:pk>/card", views.card, name="customer-card"),
    path("customers/<int:pk>/facts", views.correct, name="customer-facts"),
    path("customers/<int:pk>/notes", views.note, name="customer-note"),
]
