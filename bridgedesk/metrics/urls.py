"""Addresses of the figures."""

from django.urls import path

from bridgedesk.metrics import basis_views, letters_views, opinion_views, views

urlpatterns = [
    path("figures", views.figures, name="figures"),
    path("figures/cases", views.cases, name="figures-cases"),
    path("figures/letters", letters_views.page, name="figures-letters"),
    path("figures/letters/edits", letters_views.edits, name="figures-edits"),
    path("figures/basis", basis_views.basis, name="figures-basis"),
    path("figures/basis/rate", basis_views.rate, name="figures-rate"),
    path("figures/basis/band", basis_views.band, name="figures-band"),
    path("reviews/skus", opinion_views.articles, name="reviews-skus"),
    path("reviews/skus/none", opinion_views.unknown, name="reviews-unknown"),
    path("reviews/skus/<int:pk>", opinion_views.article, name="sku-reviews"),
]
