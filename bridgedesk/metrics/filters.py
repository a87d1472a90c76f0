"""What a page of figures is asked for: period, axis and filters, all of them in its address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridgedesk.lib.storable import number, plain
from bridgedesk.metrics import rules
from bridgedesk.remedies.rulebook import FAULTS

PERIODS = (7, 30, 90, 180)
LONGEST = 400
"""Days."""
AXES = ("shop", "category", "sku", "country", "carrier", "fault", "version")
OF_LOSSES = ("fault", "version", "quality")
"""What goods shipped know nothing of: each is held against all of them."""
QUALITY = ("", "without", "only")


@dataclass(frozen=True)
class Filters:
    """`since` and `until` are days, `until` the one after the last. An axis set to None is no filter; "" means that it is not known."""

    since: date
    until: date
    by: str = "shop"
    step: rules.Step = "week"
    into: str = ""
    quality: str = ""
    shop: str | None = None
    category: str | None = None
    sku: str | None = None
    country: str | None = None
    carrier: str | None = None
    fault: str | None = None
    version: str | None = None

    @classmethod
    def parse(cls, asked: Mapping[str, str], today: date) -> "Filters":
        """From an address; what is no filter is none. "-" asks for those of which an axis is not known."""
        since, until = _period(asked, today)
        chosen: dict[str, Any] = {axis: _value(axis, asked[axis]) for axis in AXES if asked.get(axis)}
        by, quality, into = asked.get("by", ""), asked.get("quality", ""), asked.get("in", "").upper()
        return cls(
            since, until,
            by=by if by in AXES else "shop",
            step="month" if asked.get("step") == "month" else "week",
            into=into if len(into) == 3 and into.isascii() and into.isalpha() else "",
            quality=quality if quality in QUALITY else "",
            **chosen,
        )  # fmt: skip

    def said(self, **other: object) -> dict[str, object]:
        """As an address says it, with changes; `axis=None` takes a filter away."""
        kept: dict[str, object] = {"since": self.since.isoformat(), "until": self.last.isoformat(), "by": self.by, "in": self.into}
        kept |= {"step": self.step if self.step == "month" else "", "quality": self.quality}
        kept |= {axis: "-" if value == "" else value for axis, value in self.chosen.items()}
        return {name: value for name, value in (kept | other).items() if value not in (None, "")}

    @property
    def chosen(self) -> dict[str, str]:
        """The axes that are filtered."""
        return {axis: value for axis in AXES if (value := getattr(self, axis)) is not None}

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.until - timedelta(days=1)

    @property
    def days(self) -> int:
        """Of the period."""
        return (self.until - self.since).days

    @property
    def before(self) -> date:
        """The first day of the period before."""
        return rules.before(self.since, self.until)

    def with_(self, **other: Any) -> "Filters":
        """The same but for these."""
        return replace(self, **{name: value for name, value in other.items() if name in {one.name for one in fields(self)}})


def moment(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time.min, zone)


def _period(asked: Mapping[str, str], today: date) -> tuple[date, date]:
    since, last = _day(asked.get("since", "")), _day(asked.get("until", ""))
    if since and last and since <= last and date(2000, 1, 1) <= since and last <= today + timedelta(days=LONGEST):
        return max(since, last - timedelta(days=LONGEST - 1)), last + timedelta(days=1)
    days = number(asked.get("days", ""))
    return today - timedelta(days=(days if days in PERIODS else 30) - 1), today + timedelta(days=1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _value(axis: str, text: str) -> str | None:
    value = "" if text == "-" else plain(text)[:120]
    if axis in ("shop", "version"):
        return "" if value == "" and axis == "version" else str(number(value))
    return value if axis != "fault" or value in (*FAULTS, "") else None
