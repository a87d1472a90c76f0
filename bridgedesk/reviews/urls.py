"""Addresses of reviews."""

from django.urls import path

from bridgedesk.reviews import asking_views, many, today, views

urlpatterns = [
    path("reviews", views.reviews, name="reviews"),
    path("reviews/ask", asking_views.page, name="reviews-ask"),
    path("reviews/ask/many", many.ask, name="reviews-ask-many"),
    path("reviews/thank/many", many.thank, name="reviews-thank-many"),
    path("today/reviews", today.reviews, name="today-reviews"),
    path("reviews/<int:pk>/answer", views.answer, name="review-answer"),
]
