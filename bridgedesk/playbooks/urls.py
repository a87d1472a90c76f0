"""Addresses of playbooks and their runs."""

from django.urls import path

from bridgedesk.playbooks import pages, views

urlpatterns = [
    path("playbooks", pages.playbooks, name="playbooks"),
    path("playbooks/of/<int:pk>", views.card, name="conversation-playbook"),
    path("playbooks/of/<int:pk>/start", views.start, name="conversation-playbook-start"),
    path("playbooks/runs/<int:pk>/take", views.take, name="run-take"),
    path("playbooks/runs/<int:pk>/back", views.step_back, name="run-back"),
    path("playbooks/runs/<int:pk>/leave", views.leave, name="run-leave"),
    path("playbooks/<slug:key>", pages.playbook, name="playbook"),
    path("playbooks/<slug:key>/restore/<int:version>", pages.restore, name="playbook-restore"),
]
