"""Audit before packing: how often a buyer's parcels were collected, and the call about a large order."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from bridgedesk.customers import local_time
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.lib.storable import number
from bridgedesk.orders import gathering
from bridgedesk.orders.models import Order
from bridgedesk.team.models import Agent


@login_required
@require_GET
def pickups(request: HttpRequest) -> HttpResponse:
    """The share of a buyer's parcels that were collected, in the shops the agent sees; nothing where none was sent."""
    agent = cast(Agent, request.user)
    customer = get_object_or_404(Customer.objects.visible_to(agent), pk=number(request.GET.get("customer", "")))
    return render(request, "orders/pickups.html", {"record": record_of(customer, agent)})


@login_required
@require_GET
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to call about an order, at which number, and what their clock shows."""
    agent = cast(Agent, request.user)
    order = get_object_or_404(Order.objects.visible_to(agent).select_related("shop", "customer"), pk=pk)
    shown: dict[str, Any] = {"order": order, "phone": order.address.get("phone") or (order.customer.phone if order.customer else "")}
    if order.customer:
        shown |= {
            "local": local_time.of(order.customer, order.shop.timezone),
            "notes": list(order.customer.notes.select_related("author")[:3]),
        }
        shown["record"] = record_of(order.customer, agent)
    return render(request, "orders/call.html", {"local": None, "notes": [], "record": None, "may_write": agent.may_write} | shown)


def record_of(customer: Customer, agent: Agent) -> dict[str, Any] | None:
    """Collected, sent, and the rate wanted with its source; None where nothing was sent yet."""
    rows = Order.objects.visible_to(agent)
    now = clock.now()
    found = gathering.pickups("buyer", "customer", [customer.pk], now, rows).get(customer.pk)
    latest = rows.filter(customer=customer).select_related("shop").order_by("-placed_at").first()
    if not (found and found.sent and latest):
        return None
    figures = gathering.figures_of(latest, now)
    rate, least = figures.get("pickup_rate"), figures.get("pickup_least_orders")
    poor = bool(rate and least and found.sent >= least.value and found.percent < rate.value)
    return {"collected": found.collected, "sent": found.sent, "share": float(found.percent) / 100, "wanted": rate, "poor": poor}
