"""The card of a shop's response rate, fetched by the shop's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from bridgedesk.conversations import response as rates
from bridgedesk.conversations.rules import Rate
from bridgedesk.conversations.views import agent_of
from bridgedesk.shops.models import Shop

WIDTH, HEIGHT, GAP = 20, 96, 4  # of a bar, in units of the drawing
KINDS = ("in_time", "late", "missed", "pending")


@dataclass(frozen=True)
class Piece:
    """One part of a day's bar."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """A day's windows, from the bottom up."""

    day: date
    rate: Rate
    x: int
    pieces: Sequence[Piece]


@login_required
@require_GET
def response(request: HttpRequest, pk: int) -> HttpResponse:
    """Answered in time, in the agent's days."""
    agent = agent_of(request)
    shop = get_object_or_404(Shop.objects.visible_to(agent), pk=pk)
    report = rates.report(shop, ZoneInfo(agent.timezone))
    drawing = {"bars": bars(report.by_day), "width": len(report.by_day) * (WIDTH + GAP), "bar_width": WIDTH, "height": HEIGHT}
    return render(request, "conversations/response.html", {"shop": shop, "report": report} | drawing)


def bars(by_day: Sequence[tuple[date, Rate]]) -> list[Bar]:
    """The drawing: the day with most windows reaches the top."""
    most = max((_total(rate) for _day, rate in by_day), default=0) or 1
    return [Bar(day, rate, place * (WIDTH + GAP), _pieces(rate, HEIGHT / most)) for place, (day, rate) in enumerate(by_day)]


def _pieces(rate: Rate, scale: float) -> list[Piece]:
    pieces, top = [], float(HEIGHT)
    for kind in KINDS:
        height = round(getattr(rate, kind) * scale, 2)
        top = round(top - height, 2)
        if height:
            pieces.append(Piece(kind, top, height))
    return pieces


def _total(rate: Rate) -> int:
    return rate.counted + rate.pending
