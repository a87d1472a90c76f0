"""The response rates in the list of shops, fetched by address."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.conversations import queries, rules
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import targets

SPAN = timedelta(days=30)


@login_required
@require_GET
def rates(request: HttpRequest) -> HttpResponse:
    """The rate of every shop the agent sees, each for its place in the list."""
    shops = list(Shop.objects.visible_to(agent_of(request)))
    now = clock.now()
    found, wanted = queries.response_rates(shops, now - SPAN, now), targets(shops, "response_rate", now)
    rows = [(shop, found.get(shop.pk, rules.Rate()), wanted.get(shop.pk)) for shop in shops]
    return render(request, "conversations/rates.html", {"rows": rows})
