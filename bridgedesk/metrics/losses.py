"""The return-loss rate (退返品率): one figure, over time and along its axes. `return_loss_rate` says what it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Coalesce

from bridgedesk.lib.figures import figure
from bridgedesk.metrics import facts, rules
from bridgedesk.metrics.facts import OF_LOSS, Goods, Scope
from bridgedesk.metrics.filters import OF_LOSSES, Filters, moment
from bridgedesk.metrics.rules import Sums, United
from bridgedesk.orders.models import Order, Payment
from bridgedesk.remedies.models import Booking, Case

MOST_ROWS = 50
"""Of an axis, those that lost most."""
Rates = Mapping[str, Fraction]


@dataclass(frozen=True)
class Loss:
    """What was lost and what was shipped, in minor units of one currency. `quality` is the part of faults of quality."""

    all: United = field(default_factory=United)
    quality: United = field(default_factory=United)
    cost: United = field(default_factory=United)
    cases: int = 0

    @property
    def rate(self) -> Fraction | None:
        """All of it ÷ cost of goods shipped, a share of one; None where nothing was shipped."""
        return rules.share(self.all.minor, self.cost.minor)

    @property
    def without(self) -> Fraction | None:
        """The same without faults of quality."""
        return rules.share(self.all.minor - self.quality.minor, self.cost.minor)

    @property
    def each(self) -> Fraction | None:
        """What a case cost on average."""
        return rules.share(self.all.minor, Fraction(self.cases))


@dataclass(frozen=True)
class Row:
    """One value of an axis; "" is what is not known."""

    value: str
    loss: Loss


@dataclass(frozen=True)
class Outside:
    """What is not in the figure, so that nobody has to guess: told by platforms, refunded without a case, or sent on a day nobody told."""

    cases: int
    asked: Sums
    refunds: int
    refunded: Sums
    undated: int = 0


@figure
def return_loss_rate(scope: Scope, filters: Filters, rates: Rates, goods: Goods) -> tuple[Loss, Loss]:
    """Return-loss rate = losses of the period ÷ cost of the goods shipped in the period. Losses are what was booked on cases
    in the period: money back, coupons, goods and freight sent again, freight back, lost claims, less commission that came
    back and the worth of goods that came back; what was taken back before it was done does not count. The cost is pieces ×
    cost of the article as it is entered now, of every order that left in the period. Without quality: losses of cases whose
    fault lies in the article itself are left out. It speaks of goods and letters, never of people.
    """
    now = _loss(scope, filters, filters.since, filters.until, rates, goods)
    return now, _loss(scope, filters, filters.before, filters.since, rates, goods)


def _loss(scope: Scope, filters: Filters, since: date, until: date, rates: Rates, goods: Goods) -> Loss:
    lost = facts.losses(scope, filters, since, until, facts.NOTHING)
    cost = [("", *sums) for sums in goods.cost(since, until)]
    return _united(filters.into, rates, lost, cost).get("", Loss())


def goods(scope: Scope, filters: Filters) -> Goods:
    """The goods every figure of a page is held against."""
    return facts.goods(scope, filters, begins(filters))


def begins(filters: Filters) -> list[date]:
    """The first days of the weeks or months the trend shows."""
    return rules.begins(filters.since, filters.until, filters.step)


def trend(scope: Scope, filters: Filters, rates: Rates, goods: Goods) -> list[tuple[date, Loss]]:
    """The figure week by week or month by month, in the reader's days."""
    days = begins(filters)
    by_losses = {"step": f"date_trunc('{filters.step}', at at time zone %(zone)s)::date::text"}
    lost = facts.losses(scope, filters, days[0], filters.until, by_losses)
    shown = [row for row in goods.by_day if row[0] >= days[0]]
    cost = [(rules.begin(day, filters.step).isoformat(), currency, minor) for day, currency, minor in shown]
    found = _united(filters.into, rates, lost, cost)
    return [(day, found.get(day.isoformat(), Loss())) for day in days]


def along(scope: Scope, filters: Filters, rates: Rates, goods: Goods) -> list[Row]:
    """The rows of the axis asked for, those that lost most first.

    Faults and playbooks are held against everything shipped, so their rows add up to the whole; the others each against their own goods.
    """
    axis = filters.by
    lost = facts.losses(scope, filters, filters.since, filters.until, {axis: OF_LOSS[axis]})
    cost: Sequence[tuple[str, str, int]] = goods.by_value
    if axis in OF_LOSSES:
        cost = [(value, currency, minor) for value in {row[0] for row in lost} for _none, currency, minor in cost]
    found = [Row(value, loss) for value, loss in _united(filters.into, rates, lost, cost).items()]
    return sorted(found, key=lambda row: (-row.loss.all.minor, -row.loss.cost.minor, row.value))


def cases(scope: Scope, filters: Filters, rates: Rates, page: int, size: int) -> list[tuple[Case, Fraction]]:
    """The cases behind a figure, the dearest first, each with what of it is in the figure."""
    rows = facts.losses(scope, filters, filters.since, filters.until, {"case": "case_id"})
    sums: defaultdict[int, Fraction] = defaultdict(Fraction)
    for pk, currency, minor, *_more in rows:
        sums[pk] += rules.unite({currency: int(minor)}, filters.into, rates).minor
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[page * size : (page + 1) * size]
    found = Case.objects.select_related("shop", "order").in_bulk([pk for pk, _sum in ranked])
    return [(found[pk], sum_) for pk, sum_ in ranked if pk in found]


def outside(scope: Scope, filters: Filters) -> Outside:
    """What platforms closed with nothing booked here, and refunds of orders that had left, booked without a case."""
    since, until = moment(filters.since, scope.zone), moment(filters.until, scope.zone)
    closed = unbooked(scope, filters)
    cased = Booking.objects.filter(case__shop__in=scope.shops).values("case__order")
    refunds = Payment.objects.filter(order__shop__in=_shops(scope, filters), kind="refund", minor__gt=0, at__gte=since, at__lt=until)
    loose = refunds.exclude(order__shipped_at=None).exclude(order__in=cased)
    asked = closed.order_by().values_list("currency").annotate(all=Sum("refund_minor"))
    paid = loose.order_by().values_list("currency").annotate(all=Sum("minor"))
    return Outside(closed.count(), {name: minor or 0 for name, minor in asked}, loose.count(), dict(paid), _undated(scope, filters))


def _undated(scope: Scope, filters: Filters) -> int:
    """Orders of the period that left on a day nobody told: their goods are not in the cost."""
    since, until = moment(filters.since, scope.zone), moment(filters.until, scope.zone)
    left = Order.objects.filter(shop__in=_shops(scope, filters), state__in=("shipped", "delivered", "completed"), shipped_at=None)
    return left.annotate(begun=Coalesce("placed_at", "first_seen_at")).filter(begun__gte=since, begun__lt=until).count()


def unbooked(scope: Scope, filters: Filters) -> Any:
    """Returns the platform closed in the period on which nothing is booked."""
    since, until = moment(filters.since, scope.zone), moment(filters.until, scope.zone)
    told = Case.objects.filter(shop__in=_shops(scope, filters), state="closed", status_at__gte=since, status_at__lt=until)
    return told.exclude(external_id="").filter(bookings=None, refund_minor__gt=0)


def _shops(scope: Scope, filters: Filters) -> list[int]:
    return [pk for pk in scope.shops if filters.shop in (None, str(pk))]


def _united(into: str, rates: Rates, lost: Iterable[Sequence[Any]], cost: Iterable[Sequence[Any]]) -> dict[str, Loss]:
    """Rows of (value, currency, sums …) as losses by value."""
    found: defaultdict[str, Loss] = defaultdict(Loss)
    for value, currency, minor, quality, count in lost:
        one = Loss(unite(currency, minor, into, rates), unite(currency, quality, into, rates), United(), count)
        found[value] = _add(found[value], one)
    for value, currency, minor in cost:
        found[value] = _add(found[value], Loss(cost=unite(currency, minor, into, rates)))
    return dict(found)


def unite(currency: str, minor: Any, into: str, rates: Rates) -> United:
    """One sum of the database in the currency of the page."""
    return rules.unite({currency: int(minor)}, into, rates)


def _add(a: Loss, b: Loss) -> Loss:
    return Loss(a.all + b.all, a.quality + b.quality, a.cost + b.cost, a.cases + b.cases)
