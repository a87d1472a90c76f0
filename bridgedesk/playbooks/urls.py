"""Addresses of playbooks and their runs."""

from django.urls import path

from bridgedesk.playbooks import views

urlpatterns = [
    path("playbooks/of/<int:pk>", views.card, name="conversation-playbook"),
    path("playbooks/of/<int:pk>/start", views.start, name="conversation-playbook-start"),
    path("playbooks/runs/<int:pk>/take", views.take, name="run-take"),
    path("playbooks/runs/<int:pk>/back", views.step_back, name="run-back"),
    path("playbooks/runs/<int:pk>/leave", views.leave, name="run-leave"),
]
