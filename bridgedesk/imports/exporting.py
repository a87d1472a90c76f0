"""What agents see, as rows for a spreadsheet program: in batches by key, so that neither end waits for or holds the whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bridgedesk.conversations import response
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.imports.kinds import KINDS
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.metrics import opinion_labels, opinions, reading
from bridgedesk.metrics.filters import Filters
from bridgedesk.metrics.labels import AXES, named
from bridgedesk.metrics.losses import Row, along, goods
from bridgedesk.orders import listing, words
from bridgedesk.orders.models import Line, Order, Parcel
from bridgedesk.orders.parcel_labels import STATES as PARCEL_STATES
from bridgedesk.products.models import Listing, Sku
from bridgedesk.reviews.receiving import LOW
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

CHUNK = 1000
DAYS = 90
Cells = list[object]
Heading = str | Promise


@dataclass(frozen=True)
class Reader:
    """Who exports: times are written in their zone."""

    agent: Agent
    query: QueryDict

    @property
    def zone(self) -> ZoneInfo:
        """Of the agent."""
        return ZoneInfo(self.agent.timezone)

    def time(self, at: datetime | None) -> datetime | None:
        """A moment as the agent's wall shows it, for cells know no zones."""
        return at.astimezone(self.zone).replace(tzinfo=None, microsecond=0) if at else None


@dataclass(frozen=True)
class Export:
    """One table: its headings, the rows the reader may see, and the cells of one."""

    label: Heading
    headings: Sequence[Heading]
    rows: Callable[[Reader], QuerySet[Any]]
    cells: Callable[[Any, Reader], Cells]


def batches(export: Export, reader: Reader) -> Iterator[list[Cells]]:
    """All rows, the newest first."""
    after = 2**62
    while rows := list(export.rows(reader).filter(pk__lt=after).order_by("-pk")[:CHUNK]):
        yield [export.cells(row, reader) for row in rows]
        after = rows[-1].pk


def figures(reader: Reader) -> Iterator[list[Cells]]:
    """How the buyers' messages of each day were answered, by shop: the last ninety days, the newest first."""
    now, zone = clock.now(), reader.zone
    first = now.astimezone(zone).date() - timedelta(days=DAYS - 1)
    for shop in Shop.objects.visible_to(reader.agent).order_by("name", "pk"):
        counted = response.days(shop, first, zone, now)
        yield [
            [shop.name, day, rate.in_time, rate.late, rate.missed, rate.pending, None if rate.share is None else round(rate.share * 100, 1)]
            for day, rate in sorted(counted.items(), reverse=True)
        ]


def _orders(reader: Reader) -> QuerySet[Order]:
    return listing.matching(reader.agent, listing.Filters.parse(reader.query)).select_related("shop", "customer")


def _order(order: Order, reader: Reader) -> Cells:
    address = order.address
    return [
        order.shop.name, order.external_id, str(words.state(order)),
        *map(reader.time, (order.placed_at, order.paid_at, order.ship_by, order.shipped_at, order.delivered_at)),
        _amount(order.total_minor, order.currency), order.currency, order.customer.name if order.customer else "",
        *(address.get(name, "") for name in ("name", "phone")), ", ".join(address.get("lines", [])),
        *(address.get(name, "") for name in ("district", "city", "region", "postcode")), order.country,
        order.shipping_method, order.payment_method, order.buyer_note, order.seller_note,
    ]  # fmt: skip


def _lines(reader: Reader) -> QuerySet[Line]:
    return Line.objects.filter(order__in=listing.matching(reader.agent, listing.Filters.parse(reader.query))).select_related("order__shop")


def _line(line: Line, reader: Reader) -> Cells:
    order = line.order
    options = "; ".join(f"{name}: {value}" for name, value in line.options.items())
    return [
        order.shop.name, order.external_id, line.external_id, line.code, line.item, line.model, line.title, options, line.quantity,
        _amount(line.price_minor, order.currency), order.currency,
    ]  # fmt: skip


def _parcels(reader: Reader) -> QuerySet[Parcel]:
    return Parcel.objects.visible_to(reader.agent).select_related("order__shop")


def _parcel(parcel: Parcel, reader: Reader) -> Cells:
    return [
        parcel.order.shop.name, parcel.order.external_id, parcel.number, parcel.external_id, parcel.carrier, parcel.service,
        str(PARCEL_STATES.get(parcel.status, parcel.status)), *map(reader.time, (parcel.status_at, parcel.shipped_at, parcel.delivered_at)),
    ]  # fmt: skip


def _sku(sku: Sku, reader: Reader) -> Cells:
    cost = (_amount(sku.cost_minor, sku.cost_currency), sku.cost_currency) if reader.agent.leads else ("", "")
    measures = (sku.weight_g, sku.length_mm, sku.width_mm, sku.height_mm)
    return [sku.code, sku.product.name, sku.name, sku.product.category, *cost, *measures, sku.barcode, sku.on_hand, sku.low_at, sku.reserve]


def _listing(row: Listing, reader: Reader) -> Cells:
    shelf = row.sku.on_hand if row.sku else None
    price = _amount(row.price_minor, row.currency)
    return [row.shop.name, row.code, row.item, row.model, row.title, shelf, row.listed, row.reserved, price, row.currency]


def _buyer(buyer: Customer, reader: Reader) -> Cells:
    ids = {row.kind: row.external_id for row in buyer.identities.all()}
    address = buyer.address
    return [
        ids.get("user", ""), buyer.name, ids.get("email", ""), buyer.phone, buyer.language, ", ".join(address.get("lines", [])),
        *(address.get(name, "") for name in ("city", "region", "postcode")), buyer.country,
    ]  # fmt: skip


def _buyers(reader: Reader) -> QuerySet[Customer]:
    seen = Identity.objects.filter(shop__in=Shop.objects.visible_to(reader.agent))
    return Customer.objects.filter(identities__in=seen).distinct().prefetch_related(Prefetch("identities", seen))


def _amount(minor: int | None, currency: str) -> object:
    return None if minor is None else Money(minor, currency or "XXX").amount


def _of(kind: str, *names: str) -> list[Heading]:
    """Headings as an import of that kind names them, so that what was exported can be imported."""
    return [KINDS[kind].fields[name].label for name in names]


SHOP = _("Shop")
EXPORTS: Mapping[str, Export] = {
    "orders": Export(
        pgettext_lazy("export", "Orders"),
        [SHOP, *_of("orders", "number", "state", "placed_at", "paid_at", "ship_by", "shipped_at", "delivered_at", "total", "currency",
                    "buyer_name", "receiver", "phone", "street", "district", "city", "region", "postcode", "country", "shipping_method",
                    "payment_method", "buyer_note", "seller_note")],
        _orders, _order,
    ),
    "lines": Export(
        pgettext_lazy("export", "Articles of orders"),
        [SHOP, *_of("orders", "number", "line", "sku", "item", "model", "title", "option", "quantity", "price", "currency")],
        _lines, _line,
    ),
    "parcels": Export(
        pgettext_lazy("export", "Parcels"),
        [SHOP, *_of("parcels", "number", "tracking", "package", "carrier", "service", "status", "at", "shipped_at", "delivered_at")],
        _parcels, _parcel,
    ),
    "products": Export(
        pgettext_lazy("export", "Products and articles"),
        [*_of("products", "sku", "product", "name", "category", "cost", "currency"), _("Weight (g)"), _("Length (mm)"), _("Width (mm)"),
         _("Height (mm)"), *_of("products", "barcode"), *_of("stock", "on_hand"), *_of("products", "low_at", "reserve")],
        lambda reader: Sku.objects.visible_to(reader.agent).select_related("product"), _sku,
    ),
    "stock": Export(
        pgettext_lazy("export", "Stock of listings"),
        [SHOP, *_of("stock", "sku", "item", "model", "title", "on_hand", "listed", "reserved", "price", "currency")],
        lambda reader: Listing.objects.visible_to(reader.agent).select_related("shop", "sku"), _listing,
    ),
    "customers": Export(
        pgettext_lazy("export", "Buyers"),
        _of("customers", "buyer", "name", "email", "phone", "language", "street", "city", "region", "postcode", "country"),
        _buyers, _buyer,
    ),
}  # fmt: skip
LOSSES = [_("Rate, %"), _("Without quality, %"), _("Lost"), _("Goods shipped"), _("Currency"), _("Cases"), _("From"), _("To")]
SAID = [
    _("Article"), _("Name"), _("Reviews"), _("Mean, stars"), _("From"), _("To"), _("Three stars or fewer, %"), _("From"), _("To"),
    _("Reviews before"), _("Three stars or fewer before, %"), _("Change"), _("Change from"), _("Change to"),
]  # fmt: skip
FIGURES = [SHOP, _("Day"), _("Answered in time"), _("Answered late"), _("Not answered"), _("Still open"), _("Share in time, %")]


def losses(reader: Reader) -> tuple[list[str], Iterator[list[Cells]]]:
    """Return-loss rates along the axis of the page it was asked from, all of its rows. PermissionDenied: for leads."""
    asked = reading.reader(reader.agent, {name: str(value) for name, value in reader.query.items()})
    axis = asked.filters.by
    rows = along(asked.scope, asked.filters, asked.rates, goods(asked.scope, asked.filters))
    words = named(axis, [row.value for row in rows], asked.shops)
    cells = [_lost(row, words[row.value], asked.filters) for row in rows]
    return [str(AXES[axis]), *map(str, LOSSES)], iter([cells])


def _lost(row: Row, name: str, filters: Filters) -> Cells:
    loss, into = row.loss, filters.into
    sums = [_amount(round(united.minor), into) for united in (loss.all, loss.cost)]
    return [name, _share(loss.rate), _share(loss.without), *sums, into, loss.cases, filters.since, filters.last]


def said(reader: Reader) -> tuple[list[str], Iterator[list[Cells]]]:
    """What reviews say by article, under the filters of the page; then how many speak of each topic, and how many low ones."""
    scope = opinions.scope_of(reader.agent, {name: str(value) for name, value in reader.query.items()})
    rows = opinions.by_article(scope, opinions.total(scope))
    topics = [str(word) for word in opinion_labels.TOPICS.values()]
    low = [f"{word} ≤ {LOW} ★" for word in topics]
    return [*map(str, SAID), *topics, *low], iter([[_opinion(row) for row in rows]])


def _opinion(row: opinions.Said) -> Cells:
    sku, low, was, change = row.sku, row.now.low_share, row.before.low_share, row.change
    named = {topic: counts for topic, *counts in row.topics}
    named_both = [named.get(topic, [0, 0]) for topic in opinion_labels.TOPICS]
    return [
        sku.code if sku else "", (sku.name or sku.product.name) if sku else "", row.now.all,
        *(round(value, 2) for value in (row.mean.value, row.mean.low, row.mean.high)),
        *map(_points, (low.value, low.low, low.high)), row.before.all, _points(was.value) if row.before.all else None,
        *map(_points, (change.value, change.low, change.high) if change else (None,) * 3),
        *(all_ for all_, _low in named_both), *(low for _all, low in named_both),
    ]  # fmt: skip


def _points(value: float | None) -> object:
    return None if value is None else round(value * 100, 1)


def _share(value: Fraction | None) -> object:
    return None if value is None else round(float(value * 100), 3)


def all_of(what: str, reader: Reader) -> tuple[list[str], Iterator[list[Cells]]]:
    """The headings in the reader's language and the rows. KeyError for no export."""
    if what == "losses":
        return losses(reader)
    if what == "opinions":
        return said(reader)
    if what == "figures":
        return list(map(str, FIGURES)), figures(reader)
    return list(map(str, EXPORTS[what].headings)), batches(EXPORTS[what], reader)


def choices(agent: Agent) -> list[tuple[str, Heading]]:
    """What the agent can export."""
    of_leads: list[tuple[str, Heading]] = [("losses", pgettext_lazy("export", "Return-loss rate"))]
    return [
        *((name, export.label) for name, export in EXPORTS.items()),
        ("opinions", pgettext_lazy("export", "What reviews say, by article")),
        ("figures", pgettext_lazy("export", "How quickly buyers were answered")),
        *(of_leads if agent.leads else []),
    ]
