"""Cancellation: the buyer's wish is caught before the parcel leaves and answered in time; a parcel that left has its own way."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import REASONS, AnswerCancellation, CancelOrder, SplitOrder
from bridgedesk.channels.policy import PolicyError, policy, policy_name
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.orders.access import locked
from bridgedesk.orders.acting import CannotNow, ask
from bridgedesk.orders.holding import CANCELLING, WISH, hold, release, tell
from bridgedesk.orders.models import Order, PlatformAct, Remark
from bridgedesk.orders.places import named
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

BEFORE_LEAVING = ("", "unpaid", "held", "to_ship", "part_shipped", "cancelling")
Parcels = tuple[tuple[tuple[str, int], ...], ...]


def watch_each(orders: Sequence[Order]) -> None:
    """What the platform told of wishes to cancel, of orders that are locked; looks up together which of them have one."""
    caught = Remark.objects.filter(order__in=orders, kind=Remark.Kind.CANCEL, withdrawn_at=None)
    waiting = set(caught.values_list("order", flat=True))
    for order in orders:
        wished = order.cancel_wish is not None or order.state == "cancelling"
        if wished or order.pk in waiting or (order.state == "cancelled" and order.hold):
            watch(order)


def watch(order: Order) -> None:
    """What the platform told of a wish to cancel: catch it, or let go when it is over. Called with the order locked, in one transaction."""
    if order.cancel_wish is not None or order.state == "cancelling":
        catch(order, order.cancel_wish or order.cancel_reason, source="platform")
    elif order.state in ("to_ship", "part_shipped"):
        _over(order)
    elif order.state == "cancelled":
        fulfilled(order, by=None)


@transaction.atomic
def catch(order: Order, words: str, *, source: str, by: Agent | None = None) -> Remark:
    """The buyer wishes to cancel: nothing more is packed, and the warehouse must acknowledge. Once an episode, however often it is told."""
    row = locked(order, by)
    known = _episode(row, source)
    if known:
        if known.due_at != row.cancel_answer_by and row.cancel_answer_by:
            Remark.objects.filter(pk=known.pk).update(due_at=row.cancel_answer_by)
        return known
    gone = has_left(row)
    packed = row.parcels.filter(packed_at__isnull=False).exists()
    made = Remark.objects.create(
        order=row, kind=Remark.Kind.CANCEL, text=plain(words)[:5000], addressee="service" if gone else "packing",
        data={"source": source, "left": gone, "packed": packed}, due_at=row.cancel_answer_by, author=by, created_at=clock.now(),
    )  # fmt: skip
    tell(row, "cancel_caught_late" if gone else "cancel_caught", by=by, text=made.text[:200])
    if not gone and not row.hold:
        hold(row, WISH, by=by)
    order.refresh_from_db(fields=["hold", "held_by", "held_at"])
    return made


def said(shop: Shop, customer: int | None, external_id: str, words: str, *, by: Agent | None = None) -> Order | None:
    """A buyer wrote that they want to cancel: the order they named, else their only one that has not left. None where that is not clear.

    `by` is who read it so; None: the first look did.
    """
    if external_id:
        found = named(shop, external_id)
    else:
        left_none = Order.objects.filter(
            shop=shop, customer=customer, state__in=["to_ship", "part_shipped", "unpaid", "held"], shipped_at=None
        )
        only = list(left_none[:2]) if customer else []
        found = only[0] if len(only) == 1 else None
    if found is None or found.state in ("cancelled", "completed"):
        return None
    catch(found, words, source="message", by=by)
    return found


def fulfilled(order: Order, *, by: Agent | None) -> None:
    """It is cancelled: nothing of it is kept back any more. What is packed stays to be taken off the shelf, and acknowledged."""
    if order.hold:
        release(order, by=by, note=noop("It is cancelled."))
        order.hold, order.held_by, order.held_at = "", None, None
    if not order.parcels.filter(packed_at__isnull=False).exists():
        order.remarks.filter(kind=Remark.Kind.CANCEL, withdrawn_at=None).update(withdrawn_at=clock.now())


def has_left(order: Order) -> bool:
    """Whether a parcel of it is on its way already."""
    if order.state not in BEFORE_LEAVING or order.shipped_at:
        return True
    return order.parcels.filter(Q(shipped_at__isnull=False) | Q(status__in=["in_transit", "customs", "out_for_delivery"])).exists()


@transaction.atomic
def answer(order: Order, agree: bool, *, by: Agent) -> PlatformAct:
    """Agree to the buyer's wish at the platform, or refuse it. CannotNow when there is none, or it was answered."""
    row = locked(order, by)
    wish = row.remarks.filter(kind=Remark.Kind.CANCEL, withdrawn_at=None).order_by("-pk").first()
    if wish is None or (row.cancel_wish is None and row.state != "cancelling"):
        raise CannotNow(noop("The platform knows of no wish to cancel. Cancel the order yourself, if that is agreed."))
    answered = row.acts.filter(kind=AnswerCancellation.__name__, key__startswith=f"answer:{wish.pk}:")
    key = f"answer:{wish.pk}:{'yes' if agree else 'no'}"
    if answered.exclude(key=key).exclude(state__in=[PlatformAct.State.WITHDRAWN, PlatformAct.State.FAILED]).exists():
        raise CannotNow(noop("It was answered the other way already."))
    return ask(row.shop, AnswerCancellation(row.external_id, agree), order=row, key=key, by=by)


@transaction.atomic
def cancel_at_platform(order: Order, reason: str, *, by: Agent, lines: tuple[str, ...] = ()) -> PlatformAct:
    """Have the platform cancel it, or only these lines; nothing more is packed. ValidationError, or CannotNow when it has left."""
    row = locked(order, by)
    if reason not in reasons(row) or not set(lines) <= set(row.lines.values_list("external_id", flat=True)):
        raise ValidationError(_("No such reason, or no such line."))
    if has_left(row) or row.state == "cancelled":
        raise CannotNow(noop("It has left, or is cancelled already."))
    if not lines and not row.hold:
        hold(row, CANCELLING, by=by)
    return ask(row.shop, CancelOrder(row.external_id, reason, lines), order=row, key=f"cancel:{','.join(sorted(lines)) or 'all'}", by=by)


def reasons(order: Order) -> tuple[str, ...]:
    """Why its platform lets a seller cancel, of REASONS; all of them where that is not known."""
    try:
        listed = policy(policy_name(order.shop)).listed("cancel_reasons", clock.now(), order.shop.region)
    except PolicyError:
        return REASONS
    return tuple(reason for reason in REASONS if reason in listed.words) if listed else REASONS


@transaction.atomic
def split(order: Order, parcels: Parcels, *, by: Agent) -> PlatformAct:
    """Have it sent in several parcels: every piece in exactly one. ValidationError, or CannotNow when it has left."""
    row = locked(order, by)
    if row.state not in ("to_ship", "") or has_left(row):
        raise CannotNow(noop("Only an order that waits to be shipped can be split."))
    bought: dict[str, int] = dict(row.lines.values_list("external_id", "quantity"))
    given: dict[str, int] = {}
    for line, pieces in (pair for parcel in parcels for pair in parcel):
        given[line] = given.get(line, 0) + pieces
    if len(parcels) < 2 or not all(parcels) or given != bought or any(pieces < 1 for parcel in parcels for _line, pieces in parcel):
        raise ValidationError(_("Put every piece into exactly one of at least two parcels."))
    key = "split:" + "/".join(",".join(f"{line}*{pieces}" for line, pieces in parcel) for parcel in parcels)
    return ask(row.shop, SplitOrder(row.external_id, parcels), order=row, key=key, by=by)


def can(order: Order) -> set[str]:
    """The kinds of acts its platform has an interface for."""
    channel = CHANNELS.get(order.shop.platform)
    return {kind.__name__ for kind in channel.acts} if channel else set()


def _episode(order: Order, source: str) -> Remark | None:
    """The remark of a wish that is known: a new message after a release is a new wish, the platform's repetition is not."""
    rows = order.remarks.filter(kind=Remark.Kind.CANCEL, withdrawn_at=None).order_by("-pk")
    return next((row for row in rows if not row.data.get("released") or (source == row.data.get("source") == "platform")), None)


def _over(order: Order) -> None:
    """The platform knows of no wish any more: what it began ends."""
    ended = order.remarks.filter(kind=Remark.Kind.CANCEL, withdrawn_at=None, data__source="platform")
    if not ended.update(withdrawn_at=clock.now()):
        return
    tell(order, "cancel_over", by=None)
    if order.hold == WISH and not order.remarks.filter(kind=Remark.Kind.CANCEL, withdrawn_at=None).exists():
        release(order, by=None)
        order.hold, order.held_by, order.held_at = "", None, None
