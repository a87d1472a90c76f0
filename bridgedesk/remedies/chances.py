"""How often buyers take an option, learnt from the shop's own cases and shrunk towards the shipped guess. Pure.

Of every case one knows, for each option in the order of what it gives: taken at it or at less, such a buyer takes it; refused it or
more, such a buyer does not; of what lies between the case says nothing. Counts go by fault × option, then by price band, then by country of
delivery; each level's estimate is pulled towards the one above it with the weight of so many cases:

    estimate = (taken + weight × above) / (seen + weight)

so that few cases move little and many decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

BANDS = (20, 50, 150)
"""Bounds of the price bands, in US dollars."""
MOST, LEAST = Fraction(99, 100), Fraction(1, 100)
"""No estimate is ever certain."""


@dataclass(frozen=True)
class Told:
    """What one case says: options (keys) refused, and the one taken ("" none)."""

    fault: str
    band: int
    country: str
    refused: tuple[str, ...]
    taken: str = ""


@dataclass(frozen=True)
class Count:
    taken: int = 0
    seen: int = 0

    def plus(self, taken: bool) -> "Count":
        return Count(self.taken + taken, self.seen + 1)


@dataclass(frozen=True)
class Chance:
    """The estimate; `own` cases of the fault it rests on, and the interval that holds it nine times in ten (normal approximation)."""

    value: Fraction
    own: int
    low: float
    high: float


def band(usd: Fraction) -> int:
    """Which price band a sum belongs to: the number of bounds it reaches."""
    return sum(usd >= bound for bound in BANDS)


def says(told: Told, order: Sequence[str]) -> Iterable[tuple[str, bool]]:
    """(option, taken) for every option the case says something of."""
    rank = {key: number for number, key in enumerate(order)}
    taken = rank.get(told.taken, len(order))
    refused = max((rank[key] for key in told.refused if key in rank), default=-1)
    for key, number in rank.items():
        if number >= taken and number > refused:
            yield key, True
        elif number <= refused:
            yield key, False


def count(cases: Iterable[Told], order: Sequence[str]) -> dict[tuple[str, ...], Count]:
    """Counts by (fault, option), (fault, option, band) and (fault, option, band, country)."""
    counts: dict[tuple[str, ...], Count] = {}
    for told in cases:
        for key, taken in says(told, order):
            for level in levels(told.fault, key, told.band, told.country):
                counts[level] = counts.get(level, Count()).plus(taken)
    return counts


def levels(fault: str, option: str, price: int, country: str) -> tuple[tuple[str, ...], ...]:
    """From the broadest to the narrowest."""
    return ((fault, option), (fault, option, str(price)), (fault, option, str(price), country))


def estimate(
    prior: Fraction, fault: str, option: str, price: int, country: str, counts: Mapping[tuple[str, ...], Count], weight: int
) -> Chance:
    """The chance that a buyer takes it when it is the first thing offered."""
    value, seen = prior, 0
    for level in levels(fault, option, price, country):
        known = counts.get(level, Count())
        value = (known.taken + weight * value) / Fraction(known.seen + weight)
        seen = max(seen, known.seen)
    value = min(MOST, max(LEAST, value))
    spread = 1.645 * sqrt(float(value * (1 - value)) / (seen + weight + 1))
    return Chance(value, seen, max(0.0, float(value) - spread), min(1.0, float(value) + spread))
