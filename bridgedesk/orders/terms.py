"""What an own shop's terms permit with an order, decided without database or clock; a refusal says why in words.

An own shop (own site, mail, by hand) is the system of record of its orders. At a marketplace the platform is: its orders change there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from bridgedesk.customers.models import PaymentMethod
from bridgedesk.lib.money import Money
from bridgedesk.orders.models import Line, Order, Payment
from bridgedesk.products.models import Listing

OWN = ("email", "manual", "phone", "sms")
"""Policies (channels.policy.policy_name) under which no platform keeps the orders."""
FIGURES = ("terms_change_after_swap", "terms_other_product", "terms_refund_elsewhere", "terms_return_days")
"""The dated figures of a shop that its terms are made of (content/policies/common.toml, or a lead's own)."""
OPEN = ("unpaid", "held", "to_ship")
"""Nothing of it left yet."""
ARRIVED = ("delivered", "completed")
CANCEL_REASONS: Mapping[str, str] = {
    "no_longer_needed": noop("No longer needed"),
    "ordered_by_mistake": noop("Ordered by mistake"),
    "out_of_stock": noop("Out of stock"),
    "customer_request": noop("The buyer asked for it"),
    "undeliverable_area": noop("No delivery to this area"),
    "payment_not_supported": noop("Trouble with the payment"),
}

WORDS: Mapping[str, str] = {
    "not_own": noop("A platform keeps this order: it is changed there, not here."),
    "not_open": noop("Only an order that has not left yet can be changed or cancelled."),
    "not_paid": noop("The order is not paid yet; this can be done once it is."),
    "articles_changed": noop("Articles of this order were swapped before; after that nothing of it is changed or cancelled any more."),
    "packed": noop("A parcel of it is packed already."),
    "gone": noop("A parcel of it has left already."),
    "too_late": noop("Goods come back within %(days)s days of delivery; that time is over."),
    "not_delivered": noop("Only goods that were delivered are returned or exchanged."),
    "returned_before": noop("Goods of this order were returned or exchanged before; an order does that once."),
    "paid_in_parts": noop("The payment method is changed once, and only where the order was paid in one sum."),
    "return_closed": noop("This return is closed already."),
    "reason_unknown": noop("There is no such reason."),
    "nothing_named": noop("Name at least one article."),
    "line_unknown": noop("There is no such line in this order."),
    "too_many": noop("The order does not hold so many pieces of it."),
    "article_unknown": noop("The shop does not have this article."),
    "other_product": noop("An article is swapped for another variation of the same product only."),
    "unavailable": noop("This article is not available."),
    "no_price": noop("A price is missing, so the difference cannot be told."),
    "other_currency": noop("The currencies of order, article and gift card differ."),
    "method_unknown": noop("This is no payment method of the buyer in this shop."),
    "same_method": noop("The order is paid with this payment method already."),
    "balance_short": noop("The gift card holds %(balance)s; %(amount)s are to be paid."),
    "refund_elsewhere": noop("A refund goes back to where the order was paid from, or onto a gift card of the buyer."),
}


class Refused(Exception):
    """The terms do not permit it. `code` is one of WORDS; str() tells it in the reader's language."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts

    def __str__(self) -> str:
        return _(WORDS[self.code]) % self.facts


class NotNow(Refused):
    """As the order stands, nobody may."""


class Wrong(Refused):
    """What was asked cannot be: an unknown thing, or one that does not fit."""


@dataclass(frozen=True)
class Terms:
    """What a shop grants of its own accord: changes after articles were swapped once, a swap for another product, a refund to
    another payment method than it was paid from; and the days after delivery in which goods come back (0: whenever)."""

    change_after_swap: bool = False
    other_product: bool = False
    refund_elsewhere: bool = False
    return_days: int = 0

    @classmethod
    def of(cls, values: Iterable[Decimal]) -> "Terms":
        """From the values of FIGURES, in their order; of yes or no, 0 is no."""
        swap, product, elsewhere, days = values
        return cls(bool(swap), bool(product), bool(elsewhere), int(days))


USUAL = Terms()


@dataclass(frozen=True)
class Piece:
    """Pieces of a line that come back; None: all of it."""

    line: int
    quantity: int | None = None


@dataclass(frozen=True)
class Swap:
    """Pieces of a line (None: all of it) for the article of a listing. The same article again is a piece replaced by its like."""

    line: int
    listing: int
    quantity: int | None = None


@dataclass(frozen=True)
class Taken:
    """What was asked, found: so many pieces of that line, and the article for them (None: nothing instead)."""

    line: Line
    quantity: int
    listing: Listing | None = None

    @property
    def difference(self) -> int:
        """What the new article costs more for all pieces, in minor units of the order's currency."""
        new = self.listing.price_minor if self.listing else 0
        return ((new or 0) - (self.line.price_minor or 0)) * self.quantity


def changeable(order: Order, terms: Terms, *, own: bool, packed: bool) -> None:
    """An order may be changed while it is open, unpacked, and its articles were not swapped. NotNow otherwise."""
    _first(
        ("not_own", not own), ("articles_changed", _swapped(order, terms)),
        ("not_open", order.state not in OPEN), ("packed", packed),
    )  # fmt: skip


def cancellable(order: Order, reason: str, terms: Terms, *, own: bool, gone: bool) -> None:
    """The same, also when the buyer already asked for it; a packed parcel can still be unpacked, one that left cannot."""
    _first(
        ("not_own", not own), ("articles_changed", _swapped(order, terms)),
        ("not_open", order.state not in (*OPEN, "cancelling")), ("gone", gone),
    )  # fmt: skip
    if reason not in CANCEL_REASONS:
        raise Wrong("reason_unknown")


def returnable(order: Order, terms: Terms, now: datetime, *, own: bool, before: bool) -> None:
    """Delivered goods come back once, in the time the shop grants; where nobody knows the day of delivery, it is not over."""
    _first(("not_own", not own), ("returned_before", before), ("not_delivered", order.state not in ARRIVED))
    if terms.return_days and order.delivered_at and (now - order.delivered_at).days > terms.return_days:
        raise NotNow("too_late", days=str(terms.return_days))


def _swapped(order: Order, terms: Terms) -> bool:
    return not terms.change_after_swap and order.state in OPEN and order.articles_changed_at is not None


def _first(*doubts: tuple[str, bool]) -> None:
    for code, holds in doubts:
        if holds:
            raise NotNow(code)


def paid(payments: Sequence[Payment]) -> bool:
    """Whether money came in for it."""
    return any(row.kind == "payment" for row in payments)


def single_payment(payments: Sequence[Payment]) -> Payment:
    """The one sum the order was paid in. NotNow where there are none or more movements."""
    if not paid(payments):
        raise NotNow("not_paid")
    if len(payments) != 1:
        raise NotNow("paid_in_parts")
    return payments[0]


def usable(method: PaymentMethod | None, order: Order) -> PaymentMethod:
    """A payment method of this buyer in this shop, in the order's currency where it holds a balance."""
    if method is None or order.customer_id is None or (method.customer_id, method.shop_id) != (order.customer_id, order.shop_id):
        raise Wrong("method_unknown")
    if method.kind == PaymentMethod.Kind.GIFT_CARD and method.currency != order.currency:
        raise Wrong("other_currency")
    return method


def pays(method: PaymentMethod, minor: int) -> None:
    """A gift card must hold what is to be paid; nothing to pay is always covered."""
    if method.kind == PaymentMethod.Kind.GIFT_CARD and minor > 0 and (method.balance_minor or 0) < minor:
        raise Wrong("balance_short", balance=_told(method.balance_minor or 0, method.currency), amount=_told(minor, method.currency))


def refundable_to(method: PaymentMethod, payments: Sequence[Payment], terms: Terms) -> None:
    """Back to where the first payment came from, or onto a gift card: money leaves to somewhere else only where the shop grants it."""
    first = next((row.source_id for row in payments if row.kind == "payment"), None)
    if not terms.refund_elsewhere and method.kind != PaymentMethod.Kind.GIFT_CARD and method.pk != first:
        raise Wrong("refund_elsewhere")


def _told(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).amount} {currency}"


def taken(asked: Sequence[Piece | Swap], lines: Mapping[int, Line], listings: Mapping[int, Listing], order: Order,
          terms: Terms = USUAL) -> list[Taken]:  # fmt: skip
    """Everything asked, found and checked. Wrong: a line, number of pieces or article that cannot be."""
    if not asked:
        raise Wrong("nothing_named")
    found = [_one(each, lines, listings, order, terms) for each in asked]
    named: Counter[int] = Counter()
    for each in found:
        named[each.line.pk] += each.quantity
        if each.quantity < 1 or named[each.line.pk] > each.line.quantity:
            raise Wrong("too_many")
    _in_stock(found)
    return found


def _one(asked: Piece | Swap, lines: Mapping[int, Line], listings: Mapping[int, Listing], order: Order, terms: Terms) -> Taken:
    line = lines.get(asked.line)
    if line is None:
        raise Wrong("line_unknown")
    quantity = line.quantity if asked.quantity is None else asked.quantity
    if line.price_minor is None:
        raise Wrong("no_price")
    if isinstance(asked, Piece):
        return Taken(line, quantity)
    return Taken(line, quantity, _offer(listings.get(asked.listing), line, order, terms))


def _offer(listing: Listing | None, line: Line, order: Order, terms: Terms) -> Listing:
    if listing is None or listing.shop_id != order.shop_id:
        raise Wrong("article_unknown")
    if not terms.other_product and (not listing.item or listing.item != line.item):
        raise Wrong("other_product")
    if listing.price_minor is None:
        raise Wrong("no_price")
    if listing.currency != order.currency:
        raise Wrong("other_currency")
    return listing


def available(listing: Listing, quantity: int = 1) -> bool:
    """On sale, to be had, and listed in that number (a number nobody told is no hindrance)."""
    to_be_had = listing.sku is None or listing.sku.available
    return listing.on_sale and to_be_had and (listing.listed is None or listing.listed >= quantity)


def _in_stock(found: Sequence[Taken]) -> None:
    wanted: Counter[int] = Counter()
    for each in found:
        if each.listing:
            wanted[each.listing.pk] += each.quantity
            if not available(each.listing, wanted[each.listing.pk]):
                raise Wrong("unavailable")


def owed_back(payments: Sequence[Payment]) -> list[tuple[Payment, int]]:
    """What is refunded when all is cancelled: for every payment method what came from it less what went back, with a row to go by."""
    sums: dict[tuple[int | None, str, str], int] = {}
    rows: dict[tuple[int | None, str, str], Payment] = {}
    for row in payments:
        key = (row.source_id, row.method, row.currency)
        rows.setdefault(key, row)
        sums[key] = sums.get(key, 0) + (row.minor if row.kind == "payment" else -row.minor)
    return [(rows[key], minor) for key, minor in sums.items() if minor > 0]
