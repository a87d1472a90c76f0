"""The shops: their list, connecting one, and the page of each."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.channels.base import Channel, Field
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock, html
from bridgedesk.shops import actions, authorising, connecting, doctor, queries, vault, words
from bridgedesk.shops.authorising import NotAuthorised
from bridgedesk.shops.connecting import Filled
from bridgedesk.shops.models import Shop, Threshold

if TYPE_CHECKING:
    from bridgedesk.team.models import Agent


def agent_of(request: HttpRequest) -> "Agent":
    """Who is logged in; only for views behind `login_required`."""
    return cast("Agent", request.user)


def shop_of(request: HttpRequest, pk: int) -> Shop:
    """The shop, if the agent sees it."""
    return get_object_or_404(Shop.objects.visible_to(agent_of(request)), pk=pk)


@login_required
@require_GET
def shops(request: HttpRequest) -> HttpResponse:
    """Every shop the agent sees."""
    people = Prefetch("agents", queryset=get_user_model()._default_manager.filter(is_active=True).order_by("pk"))
    rows = list(Shop.objects.visible_to(agent_of(request)).prefetch_related(people))
    return render(request, "shops/list.html", {"shops": rows, "titles": titles()} | vocabulary())


@login_required
@require_GET
def platforms(request: HttpRequest) -> HttpResponse:
    """The first step of connecting: which platform, what it can do here, what one needs for it."""
    _administers(request)
    return render(request, "shops/platforms.html", {"channels": CHANNELS.values()})


@login_required
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, platform: str) -> HttpResponse:
    """The second step: the platform's form. POST makes the shop."""
    _administers(request)
    channel = CHANNELS.get(platform)
    if channel is None:
        raise Http404
    if request.method == "GET":
        return _form(request, channel, {"language": "en", "timezone": agent_of(request).timezone, "color": "slate"}, {})
    filled, errors = _typed(request, channel)
    made = None if errors else _create(request, channel, filled, errors)
    if made is None:
        return _form(request, channel, request.POST.dict(), errors, status=422)
    messages.success(request, _("The shop is there. Look through what is left to do."))
    return redirect("shop", made.pk)


def _typed(request: HttpRequest, channel: Channel, stored: frozenset[str] = frozenset()) -> tuple[Filled, dict[str, str]]:
    general, own = connecting.read_general(request.POST.dict()), connecting.read(channel.fields, request.POST.dict(), stored=stored)
    own.columns |= general.columns
    own.options["assign"] = "round_robin" if request.POST.get("assign") else ""
    return own, own.errors | general.errors


def _create(request: HttpRequest, channel: Channel, filled: Filled, errors: dict[str, str]) -> Shop | None:
    columns = dict(filled.columns)
    try:
        with transaction.atomic():
            options = {name: value for name, value in filled.options.items() if value}
            shop = actions.create(columns.pop("name"), channel.name, by=agent_of(request), options=options, **columns)
            actions.keep_secrets(shop, filled.secrets, by=agent_of(request))
    except IntegrityError:
        errors["external_id"] = _("This shop is connected already.")
        return None
    return shop


def _form(request: HttpRequest, channel: Channel, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> HttpResponse:
    more = {"channel": channel, "typed": typed, "stored": frozenset()}
    return render(request, "shops/connect.html", more | choices(errors), status=status)


@login_required
@require_http_methods(["GET", "POST"])
def shop(request: HttpRequest, pk: int) -> HttpResponse:
    """One shop: what is left to do, its settings, people, figures. POST changes the settings."""
    found, errors = shop_of(request, pk), {}
    if request.method == "POST":
        _administers(request)
        errors = _change(request, found)
        if not errors:
            messages.success(request, _("Saved."))
            return redirect("shop", pk)
    return _page(request, found, errors)


def _change(request: HttpRequest, found: Shop) -> dict[str, str]:
    channel = CHANNELS.get(found.platform)
    if channel is None:
        raise Http404
    filled, errors = _typed(request, channel, stored=vault.stored(found.pk))
    if errors:
        return errors
    options = {name: value for name, value in (found.options | filled.options).items() if value != ""}
    try:
        with transaction.atomic():
            actions.change(found, by=agent_of(request), options=options, **filled.columns)
            actions.keep_secrets(found, filled.secrets, by=agent_of(request))
    except IntegrityError:
        return {"external_id": _("This shop is connected already.")}
    return {}


def _page(request: HttpRequest, found: Shop, errors: Mapping[str, str]) -> HttpResponse:
    agent, now = agent_of(request), clock.now()
    typed = {"name": found.name, "language": found.language, "timezone": found.timezone, "color": found.color}
    typed |= {name: getattr(found, name) for name in connecting.COLUMNS} | {name: str(value) for name, value in found.options.items()}
    people = get_user_model()._default_manager.filter(is_active=True).order_by("pk")
    own = set(found.agents.values_list("pk", flat=True))
    more = {
        "shop": found,
        "channel": CHANNELS.get(found.platform),
        "typed": request.POST.dict() if errors else typed,
        "stored": vault.stored(found.pk) if agent.administers else frozenset(),
        "people": [person for person in people if agent.leads or person.pk in own],
        "own": own,
        "figures": queries.figures(found, now),
        "today": now.astimezone(ZoneInfo(agent.timezone)).date(),
        "callback": vault.account_of(found).options["callback_url"],
        "authorises": authorising.door(found) is not None,
        "back": authorising.address(),
        "granted": authorising.offered(found) if agent.administers else [],
    }
    return render(request, "shops/shop.html", more | choices(errors), status=422 if errors else 200)


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Pause or resume."""
    found, agent = shop_of(request, pk), agent_of(request)
    acts: dict[str, Callable[[], None]] = {
        "pause": lambda: actions.pause(found, by=agent),
        "resume": lambda: actions.resume(found, by=agent),
    }
    if name not in acts:
        raise Http404
    acts[name]()
    return redirect("shop", pk)


@login_required
@require_POST
def agents(request: HttpRequest, pk: int) -> HttpResponse:
    """Who looks after the shop: exactly the ticked."""
    found, ticked = shop_of(request, pk), [_number(value) for value in request.POST.getlist("agents")]
    chosen = list(get_user_model()._default_manager.filter(is_active=True, pk__in=ticked))
    actions.assign(found, chosen, by=agent_of(request))
    messages.success(request, _("Saved."))
    return redirect("shop", pk) if Shop.objects.visible_to(agent_of(request)).filter(pk=pk).exists() else redirect("shops")


@login_required
@require_POST
def figure(request: HttpRequest, pk: int) -> HttpResponse:
    """A figure of the platform as it holds for this shop from a day on."""
    found, agent, post = shop_of(request, pk), agent_of(request), request.POST
    name, source, sure = post.get("name", ""), post.get("source", "").strip(), post.get("sure", "")
    if name not in words.FIGURES or sure not in Threshold.Sure.values or not source:
        messages.error(request, _("Say which figure it is, and where you have it from."))
        return redirect("shop", pk)
    try:
        value = Decimal(post.get("value", ""))
        start = datetime.fromisoformat(post.get("day", "")).replace(tzinfo=ZoneInfo(agent.timezone))
    except (InvalidOperation, ValueError):
        messages.error(request, _("Give a number and a day."))
        return redirect("shop", pk)
    if not value.is_finite() or not 0 <= value < 100_000:
        messages.error(request, _("Give a number from 0 to 99,999."))
        return redirect("shop", pk)
    actions.set_threshold(found, name, value, valid_from=start, source=source, by=agent, sure=sure)
    messages.success(request, _("It holds from that day on; earlier days keep the figure they had."))
    return redirect("shop", pk)


@login_required
@require_GET
def authorise(request: HttpRequest, pk: int) -> HttpResponse:
    """Off to the platform, where the seller says yes."""
    found = shop_of(request, pk)
    _administers(request)
    door = authorising.door(found)
    if door is None:
        raise Http404
    try:
        return redirect(authorising.link(found, door, by=agent_of(request)))
    except NotAuthorised as error:
        messages.error(request, str(error))
        return redirect("shop", pk)


@login_required
@require_GET
def authorised(request: HttpRequest) -> HttpResponse:
    """Back from the platform with a code; which shop it is for stands in the signed state."""
    _administers(request)
    given, agent = request.GET.dict(), agent_of(request)
    try:
        found = authorising.started(given.pop("state", ""), by=agent)
    except NotAuthorised as error:
        messages.error(request, str(error))
        return redirect("shops")
    _accept(request, found, given)
    return redirect("shop", found.pk)


def _accept(request: HttpRequest, found: Shop, given: Mapping[str, str]) -> None:
    door = authorising.door(found)
    try:
        granted = authorising.accept(found, door, given, by=agent_of(request)) if door else ()
    except NotAuthorised as error:
        messages.error(request, str(error))
        return
    if found.external_id:
        named = ", ".join(one.external_id for one in granted) or found.external_id
        messages.success(request, _("The seller granted: %(shops)s.") % {"shops": named})
    else:
        messages.success(request, _("The seller granted several shops. Say which of them this is."))


@login_required
@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Which of a main account's shops this one is."""
    found = shop_of(request, pk)
    try:
        authorising.choose(found, request.POST.get("shop", ""), by=agent_of(request))
    except NotAuthorised as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect("shop", pk)


@login_required
@require_GET
def checks(request: HttpRequest, pk: int) -> HttpResponse:
    """The shop's log-in tried now; fetched by the page when it stands, so that a slow platform holds nobody up."""
    found = shop_of(request, pk)
    if not agent_of(request).leads:
        raise PermissionDenied
    return render(request, "shops/checks.html", {"findings": list(doctor.log_in(found)), "again": request.path})


@login_required
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """The doctor's page; its findings are fetched after it."""
    _administers(request)
    return render(request, "shops/doctor.html")


@login_required
@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """Everything looked at, now."""
    _administers(request)
    return render(request, "shops/checks.html", {"findings": doctor.everything(), "again": request.path})


def choices(errors: Mapping[str, str]) -> dict[str, Any]:
    """What the settings form offers, and what it says of what was typed."""

    def told(name: str) -> list[str]:
        return [errors[name]] if name in errors else []

    return {"zones": html.zones(), "titles": titles(), "choice_words": _choice_words, "told": told} | vocabulary()


def _choice_words(one: Field) -> list[tuple[str, str]]:
    empty = [] if one.required or "" in dict(one.choices) else [("", "–")]
    return empty + [(key, _(word)) for key, word in one.choices]


def vocabulary() -> dict[str, Any]:
    """The words for states, figures and colours."""
    return {
        "states": words.STATES,
        "state_tones": words.STATE_TONES,
        "figure_words": words.FIGURES,
        "units": words.UNITS,
        "sure_words": words.SURE,
        "origins": words.ORIGINS,
        "colors": list(words.COLORS.items()),
    }


def titles() -> dict[str, str]:
    """The platforms as a person reads them."""
    return {name: _(channel.title) for name, channel in CHANNELS.items()}


def _administers(request: HttpRequest) -> None:
    if not agent_of(request).administers:
        raise PermissionDenied


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
