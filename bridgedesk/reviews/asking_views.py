"""Whom to ask for a review now, and why the buyers of other shops are not asked."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.lib import clock
from bridgedesk.lib.storable import number
from bridgedesk.reviews import asking
from bridgedesk.reviews.many import MOST
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Orders whose buyers may be asked now, what ends first on top; then each shop's rule, with its source."""
    agent, chosen = cast(Agent, request.user), number(request.GET.get("shop", ""))
    shops = list(Shop.objects.visible_to(agent))
    found = asking.ways(shops)
    by_shop = {way.shop.pk: way for way in found}
    wanted = [way for way in found if not chosen or way.shop.pk == chosen]
    orders = list(asking.may_be_asked(wanted, clock.now())[: MOST + 1])
    shown = {
        "rows": [(order, by_shop[order.shop_id], by_shop[order.shop_id].last_moment(order)) for order in orders[:MOST]],
        "more": len(orders) > MOST,
        "most": MOST,
        "ways": found,
        "shop": chosen,
        "shop_choices": [(shop.pk, shop.name) for shop in shops],
        "may_write": agent.may_write,
    }
    return render(request, "reviews/ask.html", shown)
