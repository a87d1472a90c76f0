"""How quickly a shop answered: the ledger of answers owed, day by day, counted where it lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from bridgedesk.channels.policy import policy_name
from bridgedesk.conversations.models import Window
from bridgedesk.conversations.rules import Rate
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import Rule, threshold

PERIODS = (7, 30, 90)
CHARTED = 30


@dataclass(frozen=True)
class Period:
    """The last days, today among them. `enough`: the wanted share is reached; None where nothing counts or nothing is wanted."""

    days: int
    rate: Rate
    enough: bool | None


@dataclass(frozen=True)
class Report:
    """A shop's response rate with the figures it is held against (None: none known)."""

    periods: Sequence[Period]
    by_day: Sequence[tuple[date, Rate]]
    wanted: Rule | None
    hours: Rule | None


def report(shop: Shop, zone: ZoneInfo) -> Report:
    """The card of the shop, by days of that zone."""
    now = clock.now()
    today = now.astimezone(zone).date()
    counted = days(shop, today - timedelta(days=PERIODS[-1] - 1), zone, now)
    wanted = _figure(shop, "response_rate", now)
    periods = [_period(counted, today, length, wanted) for length in PERIODS]
    charted = [today - timedelta(days=back) for back in range(CHARTED - 1, -1, -1)]
    return Report(periods, [(day, counted.get(day, Rate())) for day in charted], wanted, _figure(shop, "response_hours", now))


def days(shop: Shop, first: date, zone: ZoneInfo, now: datetime) -> dict[date, Rate]:
    """How the windows opened on each day ended, each under the rule of its day (conversations.rules.response_rate says what counts)."""
    marked = Q(outcome=Window.Outcome.NO_ANSWER_NEEDED)
    aside = Q(pk=None) if policy_name(shop) == "amazon" else marked  # Amazon counts a mark as an answer
    endings = {
        "in_time": Q(closed_at__lte=F("due_at")) & ~aside,
        "late": Q(closed_at__gt=F("due_at")) & ~aside,
        "missed": Q(closed_at=None, due_at__lt=now) & ~aside,
        "pending": Q(closed_at=None, due_at__gte=now) & ~aside,
        "marked": aside,
    }
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    ledger = Window.objects.filter(shop=shop, opened_at__gte=since, opened_at__lte=now).exclude(outcome=Window.Outcome.SUPERSEDED)
    rows = ledger.annotate(day=TruncDate("opened_at", tzinfo=zone)).values("day")
    counted = rows.annotate(**{name: Count("pk", filter=how) for name, how in endings.items()})
    return {day: Rate(*ends) for day, *ends in counted.values_list("day", *endings)}


def _period(counted: Mapping[date, Rate], today: date, length: int, wanted: Rule | None) -> Period:
    rate = sum((rate for day, rate in counted.items() if today - day < timedelta(days=length)), Rate())
    known = wanted is not None and rate.share is not None
    return Period(length, rate, rate.share * 100 >= wanted.value if known and wanted and rate.share is not None else None)


def _figure(shop: Shop, name: str, at: datetime) -> Rule | None:
    try:
        return threshold(shop, name, at)
    except KeyError:
        return None
