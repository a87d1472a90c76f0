"""What is owed to whom, decided from what was said: no database, no clock, no network.

The ledger of answers owed is a pure function of the messages, so the order in which they reach us never matters.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

SOON = timedelta(hours=3)
COLLISION = timedelta(minutes=10)
TAKE_BACK = timedelta(days=1)
"""How long a person may say that what they marked as sent was not."""
Side = Literal["buyer", "answer", "mark"]
Outcome = Literal["open", "answered", "no_answer_needed"]
_CLOSES: dict[str, Outcome] = {"answer": "answered", "mark": "no_answer_needed"}


@dataclass(frozen=True)
class Said:
    """What the clock needs to know of a message. "answer": by a person, and it went out; "mark": nothing is owed up to here."""

    key: int
    at: datetime
    side: Side


@dataclass(frozen=True)
class Owed:
    """One answer owed: from a buyer's first unanswered message until a person answered or marked."""

    opened_by: int
    opened_at: datetime
    closed_by: int | None = None
    closed_at: datetime | None = None
    outcome: Outcome = "open"


def ledger(said: Iterable[Said]) -> list[Owed]:
    """The windows of one conversation, oldest first; only the last can be open. At one moment, what reached us first came first."""
    windows: list[Owed] = []
    for word in sorted(said, key=lambda w: (w.at, w.key)):
        waiting = bool(windows) and windows[-1].outcome == "open"
        if word.side == "buyer" and not waiting:
            windows.append(Owed(word.key, word.at))
        elif word.side != "buyer" and waiting:
            first = windows.pop()
            windows.append(Owed(first.opened_by, first.opened_at, word.key, word.at, _CLOSES[word.side]))
    return windows


def due_at(opened: datetime, hours: Decimal | float) -> datetime:
    """When an answer is due. The platforms' clocks run at night, at weekends and on holidays."""
    return opened + timedelta(seconds=round(float(hours) * 3600))


def risk_at(opened: datetime, hours: Decimal | float, warn_hours: Decimal | float) -> datetime:
    """From when an answer owed counts as at risk: `warn_hours` before it is due, never before it was asked for."""
    return max(opened, due_at(opened, float(hours) - float(warn_hours)))


class Spell(Protocol):
    """A window as the rate counts it (a row of the ledger, or `Owed`)."""

    @property
    def opened_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> str: ...


@dataclass(frozen=True)
class Rate:
    """How a period's windows ended. `missed`: due and still unanswered; `pending`: not yet due, not counted; `marked`: no answer needed."""

    in_time: int = 0
    late: int = 0
    missed: int = 0
    pending: int = 0
    marked: int = 0

    def __add__(self, other: "Rate") -> "Rate":
        """Both together."""
        return Rate(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def counted(self) -> int:
        """Windows the rate is a share of."""
        return self.in_time + self.late + self.missed

    @property
    def share(self) -> float | None:
        """Answered in time, 0 to 1; None when nothing is counted."""
        return self.in_time / self.counted if self.counted else None


def response_rate(windows: Iterable[Spell], hours: Decimal | float, now: datetime, *, marks_count: bool = False) -> Rate:
    """The response rate under any rule: `hours` to answer. `marks_count`: a "no answer needed" in time counts as answered (Amazon)."""
    ends = {"in_time": 0, "late": 0, "missed": 0, "pending": 0, "marked": 0}
    for window in windows:
        ends[_ending(window, hours, now, marks_count)] += 1
    return Rate(**ends)


def _ending(window: Spell, hours: Decimal | float, now: datetime, marks_count: bool) -> str:
    due = due_at(window.opened_at, hours)
    if window.outcome == "no_answer_needed" and not marks_count:
        return "marked"
    if window.closed_at is None:
        return "missed" if now > due else "pending"
    return "in_time" if window.closed_at <= due else "late"


def wake_at(until: datetime, due: datetime | None, risk: datetime | None, now: datetime) -> datetime:
    """When a snoozed conversation comes back: never so late that the answer owed could be missed."""
    if due is None or due <= now:
        return until
    return min(until, risk if risk and risk > now else due)


def mentioned(text: str, names: Mapping[int, Iterable[str]]) -> set[int]:
    """Who of `names` (id -> user name, shown name) is named after an @. "@bob" is not in "@bobby"; Chinese needs no space after."""
    folded = text.casefold()
    return {key for key, known in names.items() if any(_named(name.casefold(), folded) for name in known if name)}


def _named(name: str, text: str) -> bool:
    end = r"(?![\w.+-]*\w)" if name.isascii() else ""
    pattern = rf"(?<![A-Za-z0-9_])@{re.escape(name)}{end}"
    return re.search(pattern, text, re.ASCII) is not None
