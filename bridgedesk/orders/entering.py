"""Parcels and scans that people enter, where neither the platform nor a tracking service tells of them."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.channels.events import TRACK_STATES
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.lib.tracking import wrong_check
from bridgedesk.orders import carriers, journeys, parcels
from bridgedesk.orders.access import locked
from bridgedesk.orders.holding import tell
from bridgedesk.orders.models import Order, Parcel, Scan
from bridgedesk.team.models import Agent

BY_HAND = "hand"
"""Scan.source of what a person entered."""
AHEAD = timedelta(minutes=5)
"""Clocks differ; what is later than so much from now has not happened yet."""


@transaction.atomic
def add_parcel(order: Order, number: str, carrier: str = "", *, left_at: datetime | None = None, by: Agent) -> Parcel:
    """Note a parcel of the order; `left_at` when it left, None while it is here. ValidationError for a number that cannot be."""
    row = locked(order, by)
    number = "".join(plain(number).split()).upper()[:64]
    _new_number(row, number)
    _happened(left_at)
    bearer = carriers.bearer(number, carrier)
    made = Parcel.objects.create(
        order=row, number=number, carrier=plain(carrier).strip()[:64] or (bearer.name if bearer else ""),
        status="in_transit" if left_at else "info_received", status_at=left_at or clock.now(), shipped_at=left_at, moved_at=left_at,
        next_look_at=clock.now(),
    )  # fmt: skip
    tell(row, "parcel_entered", by=by, parcel=number)
    return made


@transaction.atomic
def note_scan(parcel: Parcel, status: str, text: str, *, at: datetime, place: str = "", by: Agent) -> Scan:
    """Note what happened to a parcel. The newest event decides its state. ValidationError for no such state, or a moment to come."""
    order = locked(parcel.order, by)
    row = Parcel.objects.select_for_update(of=("self",)).select_related("order__shop").get(pk=parcel.pk)
    if status not in TRACK_STATES or status == "unknown":
        raise ValidationError(_("Say what happened to the parcel."))
    _happened(at)
    scan, new = Scan.objects.get_or_create(
        parcel=row,
        at=at,
        text=plain(text).strip()[:1000],
        defaults={"status": status, "place": plain(place).strip()[:200], "source": BY_HAND},
    )
    if new:
        _move(row, status, at)
        parcels.check([row])
        tell(order, "scan_entered", by=by, parcel=row.number, state=status)
    return scan


def _new_number(order: Order, number: str) -> None:
    if not number:
        raise ValidationError(_("A parcel needs its tracking number."))
    if order.parcels.filter(number=number).exists():
        raise ValidationError(_("The order has this parcel already."))
    if wrong := wrong_check(number):
        raise ValidationError(
            _("A digit of this number is wrong: no %(carrier)s number has this check digit."), params={"carrier": wrong[0].name}
        )


def _happened(at: datetime | None) -> None:
    if at and at > clock.now() + AHEAD:
        raise ValidationError(_("This moment has not come yet."))


def _move(parcel: Parcel, status: str, at: datetime) -> None:
    """An event older than what is known is kept, and changes nothing."""
    if parcel.moved_at and at < parcel.moved_at:
        return
    if status != parcel.status:
        parcel.status, parcel.status_at = status, at
    parcel.moved_at = at
    if status != "info_received":
        parcel.shipped_at = parcel.shipped_at or parcel.order.shipped_at or at
    if status == "delivered":
        parcel.delivered_at = parcel.delivered_at or at
    if status in journeys.AT_REST:
        parcel.next_look_at = None
    parcel.save()
