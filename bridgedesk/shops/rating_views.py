"""The card of how the platform rates a shop, fetched by the shop's page."""

from collections.abc import Sequence
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from bridgedesk.shops import rating, words
from bridgedesk.shops.rating import Trend
from bridgedesk.shops.views import shop_of

WIDTH, HEIGHT = 96, 24  # of a line of days, in units of the drawing
FIGURES = {
    "response_rate": pgettext_lazy("figure", "Response rate"),
    "late_shipment_rate": pgettext_lazy("figure", "Shipped late"),
    "non_fulfilment_rate": pgettext_lazy("figure", "Not fulfilled"),
    "late_orders": pgettext_lazy("figure", "Late orders"),
    "cancellation_rate": pgettext_lazy("figure", "Cancellations"),
    "return_refund_rate": pgettext_lazy("figure", "Returns and refunds"),
    "preparation_time": pgettext_lazy("figure", "Time to prepare"),
    "same_day_handover_rate": pgettext_lazy("figure", "Handed over the same day"),
    "response_time": pgettext_lazy("figure", "Time to answer"),
    "shop_rating": pgettext_lazy("figure", "Stars of the shop"),
    "severe_listing_violations": pgettext_lazy("figure", "Severe listing violations"),
    "other_listing_violations": pgettext_lazy("figure", "Other listing violations"),
}
KINDS = {
    "5": gettext_lazy("Too many shipped late"),
    "6": gettext_lazy("Too many not fulfilled"),
    "21": gettext_lazy("Many chats without an answer"),
    "22": gettext_lazy("Rude words in chat"),
    "23": gettext_lazy("Asked a buyer to cancel"),
    "24": gettext_lazy("Rude answer to a review"),
    "25": gettext_lazy("Against the return and refund rules"),
    "3030": gettext_lazy("Trade outside the platform"),
    "3048": gettext_lazy("Chat spam"),
    "3052": gettext_lazy("Private data in an answer to a review"),
    "3074": gettext_lazy("Led a buyer off the platform in chat"),
}
"""Shopee's numbers of breaches that service staff can cause [O]."""


@login_required
@require_GET
def health(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures with target and trend, points with their reasons."""
    shop = shop_of(request, pk)
    total, penalties = rating.points(shop)
    more = {
        "shop": shop,
        "rows": [(trend, _title(trend), line(trend.values)) for trend in rating.trends(shop)],
        "points": total,
        "penalties": [(penalty, _kind(penalty.kind)) for penalty in penalties],
        "units": words.UNITS,
        "width": WIDTH,
        "height": HEIGHT,
    }
    return render(request, "shops/health.html", more)


def _title(trend: Trend) -> str:
    name = trend.now.name
    return str(FIGURES.get(name) or trend.now.title or name.replace("_", " "))


def _kind(kind: str) -> str:
    return str(KINDS.get(kind) or _("Breach %(number)s") % {"number": kind or "–"})


def line(values: Sequence[Decimal]) -> str:
    """The days as points of a line, lowest value at the bottom; "" for less than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span, step = (high - low) or Decimal(1), WIDTH / (len(values) - 1)
    heights = (HEIGHT - 2 - float((value - low) / span) * (HEIGHT - 4) for value in values)
    return " ".join(f"{place * step:.1f},{height:.1f}" for place, height in enumerate(heights))
