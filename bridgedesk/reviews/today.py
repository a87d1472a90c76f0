"""Reviews on the page of the day: bad ones nobody has answered, good ones to thank for, buyers who may be asked."""

from datetime import timedelta
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.lib import clock
from bridgedesk.reviews import asking
from bridgedesk.reviews.models import NEWS, Review
from bridgedesk.reviews.thanks import to_thank
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

SHOWN, MOST = 5, 1000


@login_required
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """The card; what is older than a quarter is not counted here."""
    agent, now = cast(Agent, request.user), clock.now()
    recent = Review.objects.visible_to(agent).filter(at__gt=now - timedelta(days=90))
    bad = recent.filter(low=True, reply="", at__gt=now - NEWS).select_related("shop", "order").order_by("-at", "-pk")
    counts = {
        "bad": bad.order_by()[:MOST].count(),
        "thank": to_thank(recent).order_by()[:MOST].count(),
        "ask": asking.may_be_asked(asking.ways(Shop.objects.visible_to(agent)), now).order_by()[:MOST].count(),
    }
    return render(request, "reviews/today.html", {"counts": counts, "bad": list(bad[:SHOWN])})
