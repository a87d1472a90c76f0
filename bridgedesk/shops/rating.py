"""How a platform rates a shop: its figures day by day, their targets, penalty points.

A target the platform's own interface reports is what holds for this shop from that moment on: it becomes a threshold of the
shop, before what ships with the product and what a lead set earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from operator import ge, gt, le, lt

from django.db import transaction
from django.db.models import Sum

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import HealthSeen, PenaltySeen
from bridgedesk.lib import clock
from bridgedesk.lib.storable import fit, plain
from bridgedesk.shops.models import HealthFigure, Penalty, Shop, Threshold
from bridgedesk.shops.queries import REPORTED

SHOWN = timedelta(days=30)
POINTS = timedelta(days=90)
COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge}


@transaction.atomic
def see_figure(shop: Shop, event: HealthSeen) -> None:
    """Note how a figure stands, and what the platform wants of it. The last news of a day is kept."""
    told = {
        "at": event.at, "value": event.value, "unit": plain(event.unit)[:8], "target": event.target, "comparator": event.comparator[:2],
        "title": plain(event.title)[:120],
    }  # fmt: skip
    name, day = plain(event.name)[:40], event.at.date()
    figure, new = HealthFigure.objects.select_for_update().get_or_create(shop=shop, name=name, day=day, defaults=told)
    if not new and event.at >= figure.at:
        HealthFigure.objects.filter(pk=figure.pk).update(**told)
    if event.target is not None:
        _aim(shop, name, event.target, event.at)


def _aim(shop: Shop, name: str, target: Decimal, at: datetime) -> None:
    """A new threshold where the platform wants something else than it last told."""
    known = Threshold.objects.filter(shop=shop, name=name, source=REPORTED).order_by("-valid_from", "-pk").first()
    if known and (known.value == target or known.valid_from > at):
        return
    Threshold.objects.create(
        shop=shop, platform=shop.platform, region=shop.region, name=name, value=target, valid_from=at, source=REPORTED,
        sure=Threshold.Sure.OFFICIAL,
    )  # fmt: skip
    record("platform_target", shop, by=None, actor="channel", shop=shop.pk, name=name, value=f"{target.normalize():f}")


@transaction.atomic
def see_penalty(shop: Shop, event: PenaltySeen) -> None:
    """Note points as they stand now."""
    number, kind = fit(event.external_id, 80), plain(event.kind)[:40]
    penalty, new = Penalty.objects.get_or_create(
        shop=shop, external_id=number, defaults={"points": event.points, "kind": kind, "at": event.at}
    )
    if new:
        record("penalty_given", shop, by=None, actor="channel", shop=shop.pk, points=event.points, kind=kind)
    elif penalty.points != event.points:
        record("penalty_changed", shop, by=None, actor="channel", shop=shop.pk, before=penalty.points, after=event.points)
        Penalty.objects.filter(pk=penalty.pk).update(points=event.points)


@dataclass(frozen=True)
class Trend:
    """One figure: how it stands, whether that is what the platform wants (None: cannot be said), and the days before."""

    now: HealthFigure
    well: bool | None
    before: Decimal | None
    values: Sequence[Decimal]

    @property
    def direction(self) -> str:
        """ "up", "down" or "" against the first day shown."""
        if self.before is None or self.now.value is None or self.before == self.now.value:
            return ""
        return "up" if self.now.value > self.before else "down"


def trends(shop: Shop) -> list[Trend]:
    """Every figure of the shop that was told of late. One query."""
    since = (clock.now() - SHOWN).date()
    days: dict[str, list[HealthFigure]] = {}
    for row in HealthFigure.objects.filter(shop=shop, day__gte=since).order_by("day"):
        days.setdefault(row.name, []).append(row)
    return [_trend(rows) for _name, rows in sorted(days.items())]


def _trend(rows: list[HealthFigure]) -> Trend:
    values = [row.value for row in rows if row.value is not None]
    return Trend(rows[-1], meets(rows[-1]), values[0] if len(values) > 1 else None, values)


def meets(figure: HealthFigure) -> bool | None:
    """Whether a figure is what the platform wants; None where either is not told."""
    compare = COMPARE.get(figure.comparator)
    if compare is None or figure.value is None or figure.target is None:
        return None
    return bool(compare(figure.value, figure.target))


def points(shop: Shop) -> tuple[int, list[Penalty]]:
    """The sum of the last 90 days, and the newest of them."""
    rows = Penalty.objects.filter(shop=shop, at__gte=clock.now() - POINTS)
    return rows.aggregate(sum=Sum("points"))["sum"] or 0, list(rows.order_by("-at", "-pk")[:20])
