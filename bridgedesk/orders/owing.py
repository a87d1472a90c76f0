"""What buyers are to be told by what stands in the rows. Jobs that say so at once may be lost: who sends notices asks here again."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef

from bridgedesk.activity.models import Activity
from bridgedesk.channels.acts import ShipParcel
from bridgedesk.orders import journeys
from bridgedesk.orders.models import Finding, Parcel, PlatformAct

Owed = tuple[int, str, str]
"""Order, purpose and key of a notice."""


def owed(since: datetime, until: datetime) -> Iterator[Owed]:
    """Every notice that parcels gave cause for in that time, those that were written included."""
    yield from _shipped(since, until)
    yield from _left(since, until)
    waits = Finding.objects.filter(code=journeys.PICKUP, state=Finding.State.OPEN, data__reminded=True, created_at__lt=until)
    for order, key in waits.values_list("order_id", "key"):
        yield order, "pickup_reminder", key


def _shipped(since: datetime, until: datetime) -> Iterator[Owed]:
    """The platform took the number of the parcel."""
    acts = PlatformAct.objects.filter(kind=ShipParcel.__name__, state=PlatformAct.State.DONE, key__startswith="ship:")
    for order, key in acts.filter(done_at__gte=since, done_at__lt=until, order__isnull=False).values_list("order_id", "key"):
        if order is not None:
            yield order, "shipping_notice", ":".join(key.split(":")[:2])


def _left(since: datetime, until: datetime) -> Iterator[Owed]:
    """The parcel of an own shop was handed over at the station."""
    handed = Activity.objects.filter(subject_type="order", subject_id=OuterRef("order"), verb="parcel_dispatched")
    acts = PlatformAct.objects.filter(order=OuterRef("order"), kind=ShipParcel.__name__)
    boxes = Parcel.objects.filter(Exists(handed), packed_at__isnull=False, shipped_at__gte=since, shipped_at__lt=until)
    for pk, order in boxes.exclude(Exists(acts)).values_list("pk", "order_id"):
        yield order, "shipping_notice", f"ship:{pk}"
