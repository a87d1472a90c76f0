"""The kinds of tables: which fields each has, how a cell of each is read, and what a row cannot be without. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import pgettext_lazy

from bridgedesk.imports import values
from bridgedesk.imports.columns import guess, unit
from bridgedesk.imports.values import Column, Table, Unreadable
from bridgedesk.lib.moments import day_first

Reader = Callable[[str, Column, Table], Any]
Errors = list[tuple[str, str]]
MISSING = noop("This is missing.")
LONGEST = 500
"""Characters of a cell that is no free text: nothing longer is a number, a date, an id or an address."""


@dataclass(frozen=True)
class Field:
    """One thing a row may tell. `most` is how much of it is kept."""

    label: str | Promise
    read: Reader = values.words
    most: int = 500


@dataclass(frozen=True)
class Kind:
    """A kind of table. Of each group in `needs` a row must tell one."""

    label: str | Promise
    help: str | Promise
    icon: str
    fields: Mapping[str, Field]
    needs: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Reading:
    """How one table is read: its kind, what its columns hold, and what holds for all of it."""

    kind: Kind
    columns: Mapping[str, Column]
    table: Table


@dataclass(frozen=True)
class Checked:
    """A row: what it tells, or what is wrong with it, (field, msgid) each."""

    line: int
    cells: Sequence[str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: Errors = field(default_factory=list)


_ADDRESS = {
    "street": Field(_("Street and number"), most=200), "street2": Field(_("Address, second line"), most=200),
    "district": Field(_("District"), most=120), "city": Field(_("City"), most=120),
    "region": Field(_("State or province"), most=120),
    "postcode": Field(_("Postcode"), values.code, 40), "country": Field(_("Country"), values.country),
}  # fmt: skip
_LISTING = {
    "item": Field(_("Listing (ID on the platform)"), values.code, 80),
    "model": Field(_("Variation (ID on the platform)"), values.code, 80),
}
KINDS: Mapping[str, Kind] = {
    "orders": Kind(
        pgettext_lazy("table", "Orders and their articles"),
        pgettext_lazy("table", "One row for each order, or one for each article of it."),
        "package",
        {
            "number": Field(_("Order number"), values.code, 80), "state": Field(_("State of the order"), most=40),
            "placed_at": Field(_("Ordered on"), values.at), "paid_at": Field(_("Paid on"), values.at),
            "ship_by": Field(_("Ship by"), values.at), "deliver_by": Field(_("Deliver by"), values.at),
            "shipped_at": Field(_("Shipped on"), values.at), "delivered_at": Field(_("Delivered on"), values.at),
            "total": Field(_("Total of the order"), values.price), "currency": Field(_("Currency"), values.currency),
            "buyer": Field(_("Buyer (name on the platform)"), values.code, 254),
            "buyer_name": Field(_("Name of the buyer"), most=200), "buyer_email": Field(_("E-mail of the buyer"), values.mail, 254),
            "receiver": Field(_("Receiver"), most=200), "phone": Field(_("Telephone"), values.code, 40), **_ADDRESS,
            "street3": Field(_("Address, third line"), most=200),
            "shipping_method": Field(_("Shipping method"), most=120), "payment_method": Field(_("Payment method"), most=80),
            "cash_on_delivery": Field(_("Paid on delivery"), values.yes),
            "buyer_note": Field(_("Note of the buyer"), most=20_000), "seller_note": Field(_("Own note"), most=20_000),
            "cancel_reason": Field(_("Why it was cancelled"), most=200),
            "line": Field(_("Number of the line"), values.code, 80), "sku": Field(_("Article (SKU)"), values.code, 120), **_LISTING,
            "title": Field(_("Name of the article")), "option": Field(_("Variation"), most=300),
            "quantity": Field(_("Pieces"), values.bought), "price": Field(_("Price of one piece"), values.price),
            "line_total": Field(_("Price of all pieces of the line"), values.price), "image": Field(_("Picture (address)"), values.picture),
            "tracking": Field(_("Tracking number"), values.code, 64), "carrier": Field(_("Carrier"), most=64),
        },
        (("number",),),
    ),
    "products": Kind(
        pgettext_lazy("table", "Products, costs and measures"),
        pgettext_lazy("table", "One row for each article (SKU)."),
        "shapes",
        {
            "sku": Field(_("Article (SKU)"), values.code, 120), "product": Field(_("Product"), most=300),
            "name": Field(_("Variation"), most=300), "category": Field(_("Category"), most=120),
            "cost": Field(_("Cost of one piece"), values.price), "currency": Field(_("Currency"), values.currency),
            "weight": Field(_("Weight"), values.grams), "length": Field(_("Length"), values.millimetres),
            "width": Field(_("Width"), values.millimetres), "height": Field(_("Height"), values.millimetres),
            "size": Field(_("Length × width × height"), values.size), "barcode": Field(_("Barcode"), values.code, 64),
            "image": Field(_("Picture (address)"), values.picture), "low_at": Field(_("Warn below"), values.pieces),
            "reserve": Field(_("Keep back"), values.pieces),
        },
        (("sku",),),
    ),
    "stock": Kind(
        pgettext_lazy("table", "Stock"),
        pgettext_lazy("table", "What lies on the shelf by article, what listings offer, or both."),
        "boxes",
        {
            "sku": Field(_("Article (SKU)"), values.code, 120), "on_hand": Field(_("Pieces on the shelf"), values.pieces), **_LISTING,
            "title": Field(_("Name of the article")), "listed": Field(_("Pieces offered"), values.pieces),
            "reserved": Field(_("Pieces reserved"), values.pieces), "price": Field(_("Price of one piece"), values.price),
            "currency": Field(_("Currency"), values.currency),
        },
        (("sku", "item"), ("on_hand", "listed", "reserved", "price")),
    ),
    "parcels": Kind(
        pgettext_lazy("table", "Parcels"),
        pgettext_lazy("table", "One row for each parcel: its order and its tracking number."),
        "truck",
        {
            "number": Field(_("Order number"), values.code, 80), "tracking": Field(_("Tracking number"), values.code, 64),
            "package": Field(_("Package number"), values.code, 80),
            "carrier": Field(_("Carrier"), most=64), "service": Field(_("Shipping method"), most=120),
            "status": Field(_("State of the parcel"), most=80), "at": Field(_("State since"), values.at),
            "shipped_at": Field(_("Shipped on"), values.at), "delivered_at": Field(_("Delivered on"), values.at),
            "pickup_code": Field(_("Code to collect it"), values.code, 32),
            "website": Field(_("Tracking page (address)"), most=300),
        },
        (("number",), ("tracking", "package")),
    ),
    "customers": Kind(
        pgettext_lazy("table", "Buyers"),
        pgettext_lazy("table", "One row for each buyer. What is known of a buyer already stays."),
        "users",
        {
            "buyer": Field(_("Buyer (name on the platform)"), values.code, 254), "name": Field(_("Name of the buyer"), most=200),
            "email": Field(_("E-mail of the buyer"), values.mail, 254), "phone": Field(_("Telephone"), values.code, 40),
            "language": Field(_("Language"), most=40), **_ADDRESS, "note": Field(_("Note"), most=20_000),
        },
        (("buyer", "email", "phone"),),
    ),
}  # fmt: skip


def likeliest(headings: Sequence[str]) -> str:
    """The kind of table with these headings: one whose rows have what they need, and of which most is recognised."""
    found = {kind: guess(kind, headings) for kind in KINDS}
    return max(KINDS, key=lambda kind: (all(found[kind].keys() & set(group) for group in KINDS[kind].needs), len(found[kind])))


def reading(
    kind: str, columns: Mapping[str, int], headings: Sequence[str], sample: Iterable[Sequence[str]], table: Table, dates: str
) -> Reading:
    """How a table is read: each column looked at as a whole. `dates` is "day" or "month" where a person said what comes first."""
    rows = list(sample)
    found = {}
    for name, place in columns.items():
        cells = [cells[place] for cells in rows if place < len(cells) and cells[place]]
        first = dates == "day" if dates else day_first(cells)
        found[name] = Column(place, unit(headings[place]) if place < len(headings) else "", first, values.decimal_of(cells))
    return Reading(KINDS[kind], found, table)


def check(how: Reading, line: int, cells: Sequence[str]) -> Checked:
    """What a row tells, or everything that is wrong with it."""
    row = Checked(line, cells)
    for name, column in sorted(how.columns.items(), key=lambda one: one[1].place):
        text = values.cleaned(cells[column.place]) if column.place < len(cells) else ""
        if text:
            _read(how, name, column, text, row)
    _price(row, how.table.currency)
    wrong = {name for name, _msgid in row.errors}
    for group in how.kind.needs:
        if not any(name in row.values or name in wrong for name in group):
            row.errors.append((next((name for name in group if name in how.columns), group[0]), MISSING))
    return row


def _read(how: Reading, name: str, column: Column, text: str, row: Checked) -> None:
    spec = how.kind.fields[name]
    try:
        if len(text) > LONGEST and spec.read is not values.words:
            raise Unreadable(values.TOO_MUCH)
        value = spec.read(text, column, how.table)
        if isinstance(value, str) and len(value) > spec.most:
            value = _cut(value, spec)
        row.values[name] = value
    except Unreadable as error:
        row.errors.append((name, str(error)))


def _price(row: Checked, currency: str) -> None:
    """Sums become money: in their own currency, that of the row, or that of the table."""
    sums = {name: value for name, value in row.values.items() if isinstance(value, values.Sum)}
    for name, value in sums.items():
        try:
            row.values[name] = value.money(row.values.get("currency") or currency)
        except Unreadable as error:
            del row.values[name]
            row.errors.append((name, str(error)))


def _cut(value: str, spec: Field) -> str:
    """A text too long loses its end; an id would become another one."""
    if spec.read in (values.code, values.mail):
        raise Unreadable(values.TOO_MUCH)
    return value[: spec.most]
