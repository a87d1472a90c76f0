"""Addresses of chips, corrections and translation."""

from django.urls import path

from bridgedesk.assist import views

urlpatterns = [
    path("assist/messages/<int:pk>/chips", views.chips, name="triage-chips"),
    path("assist/messages/<int:pk>/correct/<str:what>", views.correct, name="triage-correct"),
    path("assist/messages/<int:pk>/translation", views.translation, name="message-translation"),
    path("assist/translate", views.translate_draft, name="translate-draft"),
    path("assist/engine", views.engine, name="engine"),
    path("assist/engine/test", views.test_engine, name="engine-test"),
]
