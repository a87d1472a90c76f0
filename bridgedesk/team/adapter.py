"""Accounts are made by an admin's invitation, never by signing up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from bridgedesk.team import actions, doors
from bridgedesk.team.models import Agent


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up; a new password is an act like any other, and so is what happens at the door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    @transaction.atomic
    def set_password(self, user: Agent, password: str) -> None:
        super().set_password(user, password)
        actions.tell_new_password(user)

    def login(self, request: HttpRequest, user: Agent) -> None:
        super().login(request, user)
        doors.logged_in(user, _address(request))

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, Agent):
            doors.logged_out(request.user)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Also asked when a logged-in person's password is asked for again."""
        typed = credentials.get("username") or credentials.get("email") or ""
        named = Agent.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).first() if typed else None
        doors.failed(named, _address(request))

    def send_notification_mail(
        self, template_prefix: str, user: Agent, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """The library's word that two-factor log-in changed: a line in the log instead of a mail, for we send none."""
        if template_prefix in doors.TWO_FACTOR:
            doors.changed_two_factor(user, template_prefix)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
