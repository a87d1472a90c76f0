"""Addresses of buyers, as they are kept: tidy, complete enough for a label."""

from dataclasses import asdict
from functools import cache
from typing import Any

from babel import Locale
from django.utils.translation import gettext as _

from bridgedesk.channels.events import Address
from bridgedesk.customers.rules import WrongFacts
from bridgedesk.lib.storable import plain

MOST = 200
TEXTS = ("name", "phone", "district", "city", "region", "postcode")


def kept(address: Address) -> dict[str, Any]:
    """The columns of an address somebody typed. WrongFacts names what is missing or cannot be."""
    lines = [line for line in (_tidy(line) for line in address.lines) if line]
    facts = asdict(address) | {name: _tidy(getattr(address, name)) for name in TEXTS}
    facts |= {"lines": lines, "country": address.country.strip().upper(), "kind": _tidy(address.kind)[:16], "masked": False}
    if wrong := _wrong(facts):
        raise WrongFacts(wrong)
    return facts


def _wrong(facts: dict[str, Any]) -> dict[str, str]:
    wrong = {}
    if not facts["lines"]:
        wrong["lines"] = _("Street and number are missing.")
    if not (facts["city"] or facts["postcode"]):
        wrong["city"] = _("Say the city or the postcode.")
    if facts["country"] not in _countries():
        wrong["country"] = _("Write the country with its two letters, such as DE.")
    return wrong


def _tidy(text: str) -> str:
    return " ".join(plain(text).split())[:MOST]


@cache
def _countries() -> set[str]:
    codes = {str(code) for code in Locale("en").territories}
    return {code for code in codes if len(code) == 2 and code.isalpha()} - {"ZZ", "EU", "UN", "EZ"}
