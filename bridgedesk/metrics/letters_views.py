"""What letters bring about, on screen; and the card of what is always edited the same way, fetched after the page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.activity.coded import topic
from bridgedesk.conversations.composing import name_of
from bridgedesk.lib.figures import definition
from bridgedesk.metrics import letters, reading
from bridgedesk.metrics.filters import PERIODS

BOOKS, TOPICS = 25, 20


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Playbooks step by step, topics without templates, templates far from what was sent."""
    asked = reading.of(request)
    scope, filters = asked.scope, asked.filters
    books, topics = letters.letters(scope, filters, asked.rates), letters.freehand(scope, filters)
    shown: dict[str, Any] = {
        "filters": filters, "periods": PERIODS, "shop_choices": [(pk, shop.name) for pk, shop in asked.shops.items()], "whole": round,
        "books": books[:BOOKS], "more": max(0, len(books) - BOOKS), "topics": topics[:TOPICS], "used": letters.edited(scope, filters),
        "topic": topic, "name_of": name_of,
        "definitions": {one.__name__: definition(one) for one in (letters.letters, letters.freehand, letters.edited)},
    }  # fmt: skip
    return render(request, "figures/letters.html", shown)


@login_required
@require_GET
def edits(request: HttpRequest) -> HttpResponse:
    """What is always edited the same way."""
    asked = reading.of(request)
    found = letters.suggestions(asked.scope, asked.filters)
    shown = {"found": found, "name_of": name_of, "definition": definition(letters.suggestions)}
    return render(request, "figures/edits.html", shown)
