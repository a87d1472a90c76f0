"""The page of the day: what expires next. Each folder owns its card; this one puts them together and counts what was done."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.activity.live import address
from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock

DESKS = ("service", "warehouse", "lead")
CARDS = {
    "service": ("today-answers", "today-reviews", "today-notices", "today-orders", "today-parcels", "today-shipping"),
    "warehouse": ("today-shipping", "today-orders", "today-stock"),
    "lead": ("today-answers", "today-reviews", "today-notices", "today-shipping", "today-orders", "today-parcels", "today-stock"),
}
"""Which cards lie on which desk, by the names of their addresses."""
DONE = (
    "replied",
    "called",
    "closed",
    "findings_dismissed",
    "findings_asked",
    "remarked",
    "remark_acknowledged",
    "order_held",
    "order_released",
    "counted",
    "restock_asked",
    "restock_ordered",
    "notice_released",
    "review_answered",
    "review_asked",
    "parcel_packed",
)
WIDTH, GAP, HEIGHT = 10, 2, 44  # of an hour's bar, in units of the drawing


@dataclass(frozen=True)
class Bar:
    """What was done in one hour of the day."""

    hour: int
    count: int
    x: int
    y: float
    height: float


@login_required
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The cards of a desk; leads may look at all of it."""
    leads = bool(getattr(request.user, "leads", False))
    asked = request.GET.get("desk", "")
    known = DESKS if leads else DESKS[:2]
    desk = asked if asked in known else "lead" if leads else "service"
    return render(request, "activity/today.html", {"desk": desk, "desks": known, "cards": CARDS[desk], "live": address()})


@login_required
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """What was done today, by the hour: the agent's own, for a lead with desk=lead that of all in their shops."""
    user = request.user
    zone = ZoneInfo(str(getattr(user, "timezone", "UTC")))
    rows = Activity.objects.filter(at__gte=_midnight(zone), verb__in=DONE)
    team = request.GET.get("desk") == "lead" and bool(getattr(user, "leads", False))
    if not team:
        rows = rows.filter(by=cast(int, user.pk))
    elif not getattr(user, "sees_all_shops", False):
        rows = rows.filter(shop__agents=cast(int, user.pk))
    by_hour = dict(rows.annotate(hour=ExtractHour("at", tzinfo=zone)).order_by().values_list("hour").annotate(Count("pk", distinct=True)))
    drawn = {"bars": bars(Counter(by_hour)), "width": 24 * (WIDTH + GAP), "height": HEIGHT, "bar_width": WIDTH}
    return render(request, "activity/progress.html", drawn | {"total": sum(by_hour.values()), "team": team})


def bars(by_hour: Counter[int]) -> list[Bar]:
    """A bar for every hour; the busiest reaches the top."""
    scale = HEIGHT / max([*by_hour.values(), 1])
    heights = [(hour, by_hour[hour], round(by_hour[hour] * scale, 2)) for hour in range(24)]
    return [Bar(hour, count, hour * (WIDTH + GAP), round(HEIGHT - tall, 2), tall) for hour, count, tall in heights]


def _midnight(zone: ZoneInfo) -> datetime:
    return clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
