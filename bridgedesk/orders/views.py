"""The orders beside a conversation."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.lib.storable import number, plain
from bridgedesk.orders import parcel_labels, words
from bridgedesk.orders.models import Finding, Order
from bridgedesk.team.models import Agent

SHOWN = 10
OPEN = (Finding.State.OPEN, Finding.State.WAITING)
WORDS = {"state_of": words.state, "tones": words.TONES, "parcel_words": parcel_labels.STATES}


@login_required
@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """Orders of the `customer`, and the `order` a conversation names in its `shop`: that one first."""
    customer, shop, named = (plain(request.GET.get(name, "")) for name in ("customer", "shop", "order"))
    wanted = Q(customer=number(customer)) | (Q(external_id=named, shop=number(shop)) if named else Q(pk=None))
    seen = Order.objects.visible_to(cast(Agent, request.user)).filter(wanted).select_related("shop").order_by("-first_seen_at")
    findings = Prefetch("findings", Finding.objects.filter(state__in=OPEN), "open_findings")
    rows = seen.prefetch_related("lines", "parcels", findings)[:SHOWN]
    orders = sorted(rows, key=lambda order: order.external_id != named)
    return render(request, "orders/card.html", {"orders": orders, "named": named[:80], "finding": words.finding} | WORDS)
