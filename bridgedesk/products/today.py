"""Stock on the page of the day: what a shop offers that is not there, what runs out, what purchasing was asked."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.products import shelf
from bridgedesk.products.models import Restock
from bridgedesk.team.models import Agent

SHOWN = 6


@login_required
@require_GET
def stock(request: HttpRequest) -> HttpResponse:
    """The card."""
    agent = cast(Agent, request.user)
    low = list(shelf.articles(agent, shelf.Filters("low"))[:SHOWN])
    asked = Restock.objects.visible_to(agent).filter(state=Restock.State.ASKED).select_related("sku").order_by("asked_at", "pk")
    return render(request, "products/today.html", {"counts": shelf.counts(agent), "low": low, "asked": list(asked[:SHOWN])})
