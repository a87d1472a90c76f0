"""Answers that are due next: a card of the page of the day."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.conversations import queries
from bridgedesk.conversations.views import COUNTER_QUERY, agent_of

SHOWN = 6


@login_required
@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """What is due next, and how much waits."""
    agent = agent_of(request)
    rows = queries.visible(agent).filter(state="open", due_at__isnull=False).select_related("shop", "customer")
    shown = {
        "talks": list(rows.order_by("due_at", "-last_at", "-pk")[:SHOWN]),
        "counters": queries.counters(agent),
        "counter_query": COUNTER_QUERY,
    }
    return render(request, "conversations/today.html", shown)
