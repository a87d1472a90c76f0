"""Addresses of playbooks and their runs."""

from django.urls import path

from bridgedesk.playbooks import automatic_views, editor_views, pages, simulation_views, trial_views, views

urlpatterns = [
    path("playbooks", pages.playbooks, name="playbooks"),
    path("shops/<int:pk>/automatic", automatic_views.steps, name="shop-automatic"),
    path("playbooks/of/<int:pk>", views.card, name="conversation-playbook"),
    path("playbooks/of/<int:pk>/start", views.start, name="conversation-playbook-start"),
    path("playbooks/runs/<int:pk>/take", views.take, name="run-take"),
    path("playbooks/runs/<int:pk>/back", views.step_back, name="run-back"),
    path("playbooks/runs/<int:pk>/leave", views.leave, name="run-leave"),
    path("playbooks/new", editor_views.new, name="playbook-new"),
    path("playbooks/<slug:key>", pages.playbook, name="playbook"),
    path("playbooks/<slug:key>/restore/<int:version>", pages.restore, name="playbook-restore"),
    path("playbooks/<slug:key>/draft", editor_views.begin, name="playbook-draft"),
    path("playbooks/<slug:key>/edit", editor_views.edit, name="playbook-edit"),
    path("playbooks/<slug:key>/look", editor_views.look, name="playbook-look"),
    path("playbooks/<slug:key>/letter/<int:line>", editor_views.letter, name="playbook-letter"),
    path("playbooks/<slug:key>/simulate", simulation_views.simulate, name="playbook-simulate"),
    path("playbooks/simulations/<int:pk>", simulation_views.result, name="simulation"),
    path("playbooks/simulations/<int:pk>/stop", simulation_views.stop, name="simulation-stop"),
    path("playbooks/<slug:key>/trial", trial_views.trial, name="playbook-trial"),
    path("playbooks/<slug:key>/trial/end", trial_views.end, name="playbook-trial-end"),
    path("playbooks/<slug:key>/discard", editor_views.discard, name="playbook-discard"),
]
