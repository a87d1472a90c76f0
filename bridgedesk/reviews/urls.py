"""Addresses of reviews."""

from django.urls import path

from bridgedesk.reviews import views

urlpatterns = [
    path("reviews", views.reviews, name="reviews"),
    path("reviews/<int:pk>/answer", views.answer, name="review-answer"),
]
