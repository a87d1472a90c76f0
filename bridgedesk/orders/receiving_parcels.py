"""Parcels and their scans as platforms and trackers tell of them, many at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from bridgedesk.activity.actions import Log
from bridgedesk.channels.events import ParcelSeen
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.orders import journeys, parcels, phrases
from bridgedesk.orders.models import Order, Parcel, Scan

TEXTS = {"external_id": 80, "number": 64, "carrier": 64, "service": 120, "website": 300, "raw_status": 80, "pickup_code": 32}
_COLUMNS = [field.name for field in Parcel._meta.concrete_fields if field.name not in ("id", "order")]


def see_each(told: Sequence[tuple[Order, ParcelSeen]]) -> list[Parcel]:
    """Note parcels of orders that are locked, in that order; one told of twice is one."""
    if not told:
        return []
    log, known = Log(by=None, actor="channel"), _of({order.pk: order for order, _event in told}.values())
    seen = [_note(order, event, known[order.pk], log) for order, event in told]
    every = list({id(parcel): parcel for parcel in seen}.values())
    _store(every)
    scans = [scan for parcel, (_order, event) in zip(seen, told, strict=True) for scan in _scans(parcel, event)]
    Scan.objects.bulk_create(scans, ignore_conflicts=True)
    log.write()
    if left := [parcel for parcel in every if parcel.shipped_at or parcel.order.shipped_at or parcel.status not in journeys.WAITING]:
        parcels.check(left)
    return seen


def _store(rows: Sequence[Parcel]) -> None:
    old = [row for row in rows if row.pk]
    Parcel.objects.bulk_create([row for row in rows if not row.pk])
    Parcel.objects.bulk_create(old, update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)


def _of(orders: Iterable[Order]) -> defaultdict[int, list[Parcel]]:
    """The parcels that are known, locked, by order."""
    by_key, known = {order.pk: order for order in orders}, defaultdict[int, list[Parcel]](list)
    for parcel in Parcel.objects.select_for_update().filter(order__in=by_key).order_by("pk"):
        parcel.order = by_key[parcel.order_id]
        known[parcel.order_id].append(parcel)
    return known


def _note(order: Order, event: ParcelSeen, known: list[Parcel], log: Log) -> Parcel:
    """Put what was told into its row."""
    parcel = _among(known, event)
    if parcel is None:
        known.append(parcel := Parcel(order=order))
    for name, most in TEXTS.items():
        if value := getattr(event, name):
            setattr(parcel, name, plain(value)[:most])
    if event.lines:
        parcel.packed = dict(event.lines)
    status, at = _news(parcel, event)
    if status and status != parcel.status:
        _move(order, parcel, status, at, log)
    if parcel.number and not parcel.tracker and parcel.next_look_at is None and parcel.status not in journeys.AT_REST:
        parcel.next_look_at = clock.now()
    _date(parcel, event)
    return parcel


def _among(known: Sequence[Parcel], event: ParcelSeen) -> Parcel | None:
    """By package number, else by tracking number, else the one parcel that has neither yet."""
    for name in ("external_id", "number"):
        if (value := getattr(event, name)) and (found := [row for row in known if getattr(row, name) == value]):
            return found[0]
    blank = [row for row in known if not row.number and not (row.external_id and event.external_id)]
    return blank[0] if len(blank) == 1 else None


def _news(parcel: Parcel, event: ParcelSeen) -> tuple[str, datetime | None]:
    """Its state and since when: as told, or as the newest scan says, made precise by the scan's words or a code for collecting it.

    Nobody says since when: it stays unknown, never the moment we heard of it.
    """
    last = max(event.events or (), key=lambda one: one.at, default=None)
    at, known = event.at or (last.at if last else None), parcel.status_at or parcel.moved_at
    old = at and known and at < known
    if old or (not event.status and (last is None or (parcel.moved_at and last.at <= parcel.moved_at))):
        return "", at
    status = phrases.refined(event.status or (last.status if last else ""), last.text if last else "")
    waits = parcel.pickup_code and status in phrases.VAGUE
    return ("pickup_ready" if waits else status), at


def _move(order: Order, parcel: Parcel, status: str, at: datetime | None, log: Log) -> None:
    before, parcel.status, parcel.status_at = parcel.status, status, at
    parcel.moved_at = max(filter(None, [at, parcel.moved_at]), default=None)
    if status not in (*journeys.WAITING, "delivered", "returned"):  # of one first seen at its end, only its scans tell
        parcel.shipped_at = parcel.shipped_at or order.shipped_at or at
    if status == "delivered":
        parcel.delivered_at = parcel.delivered_at or at
    log.record("parcel_moved", order, shop=order.shop_id, parcel=parcel.number, before=before, after=status)


def _date(parcel: Parcel, event: ParcelSeen) -> None:
    """When it left, last moved and came, as was told and as its scans tell."""
    parcel.shipped_at, parcel.delivered_at = event.shipped_at or parcel.shipped_at, event.delivered_at or parcel.delivered_at
    if not event.events:
        return
    moved = [one.at for one in event.events if one.status not in journeys.WAITING]
    parcel.moved_at = max(filter(None, [parcel.moved_at, *(one.at for one in event.events)]))
    parcel.shipped_at = min(filter(None, [parcel.shipped_at, *moved]), default=None)
    if parcel.status == "delivered" and parcel.delivered_at is None:
        parcel.delivered_at = min((one.at for one in event.events if one.status == "delivered"), default=None)
        parcel.status_at = parcel.status_at or parcel.delivered_at


def _scans(parcel: Parcel, event: ParcelSeen) -> list[Scan]:
    return [
        Scan(parcel=parcel, at=one.at, status=one.status, text=plain(one.text), place=plain(one.place)[:200], raw=plain(one.raw)[:80])
        for one in event.events or ()
    ]
