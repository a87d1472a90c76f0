"""The orders beside a conversation."""

from collections.abc import Iterable
from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.lib.storable import number, plain
from bridgedesk.orders import parcel_labels, words
from bridgedesk.orders.models import Finding, Order
from bridgedesk.orders.places import AMAZON, lies
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

SHOWN = 10
OPEN = (Finding.State.OPEN, Finding.State.WAITING)
WORDS = {"state_of": words.state, "tones": words.TONES, "parcel_words": parcel_labels.STATES}


@login_required
@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """Orders of the `customer`, and the `order` a conversation names in its `shop`: that one first."""
    agent = cast(Agent, request.user)
    customer, shop, named, address = (plain(request.GET.get(name, "")) for name in ("customer", "shop", "order", "address"))
    wanted = Q(customer=number(customer)) | (_of_that_number(agent, number(shop), named, address) if named else Q(pk=None))
    seen = Order.objects.visible_to(agent).filter(wanted).select_related("shop").order_by("-first_seen_at")
    findings = Prefetch("findings", Finding.objects.filter(state__in=OPEN), "open_findings")
    rows = seen.prefetch_related("lines", "parcels", findings)[:SHOWN]
    orders = sorted(_told_of(rows), key=lambda order: order.external_id != named)
    return render(request, "orders/card.html", {"orders": orders, "named": named[:80], "finding": words.finding} | WORDS)


def _of_that_number(agent: Agent, shop: int, named: str, address: str) -> Q:
    found = Shop.objects.visible_to(agent).filter(pk=shop).first()
    return lies(found, named, address) if found else Q(pk=None)


def _told_of(rows: Iterable[Order]) -> list[Order]:
    """Without the bare number a mailbox noted of an order that its seller account tells all of."""
    orders = list(rows)
    known = {order.external_id for order in orders if order.shop.platform == AMAZON}
    return [order for order in orders if order.shop.platform == AMAZON or order.external_id not in known]
