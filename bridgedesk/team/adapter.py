"""Accounts are made by an admin's invitation, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from bridgedesk.team import actions
from bridgedesk.team.models import Agent


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up; a new password is an act like any other."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    @transaction.atomic
    def set_password(self, user: Agent, password: str) -> None:
        super().set_password(user, password)
        actions.tell_new_password(user)
