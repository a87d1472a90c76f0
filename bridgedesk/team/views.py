"""The team page, one's own settings, and the door for new colleagues."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.lib import clock, html
from bridgedesk.lib.storable import number
from bridgedesk.team import actions, queries
from bridgedesk.team.actions import NotPossible
from bridgedesk.team.models import Agent, Shift


def role_words() -> dict[str, str]:
    """The roles as a person reads them."""
    return {
        Agent.Role.OBSERVER: pgettext("role", "Observer"),
        Agent.Role.AGENT: pgettext("role", "Agent"),
        Agent.Role.LEAD: pgettext("role", "Lead"),
        Agent.Role.ADMIN: pgettext("role", "Admin"),
    }


@login_required
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Who is here; POST invites a colleague and shows the link once."""
    agent = cast(Agent, request.user)
    shown: dict[str, Any] = {"link": "", "link_for": ""}
    if request.method == "POST":
        try:
            person, token = actions.invite(
                request.POST.get("username", ""), request.POST.get("role", ""), by=agent, shown_name=request.POST.get("shown_name", "")
            )
            shown = {"link": _link(token), "link_for": str(person)}
        except NotPossible as error:
            messages.error(request, str(error))
    return _team(request, agent, shown)


def _team(request: HttpRequest, agent: Agent, shown: dict[str, Any]) -> HttpResponse:
    people = queries.roster(agent, clock.now())
    more = {
        "people": people,
        "two_factor": set(Authenticator.objects.filter(user__in=[p.pk for p in people], type="totp").values_list("user_id", flat=True)),
        "shifts": queries.coming_shifts(clock.now()),
        "roles": list(role_words().items()),
        "role_words": role_words(),
        "names": [(person.pk, str(person)) for person in people if person.is_active],
    }
    return render(request, "team/team.html", shown | more)


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Role, lock, unlock or a new link for a colleague."""
    agent = cast(Agent, request.user)
    person = get_object_or_404(Agent, pk=pk)
    if name == "link":
        return _team(request, agent, {"link": _link(actions.new_link(person, by=agent)), "link_for": str(person)})
    acts: dict[str, Callable[[], None]] = {
        "role": lambda: actions.set_role(person, request.POST.get("role", ""), by=agent),
        "lock": lambda: actions.lock(person, by=agent),
        "unlock": lambda: actions.unlock(person, by=agent),
    }
    return _try(request, acts.get(name), "team")


@login_required
@require_POST
def plan_shift(request: HttpRequest) -> HttpResponse:
    """A planned time on duty, in the planner's time zone."""
    by = cast(Agent, request.user)

    def plan() -> None:
        agent = get_object_or_404(Agent, pk=number(request.POST.get("agent", "")), is_active=True)
        actions.plan_shift(agent, _moment(request.POST.get("starts", ""), by), _moment(request.POST.get("ends", ""), by), by=by)

    return _try(request, plan, "team")


@login_required
@require_POST
def drop_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a planned time back."""
    shift = get_object_or_404(Shift.objects.select_related("agent"), pk=pk)
    return _try(request, lambda: actions.drop_shift(shift, by=cast(Agent, request.user)), "team")


@login_required
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """One's own settings."""
    agent, errors = cast(Agent, request.user), []
    if request.method == "POST":
        facts: dict[str, object] = {name: request.POST.get(name, "") for name in ("shown_name", "language", "timezone", "theme")}
        try:
            actions.change_own(agent, facts | {"on_duty": "on_duty" in request.POST})
            return redirect("me")
        except ValidationError as error:
            agent.refresh_from_db()
            errors = error.messages
    return _me(request, agent, errors=errors)


def _me(request: HttpRequest, agent: Agent, *, errors: list[str] | None = None, secret: str = "") -> HttpResponse:
    shown = {
        "languages": settings.LANGUAGES,
        "zones": html.zones(agent.timezone),
        "errors": errors or [],
        "secret": secret,
        "tokens": list(agent.tokens.filter(revoked_at=None).order_by("-pk")),
        "two_factor": Authenticator.objects.filter(user=agent, type="totp").exists(),
    }
    return render(request, "team/me.html", shown)


@login_required
@require_POST
@never_cache
def new_token(request: HttpRequest) -> HttpResponse:
    """A token for a program; its secret is shown in this answer only."""
    agent = cast(Agent, request.user)
    _token, secret = actions.new_token(agent, request.POST.get("name", ""), request.POST.getlist("scopes"), by=agent)
    return _me(request, agent, secret=secret)


@login_required
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End one's own token."""
    agent = cast(Agent, request.user)
    return _try(request, lambda: actions.revoke_token(get_object_or_404(agent.tokens.filter(revoked_at=None), pk=pk), by=agent), "me")


@require_http_methods(["GET", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The door for a new colleague, and for who forgot a password. The token stands in the path, so no referrer carries it on."""
    errors: list[str] = []
    if request.method == "POST":
        try:
            actions.accept(token, request.POST.get("password", ""))
        except NotPossible as error:
            messages.error(request, str(error))
        except ValidationError as error:
            errors = error.messages
        else:
            messages.success(request, _("Your password is set. Log in with it."))
            return redirect("account_login")
    found = actions.invitation(token)
    return render(request, "team/invitation.html", {"invitation": found, "errors": errors}, status=200 if found else 410)


@require_GET
def forgotten(request: HttpRequest) -> HttpResponse:
    """Says whom to ask: no mail is sent, so nobody learns who has an account."""
    return render(request, "team/forgotten.html")


def _try(request: HttpRequest, what: Callable[[], None] | None, back: str) -> HttpResponse:
    try:
        if what:
            what()
    except (NotPossible, ValidationError) as error:
        messages.error(request, "; ".join(error.messages) if isinstance(error, ValidationError) else str(error))
    return redirect(back)


def _link(token: str) -> str:
    return settings.PUBLIC_URL + reverse("invitation", args=[token])


def _moment(text: str, agent: Agent) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(agent.timezone))
    except ValueError as error:
        raise NotPossible(_("Give a date and a time.")) from error
