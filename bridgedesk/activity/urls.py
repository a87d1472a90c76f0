"""Addresses of the live connection and of the log."""

from django.urls import path

from bridgedesk.activity import audit, today, views

urlpatterns = [
    path("today", today.today, name="today"),
    path("today/progress", today.progress, name="today-progress"),
    path("live", views.live, name="live"),
    path("activity", audit.activity, name="activity"),
    path("activity.csv", audit.export, name="activity-csv"),
]
