"""Addresses of the shops and of the doctor."""

from django.urls import path

from bridgedesk.shops import rating_views, views

urlpatterns = [
    path("shops", views.shops, name="shops"),
    path("shops/connect", views.platforms, name="shop-connect"),
    path("shops/connect/<slug:platform>", views.connect, name="shop-connect-form"),
    path("shops/<int:pk>", views.shop, name="shop"),
    path("shops/<int:pk>/do/<slug:name>", views.act, name="shop-act"),
    path("shops/<int:pk>/agents", views.agents, name="shop-agents"),
    path("shops/<int:pk>/figures", views.figure, name="shop-figure"),
    path("shops/<int:pk>/authorise", views.authorise, name="shop-authorise"),
    path("shops/authorised", views.authorised, name="shop-authorised"),
    path("shops/<int:pk>/granted", views.choose, name="shop-granted"),
    path("shops/<int:pk>/checks", views.checks, name="shop-checks"),
    path("shops/<int:pk>/health", rating_views.health, name="shop-health"),
    path("doctor", views.health, name="doctor"),
    path("doctor/findings", views.findings, name="doctor-findings"),
]
