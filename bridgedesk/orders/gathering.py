"""What the rules look at, read for many orders with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bridgedesk.channels.events import Address
from bridgedesk.channels.policy import PolicyError, policy, policy_name
from bridgedesk.orders import rules
from bridgedesk.orders.bought import Article
from bridgedesk.orders.models import Line, Order, Remark
from bridgedesk.orders.rules import Facts, Figure, Pickup
from bridgedesk.shops.models import Shop, Threshold

LOOK_BACK = timedelta(days=365)
"""How far back parcels say something of a buyer."""
MONEY = ("large_order", "large_cash_on_delivery")
SENT = Q(shipped_at__isnull=False) | Q(state__in=("shipped", "delivered", "completed"))
COLLECTED = SENT & (Q(state__in=("delivered", "completed")) | Q(delivered_at__isnull=False))
CAME_BACK = SENT & Q(delivered_at__isnull=True) & (Q(state__in=("cancelled", "returning")) | Q(parcels__status="returned"))


@dataclass(frozen=True)
class Around:
    """What lies around the orders of a batch."""

    articles: Mapping[int, list[Article]]
    corrected: Mapping[int, Mapping[str, Any]]
    previous: Mapping[int, Order]
    twins: Mapping[int, list[tuple[int, str]]]
    pickups: Mapping[tuple[str, object], Pickup]
    figures: Mapping[tuple[int, str], Mapping[str, Figure]]


def facts(orders: Sequence[Order], said: Mapping[int, Sequence[str]], now: datetime) -> dict[int, Facts]:
    """The facts of each order by its id."""
    looked = [order for order in orders if order.state in rules.OPEN_STATES]
    figures = _figures(looked, now)
    lines = _lines(looked)
    articles = {pk: [article(row) for row in rows] for pk, rows in lines.items()}
    twins = _twins(looked, lines, figures)
    around = Around(articles, _corrections(looked), _previous(looked), twins, _pickups(looked, now), figures)
    return {order.pk: _facts(order, around, said.get(order.pk, ()), now) for order in orders}


def keys(order: Order) -> tuple[str, str]:
    """Digests of its telephone number and its address."""
    address = address_of(order.address)
    return rules.phone_key(address), rules.address_key(address)


def address_of(stored: Mapping[str, Any]) -> Address:
    """An address as it is kept in a row; what a row does not hold is empty."""
    known = {name: value for name, value in stored.items() if name in Address.__dataclass_fields__}
    known["lines"] = tuple(known.get("lines") or ())
    return Address(**known)


def article(line: Line) -> Article:
    """A line as the rules see it."""
    options = {str(name): str(value) for name, value in line.options.items()} if isinstance(line.options, dict) else {}
    return Article(line.pk, line.title, options, line.quantity)


def _facts(order: Order, around: Around, said: Sequence[str], now: datetime) -> Facts:
    address = address_of({**order.address, **around.corrected.get(order.pk, {})})
    previous = around.previous.get(order.pk)
    phone, place = keys(order)
    who: list[tuple[str, object]] = [("buyer", order.customer_id), ("phone", phone), ("address", place)]
    return Facts(
        state=order.state if order.fulfilled_by != "platform" else "",
        platform=order.shop.platform,
        now=now,
        address=address,
        articles=around.articles.get(order.pk, ()),
        placed_at=order.placed_at,
        ship_by=order.ship_by,
        deliver_by=order.deliver_by,
        total=order.total,
        shipping_method=order.shipping_method,
        cash_on_delivery=order.cash_on_delivery,
        said=[text for text in (order.buyer_note, *said) if text],
        figures=around.figures.get((order.shop_id, order.currency), {}),
        last_address=address_of(previous.address) if previous else None,
        last_order=previous.external_id if previous else "",
        twins=around.twins.get(order.pk, ()),
        pickups=[around.pickups[key] for key in who if key in around.pickups],
    )


def _lines(orders: Sequence[Order]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    for line in Line.objects.filter(order__in=[order.pk for order in orders]).order_by("pk"):
        found[line.order_id].append(line)
    return found


def _corrections(orders: Sequence[Order]) -> dict[int, Mapping[str, Any]]:
    """The address a colleague wrote down instead; the last one counts."""
    remarks = Remark.objects.filter(order__in=[order.pk for order in orders], kind=Remark.Kind.ADDRESS, withdrawn_at=None)
    return {order: data.get("address", {}) for order, data in remarks.order_by("pk").values_list("order", "data")}


def _previous(orders: Sequence[Order]) -> dict[int, Order]:
    """The buyer's order before each, where it went somewhere."""
    earlier = Order.objects.filter(customer=OuterRef("customer"), placed_at__lt=OuterRef("placed_at")).exclude(address={})
    mine = [order.pk for order in orders if order.customer_id and order.placed_at]
    asked = Order.objects.filter(pk__in=mine).annotate(before=Subquery(earlier.order_by("-placed_at").values("pk")[:1]))
    pairs = {pk: before for pk, before in asked.values_list("pk", "before") if before}
    rows = Order.objects.only("external_id", "address").in_bulk(set(pairs.values()))
    return {pk: rows[before] for pk, before in pairs.items() if before in rows}


def _twins(orders: Sequence[Order], lines: Mapping[int, list[Line]], figures: Mapping[tuple[int, str], Mapping[str, Figure]]
           ) -> dict[int, list[tuple[int, str]]]:  # fmt: skip
    """For each order the earlier ones of the same buyer, not yet sent, with an article of it, within the shop's hours."""
    hours = {order.pk: _hours(figures.get((order.shop_id, order.currency), {})) for order in orders}
    mine = {order.pk: order for order in orders if order.customer_id and order.placed_at and hours[order.pk]}
    if not mine:
        return {}
    others: dict[int, list[Order]] = defaultdict(list)
    for other in _near(mine.values(), max(hours.values())):
        others[other.customer_id or 0].append(other)
    near = {pk: [one for one in others[order.customer_id or 0] if _just_before(one, order, hours[pk])] for pk, order in mine.items()}
    known = {pk: _named(rows) for pk, rows in lines.items()}
    missing = {other.pk for found in near.values() for other in found} - known.keys()
    known |= {pk: _named(rows) for pk, rows in _lines([other for found in near.values() for other in found if other.pk in missing]).items()}
    pairs = {
        pk: [(one.pk, one.external_id) for one in found if known.get(one.pk, set()) & known.get(pk, set())] for pk, found in near.items()
    }
    return {pk: found for pk, found in pairs.items() if found}


def _near(orders: Iterable[Order], hours: timedelta) -> QuerySet[Order]:
    moments = [order.placed_at for order in orders if order.placed_at]
    rows = Order.objects.filter(customer__in={order.customer_id for order in orders}, state__in=rules.OPEN_STATES)
    return rows.filter(placed_at__gte=min(moments) - hours, placed_at__lte=max(moments)).only("customer", "placed_at", "external_id")


def _just_before(one: Order, order: Order, hours: timedelta) -> bool:
    if one.placed_at is None or order.placed_at is None or one.pk == order.pk:
        return False
    return (one.placed_at, one.pk) < (order.placed_at, order.pk) and order.placed_at - one.placed_at <= hours


def _hours(figures: Mapping[str, Figure]) -> timedelta:
    return timedelta(hours=float(figures["duplicate_hours"].value)) if "duplicate_hours" in figures else timedelta()


def _named(lines: Iterable[Line]) -> set[tuple[str, ...]]:
    """Articles as two orders can share them: the seller's code, else listing and variation, else the title."""
    return {("code", line.code) if line.code else ("item", line.item, line.model) if line.item else ("title", line.title) for line in lines}


def _pickups(orders: Sequence[Order], now: datetime) -> dict[tuple[str, object], Pickup]:
    """How many parcels were collected, for buyers, numbers and places of orders that are paid or collected at the counter."""
    risky = [order for order in orders if order.cash_on_delivery or order.address.get("kind") == "pickup"]
    if not risky:
        return {}
    pairs = [keys(order) for order in risky]
    wanted: dict[str, tuple[str, set[Any]]] = {
        "buyer": ("customer", {order.customer_id for order in risky} - {None}),
        "phone": ("phone_key", {phone for phone, _place in pairs} - {""}),
        "address": ("address_key", {place for _phone, place in pairs} - {""}),
    }
    return {(who, key): found for who, (name, values) in wanted.items() if values for key, found in pickups(who, name, values, now).items()}


def pickups(who: str, column: str, values: Iterable[Any], now: datetime, among: QuerySet[Order] | None = None) -> dict[object, Pickup]:
    """Collected and sent by a column of orders; parcels on their way, and such of long ago, say nothing."""
    rows = (Order.objects.all() if among is None else among).filter(**{f"{column}__in": list(values)})
    lately = Coalesce("status_at", "placed_at", "first_seen_at")  # a table may say that it came, and not when
    counted = rows.alias(lately=lately).filter(lately__gte=now - LOOK_BACK).order_by().values(column).annotate(
        collected=Count("pk", filter=COLLECTED, distinct=True), back=Count("pk", filter=CAME_BACK, distinct=True)
    )  # fmt: skip
    return {row[column]: Pickup(who, row["collected"], row["collected"] + row["back"]) for row in counted}


def figures_of(order: Order, now: datetime) -> Mapping[str, Figure]:
    """The figures that hold for one order."""
    return _figures([order], now)[order.shop_id, order.currency]


def _figures(orders: Sequence[Order], now: datetime) -> dict[tuple[int, str], dict[str, Figure]]:
    """The figures that hold now, for each shop and currency; a lead's own before those that ship."""
    shops = {order.shop_id: order.shop for order in orders}
    ranked = F("shop").asc(nulls_last=True)
    rows = list(Threshold.objects.filter(name__in=rules.FIGURES, valid_from__lte=now).order_by(ranked, "-region", "-valid_from", "-pk"))
    wanted = {(order.shop_id, order.currency) for order in orders}
    return {(pk, currency): _of(shops[pk], currency, rows, now) for pk, currency in wanted}


def _of(shop: Shop, currency: str, rows: Sequence[Threshold], now: datetime) -> dict[str, Figure]:
    """One shop's. `rows` are the leads' own, those of shops first."""
    found: dict[str, Figure] = {}
    for row in rows:
        general = row.shop_id is None and row.platform == policy_name(shop) and row.region in ("", shop.region)
        if row.shop_id == shop.pk or general:
            found.setdefault(row.name, Figure(Decimal(row.value), row.source, row.sure))
    for name in rules.FIGURES:
        try:
            shipped = policy(policy_name(shop)).threshold(name, currency if name in MONEY else shop.region, now)
        except (KeyError, PolicyError):
            continue
        found.setdefault(name, Figure(shipped.value, shipped.source, shipped.sure))
    return found
