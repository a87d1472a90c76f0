"""What is odd about an order before it is packed. Decided from what is known of it; no database, clock or network."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberType as Type

from bridgedesk.channels.events import Address
from bridgedesk.lib.money import Money
from bridgedesk.lib.text import fold
from bridgedesk.orders import addressing, bought, postal
from bridgedesk.orders.addressing import Found
from bridgedesk.orders.bought import Article

WEIGHTS = ("stop", "warn", "hint")
OPEN_STATES = ("unpaid", "held", "to_ship", "part_shipped")
"""Orders of these states are looked at; once everything left, what was odd about sending is settled."""
FIGURES = ("pickup_rate", "pickup_least_orders", "unpaid_hours", "duplicate_hours", "many_pieces", "large_order", "large_cash_on_delivery")
_MOBILE = {Type.MOBILE, Type.FIXED_LINE_OR_MOBILE, Type.PAGER, Type.PERSONAL_NUMBER}


@dataclass(frozen=True)
class Pickup:
    """How many parcels of `who` ("buyer", "phone", "address") were collected of those whose end is known."""

    who: str
    collected: int
    sent: int

    @property
    def percent(self) -> Decimal:
        """Collected of a hundred sent."""
        return Decimal(100 * self.collected) / self.sent if self.sent else Decimal(100)


@dataclass(frozen=True)
class Figure:
    """A dated figure with where it is from."""

    value: Decimal
    source: str
    sure: str


@dataclass(frozen=True)
class Facts:
    """All that the rules look at. `figures` by name (FIGURES), those of money in major units of the order's currency."""

    state: str
    platform: str
    now: datetime
    address: Address
    articles: Sequence[Article] = ()
    placed_at: datetime | None = None
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    total: Money | None = None
    shipping_method: str = ""
    cash_on_delivery: bool = False
    said: Sequence[str] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    last_address: Address | None = None
    last_order: str = ""
    twins: Sequence[tuple[int, str]] = ()
    pickups: Sequence[Pickup] = ()

    @property
    def store(self) -> bool:
        """Whether the buyer collects it at a shop or locker."""
        return self.address.kind == "pickup"


def look(facts: Facts) -> list[Found]:
    """Everything to look at, the heaviest first; nothing: nobody needs to."""
    if facts.state == "unpaid":
        return [*_unpaid(facts)]
    if facts.state not in OPEN_STATES:
        return []
    found = [one for rule in RULES for one in rule(facts)]
    return sorted({(one.code, one.key): one for one in found}.values(), key=lambda one: WEIGHTS.index(one.weight))


def look_again_at(facts: Facts) -> datetime | None:
    """When time alone may bring something new; None: never."""
    if facts.state == "unpaid" and facts.placed_at and "unpaid_hours" in facts.figures:
        at = facts.placed_at + timedelta(hours=float(facts.figures["unpaid_hours"].value))
        return at if at > facts.now else None
    kind = postal.kind_of(facts.shipping_method) if facts.state in OPEN_STATES else None
    if kind and facts.deliver_by:
        at = facts.deliver_by - timedelta(days=kind.least_days)
        return at if at > facts.now else None
    return None


def _unpaid(facts: Facts) -> Iterator[Found]:
    figure = facts.figures.get("unpaid_hours")
    if figure and facts.placed_at and facts.now - facts.placed_at >= timedelta(hours=float(figure.value)):
        yield Found("unpaid_long", "warn", data={"hours": _plain(figure.value)} | _source(figure))


def _address(facts: Facts) -> Iterator[Found]:
    yield from addressing.look(facts.address, facts.platform, facts.shipping_method)


def _phone(facts: Facts) -> Iterator[Found]:
    address = facts.address
    if address.masked or "*" in address.phone or postal.country_rules(address.country) is None:
        return
    if not address.phone.strip():
        weight = "stop" if facts.store or facts.cash_on_delivery else "warn"
        yield Found("phone_missing", weight, data={"fields": ["phone"]})
        return
    fault, mobile = telephone(address.phone, address.country)
    told = {"fields": ["phone"], "evidence": address.phone, "country": address.country}
    if fault:
        yield Found(fault, "hint" if fault == "phone_abroad" else "warn", address.phone[:80], told)
    elif facts.store and not mobile:
        yield Found("phone_not_mobile", "warn", address.phone[:80], told)


@lru_cache(maxsize=5000)
def telephone(typed: str, country: str) -> tuple[str, bool]:
    """What is wrong with a number dialled in a country (a finding's code or ""), and whether it may get a text."""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return "phone_impossible", False
    if not phonenumbers.is_possible_number(number):
        return "phone_impossible", False
    if not phonenumbers.is_valid_number(number):
        return "phone_invalid", False
    home = {country, *phonenumbers.region_codes_for_country_code(phonenumbers.country_code_for_region(country))}
    abroad = phonenumbers.region_code_for_number(number) not in home
    return "phone_abroad" if abroad else "", phonenumbers.number_type(number) in _MOBILE


def _quantity(facts: Facts) -> Iterator[Found]:
    figure = facts.figures.get("many_pieces")
    many = [one for one in facts.articles if figure and one.quantity >= figure.value]
    if figure and many:
        most = max(one.quantity for one in many)
        yield Found("quantity_high", "warn", str(most), {"lines": [one.pk for one in many], "quantity": most} | _source(figure))


def _words(facts: Facts) -> Iterator[Found]:
    yield from bought.look(facts.articles, facts.said)


def _method(facts: Facts) -> Iterator[Found]:
    kind, country = postal.kind_of(facts.shipping_method), facts.address.country
    if kind is None:
        return
    told = {"fields": ["shipping_method"], "evidence": facts.shipping_method, "source": kind.source, "sure": kind.sure}
    if kind.countries and country and country not in kind.countries:
        yield Found("method_elsewhere", "stop", f"{facts.shipping_method} {country}"[:80], told | {"country": country})
    if facts.deliver_by and facts.deliver_by - facts.now < timedelta(days=kind.least_days):
        yield Found("method_slow", "warn", facts.shipping_method[:80], told | {"days": kind.least_days})


def _twin(facts: Facts) -> Iterator[Found]:
    for pk, number in facts.twins:
        yield Found("duplicate", "warn", str(pk), {"order": number, "order_id": pk})


def _moved(facts: Facts) -> Iterator[Found]:
    before, now = facts.last_address, facts.address
    if (
        before
        and not (before.masked or now.masked)
        and address_key(before)
        and address_key(now)
        and address_key(before) != address_key(now)
    ):
        evidence = ", ".join(filter(None, (*before.lines, before.postcode, before.city)))
        yield Found(
            "address_changed", "warn", facts.last_order[:80], {"fields": ["lines"], "order": facts.last_order, "evidence": evidence[:200]}
        )


def _money(facts: Facts) -> Iterator[Found]:
    if facts.total is None:
        return
    code = "large_cash_on_delivery" if facts.cash_on_delivery else "large_order"
    figure = facts.figures.get(code)
    if figure and facts.total.amount >= figure.value:
        data = {"minor": facts.total.minor, "currency": facts.total.currency} | _source(figure)
        yield Found(code, "warn", data=data)


def _pickup(facts: Facts) -> Iterator[Found]:
    """A buyer, a number or an address whose parcels often come back; the worst of the three."""
    rate, least = facts.figures.get("pickup_rate"), facts.figures.get("pickup_least_orders")
    if not (rate and least and (facts.store or facts.cash_on_delivery)):
        return
    poor = [one for one in facts.pickups if one.sent >= least.value and one.percent < rate.value]
    if poor:
        worst = min(poor, key=lambda one: one.percent)
        data = {"who": worst.who, "collected": worst.collected, "sent": worst.sent, "wanted": _plain(rate.value)}
        yield Found("pickup_poor", "stop", worst.who, data | _source(rate))


RULES: tuple[Callable[[Facts], Iterator[Found]], ...] = (
    _address, _phone, _quantity, _words, _method, _twin, _moved, _money, _pickup,
)  # fmt: skip
CODES = (
    "address_masked", "address_missing", "country_unknown", "postcode_format", "postcode_region", "house_number", "po_box", "remote_area",
    "script", "phone_missing", "phone_impossible", "phone_invalid", "phone_abroad", "phone_not_mobile", "quantity_high", "color_differs",
    "size_differs", "quantity_differs", "method_elsewhere", "method_slow", "duplicate", "address_changed", "large_order",
    "large_cash_on_delivery", "pickup_poor", "unpaid_long",
)  # fmt: skip
"""Findings of these codes are opened and closed by the rules here; others belong to others."""


def address_key(address: Address) -> str:
    """The same for the same place, however it is written; "" where too little is known."""
    parts = "".join(sign for sign in fold("".join(address.lines) + address.postcode) if sign.isalnum())
    return _digest(f"{address.country}{parts}") if parts and not address.masked else ""


def phone_key(address: Address) -> str:
    """The same for the same number, however it is written; "" for none or a hidden one."""
    if "*" in address.phone or len(address.phone) < 6:
        return ""
    return _digest(_international(address.phone, address.country))


def _international(typed: str, country: str) -> str:
    try:
        return phonenumbers.format_number(phonenumbers.parse(typed, country or None), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return "".join(sign for sign in typed if sign.isdigit())


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def _source(figure: Figure) -> dict[str, Any]:
    return {"source": figure.source, "sure": figure.sure}


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
