"""The orders beside a conversation."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.activity.coded import order_state
from bridgedesk.lib.storable import number, plain
from bridgedesk.orders.models import Order
from bridgedesk.team.models import Agent

SHOWN = 10


@login_required
@require_GET
def card(request: HttpRequest) -> HttpResponse:
    """Orders of the `customer`, and the `order` a conversation names in its `shop`: that one first."""
    customer, shop, named = (plain(request.GET.get(name, "")) for name in ("customer", "shop", "order"))
    wanted = Q(customer=number(customer)) | (Q(external_id=named, shop=number(shop)) if named else Q(pk=None))
    rows = Order.objects.visible_to(cast(Agent, request.user)).filter(wanted).select_related("shop").order_by("-first_seen_at")[:SHOWN]
    orders = sorted(rows, key=lambda order: order.external_id != named)
    return render(request, "orders/card.html", {"orders": orders, "named": named[:80], "state_of": order_state})
