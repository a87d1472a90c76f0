"""What of orders runs out next: the cards of the page of the day. Counts come from the indexes that hold only what waits."""

from datetime import timedelta
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

SHOWN = 6
MOST = 1000
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
    shown: dict[str, Any] = {
        "counts": counts(agent, "check", "cancelling", "receipt", "by_hand"),
        "cancelling": list(rows.filter(state="cancelling", cancel_answer_by__isnull=False).order_by("cancel_answer_by", "pk")[:SHOWN]),
        "ending": list(ending[:SHOWN]),
    }
    return render(request, "orders/today.html", shown)


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
