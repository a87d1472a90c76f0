"""Orders and parcels as platforms tell of them. News older than what is known changes nothing; what is untold stays.

Many are taken together, in a number of statements that does not grow with them (docs/adr/0016).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from bridgedesk.activity.actions import Log
from bridgedesk.channels.events import LineSeen, OrderSeen, ParcelSeen
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce_each
from bridgedesk.lib.pictures import secure
from bridgedesk.lib.storable import deep, fit, plain
from bridgedesk.orders import cancelling, receiving_parcels
from bridgedesk.orders.models import Line, Order, Parcel
from bridgedesk.products.models import Listing
from bridgedesk.shops.models import Shop

TEXTS = {"shipping_method": 120, "payment_method": 80, "fulfilled_by": 16, "buyer_note": 20_000, "cancel_reason": 200, "url": 500}
MOMENTS = ("placed_at", "paid_at", "shipped_at", "delivered_at", "ship_by", "deliver_by", "receive_by", "cancel_answer_by")
LINE = ("sku_id", "item", "model", "code", "title", "options", "quantity", "price_minor", "image")
_KEPT = ("id", "shop", "external_id", "first_seen_at")
_COLUMNS = [field.name for field in Order._meta.concrete_fields if field.name not in _KEPT]
Told = tuple[OrderSeen, Customer | None]


def see(shop: Shop, event: OrderSeen, customer: Customer | None = None) -> Order:
    """Note an order and all that was told of it. Repeats are no-ops."""
    return see_each(shop, [(event, customer)])[0]


@transaction.atomic
def see_each(shop: Shop, told: Sequence[Told]) -> list[Order]:
    """The same for several, in that order, each with its buyer if one is known; an order told of twice is taken twice."""
    seen: dict[str, Order] = {}
    for once in _rounds(told):
        seen |= _see(shop, once)
    return [seen[_number(event.external_id)] for event, _customer in told]


def see_parcel(shop: Shop, event: ParcelSeen) -> Parcel:
    """Note a parcel and its scans; its order is made known if it was not."""
    return see_parcel_each(shop, [event])[0]


@transaction.atomic
def see_parcel_each(shop: Shop, events: Sequence[ParcelSeen]) -> list[Parcel]:
    """The same for several, in that order."""
    named = {_number(event.order): (OrderSeen(event.order), None) for event in events}
    orders = dict(zip(named, see_each(shop, list(named.values())), strict=True))
    return receiving_parcels.see_each([(orders[_number(event.order)], event) for event in events])


def _number(external_id: str) -> str:
    return fit(external_id, 80)


def _rounds(told: Iterable[Told]) -> list[dict[str, Told]]:
    """Each order once in a round, its earlier news in an earlier one."""
    rounds: list[dict[str, Told]] = []
    for event, customer in told:
        number = _number(event.external_id)
        free = next((once for once in rounds if number not in once), None)
        if free is None:
            rounds.append(free := {})
        free[number] = (event, customer)
    return rounds


def _see(shop: Shop, told: Mapping[str, Told]) -> dict[str, Order]:
    known, log = _known(shop, told), Log(by=None, actor="channel")
    fresh = {number: _met(shop, number, log) for number in sorted(told.keys() - known.keys())}
    orders = known | fresh
    changed = [orders[number] for number, news in told.items() if _note(orders[number], *news, log)]
    if not _stored(fresh.values()):
        return _see(shop, told)  # another worker met one of them at the same moment: now it is known
    _update([order for order in changed if order.external_id in known])
    log.write()
    _see_contents(shop, [(orders[number], event) for number, (event, _customer) in told.items() if _tells(event)], set(fresh))
    return orders


def _known(shop: Shop, numbers: Collection[str]) -> dict[str, Order]:
    """Those that are known, locked until the transaction ends, always in the same order."""
    rows = Order.objects.select_for_update(of=("self",), no_key=True).filter(shop=shop, external_id__in=list(numbers)).order_by("pk")
    known = {order.external_id: order for order in rows}
    for order in known.values():
        order.shop = shop
    return known


def _met(shop: Shop, number: str, log: Log) -> Order:
    order = Order(shop=shop, external_id=number, first_seen_at=clock.now())
    log.record("order_seen", order, shop=shop.pk)
    return order


def _stored(fresh: Collection[Order]) -> bool:
    """Insert them; False when one of them is there by now."""
    try:
        with transaction.atomic():
            Order.objects.bulk_create(fresh)
    except IntegrityError:
        for order in fresh:
            if Order.objects.filter(shop=order.shop, external_id=order.external_id).exists():
                return False
        raise
    return True


def _update(orders: Sequence[Order]) -> None:
    Order.objects.bulk_create(orders, update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)


def _tells(event: OrderSeen) -> bool:
    """Whether it says more than that there is such an order."""
    return event != OrderSeen(event.external_id)


def _note(order: Order, event: OrderSeen, customer: Customer | None, log: Log) -> bool:
    """Put what was told into the row; whether that changed it."""
    met = bool(customer and order.customer_id is None)
    if met:
        order.customer = customer
    if not _tells(event):
        return met
    if not (event.at and order.status_at and event.at < order.status_at):
        _take(order, event, log)
    order.checked_at = None
    return True


def _see_contents(shop: Shop, told: Sequence[tuple[Order, OrderSeen]], fresh: Collection[str]) -> None:
    """Lines, parcels, wishes to cancel, and a word to open screens."""
    if not told:
        return
    _see_lines(shop, [(order, event.lines) for order, event in told if event.lines is not None], fresh)
    receiving_parcels.see_each([(order, parcel) for order, event in told for parcel in event.parcels])
    cancelling.watch_each([order for order, _event in told])
    announce_each("order", [{"shop": shop.pk, "order": order.pk} for order, _event in told])


def _take(order: Order, event: OrderSeen, log: Log) -> None:
    """What the news says about the order itself."""
    before = order.state or order.status
    for name, most in TEXTS.items():
        if value := getattr(event, name):
            setattr(order, name, plain(value)[:most])
    for name in MOMENTS:
        if value := getattr(event, name):
            setattr(order, name, value)
    order.status, order.state = plain(event.status)[:40] or order.status, event.state or order.state
    order.cash_on_delivery = order.cash_on_delivery or event.cash_on_delivery
    if event.total is not None:
        order.total_minor, order.currency = event.total.minor, event.total.currency
    if event.address is not None and not (event.address.masked and order.address):
        order.address, order.country = deep(asdict(event.address)), plain(event.address.country)[:2]
    if event.seller_note is not None:
        order.seller_note = plain(event.seller_note)
    _wish(order, event)
    if event.status or event.state:
        _change_state(order, before, event.at, log)


def _wish(order: Order, event: OrderSeen) -> None:
    if event.cancel_wish is not None:
        order.cancel_wish = plain(event.cancel_wish)
    elif order.state != "cancelling":
        order.cancel_wish = None


def _change_state(order: Order, before: str, at: datetime | None, log: Log) -> None:
    """`at` None: nobody said when, so what is dated by it stays unknown; it was after the last moment that is known."""
    order.status_at = at or order.status_at
    if order.state == "shipped" and order.shipped_at is None:
        order.shipped_at = at  # of an order first seen later than this, the day is not known
    if order.state == "delivered" and order.delivered_at is None:
        order.delivered_at = at
    after = order.state or order.status
    if before != after:
        log.record("order_status", order, shop=order.shop_id, before=before, after=after)


def _see_lines(shop: Shop, told: Sequence[tuple[Order, Sequence[LineSeen]]], fresh: Collection[str]) -> None:
    """The lines as told now; one that is told no more was taken out of the order."""
    articles = {line.item for _order, lines in told for line in lines}
    listed = Listing.objects.filter(shop=shop, item__in=articles).values_list("item", "model", "sku") if articles else ()
    skus = {(item, model): sku for item, model, sku in listed}
    wanted = {(order.pk, row.external_id): row for order, lines in told for row in (_line(order, line, skus) for line in lines)}
    before = Line.objects.filter(order__in=[order for order, _lines in told if order.external_id not in fresh])
    known = {(row.order_id, row.external_id): row for row in before}
    if gone := [row.pk for key, row in known.items() if key not in wanted]:
        Line.objects.filter(pk__in=gone).delete()
    news = [row for key, row in wanted.items() if key not in known or _facts(row) != _facts(known[key])]
    Line.objects.bulk_create(news, update_conflicts=True, unique_fields=["order", "external_id"], update_fields=LINE)


def _line(order: Order, line: LineSeen, skus: Mapping[tuple[str, str], int | None]) -> Line:
    return Line(
        order=order,
        external_id=_number(line.external_id),
        sku_id=skus.get((line.item, line.model)),
        item=plain(line.item)[:80],
        model=plain(line.model)[:80],
        code=plain(line.sku)[:120],
        title=plain(line.title)[:500],
        options=deep(dict(line.options)),
        quantity=line.quantity,
        price_minor=line.price.minor if line.price else None,
        image=secure(line.image),
    )


def _facts(line: Line) -> list[Any]:
    return [getattr(line, name) for name in LINE]
