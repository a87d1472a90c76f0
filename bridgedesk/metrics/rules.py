"""Pure decisions of the figures: uniting currencies, splitting a loss over articles, periods, bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Literal

from babel.numbers import get_currency_precision

Sums = Mapping[str, int]
"""Minor units by currency."""
Step = Literal["week", "month"]
WEEKS, MONTHS = 13, 12
"""How far back a trend goes at least."""


@dataclass(frozen=True)
class United:
    """Sums of several currencies in one: minor units of it, exact. `of` are the currencies in it, `left` the sums without a rate."""

    minor: Fraction = Fraction(0)
    left: Sums = field(default_factory=dict)
    of: frozenset[str] = frozenset()

    def __add__(self, other: "United") -> "United":
        """Both together."""
        names = [*self.left, *(name for name in other.left if name not in self.left)]
        left = {name: self.left.get(name, 0) + other.left.get(name, 0) for name in names}
        return United(self.minor + other.minor, left, self.of | other.of)


def unite(sums: Sums, target: str, rates: Mapping[str, Fraction]) -> United:
    """The sums in minor units of `target`; `rates` are units of each currency for one US dollar."""
    known = {name: minor for name, minor in sums.items() if name == target or (name in rates and target in rates)}
    minor = sum((factor(name, target, rates) * each for name, each in known.items()), Fraction(0))
    return United(minor, {name: each for name, each in sums.items() if name not in known}, frozenset(known))


def factor(source: str, target: str, rates: Mapping[str, Fraction]) -> Fraction:
    """Minor units of `target` for one minor unit of `source`."""
    if source == target:
        return Fraction(1)
    places = get_currency_precision(target) - get_currency_precision(source)
    return rates[target] / rates[source] * Fraction(10) ** places


def share(part: Fraction, whole: Fraction) -> Fraction | None:
    """A part of the whole; None where nothing is the whole."""
    return part / whole if whole else None


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """A sum over articles by their weights, to the last minor unit: each gets what the sum up to it takes, cut to whole units,
    less what those before it got. Weights that are all nothing: the first gets it.
    """
    whole = sum(weights)
    if not whole:
        return [minor, *[0] * (len(weights) - 1)] if weights else []
    upto = [_cut(minor * weight, whole) for weight in accumulate(weights, initial=0)]
    return [after - before for before, after in pairwise(upto)]


def _cut(number: int, by: int) -> int:
    """Divided, towards nought."""
    return number // by if number >= 0 else -(-number // by)


def before(since: date, until: date) -> date:
    """The first day of the period before, of the same length."""
    return since - (until - since)


def begin(day: date, step: Step) -> date:
    """The first day of its week (Monday) or month."""
    return day.replace(day=1) if step == "month" else day - timedelta(days=day.weekday())


def begins(since: date, until: date, step: Step) -> list[date]:
    """The first days of the weeks or months a trend shows: the period, and at least a quarter in weeks or a year in months."""
    last = begin(until - timedelta(days=1), step)
    least = last - timedelta(weeks=WEEKS - 1) if step == "week" else _back(last, MONTHS - 1)
    found, day = [last], last
    while day > min(least, begin(since, step)):
        day = begin(day - timedelta(days=1), step)
        found.append(day)
    return found[::-1]


def _back(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


@dataclass(frozen=True)
class Held:
    """A band as it holds on a day, in shares of one. `names`: the category in the languages it may be written in; () all goods."""

    names: tuple[str, ...]
    most: Fraction
    reach: Fraction | None
    source: str
    sure: str
    valid_from: date | None

    def tone(self, rate: Fraction | None, without: Fraction | None) -> str:
        """ "bad" above what is too much, "warn" above what is wanted without faults of quality, "ok" else; "" where nothing is known."""
        if rate is None:
            return ""
        if rate > self.most:
            return "bad"
        return "warn" if self.reach is not None and without is not None and without > self.reach else "ok"


def band_of(bands: Sequence[Held], category: str) -> Held | None:
    """The first that names the category, whatever its capitals; "" is all goods."""
    wanted = category.strip().casefold()
    return next((band for band in bands if wanted in [name.casefold() for name in band.names or ("",)]), None)


HEARD = ("accepts", "insists", "escalates", "silent")
"""What a buyer can do after a letter."""
ANSWERS = (*HEARD, "open", "last", "left")


def answer(next_: str, state: str, *, silent: bool, accepts: bool, escalates: bool) -> str:
    """What became of a step, one of ANSWERS: `next_` is where the case went from it ("": nowhere yet), `state` that of its run."""
    if not next_:
        return {"left": "left", "ended": "last"}.get(state, "open")
    if silent:
        return "silent"
    if escalates or next_ == "escalated":
        return "escalates"
    return "accepts" if accepts or next_ in ("accepted", "solved", "gave_up") else "insists"
