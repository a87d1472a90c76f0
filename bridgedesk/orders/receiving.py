"""Orders and parcels as platforms tell of them. News older than what is known changes nothing; what is untold stays."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import LineSeen, OrderSeen, ParcelSeen
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import fit, plain
from bridgedesk.orders import cancelling, journeys, parcels, phrases
from bridgedesk.orders.models import Line, Order, Parcel, Scan
from bridgedesk.products.models import Listing
from bridgedesk.shops.models import Shop

TEXTS = {"shipping_method": 120, "payment_method": 80, "fulfilled_by": 16, "buyer_note": 20_000, "cancel_reason": 200, "url": 500}
PARCEL_TEXTS = {"external_id": 80, "number": 64, "carrier": 64, "service": 120, "website": 300, "raw_status": 80, "pickup_code": 32}
MOMENTS = ("placed_at", "paid_at", "shipped_at", "ship_by", "deliver_by", "receive_by", "cancel_answer_by")
WAITING = ("", "unknown", "info_received")
"""States of a parcel that has not left yet."""


@transaction.atomic
def see(shop: Shop, event: OrderSeen, customer: Customer | None = None) -> Order:
    """Note an order and all that was told of it. Repeats are no-ops."""
    order, new = Order.objects.select_for_update().get_or_create(
        shop=shop, external_id=fit(event.external_id, 80), defaults={"customer": customer, "first_seen_at": clock.now()}
    )
    if new:
        record("order_seen", order, by=None, actor="channel", shop=shop.pk)
    if customer and order.customer_id is None:
        order.customer = customer
        order.save(update_fields=["customer"])
    if event != OrderSeen(event.external_id):
        _see_more(order, event)
    return order


def _see_more(order: Order, event: OrderSeen) -> None:
    if not (event.at and order.status_at and event.at < order.status_at):
        _take(order, event)
    order.checked_at = None
    order.save()
    if event.lines is not None:
        see_lines(order, event.lines)
    for parcel in event.parcels:
        _see_parcel(order, parcel)
    cancelling.watch(order)
    announce("order", shop=order.shop_id, order=order.pk)


def _take(order: Order, event: OrderSeen) -> None:
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
        order.address, order.country = _stored(asdict(event.address)), plain(event.address.country)[:2]
    if event.seller_note is not None:
        order.seller_note = plain(event.seller_note)
    _wish(order, event)
    if event.status or event.state:
        _change_state(order, before, event.at or clock.now())


def _wish(order: Order, event: OrderSeen) -> None:
    if event.cancel_wish is not None:
        order.cancel_wish = plain(event.cancel_wish)
    elif order.state != "cancelling":
        order.cancel_wish = None


def _change_state(order: Order, before: str, at: datetime) -> None:
    order.status_at = at
    if order.state == "shipped" and order.shipped_at is None:
        order.shipped_at = at  # of an order first seen later than this, the day is not known
    if order.state == "delivered" and order.delivered_at is None:
        order.delivered_at = at
    after = order.state or order.status
    if before != after:
        record("order_status", order, by=None, actor="channel", shop=order.shop_id, before=before, after=after)


def _stored(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {name: _stored(item) for name, item in value.items()}
    return [_stored(item) for item in value] if isinstance(value, list | tuple) else value


def see_lines(order: Order, lines: tuple[LineSeen, ...]) -> None:
    """The lines as told now; one that is told no more was taken out of the order."""
    listed = Listing.objects.filter(shop=order.shop_id, item__in=[line.item for line in lines])
    listings = {(row.item, row.model): row.sku_id for row in listed}
    rows = [
        Line(
            order=order,
            external_id=fit(line.external_id, 80),
            sku_id=listings.get((line.item, line.model)),
            item=plain(line.item)[:80],
            model=plain(line.model)[:80],
            code=plain(line.sku)[:120],
            title=plain(line.title)[:500],
            options=_stored(dict(line.options)),
            quantity=line.quantity,
            price_minor=line.price.minor if line.price else None,
            image=plain(line.image)[:500],
        )
        for line in lines
    ]
    order.lines.exclude(external_id__in=[row.external_id for row in rows]).delete()
    told = ["sku", "item", "model", "code", "title", "options", "quantity", "price_minor", "image"]
    Line.objects.bulk_create(rows, update_conflicts=True, unique_fields=["order", "external_id"], update_fields=told)


@transaction.atomic
def see_parcel(shop: Shop, event: ParcelSeen) -> Parcel:
    """Note a parcel and its scans; its order is made known if it was not."""
    order = Order.objects.select_for_update().filter(shop=shop, external_id=fit(event.order, 80)).first()
    return _see_parcel(order or see(shop, OrderSeen(event.order)), event)


def _see_parcel(order: Order, event: ParcelSeen) -> Parcel:
    parcel = _known(order, event) or Parcel(order=order)
    for name, most in PARCEL_TEXTS.items():
        if value := getattr(event, name):
            setattr(parcel, name, plain(value)[:most])
    if event.lines:
        parcel.packed = dict(event.lines)
    status, at = _news(parcel, event)
    if status and status != parcel.status:
        _move(order, parcel, status, at)
    if parcel.number and not parcel.tracker and parcel.next_look_at is None and parcel.status not in journeys.AT_REST:
        parcel.next_look_at = clock.now()
    parcel.save()
    if event.events:
        _scan(parcel, event)
    if parcel.shipped_at or order.shipped_at:
        parcels.check([parcel])
    return parcel


def _news(parcel: Parcel, event: ParcelSeen) -> tuple[str, datetime]:
    """Its state and since when: as told, or as the newest scan says, made precise by the scan's words or a code for collecting it."""
    last = max(event.events or (), key=lambda one: one.at, default=None)
    at = event.at or (last.at if last else clock.now())
    old = parcel.status_at and at < parcel.status_at
    if old or (not event.status and (last is None or (parcel.moved_at and last.at <= parcel.moved_at))):
        return "", at
    status = phrases.refined(event.status or (last.status if last else ""), last.text if last else "")
    waits = parcel.pickup_code and status in phrases.VAGUE
    return ("pickup_ready" if waits else status), at


def _known(order: Order, event: ParcelSeen) -> Parcel | None:
    """By package number, else by tracking number, else the one parcel that has neither yet."""
    rows = list(order.parcels.select_for_update())
    for name in ("external_id", "number"):
        if (value := getattr(event, name)) and (found := [row for row in rows if getattr(row, name) == value]):
            return found[0]
    blank = [row for row in rows if not row.number and not (row.external_id and event.external_id)]
    return blank[0] if len(blank) == 1 else None


def _move(order: Order, parcel: Parcel, status: str, at: datetime) -> None:
    before, parcel.status, parcel.status_at = parcel.status, status, at
    parcel.moved_at = max(at, parcel.moved_at) if parcel.moved_at else at
    if status not in (*WAITING, "delivered", "returned"):  # of one first seen at its end, only its scans tell
        parcel.shipped_at = parcel.shipped_at or order.shipped_at or at
    if status == "delivered":
        parcel.delivered_at = parcel.delivered_at or at
    record("parcel_moved", order, by=None, actor="channel", shop=order.shop_id, parcel=parcel.number, before=before, after=status)


def _scan(parcel: Parcel, event: ParcelSeen) -> None:
    rows = [
        Scan(parcel=parcel, at=one.at, status=one.status, text=plain(one.text), place=plain(one.place)[:200], raw=plain(one.raw)[:80])
        for one in event.events or ()
    ]
    Scan.objects.bulk_create(rows, ignore_conflicts=True)
    moved = [row.at for row in rows if row.status not in WAITING]
    parcel.moved_at = max(filter(None, [parcel.moved_at, *(row.at for row in rows)]))
    parcel.shipped_at = min(filter(None, [parcel.shipped_at, *moved]), default=None)
    parcel.save(update_fields=["moved_at", "shipped_at"])
