"""What of orders runs out next: the cards of the page of the day. Counts come from the indexes that hold only what waits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.lib import clock
from bridgedesk.orders import journeys, labels, words
from bridgedesk.orders.models import Finding, Order, PlatformAct
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

SHOWN = 6
MOST = 1000
OPEN = (Finding.State.OPEN, Finding.State.WAITING)
BY_PERSON = (PlatformAct.State.BY_HAND, PlatformAct.State.FAILED, PlatformAct.State.UNSURE)
SOON, RECEIPT_SOON = timedelta(hours=24), timedelta(days=3)
_ORDERS = {
    "late": "orders_order where state in ('to_ship', 'part_shipped') and ship_by <= %(now)s",
    "today": "orders_order where state in ('to_ship', 'part_shipped') and ship_by > %(now)s and ship_by <= %(soon)s",
    "cancelling": "orders_order where state = 'cancelling' and cancel_answer_by is not null",
    "receipt": "orders_order where state in ('shipped', 'delivered') and receive_by > %(now)s and receive_by <= %(receipt)s",
    "check": "orders_order where attention >= 2 and hold = ''",
    "held": "orders_order where hold <> ''",
    "by_hand": "orders_platformact where state in ('by_hand', 'failed', 'unsure')",
}
_TROUBLED = """(select count(*) from (
    select 1 from orders_finding f join orders_order o on o.id = f.order_id
    where f.state in ('open', 'waiting') and f.code = any(%({kind})s){within} limit {most}) w)"""
_PARCELS: Mapping[str, tuple[str, ...]] = {
    "still": (journeys.STILL,),
    "pickup": (journeys.PICKUP,),
    "late": (journeys.LATE,),
    "back": (journeys.RETURNED, journeys.FAILED),
    "other": (journeys.CUSTOMS, journeys.TROUBLE, journeys.MISSING),
}
"""What parcels are looked at for, as the page counts it."""
BARS = 160  # units of the longest bar
_COUNTED = "(select count(*) from (select 1 from {what}{within} limit {most}) w)"


@login_required
@require_GET
def shipping(request: HttpRequest) -> HttpResponse:
    """What has to leave next."""
    agent = cast(Agent, request.user)
    rows = _visible(agent).filter(state__in=["to_ship", "part_shipped"], ship_by__isnull=False).order_by("ship_by", "pk")
    return render(request, "orders/today_shipping.html", {"orders": list(rows[:SHOWN]), "counts": counts(agent, "late", "today", "held")})


@login_required
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Orders to check, cancellations to answer, protection that ends, acts by hand."""
    agent, now = cast(Agent, request.user), clock.now()
    rows = _visible(agent)
    ending = rows.filter(state__in=["shipped", "delivered"], receive_by__gt=now, receive_by__lte=now + RECEIPT_SOON).order_by(
        "receive_by", "pk"
    )
    hands = PlatformAct.objects.visible_to(agent).filter(state__in=BY_PERSON).select_related("order", "shop").order_by("created_at", "pk")
    shown: dict[str, Any] = {
        "hands": [(row, words.act(row.kind), words.ACT_STATES[row.state]) for row in hands[:SHOWN]],
        "counts": counts(agent, "check", "cancelling", "receipt", "by_hand"),
        "cancelling": list(rows.filter(state="cancelling", cancel_answer_by__isnull=False).order_by("cancel_answer_by", "pk")[:SHOWN]),
        "ending": list(ending[:SHOWN]),
    }
    return render(request, "orders/today.html", shown)


@login_required
@require_GET
def parcels(request: HttpRequest) -> HttpResponse:
    """Parcels somebody has to see to: how many of each trouble, drawn, and those whose time ends first."""
    agent = cast(Agent, request.user)
    codes = [code for kind in _PARCELS.values() for code in kind]
    rows = Finding.objects.filter(state__in=OPEN, code__in=codes).select_related("order__shop", "parcel").order_by("due_at", "id")
    if not agent.sees_all_shops:
        rows = rows.filter(order__shop__in=list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True)))
    found = troubles(agent)
    most = max([*found.values(), 1])
    bars = [(name, _PARCELS[name][0], count, round(count * BARS / most)) for name, count in found.items()]
    return render(request, "orders/today_parcels.html", {"bars": bars, "rows": [(row, labels.title(row)) for row in rows[:SHOWN]]})


def troubles(agent: Agent) -> dict[str, int]:
    """How many open findings of parcels of each kind, to MOST at most, in one statement."""
    shops = None if agent.sees_all_shops else list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True))
    within = "" if shops is None else " and o.shop_id = any(%(shops)s)"
    what = (_TROUBLED.format(kind=name, within=within, most=MOST) for name in _PARCELS)
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(what), {"shops": shops} | {name: list(codes) for name, codes in _PARCELS.items()})
        return dict(zip(_PARCELS, cursor.fetchone(), strict=True))


def counts(agent: Agent, *names: str) -> dict[str, int]:
    """How many wait of each kind, to MOST at most, in one statement."""
    shops = None if agent.sees_all_shops else list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True))
    within = "" if shops is None else " and shop_id = any(%(shops)s)"
    now = clock.now()
    given = {"now": now, "soon": now + SOON, "receipt": now + RECEIPT_SOON, "shops": shops}
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(_COUNTED.format(what=_ORDERS[name], within=within, most=MOST) for name in names), given)
        return dict(zip(names, cursor.fetchone(), strict=True))


def _visible(agent: Agent) -> QuerySet[Order]:
    rows = Order.objects.select_related("shop")
    if agent.sees_all_shops:
        return rows
    return rows.filter(shop__in=list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True)))
