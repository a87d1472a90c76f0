"""Addresses of packs of evidence."""

from django.urls import path

from bridgedesk.evidence import views

urlpatterns = [
    path("orders/<int:pk>/evidence", views.evidence, name="order-evidence"),
    path("orders/<int:pk>/evidence/document", views.document, name="order-evidence-document"),
    path("orders/<int:pk>/evidence.zip", views.pack, name="order-pack"),
]
