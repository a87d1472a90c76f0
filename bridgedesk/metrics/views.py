"""The return-loss rate on screen, and the cases behind it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.lib.figures import definition
from bridgedesk.lib.storable import number
from bridgedesk.metrics import basis, labels, losses, plots, reading, rules
from bridgedesk.metrics.basis import Exchange
from bridgedesk.metrics.filters import PERIODS, moment
from bridgedesk.metrics.reading import Reader
from bridgedesk.metrics.rules import Held
from bridgedesk.playbooks.models import Version
from bridgedesk.remedies.labels import FAULTS

PAGE = 50
MOST_PAGES = 200


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """The rate, its trend, one axis of it, and what it rests on."""
    asked = reading.of(request)
    filters, scope, rates = asked.filters, asked.scope, asked.rates
    goods = losses.goods(scope, filters)
    now, before = losses.return_loss_rate(scope, filters, rates, goods)
    rows = losses.along(scope, filters, rates, goods)
    over_time = losses.trend(scope, filters, rates, goods)
    bands = basis.bands(filters.last)
    band = rules.band_of(bands, filters.category or "")
    shown = _common(asked) | {
        "this": now, "before": before, "band": band, "sent": goods.sent, "unknown": goods.unknown,
        "rows": _rows(asked, rows[: losses.MOST_ROWS], bands), "more": max(0, len(rows) - losses.MOST_ROWS),
        "drawing": plots.draw(over_time, _published(over_time, asked), band.most if band else None),
        "outside": losses.outside(scope, filters) if set(filters.chosen) <= {"shop"} and not filters.quality else None,
        "used": _used(asked, (now, before)),
        "definition": definition(losses.return_loss_rate), "quality_faults": [FAULTS[name] for name in scope.quality],
    }  # fmt: skip
    return render(request, "figures/losses.html", shown)


@login_required
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The cases behind a figure, under the same filters; `show=unbooked`: those platforms closed with nothing booked."""
    asked, page = reading.of(request), min(number(request.GET.get("page", "")), MOST_PAGES)
    shown = _common(asked) | {"page": page, "faults": FAULTS}
    if request.GET.get("show") == "unbooked":
        told = losses.unbooked(asked.scope, asked.filters).select_related("shop", "order").order_by("-status_at", "-pk")
        rows = [(row, None) for row in told[page * PAGE : (page + 1) * PAGE + 1]]
        return render(request, "figures/cases.html", shown | {"rows": rows[:PAGE], "next": len(rows) > PAGE, "unbooked": True})
    found = losses.cases(asked.scope, asked.filters, asked.rates, page, PAGE + 1)
    return render(request, "figures/cases.html", shown | {"rows": found[:PAGE], "next": len(found) > PAGE, "unbooked": False})


def _common(asked: Reader) -> dict[str, Any]:
    filters = asked.filters
    return {
        "filters": filters, "axes": labels.AXES, "chosen": labels.chosen(filters, asked.shops), "periods": PERIODS,
        "shop_choices": [(pk, shop.name) for pk, shop in asked.shops.items()],
        "currencies": [(name, name) for name in dict.fromkeys([filters.into, *asked.exchange])],
        "quality_choices": list(labels.QUALITY.items()), "whole": round, "scope": asked.scope,
    }  # fmt: skip


def _rows(asked: Reader, rows: Sequence[losses.Row], bands: Sequence[Held]) -> list[tuple[losses.Row, str, Held | None]]:
    """Each row with its name, and its band where the axis is the category."""
    words = labels.named(asked.filters.by, [row.value for row in rows], asked.shops)
    by_category = asked.filters.by == "category"
    return [(row, words[row.value], rules.band_of(bands, row.value or "?") if by_category else None) for row in rows]


def _published(over_time: Sequence[tuple[date, losses.Loss]], asked: Reader) -> Mapping[date, list[str]]:
    """Which versions of playbooks were published in each week or month shown, those edited here by name."""
    begins = [day for day, _loss in over_time]
    zone = asked.scope.zone
    rows = Version.objects.filter(published_at__gte=moment(begins[0], zone), published_at__lt=moment(asked.filters.until, zone))
    found: defaultdict[date, list[str]] = defaultdict(list)
    for row in rows.exclude(origin="shipped", number=1).order_by("published_at", "pk")[:100]:
        found[rules.begin(row.published_at.astimezone(zone).date(), asked.filters.step)].append(labels.version(row))
    return found


def _used(asked: Reader, both: Sequence[losses.Loss]) -> list[Exchange]:
    """The rates that were needed: none where everything is in the currency of the page."""
    names = {name for loss in both for name in loss.all.of | loss.cost.of}
    return [rate for name, rate in asked.exchange.items() if name in names | {asked.filters.into}] if names - {asked.filters.into} else []
