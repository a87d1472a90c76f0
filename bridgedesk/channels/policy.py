"""What each platform permits: purpose by purpose, dated, with its reason and source. The data lies in content/policies.

A rule says of one purpose whether a message may go out: "allowed", "person" (somebody must release it) or "forbidden".
A check says the same of something found in the text; conversations/gate.py finds it. A threshold is a figure of the
platform. Of several that apply, the later `valid_from` wins, and one for the buyer's country wins over a general one.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, cast

from django.conf import settings
from django.utils.translation import get_language

from bridgedesk.channels.mail_relay import is_alias

Verdict = Literal["allowed", "person", "forbidden"]
PURPOSES = (
    "answer", "greeting", "order_problem", "confirm_order", "shipping_notice", "delivery_notice", "pickup_reminder", "delay_notice",
    "remedy_offer", "cancel_answer", "review_request", "review_thanks", "review_recovery", "marketing", "care",
)  # fmt: skip
CHECKS = (
    "links", "emails", "phones", "messengers", "outside_deal", "outside_payment", "card_number", "review_reward", "review_praise",
    "review_change", "review_beside_remedy", "ask_cancel", "coupons", "promotion", "confirmation_only", "html", "emojis", "rude",
    "length", "files", "empty", "language", "script", "unfilled", "automatic",
)  # fmt: skip
VERDICTS: tuple[Verdict, ...] = ("allowed", "person", "forbidden")
SURE = ("official", "third_party", "unconfirmed", "own")
UNITS = ("hours", "days", "percent", "points", "count", "minutes", "money")
LISTS = ("cancel_reasons", "gives_numbers")
"""Reasons for which a seller may cancel; which numbers ("tracking") the platform itself hands out."""
LANGUAGES = ("en", "zh-Hans", "zh-Hant")


class PolicyError(Exception):
    """A policy file that cannot be used; the message says which entry and what is missing."""


@dataclass(frozen=True)
class Words:
    """A text in the interface languages. `str()` gives the one of the person looking."""

    en: str = ""
    zh_hans: str = ""
    zh_hant: str = ""

    def said(self, language: str) -> str:
        """In that interface language; English for any other."""
        return {"zh-hans": self.zh_hans, "zh-hant": self.zh_hant}.get(language.lower(), self.en)

    def __str__(self) -> str:
        return self.said(get_language() or "en")

    def __bool__(self) -> bool:
        return bool(self.en)


NOTHING = Words()


@dataclass(frozen=True)
class Stated:
    """What a statement of a policy carries: why, from where, how sure, seen when, valid since when and where."""

    verdict: Verdict
    reason: Words
    source: str
    sure: str
    as_of: date
    instead: Words = NOTHING
    valid_from: date = date.min
    countries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule(Stated):
    """Whether messages of one purpose may be sent. `automatic`: also without a person."""

    purpose: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class Check(Stated):
    """What a finding in the text means here. `purposes` give another verdict to some purposes; `allow` and `tracking` are for links."""

    code: str = ""
    purposes: Mapping[str, Verdict] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    tracking: Verdict | None = None
    most: int | None = None

    def verdict_for(self, purpose: str) -> Verdict:
        """The verdict on a message of that purpose."""
        return self.purposes.get(purpose, self.verdict)


@dataclass(frozen=True)
class Threshold:
    """A figure of the platform. A lead may overrule it per shop (shops.queries.threshold)."""

    name: str
    value: Decimal
    unit: str
    source: str
    sure: str
    as_of: date
    region: str = ""
    valid_from: date = date.min


@dataclass(frozen=True)
class Listed:
    """Words the platform takes, ours (channels.acts) to its own: one of LISTS. `countries` where the shop is; none: everywhere."""

    name: str
    words: Mapping[str, str]
    source: str
    sure: str
    as_of: date
    valid_from: date = date.min
    countries: tuple[str, ...] = ()


S = TypeVar("S", Stated, Rule, Check, Listed)


@dataclass(frozen=True)
class Policy:
    """All that is known of one platform."""

    platform: str
    title: str
    rules: tuple[Rule, ...]
    checks: tuple[Check, ...]
    thresholds: tuple[Threshold, ...]
    lists: tuple[Listed, ...] = ()

    def listed(self, name: str, on: date, country: str = "") -> Listed | None:
        """The words of that list on that day, for a shop in that country; None: the platform's are not known."""
        return _in_force((listed for listed in self.lists if listed.name == name), on, country)

    def rule(self, purpose: str, on: date, country: str = "") -> Rule:
        """What holds for that purpose on that day, for a buyer in that country ("" unknown). KeyError: no such purpose."""
        found = _in_force((rule for rule in self.rules if rule.purpose == purpose), on, country)
        if found is None:
            raise KeyError(purpose)
        return found

    def check(self, code: str, on: date, country: str = "") -> Check | None:
        """What a finding of that kind means; None: nothing here."""
        return _in_force((check for check in self.checks if check.code == code), on, country)

    def threshold(self, name: str, region: str, on: date) -> Threshold:
        """The figure of that name; the region's own before the general one. KeyError: none known."""
        day = _day(on)
        fitting = [t for t in self.thresholds if t.name == name and t.region in ("", region.upper()) and t.valid_from <= day]
        if not fitting:
            raise KeyError(f"{self.platform}: no threshold {name}")
        return max(fitting, key=lambda t: (bool(t.region), t.valid_from))


class Seller(Protocol):
    """What of a shop decides whose rules bind it."""

    platform: str
    options: Any


def policy_name(shop: Seller, address: str = "") -> str:
    """Whose rules bind this shop: options["policy"] where set (pasted threads), Amazon's for its relayed mail, else the platform's.

    `address` is where a message goes: an alias of Amazon's relay brings Amazon's rules along, whatever the shop is set to.
    """
    chosen = str(shop.options.get("policy") or "")
    if chosen and chosen in names():
        return chosen
    relayed = shop.platform == "email" and (shop.options.get("relay") == "amazon" or is_alias(address))
    return "amazon" if relayed else shop.platform


def names() -> tuple[str, ...]:
    """Every policy there is."""
    return tuple(sorted(path.stem for path in folder().glob("*.toml") if path.stem != "common"))


def folder() -> Path:
    """Where the policies lie."""
    return Path(settings.CONTENT) / "policies"


@cache
def policy(platform: str) -> Policy:
    """The policy of that name; PolicyError if it is missing or wrong."""
    return load(folder() / f"{platform}.toml")


def load(path: Path) -> Policy:
    """Read and check one file; what it does not say of a check is taken from common.toml beside it."""
    data = _read(path)
    where = path.name
    rules = tuple(rule for n, entry in enumerate(data.get("rule", []), 1) for rule in _rules(entry, f"{where}, rule {n}"))
    _all_purposes(rules, where)
    return Policy(
        platform=path.stem,
        title=_text(data, "title", where),
        rules=rules,
        checks=_checks(path, data),
        thresholds=_thresholds(path, data),
        lists=tuple(_listed(entry, f"{where}, list {n}") for n, entry in enumerate(data.get("list", []), 1)),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PolicyError(f"there is no policy {path.name}") from error
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path.name} cannot be read: {error}") from error


def _checks(path: Path, data: dict[str, Any]) -> tuple[Check, ...]:
    own = tuple(_check(entry, f"{path.name}, check {n}") for n, entry in enumerate(data.get("check", []), 1))
    common = path.with_name("common.toml")
    if not common.exists():
        return own
    said = {check.code for check in own if check.valid_from == date.min and not check.countries}
    shared = (_check(entry, f"common.toml, check {n}") for n, entry in enumerate(_read(common).get("check", []), 1))
    return tuple(check for check in shared if check.code not in said) + own


def _thresholds(path: Path, data: dict[str, Any]) -> tuple[Threshold, ...]:
    """The platform's own, and those of common.toml whose name it does not say."""
    own = tuple(_threshold(entry, f"{path.name}, threshold {n}") for n, entry in enumerate(data.get("threshold", []), 1))
    common = path.with_name("common.toml")
    if not common.exists():
        return own
    said = {threshold.name for threshold in own}
    shared = (_threshold(entry, f"common.toml, threshold {n}") for n, entry in enumerate(_read(common).get("threshold", []), 1))
    return own + tuple(threshold for threshold in shared if threshold.name not in said)


def _rules(entry: dict[str, Any], where: str) -> Iterable[Rule]:
    stated = _stated(entry, where)
    purposes = entry.get("purposes")
    if not isinstance(purposes, list) or not purposes:
        raise PolicyError(f'{where}: name at least one purpose, as in purposes = ["answer"]')
    for purpose in purposes:
        if purpose not in PURPOSES:
            raise PolicyError(f"{where}: there is no purpose “{purpose}”; the purposes are {', '.join(PURPOSES)}")
        yield Rule(**stated, purpose=purpose, automatic=entry.get("automatic") is True)


def _check(entry: dict[str, Any], where: str) -> Check:
    code = _one_of(entry, "code", CHECKS, where)
    return Check(
        **_stated(entry, f"{where} ({code})"),
        code=code,
        purposes={_known(p, PURPOSES, f"{where} ({code})"): _verdict(v, f"{where} ({code})") for p, v in entry.get("purposes", {}).items()},
        allow=tuple(entry.get("allow", ())),
        tracking=_verdict(entry["tracking"], where) if "tracking" in entry else None,
        most=entry.get("most"),
    )


def _threshold(entry: dict[str, Any], where: str) -> Threshold:
    name = _text(entry, "name", where)
    where = f"{where} ({name})"
    value = entry.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise PolicyError(f"{where}: value must be a number, zero or more")
    return Threshold(
        name=name,
        value=Decimal(str(value)),
        unit=_one_of(entry, "unit", UNITS, where),
        source=_text(entry, "source", where),
        sure=_one_of(entry, "sure", SURE, where),
        as_of=_date(entry, "as_of", where),
        region=str(entry.get("region", "")).upper(),
        valid_from=_date(entry, "valid_from", where) if "valid_from" in entry else date.min,
    )


def _listed(entry: dict[str, Any], where: str) -> Listed:
    name, words = _one_of(entry, "name", LISTS, where), entry.get("words")
    where = f"{where} ({name})"
    if not isinstance(words, dict) or not words or not all(isinstance(word, str) and word for word in words.values()):
        raise PolicyError(f'{where}: words must name at least one pair, as in out_of_stock = "OUT_OF_STOCK"')
    return Listed(
        name=name,
        words=words,
        source=_text(entry, "source", where),
        sure=_one_of(entry, "sure", SURE, where),
        as_of=_date(entry, "as_of", where),
        valid_from=_date(entry, "valid_from", where) if "valid_from" in entry else date.min,
        countries=tuple(str(country).upper() for country in entry.get("countries", ())),
    )


def _stated(entry: dict[str, Any], where: str) -> dict[str, Any]:
    verdict = _verdict(entry.get("verdict"), where)
    return {
        "verdict": verdict,
        "reason": _words(entry, "reason", where),
        "instead": _words(entry, "instead", where) if "instead" in entry else NOTHING,
        "source": _text(entry, "source", where),
        "sure": _one_of(entry, "sure", SURE, where),
        "as_of": _date(entry, "as_of", where),
        "valid_from": _date(entry, "valid_from", where) if "valid_from" in entry else date.min,
        "countries": tuple(str(country).upper() for country in entry.get("countries", ())),
    }


def _words(entry: dict[str, Any], name: str, where: str) -> Words:
    said = entry.get(name)
    for language in LANGUAGES:
        if not isinstance(said, dict) or not str(said.get(language, "")).strip():
            raise PolicyError(f"{where}: the {name} has no text in {language}")
    said = cast(dict[str, str], said)
    return Words(said["en"].strip(), said["zh-Hans"].strip(), said["zh-Hant"].strip())


def _verdict(value: object, where: str) -> Verdict:
    return cast(Verdict, _known(value, VERDICTS, where))


def _one_of(entry: dict[str, Any], name: str, known: tuple[str, ...], where: str) -> str:
    return _known(entry.get(name), known, f"{where}, {name}")


def _known(value: object, known: Iterable[str], where: str) -> str:
    if value not in tuple(known):
        raise PolicyError(f"{where}: “{value if value is not None else ''}” is not one of {', '.join(known)}")
    return str(value)


def _text(entry: dict[str, Any], name: str, where: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"{where}: {name} is missing")
    return value.strip()


def _date(entry: dict[str, Any], name: str, where: str) -> date:
    value = entry.get(name)
    if not isinstance(value, date):
        raise PolicyError(f"{where}: {name} must be a date such as 2026-05-20 (without quotes)")
    return _day(value)


def _all_purposes(rules: tuple[Rule, ...], where: str) -> None:
    always = {rule.purpose for rule in rules if rule.valid_from == date.min and not rule.countries}
    if missing := [purpose for purpose in PURPOSES if purpose not in always]:
        raise PolicyError(f"{where}: no rule for {', '.join(missing)} that always holds (one without valid_from and countries)")


def _in_force(stated: Iterable[S], on: date, country: str) -> S | None:
    day = _day(on)
    fitting = [s for s in stated if s.valid_from <= day and (not s.countries or country.upper() in s.countries)]
    return max(fitting, key=lambda s: (bool(s.countries), s.valid_from), default=None)


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
