"""Every write on people: invite, role, lock, passwords, duty, tokens. Only admins change others; nobody changes their own role."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.team.models import Agent, ApiToken, Invitation, Shift

INVITATION_LASTS = timedelta(days=3)
SCOPES = ("read", "write", "admin")
OWN = frozenset({"shown_name", "language", "timezone", "theme", "on_duty"})


class NotPossible(Exception):
    """The act is not possible, in words for the screen."""


@transaction.atomic
def invite(username: str, role: str, *, by: Agent, shown_name: str = "", email: str = "") -> tuple[Agent, str]:
    """A new colleague who cannot log in before following the link with the returned token."""
    _administers(by)
    username = plain(username).strip()
    if not username or Agent.objects.filter(username__iexact=username).exists():
        raise NotPossible(_("This name is taken or empty."))
    if role not in Agent.Role.values:
        raise NotPossible(_("There is no such role."))
    agent = Agent(username=username, role=role, shown_name=plain(shown_name)[:60], email=email, language=by.language, timezone=by.timezone)
    agent.set_unusable_password()
    agent.save()
    _tell("invited", agent, by, role=role)
    return agent, new_link(agent, by=by)


@transaction.atomic
def new_link(agent: Agent, *, by: Agent) -> str:
    """A one-time token for setting a password; earlier ones end. It is shown once and kept as a hash."""
    _administers(by)
    agent.invitations.filter(used_at=None).delete()
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(agent=agent, token_hash=digest(token), expires_at=clock.now() + INVITATION_LASTS, by=by)
    _tell("sent_link", agent, by)
    return token


def invitation(token: str) -> Invitation | None:
    """The invitation behind a token that is still good."""
    found = Invitation.objects.filter(token_hash=digest(token), used_at=None, expires_at__gt=clock.now(), agent__is_active=True)
    return found.select_related("agent").first()


@transaction.atomic
def accept(token: str, password: str) -> Agent:
    """Set the password and use the link up; open sessions end, since each carries a hash of the old password.

    ValidationError names what makes a password weak.
    """
    found = Invitation.objects.select_for_update().filter(token_hash=digest(token), used_at=None, expires_at__gt=clock.now()).first()
    if found is None or not found.agent.is_active:
        raise NotPossible(_("This link has been used or has ended. Ask an admin for a new one."))
    agent = found.agent
    validate_password(password, agent)
    agent.set_password(password)
    agent.save(update_fields=["password"])
    Invitation.objects.filter(pk=found.pk).update(used_at=clock.now())
    tell_new_password(agent)
    return agent


def tell_new_password(agent: Agent) -> None:
    """In the log; and every open screen asks again whether its session still holds: those of the old password do not."""
    _tell("set_password", agent, agent)


@transaction.atomic
def set_role(agent: Agent, role: str, *, by: Agent) -> None:
    """Another role; never one's own, and the last admin stays."""
    _administers(by)
    if agent.pk == by.pk:
        raise PermissionDenied("Nobody changes their own role.")
    if role not in Agent.Role.values:
        raise NotPossible(_("There is no such role."))
    Agent.objects.filter(pk=agent.pk).update(role=role)
    agent.role = role
    _tell("changed_role", agent, by, role=role)


@transaction.atomic
def lock(agent: Agent, *, by: Agent) -> None:
    """No more log-in; sessions and tokens end at once."""
    _administers(by)
    if agent.pk == by.pk:
        raise PermissionDenied("Nobody locks themselves out.")
    Agent.objects.filter(pk=agent.pk).update(is_active=False, on_duty=False)
    agent.tokens.filter(revoked_at=None).update(revoked_at=clock.now())
    agent.invitations.filter(used_at=None).delete()
    _tell("locked", agent, by)


@transaction.atomic
def unlock(agent: Agent, *, by: Agent) -> None:
    """Log-in again."""
    _administers(by)
    Agent.objects.filter(pk=agent.pk).update(is_active=True)
    _tell("unlocked", agent, by)


@transaction.atomic
def change_own(agent: Agent, facts: Mapping[str, object]) -> None:
    """What a person chooses for themselves: `OWN`; PermissionDenied for any other column."""
    if not facts.keys() <= OWN:
        raise PermissionDenied("Not a personal setting.")
    if "language" in facts and facts["language"] not in dict(settings.LANGUAGES):
        raise ValidationError(_("There is no such language."))
    if "timezone" in facts and facts["timezone"] not in available_timezones():
        raise ValidationError(_("There is no such time zone."))
    if "theme" in facts and facts["theme"] not in Agent.Theme.values:
        raise ValidationError(_("There is no such theme."))
    for name, value in facts.items():
        setattr(agent, name, plain(value)[:60] if isinstance(value, str) else value)
    agent.save(update_fields=list(facts))
    if "on_duty" in facts:
        _tell("went_on_duty" if agent.on_duty else "went_off_duty", agent, agent)


@transaction.atomic
def plan_shift(agent: Agent, starts_at: datetime, ends_at: datetime, *, by: Agent) -> Shift:
    """A planned time on duty; leads and admins plan."""
    _leads(by)
    if ends_at <= starts_at or ends_at - starts_at > timedelta(hours=24):
        raise NotPossible(_("A shift ends after it starts, within a day."))
    shift = Shift.objects.create(agent=agent, starts_at=starts_at, ends_at=ends_at)
    _tell("planned_shift", agent, by, starts=starts_at.isoformat(), ends=ends_at.isoformat())
    return shift


@transaction.atomic
def drop_shift(shift: Shift, *, by: Agent) -> None:
    """Take a planned time back."""
    _leads(by)
    _tell("dropped_shift", shift.agent, by, starts=shift.starts_at.isoformat())
    shift.delete()


@transaction.atomic
def new_token(agent: Agent, name: str, scopes: Collection[str], *, by: Agent, days: int | None = 365) -> tuple[ApiToken, str]:
    """A token for a program of this agent; one's own only. The secret is shown once and kept as a hash."""
    if agent.pk != by.pk:
        raise PermissionDenied("A token is made by the person it acts for.")
    if (
        not scopes
        or not set(scopes) <= set(SCOPES)
        or ("admin" in scopes and not by.administers)
        or ("write" in scopes and not by.may_write)
    ):
        raise PermissionDenied("A token may not do more than its person.")
    secret = f"bd_{secrets.token_urlsafe(32)}"
    now = clock.now()
    token = ApiToken.objects.create(
        agent=agent,
        name=plain(name)[:60],
        prefix=secret[:9],
        token_hash=digest(secret),
        scopes=sorted(scopes),
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    _tell("made_token", agent, by, token=token.name, scopes=token.scopes)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Agent) -> None:
    """The token ends now."""
    if token.agent_id != by.pk and not by.administers:
        raise PermissionDenied("Not your token.")
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=clock.now())
    _tell("revoked_token", token.agent, by, token=token.name)


def token_of(secret: str) -> ApiToken | None:
    """The good token behind a secret, its last use noted (to the minute)."""
    now = clock.now()
    token = ApiToken.objects.select_related("agent").filter(token_hash=digest(secret), revoked_at=None, agent__is_active=True).first()
    if token is None or (token.expires_at and token.expires_at <= now):
        return None
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def digest(token: str) -> str:
    """What is kept of a random token: looking up a hash tells nothing by its timing."""
    return hashlib.sha256(token.encode()).hexdigest()


def _administers(by: Agent) -> None:
    if not by.administers:
        raise PermissionDenied("Only an admin does this.")


def _leads(by: Agent) -> None:
    if not by.leads:
        raise PermissionDenied("Only a lead does this.")


def _tell(verb: str, agent: Agent, by: Agent, **data: Any) -> None:
    record(verb, agent, by=by, name=str(agent), **data)
    announce("team", shop=None, agent=agent.pk)
