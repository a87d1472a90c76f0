"""The shop's figures for remedies, in minor units of an order's currency: a lead's own counts as it is, a shipped one is converted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from babel.numbers import get_currency_precision
from django.db.models import F

from bridgedesk.channels.policy import policy, policy_name
from bridgedesk.remedies.rulebook import Book, book
from bridgedesk.remedies.rules import Figures
from bridgedesk.shops.models import Shop, Threshold

MONEY = (
    "letter", "review", "no_return", "claim_mark", "claim_fee", "approval", "freight_out", "freight_out_kg", "freight_back",
    "freight_back_kg",
)  # fmt: skip
SHARES = ("floor", "claim_lost", "restocking_fee", "part", "commission", "commission_back", "goods")
COUNTS = ("letters",)


@dataclass(frozen=True)
class Held:
    """What holds: money in minor units, shares of one, counts; `rated` False: its rate is unknown, dollars were taken as they are."""

    values: Mapping[str, Fraction]
    rated: bool

    def money(self, name: str) -> int:
        """A sum, rounded half to even."""
        return round(self.values[name])

    @property
    def rules(self) -> Figures:
        """As the ladder takes them."""
        known = self.values
        return Figures(
            letter=self.money("letter"), review=self.money("review"), no_return=self.money("no_return"),
            claim_mark=self.money("claim_mark"), claim_fee=self.money("claim_fee"), claim_lost=known["claim_lost"],
            restocking_fee=known["restocking_fee"], part=known["part"], commission=known["commission"],
            commission_back=known["commission_back"], floor=known["floor"], letters=max(1, int(known["letters"])),
        )  # fmt: skip


def held(shop: Shop, currency: str, at: datetime) -> Held:
    """What holds for the shop at that moment."""
    names = [f"remedy_{name}" for name in (*MONEY, *SHARES, *COUNTS)]
    own = _own(shop, names, at)
    rate, known = minor_units_of_a_dollar(currency, book())
    values: dict[str, Fraction] = {}
    for name in (*MONEY, *SHARES, *COUNTS):
        said = own.get(f"remedy_{name}")
        value = Fraction(said if said is not None else _shipped(shop, f"remedy_{name}", "USD" if name in MONEY else shop.region, at))
        scale = (Fraction(10) ** get_currency_precision(currency) if said is not None else rate) if name in MONEY else Fraction(1)
        values[name] = value / 100 if name in SHARES else value * scale
    return Held(values, known)


def minor_units_of_a_dollar(currency: str, known: Book) -> tuple[Fraction, bool]:
    """By the round rates of the rulebook; False where it has none."""
    return known.rates.get(currency, Fraction(1)) * Fraction(10) ** get_currency_precision(currency or "USD"), currency in known.rates


def converted(minor: int, source: str, target: str, known: Book) -> int:
    """A sum in minor units of one currency as minor units of another, by the same round rates."""
    if source == target or not source:
        return minor
    return round(Fraction(minor) / minor_units_of_a_dollar(source, known)[0] * minor_units_of_a_dollar(target, known)[0])


def _own(shop: Shop, names: list[str], at: datetime) -> dict[str, Decimal]:
    """What leads set: the shop's before its platform's, later before earlier."""
    rows = Threshold.objects.filter(name__in=names, valid_from__lte=at).order_by(
        F("shop").asc(nulls_last=True), "-region", "-valid_from", "-pk"
    )
    found: dict[str, Decimal] = {}
    for row in rows:
        if row.shop_id == shop.pk or (row.shop_id is None and row.platform == policy_name(shop) and row.region in ("", shop.region)):
            found.setdefault(row.name, row.value)
    return found


def _shipped(shop: Shop, name: str, region: str, at: datetime) -> Decimal:
    return policy(policy_name(shop)).threshold(name, region, at.date()).value
