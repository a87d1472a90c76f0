"""The trend as a drawing: a bar for every week or month, what quality adds on top, marks where playbooks changed. Units are SVG's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bridgedesk.metrics.losses import Loss

WIDE, GAP, HIGH = 20, 8, 100


@dataclass(frozen=True)
class Bar:
    """One week or month; heights from the bottom up, `said` what changed in it."""

    day: date
    loss: Loss
    x: int
    plain: float
    quality: float
    said: Sequence[str]


@dataclass(frozen=True)
class Drawing:
    """All bars; `top` is the share of one at the upper edge, `line` the height of the band (None: none, or above the edge)."""

    bars: Sequence[Bar]
    width: int
    top: Fraction
    line: float | None


def draw(rows: Sequence[tuple[date, Loss]], marks: Mapping[date, Sequence[str]], most: Fraction | None) -> Drawing:
    """The highest bar reaches the top, or the band does where it is higher, but not more than twice as high."""
    highest = max((_shares(loss)[0] for _day, loss in rows), default=Fraction(0))
    top = max(highest, most if most and most <= 2 * highest else Fraction(0)) or Fraction(1)
    bars = [_bar(place, day, loss, top, marks.get(day, ())) for place, (day, loss) in enumerate(rows)]
    line = round(HIGH - float(most / top) * HIGH, 2) if most and most <= top else None
    return Drawing(bars, len(rows) * (WIDE + GAP), top, line)


def _bar(place: int, day: date, loss: Loss, top: Fraction, said: Sequence[str]) -> Bar:
    whole, plain = _shares(loss)
    high, low = (round(float(each / top) * HIGH, 2) for each in (whole, plain))
    return Bar(day, loss, place * (WIDE + GAP) + GAP // 2, low, round(high - low, 2), said)


def _shares(loss: Loss) -> tuple[Fraction, Fraction]:
    """With and without quality; what came back above what was lost draws nothing."""
    whole = max(loss.rate or Fraction(0), Fraction(0))
    return whole, min(max(loss.without or Fraction(0), Fraction(0)), whole)


@dataclass(frozen=True)
class Pile:
    """One week or month of things, `some` of them of a kind; heights from the bottom up, those of the kind on top."""

    day: date
    all: int
    some: int
    x: int
    plain: float
    top: float


@dataclass(frozen=True)
class Heap:
    """All piles; `most` is how many stand at the upper edge."""

    piles: Sequence[Pile]
    width: int
    most: int


def heap(rows: Sequence[tuple[date, int, int]]) -> Heap:
    """The highest pile reaches the top."""
    most = max((all_ for _day, all_, _some in rows), default=0) or 1
    return Heap([_pile(place, *row, most) for place, row in enumerate(rows)], len(rows) * (WIDE + GAP), most)


def _pile(place: int, day: date, all_: int, some: int, most: int) -> Pile:
    high, low = (round(n / most * HIGH, 2) for n in (all_, all_ - some))
    return Pile(day, all_, some, place * (WIDE + GAP) + GAP // 2, low, round(high - low, 2))
