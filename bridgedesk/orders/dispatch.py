"""Dispatch: the number on the label is recognised and its check digit tested, the platform is told once, the buyer as it permits."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import ShipParcel
from bridgedesk.channels.events import OrderSeen
from bridgedesk.channels.policy import PolicyError, policy, policy_name
from bridgedesk.lib import clock
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import plain
from bridgedesk.lib.tracking import recognise, wrong_check
from bridgedesk.orders import resending, station
from bridgedesk.orders.access import is_own
from bridgedesk.orders.acting import ask, finish
from bridgedesk.orders.cancelling import can
from bridgedesk.orders.carriers import bearer, named, site_for
from bridgedesk.orders.holding import cleared, tell
from bridgedesk.orders.models import Order, Parcel, PlatformAct
from bridgedesk.orders.receiving import see
from bridgedesk.team.models import Agent


class CannotShip(Exception):
    """The parcel cannot be handed over so (msgid). `doubt`: the packer may insist."""

    def __init__(self, words: str, *, doubt: bool = False) -> None:
        super().__init__(words)
        self.doubt = doubt


@dataclass(frozen=True)
class Label:
    """A number as read from a label. `carrier` is the name to tell, "" unknown; `checked`: a check digit confirms it."""

    number: str
    carrier: str = ""
    checked: bool = False
    mistyped: bool = False


def read(number: str, carrier: str = "") -> Label:
    """What a scanned or typed number is. The carrier said wins, unless the number speaks against it."""
    number = "".join(plain(number).split()).upper()[:64]
    borne = bearer(number, carrier)
    known = borne or named(carrier)
    fitting = [match for match in recognise(number) if borne is None or match.carrier == borne]
    name = known.name if known else plain(carrier).strip()[:64]
    return Label(number, name, any(match.checked for match in fitting), bool(wrong_check(number)))


def ready(order: Order) -> Parcel | None:
    """The packed parcel that is to be handed over next; None when there is none."""
    packed = order.parcels.filter(packed_at__isnull=False, shipped_at=None, delivered_at=None).order_by("packed_at")
    return next((box for box in packed if not _told(order, box).exists()), None)


def unlabelled(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Of these orders those with a packed parcel of which nobody has told a number yet."""
    told = PlatformAct.objects.filter(order=OuterRef("order"), kind=ShipParcel.__name__).exclude(state=PlatformAct.State.WITHDRAWN)
    boxes = Parcel.objects.filter(packed_at__isnull=False, shipped_at=None, delivered_at=None).exclude(Exists(told))
    return orders.filter(Exists(boxes.filter(order=OuterRef("pk"))))


@transaction.atomic
def ship(order: Order, number: str, *, by: Agent, carrier: str = "", insist: bool = False) -> Parcel:
    """The packed parcel leaves under this number. Blocked when the order may not leave any more, CannotShip with what is wrong."""
    row = cleared(order, by)
    box = ready(row)
    if box is None:
        raise CannotShip(noop("No packed parcel waits for a number."))
    label, again = read(number, carrier), resending.of(box.packed)
    _doubts(row, label, insist=insist, own=bool(again))
    box.number, box.carrier = label.number or box.number, label.carrier or box.carrier
    tell(row, "parcel_dispatched", by=by, parcel=box.number or row.external_id)
    if again:
        _left_again(row, box, again, by)
    elif is_own(row) and ShipParcel.__name__ not in can(row):
        _left(row, box)
    else:
        box.save(update_fields=["number", "carrier"])
        ask(row.shop, _act(row, box), order=row, key=f"ship:{box.pk}:{row.acts.filter(key__startswith=f'ship:{box.pk}:').count()}", by=by)
    return box


def gives_number(order: Order) -> bool:
    """Whether its platform hands out the tracking number itself: there it may be left empty."""
    try:
        listed = policy(policy_name(order.shop)).listed("gives_numbers", clock.now(), order.shop.region)
    except PolicyError:
        return False
    return listed is not None and "tracking" in listed.words


def _doubts(order: Order, label: Label, *, insist: bool, own: bool) -> None:
    """`own`: no platform gives this parcel its number."""
    if not label.number and (own or not gives_number(order)):
        raise CannotShip(noop("Scan the tracking number on the label."))
    taken = Parcel.objects.filter(number=label.number).exclude(order=order) if label.number else Parcel.objects.none()
    if label.number in (order.external_id, *order.lines.values_list("code", flat=True)):
        raise CannotShip(noop("This is the order or an article, not the label of the parcel."))
    if taken.exists() and not insist:
        raise CannotShip(noop("Another parcel has this number already. Is this its label?"), doubt=True)
    if label.mistyped and not insist:
        raise CannotShip(noop("The check digit of this number is wrong: probably one sign is mistyped. Scan it again."), doubt=True)


def _told(order: Order, box: Parcel) -> QuerySet[PlatformAct]:
    acts = order.acts.filter(kind=ShipParcel.__name__, key__startswith=f"ship:{box.pk}:")
    return acts.exclude(state=PlatformAct.State.WITHDRAWN)


def _act(order: Order, box: Parcel) -> ShipParcel:
    """Only what is in this parcel, where the order goes in several; the page to follow it is for platforms that do not know the carrier."""
    lines = {str(line.pk): (line.external_id, line.quantity) for line in order.lines.all()}
    inside = {lines[key][0]: pieces for key, pieces in box.packed.items() if key in lines}
    whole = inside == dict(lines.values())
    website = box.website or (site_for(box.number, box.carrier, order.country).url if box.number else "")
    return ShipParcel(
        order.external_id, box.external_id, box.number, box.carrier, box.service, () if whole else tuple(inside.items()), website
    )  # fmt: skip


def _left_again(order: Order, box: Parcel, remarks: set[int], by: Agent) -> None:
    """No platform knows a second parcel of an order: it has left, and is followed here."""
    box.shipped_at = box.moved_at = box.status_at = box.next_look_at = clock.now()
    box.status = "in_transit"
    box.save()
    acts = order.remarks.filter(pk__in=remarks).values_list("data__act", flat=True)
    for act in order.acts.filter(pk__in=list(acts)).exclude(state__in=[PlatformAct.State.DONE, PlatformAct.State.WITHDRAWN]):
        finish(act, by=by, reference=box.number)


def _left(order: Order, box: Parcel) -> None:
    """An own shop has no platform to tell: it has left."""
    box.shipped_at = box.next_look_at = clock.now()
    box.save(update_fields=["number", "carrier", "shipped_at", "next_look_at"])
    state = "part_shipped" if station.wants_of(order, None) else "shipped"
    see(order.shop, OrderSeen(order.external_id, state=state, at=clock.now()))
    enqueue("queue_notice", order=order.pk, purpose="shipping_notice", key=f"ship:{box.pk}")
