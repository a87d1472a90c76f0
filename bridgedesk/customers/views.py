"""The buyer's card beside a conversation."""

from collections.abc import Mapping
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.customers import actions, local_time, rules
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.lib.storable import number
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

PAST = 6
FACTS = ("timezone", "phone")


@login_required
@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """Who the buyer is: identities, local time, country, language, notes, earlier conversations."""
    return _card(request, _one_of(request, pk))


@login_required
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Remember something about the buyer; answers the card."""
    customer, agent = _one_of(request, pk), cast(Agent, request.user)
    if not agent.may_write:
        raise PermissionDenied
    text = request.POST.get("text", "").strip()[:2000]
    if text:
        actions.note(customer, text, by=agent)
    return _card(request, customer)


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the buyer's time zone and telephone number; answers the card, 422 with what is wrong."""
    customer, given = _one_of(request, pk), request.POST
    try:
        actions.correct(customer, timezone=given.get("timezone", "")[:40], phone=given.get("phone", "")[:40], by=cast(Agent, request.user))
    except actions.WrongFacts as wrong:
        return _card(request, customer, wrong.fields)
    customer.refresh_from_db()
    return _card(request, customer)


def _one_of(request: HttpRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(cast(Agent, request.user)), pk=pk)


def _card(request: HttpRequest, customer: Customer, faults: Mapping[str, str] | None = None) -> HttpResponse:
    agent = cast(Agent, request.user)
    current = number(request.GET.get("conversation", ""))
    identities = list(customer.identities.filter(shop__in=Shop.objects.visible_to(agent)).select_related("shop").order_by("pk")[:12])
    past = customer.conversations.visible_to(agent).filter(merged_into=None).exclude(pk=current)
    newest = customer.conversations.visible_to(agent).exclude(language="").order_by("-last_at").values_list("language", flat=True)
    faults = faults or {}
    shown: dict[str, Any] = {
        "customer": customer,
        "identities": identities,
        "language": customer.language or newest.first() or "",
        "notes": list(customer.notes.select_related("author")[:5]),
        "past": list(past.select_related("shop").order_by("-last_at")[:PAST]),
        "may_write": agent.may_write,
        "conversation_id": current,
        "local": local_time.of(customer, identities[0].shop.timezone if identities else "UTC"),
        "zones": _zones(customer),
        "faults": faults,
        "typed": {name: request.POST.get(name, "")[:80] for name in FACTS} if faults else {name: getattr(customer, name) for name in FACTS},
    }
    return render(request, "customers/card.html", shown, status=422 if faults else 200)


def _zones(customer: Customer) -> list[tuple[str, str]]:
    """Zone and the time it shows: those of the buyer's country first, then all there are."""
    likely = rules.zones_of(customer.country)
    now = clock.now()
    named = [*likely, *sorted(available_timezones() - set(likely))]
    return [
        (zone, f"{zone} · {now.astimezone(ZoneInfo(zone)):%H:%M}")
        for zone in named
        if "/" in zone and not zone.startswith(("Etc", "SystemV"))
    ]
