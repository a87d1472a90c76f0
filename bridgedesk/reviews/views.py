"""The list of reviews."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from bridgedesk.lib import clock
from bridgedesk.reviews.queries import PAGE, Filters
from bridgedesk.reviews.queries import reviews as find
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@login_required
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """What buyers wrote in public, the worst first, with what may still be done."""
    agent, filters = cast(Agent, request.user), Filters.parse(request.GET.dict())
    rows = find(agent, filters, PAGE + 1)
    shown = [
        ("", pgettext("reviews", "All")),
        ("low", pgettext("reviews", "3 stars or fewer")),
        ("unanswered", pgettext("reviews", "Without an answer")),
        ("changeable", pgettext("reviews", "Buyer may change it")),
    ]
    more = {
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "filters": filters,
        "shown": shown,
        "shop_choices": [(shop.pk, shop.name) for shop in Shop.objects.visible_to(agent)],
        "star_choices": [(stars, f"{stars} ★") for stars in range(1, 6)],
        "now_": clock.now(),
    }
    return render(request, "reviews/list.html", more)
