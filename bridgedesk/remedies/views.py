"""The list of cases."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from bridgedesk.lib import html
from bridgedesk.remedies import labels
from bridgedesk.remedies.queries import PAGE, Filters
from bridgedesk.remedies.queries import cases as find
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """Returns and refunds at the platforms, by what expires next."""
    agent, filters = cast(Agent, request.user), Filters.parse(request.GET.dict())
    rows = find(agent, filters, PAGE + 1)
    more = {
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "filters": filters,
        "shown": [
            ("", pgettext("cases", "Running")),
            ("money", pgettext("cases", "Money on its way")),
            ("ended", pgettext("cases", "Ended")),
        ],
        "shop_choices": [(shop.pk, shop.name) for shop in Shop.objects.visible_to(agent)],
        "locale": html.cldr(),
        "states": labels.STATES,
        "tones": labels.TONES,
        "clocks": labels.CLOCKS,
        "reason": labels.reason,
        "faults": labels.FAULTS,
        "parts": labels.PARTS,
        "money_of": labels.money,
    }
    return render(request, "remedies/list.html", more)
