"""Addresses of the team. Passwords are not reset by mail: an admin makes a link."""

from django.urls import path

from bridgedesk.team import views

urlpatterns = [
    path("team", views.team, name="team"),
    path("team/<int:pk>/do/<slug:name>", views.act, name="person-act"),
    path("team/shifts", views.plan_shift, name="shift-plan"),
    path("team/shifts/<int:pk>/drop", views.drop_shift, name="shift-drop"),
    path("me", views.me, name="me"),
    path("me/tokens", views.new_token, name="token-new"),
    path("me/tokens/<int:pk>/revoke", views.revoke_token, name="token-revoke"),
    path("welcome/<str:token>", views.invitation, name="invitation"),
    path("account/password/reset/", views.forgotten, name="account_reset_password"),
]
