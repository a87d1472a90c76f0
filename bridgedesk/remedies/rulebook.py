"""What content/remedies.toml says: options, their usual chances, the rules of platforms and countries. Checked when loaded.

Chances are exact fractions, written in the file as whole per cent.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from bridgedesk.channels.policy import SURE, PolicyError, Words

FAULTS = (
    "damaged", "outer_box", "defective", "wrong_item", "missing_item", "not_as_described", "size", "changed_mind", "not_received", "late",
    "used_long",
)  # fmt: skip
KINDS = (
    "explain", "guide", "coupon", "partial", "return_buyer", "resend_part", "return_label", "resend", "refund_keep",
)  # fmt: skip
RETURNS = ("return_buyer", "return_label")
VERDICTS = ("forbidden", "fee_at_most", "grants")
TONES = ("calm", "angry", "threatens")


@dataclass(frozen=True)
class Option:
    """One thing that can be offered. `accepts` by fault: the chance that a buyer takes it when it is the first thing offered.

    `share` of what was paid (coupon, partial refund); `redeemed`: of coupons, those ever used; `bad_review`: of those who took it.
    """

    key: str
    kind: str
    accepts: Mapping[str, Fraction]
    bad_review: Fraction
    share: Fraction = Fraction(0)
    redeemed: Fraction = Fraction(1)


@dataclass(frozen=True)
class Rule:
    """What a platform or a law says of options. Empty tuples: of all. `days` since delivery, inclusive; None: at any time."""

    verdict: str
    reason: Words
    source: str
    sure: str
    as_of: date
    kinds: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    days: int | None = None
    percent: int = 0
    valid_from: date = date.min

    def holds(self, *, fault: str, platform: str, country: str, days: int | None, on: date) -> bool:
        """Whether it applies. A delivery nobody knows of counts as of today: rights have not run out then."""
        named = ((self.faults, fault), (self.platforms, platform), (self.countries, country.upper()))
        in_time = self.days is None or (days or 0) <= self.days
        return self.valid_from <= on and in_time and all(not wanted or is_so in wanted for wanted, is_so in named)


@dataclass(frozen=True)
class Course:
    """What buyers do who refuse: by letter, of those who refused it. `at_the_end`: of those who insist after the last, who escalate."""

    escalates: tuple[Fraction, ...]
    falls_silent: tuple[Fraction, ...]
    at_the_end: Fraction


@dataclass(frozen=True)
class Book:
    """The whole file. `letters`: the templates that tell of an offer, by its kind."""

    options: tuple[Option, ...]
    rules: tuple[Rule, ...]
    courses: Mapping[str, Course]
    salvage: Mapping[str, Fraction]
    bad_silent: Fraction
    bad_escalated: Fraction
    rates: Mapping[str, Fraction]
    weight: int
    letters: Mapping[str, tuple[str, ...]]
    source: str
    as_of: date

    def option(self, key: str) -> Option | None:
        """The option of that key; None: there is none any more."""
        return next((option for option in self.options if option.key == key), None)


def may_withdraw(country: str, delivered: datetime, now: datetime) -> bool:
    """Whether the law of the buyer's country still lets them give goods back without a reason."""
    on, days = now.date(), (now - delivered).days
    laws = (rule for rule in book().rules if rule.verdict == "grants" and rule.countries and "changed_mind" in rule.faults)
    return any(rule.holds(fault="changed_mind", platform="", country=country, days=days, on=on) for rule in laws)


@cache
def book() -> Book:
    """The shipped one. PolicyError: it cannot be used."""
    return load(Path(settings.CONTENT) / "remedies.toml")


def load(path: Path) -> Book:
    """Read and check a file; PolicyError names what is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        return _book(data)
    except (KeyError, TypeError, AttributeError, ArithmeticError, tomllib.TOMLDecodeError, ValueError) as error:
        raise PolicyError(f"{path.name}: {type(error).__name__} {error}") from error


def _book(data: Mapping[str, Any]) -> Book:
    options = tuple(_option(entry) for entry in data["option"])
    _once(option.key for option in options)
    said = data["assumptions"]
    return Book(
        options=options,
        rules=tuple(_rule(entry) for entry in data["rule"]),
        courses={tone: _course(data["course"][tone]) for tone in TONES},
        salvage={fault: percent(data["salvage"][fault]) for fault in FAULTS},
        bad_silent=percent(data["bad_review"]["silent"]),
        bad_escalated=percent(data["bad_review"]["escalated"]),
        rates={_known(code, (code.upper(),)): _positive(rate) for code, rate in data["exchange"]["rates"].items()},
        weight=int(said["weight"]),
        letters={_known(kind, KINDS): tuple(keys) for kind, keys in data["letters"].items()},
        source=said["source"],
        as_of=said["as_of"],
    )


def _option(entry: Mapping[str, Any]) -> Option:
    accepts = {_known(fault, FAULTS): percent(value) for fault, value in entry["accepts"].items()}
    return Option(
        key=entry["key"],
        kind=_known(entry["kind"], KINDS),
        accepts=accepts,
        bad_review=percent(entry["bad_review"]),
        share=percent(entry.get("share", 0)),
        redeemed=percent(entry.get("redeemed", 100)),
    )


def _rule(entry: Mapping[str, Any]) -> Rule:
    reason = entry["reason"]
    return Rule(
        verdict=_known(entry["verdict"], VERDICTS),
        reason=Words(reason["en"], reason["zh-Hans"], reason["zh-Hant"]),
        source=entry["source"],
        sure=_known(entry["sure"], SURE),
        as_of=entry["as_of"],
        kinds=tuple(_known(kind, KINDS) for kind in entry.get("kinds", ())),
        faults=tuple(_known(fault, FAULTS) for fault in entry.get("faults", ())),
        platforms=tuple(entry.get("platforms", ())),
        countries=tuple(entry.get("countries", ())),
        days=entry.get("days"),
        percent=entry.get("percent", 0),
        valid_from=entry.get("valid_from", date.min),
    )


def _course(entry: Mapping[str, Any]) -> Course:
    escalates, silent = tuple(map(percent, entry["escalates"])), tuple(map(percent, entry["falls_silent"]))
    if len(escalates) != len(silent) or any(a + b > 1 for a, b in zip(escalates, silent, strict=True)):
        raise ValueError("escalates and falls_silent go letter by letter and are at most 100 together")
    return Course(escalates, silent, percent(entry["at_the_end"]))


def percent(value: object) -> Fraction:
    """A whole number of per cent as a share of one."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise ValueError(f"{value!r} is no whole per cent")
    return Fraction(value, 100)


def _positive(value: object) -> Fraction:
    if (rate := Fraction(str(value))) <= 0:
        raise ValueError(f"{value!r} is no rate")
    return rate


def _known(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"“{value}” is not one of {', '.join(known)}")
    return value


def _once(keys: Iterable[str]) -> None:
    seen = list(keys)
    if len(set(seen)) != len(seen):
        raise ValueError("two options have the same key")
