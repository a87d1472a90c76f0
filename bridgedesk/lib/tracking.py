"""Which carrier a tracking number belongs to and whether its check digit is right. Where to follow it: orders/carriers.py.

Carriers are data (content/carriers.toml): formats, check digits, addresses by country and language, and how sure each is.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from bridgedesk.lib import languages

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@dataclass(frozen=True)
class Format:
    """One form of number. `check` names the method of its check digit ("" none); `weak`: plain digits that other things have too."""

    name: str
    pattern: re.Pattern[str]
    check: str
    weights: tuple[int, ...]
    prefix: str
    weak: bool
    sure: str


@dataclass(frozen=True)
class Carrier:
    """A carrier. `urls` by language tag or country code, "" the general one; `sure` says how well the addresses are known.

    `names` are other ways to write it; `language` that of the general address; `post` the country whose post it is,
    which follows any S10 number on its way there; `unconfirmed` the keys of `urls` that nobody has seen work.
    """

    code: str
    name: str
    country: str
    formats: tuple[Format, ...]
    urls: Mapping[str, str]
    sure: str
    source: str
    as_of: str
    names: tuple[str, ...] = ()
    language: str = "en"
    post: str = ""
    unconfirmed: tuple[str, ...] = ()

    def verified(self, key: str) -> bool:
        """Whether the address of that key was seen to work."""
        return self.sure != "unconfirmed" and key not in self.unconfirmed


@dataclass(frozen=True)
class Match:
    """A number recognised: by whom, in which form, and whether a check digit confirms it."""

    number: str
    carrier: Carrier
    format: Format
    checked: bool

    @property
    def weak(self) -> bool:
        """Plain digits that could be something else: needs a word about parcels beside it."""
        return self.format.weak


def recognise(number: str) -> list[Match]:
    """Every carrier whose form the number has with a right check digit, the surest first. Spaces do not count."""
    plain = re.sub(r"\s+", "", number).upper()
    found = [match for carrier in carriers().values() for form in carrier.formats if (match := _match(plain, carrier, form))]
    return sorted(found, key=lambda match: (match.weak, not match.checked))


def wrong_check(number: str) -> list[Carrier]:
    """Carriers whose form the number has but for its check digit: probably mistyped. Plain digits are not judged."""
    plain = re.sub(r"\s+", "", number).upper()
    return [
        carrier
        for carrier in carriers().values()
        if any(form.check and not form.weak and (hit := form.pattern.fullmatch(plain)) and not check(form, hit) for form in carrier.formats)
    ]


def _match(plain: str, carrier: Carrier, form: Format) -> Match | None:
    hit = form.pattern.fullmatch(plain)
    if not hit or not check(form, hit):
        return None
    return Match(plain, carrier, form, bool(form.check))


def check(form: Format, hit: re.Match[str]) -> bool:
    """Whether the check digit of a number that has this form is right; true for forms without one."""
    if not form.check:
        return True
    serial, given = form.prefix + hit["serial"], hit["check"]
    return _METHODS[form.check](serial, form.weights) == given


def _mod10(serial: str, weights: Sequence[int]) -> str:
    """Weighted sum to the next ten; letters count (code - 3) mod 10, as UPS and OnTrac do."""
    total = sum(_value(sign) * weights[place % len(weights)] for place, sign in enumerate(serial))
    return str(-total % 10)


def _luhn(serial: str, weights: Sequence[int]) -> str:
    doubled = (int(sign) * (2 - place % 2) for place, sign in enumerate(reversed(serial)))
    return str(-sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10)


def _mod7(serial: str, weights: Sequence[int]) -> str:
    return str(int(serial) % 7)


def _mod11(serial: str, weights: Sequence[int]) -> str:
    """FedEx: weighted sum mod 11, ten becomes nought."""
    total = sum(int(sign) * weights[place % len(weights)] for place, sign in enumerate(serial))
    return str(total % 11 % 10)


def _s10(serial: str, weights: Sequence[int]) -> str:
    """UPU S10: 11 - sum mod 11; ten becomes 0, eleven 5."""
    rest = 11 - sum(int(sign) * weight for sign, weight in zip(serial, _S10_WEIGHTS, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def _mod37_36(serial: str, weights: Sequence[int]) -> str:
    """ISO 7064 MOD 37,36 (DPD)."""
    rest = 36
    for sign in serial:
        rest = (rest + _ALPHABET.index(sign)) % 36 or 36
        rest = rest * 2 % 37
    return _ALPHABET[(37 - rest) % 36]


def _value(sign: str) -> int:
    return int(sign) if sign.isdigit() else (ord(sign) - 3) % 10


_METHODS = {"mod10": _mod10, "luhn": _luhn, "mod7": _mod7, "mod11": _mod11, "s10": _s10, "mod37_36": _mod37_36}


@cache
def carriers() -> dict[str, Carrier]:
    """Every carrier by code."""
    data = tomllib.loads((settings.CONTENT / "carriers.toml").read_text("utf-8"))
    return {entry["code"]: _carrier(entry) for entry in data["carrier"]}


def _carrier(entry: Mapping[str, Any]) -> Carrier:
    return Carrier(
        code=entry["code"],
        name=entry["name"],
        country=entry.get("country", ""),
        formats=tuple(_format(each) for each in entry.get("format", ())),
        urls=entry.get("urls", {}),
        sure=entry["sure"],
        source=entry["source"],
        as_of=str(entry["as_of"]),
        names=tuple(entry.get("names", ())),
        language=entry.get("language") or next(iter(languages.of_country(entry.get("country", ""))), "en"),
        post=entry.get("post", ""),
        unconfirmed=tuple(entry.get("unconfirmed", ())),
    )


def _format(entry: Mapping[str, Any]) -> Format:
    return Format(
        name=entry["name"],
        pattern=re.compile(entry["pattern"]),
        check=entry.get("check", ""),
        weights=tuple(entry.get("weights", (3, 1))),
        prefix=entry.get("prefix", ""),
        weak=entry.get("weak", False),
        sure=entry.get("sure", "third_party"),
    )
