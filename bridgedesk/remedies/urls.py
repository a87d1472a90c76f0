"""Addresses of cases, returns and refunds."""

from django.urls import path

from bridgedesk.remedies import case_views, views

urlpatterns = [
    path("remedies", views.cases, name="remedies"),
    path("remedies/open", case_views.opened, name="case-open"),
    path("remedies/of-order", case_views.of_order, name="cases-of-order"),
    path("remedies/<int:pk>", case_views.case, name="case"),
    path("remedies/<int:pk>/do/<slug:name>", case_views.act, name="case-act"),
]
