"""Addresses of imports."""

from django.urls import path

from bridgedesk.imports import export_views, views

urlpatterns = [
    path("imports", views.imports, name="imports"),
    path("imports/<int:pk>", views.table, name="import"),
    path("imports/<int:pk>/describe", views.describe, name="import-describe"),
    path("imports/<int:pk>/do/<slug:name>", views.act, name="import-act"),
    path("imports/<int:pk>/rows/<int:line>", views.mend, name="import-mend"),
    path("imports/<int:pk>/left.<slug:form>", views.bad_rows, name="import-left"),
    path("exports", export_views.exports, name="exports"),
    path("exports/<slug:what>.<slug:form>", export_views.export, name="export"),
]
