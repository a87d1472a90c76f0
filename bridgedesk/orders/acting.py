"""The outbox of acts: what was decided about an order is told to its platform once, or a person does it by hand.

The row is the truth. Whoever decides calls `ask` in their own transaction; the worker performs (performing.py); a person settles
what is in doubt, does by hand what has no interface, tries again or takes back.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.channels.acts import Act
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import fit, plain
from bridgedesk.orders import levels, resending
from bridgedesk.orders.models import Order, Payment, PlatformAct
from bridgedesk.orders.stored_acts import stored
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

State = PlatformAct.State
OPEN = (State.QUEUED, State.DOING, State.TAKEN, State.FAILED, State.UNSURE, State.BY_HAND)
"""Not ended yet: something or somebody still has to do with it."""


class CannotNow(Exception):
    """What was asked of an act does not fit how it stands (msgid): it changed meanwhile, or a later one overtook it."""


@transaction.atomic
def ask(shop: Shop, act: Act, *, order: Order | None = None, key: str, by: Agent | None) -> PlatformAct:
    """Have the platform do it, in the caller's transaction. The same `key` (per shop and kind) is the same decision: one row."""
    kind, now = type(act).__name__, clock.now()
    can = shop.platform in CHANNELS and type(act) in CHANNELS[shop.platform].acts
    row, new = PlatformAct.objects.get_or_create(
        shop=shop, kind=kind, key=fit(key, 120),
        defaults={
            "order": order, "data": stored(act), "by": by, "created_at": now, "next_try_at": now if can else None,
            "state": State.QUEUED if can else State.BY_HAND,
        },
    )  # fmt: skip
    if new:
        tell(row, "act_asked" if can else "act_by_hand", by=by)
        if can:
            enqueue("perform_act", act=row.pk)
    return row


@transaction.atomic
def retry(act: PlatformAct, *, by: Agent) -> PlatformAct:
    """Try what failed again; of stock that was taken in part, the rest. CannotNow when it is not to be tried again."""
    row = locked(act)
    if row.state == State.DONE and row.failures and row.kind == "PushStock":
        missed = {tuple(place) for place, _reason in row.failures}
        row.data = {"levels": [level for level in row.data["levels"] if (level["item"], level["model"]) in missed]}
    elif row.state != State.FAILED:
        raise CannotNow(noop("Only what failed can be tried again."))
    if _overtaken(row):
        raise CannotNow(noop("A later one of the same kind was asked for: this one would undo it."))
    row.state, row.attempts, row.next_try_at, row.error, row.failures, row.done_at = State.QUEUED, 0, clock.now(), "", [], None
    row.save()
    tell(row, "act_retried", by=by)
    enqueue("perform_act", act=row.pk)
    return row


@transaction.atomic
def settle(act: PlatformAct, done: bool, *, by: Agent, reference: str = "") -> PlatformAct:
    """A person looked at the platform, or did it there: it is done, or it is not. CannotNow while a worker is at it."""
    row = locked(act)
    if row.state not in (State.UNSURE, State.BY_HAND, State.FAILED, State.TAKEN):
        raise CannotNow(noop("Nothing is in doubt here any more."))
    if done:
        finish(row, reference=reference, by=by)
    else:
        row.state = State.WITHDRAWN if row.state == State.BY_HAND else State.FAILED
        row.error = noop("A colleague looked: it was not done.")
        row.save()
        tell(row, "act_not_done", by=by)
    return row


@transaction.atomic
def withdraw(act: PlatformAct, *, by: Agent) -> PlatformAct:
    """Take it back before it leaves. CannotNow when a worker is at it, it is in doubt, or it is done."""
    row = locked(act)
    if row.state not in (State.QUEUED, State.FAILED, State.BY_HAND):
        raise CannotNow(noop("It is too late to take this back."))
    row.state, row.next_try_at = State.WITHDRAWN, None
    row.save()
    if row.kind == "SendAgain":
        resending.over(row, left=False, by=by)
    tell(row, "act_withdrawn", by=by)
    return row


def locked(act: PlatformAct) -> PlatformAct:
    """The row as it stands now, held until the transaction ends; after its order, as everybody locks."""
    if act.order_id is not None:
        Order.objects.select_for_update().only("pk").filter(pk=act.order_id).first()
    return PlatformAct.objects.select_for_update(of=("self",)).select_related("shop", "order").get(pk=act.pk)


def finish(row: PlatformAct, *, by: Agent | None = None, reference: str = "", failures: Any = (), told: Any = None) -> None:
    """The platform has it. What follows here from that is written with it."""
    row.state, row.done_at, row.error, row.next_try_at, row.lease_until = State.DONE, clock.now(), "", None, None
    row.reference, row.failures, row.told = fit(reference, 120) or row.reference, list(failures), told or {}
    row.save()
    if row.kind == "WriteNote" and row.order:
        Order.objects.filter(pk=row.order.pk).update(seller_note=row.data.get("text", ""))
    if row.kind == "ShipParcel" and row.order and row.key.startswith("ship:"):
        enqueue("queue_notice", order=row.order.pk, purpose="shipping_notice", key=":".join(row.key.split(":")[:2]))
    if row.kind == "PushStock":
        levels.taken(row)
    if row.kind == "SendAgain":
        resending.over(row, left=True, by=by)
    if row.kind == "RefundBuyer" and row.order:
        money = {"minor": row.data["minor"], "currency": row.data["currency"], "reference": row.reference}
        Payment.objects.create(order=row.order, kind="refund", at=row.done_at, settled_at=row.done_at, **money)
    tell(row, "act_done_in_part" if row.failures else "act_done", by=by, failed=len(row.failures))


def taken(row: PlatformAct, waits: str, *, told: Any = None) -> None:
    """The platform has it, and the buyer must agree or the platform pay ("buyer", "platform") before it is over. Said once."""
    if row.state == State.TAKEN and row.told.get("waits") == waits:
        return
    row.state, row.error, row.next_try_at, row.lease_until = State.TAKEN, "", None, None
    row.told = row.told | (told or {}) | {"waits": waits, "since": clock.now().isoformat()}
    row.save()
    tell(row, "act_waits_buyer" if waits == "buyer" else "act_waits_platform", by=None)


def tell(row: PlatformAct, verb: str, *, by: Agent | None, **more: Any) -> None:
    """A line in the log of its order, and to open screens."""
    subject = row.order if row.order_id else row
    record(verb, subject, by=by, actor="" if by else "channel", shop=row.shop_id, act=row.kind, act_id=row.pk, **more)
    announce("order" if row.order_id else "act", shop=row.shop_id, order=row.order_id, act=row.pk)


def failed(row: PlatformAct, reason: str, state: str = State.FAILED) -> None:
    """It needs a person: failed for good, in doubt, or to be done by hand."""
    row.state, row.error, row.next_try_at, row.lease_until = state, plain(reason)[:1000], None, None
    row.save()
    reason = row.error[:200]
    tell(row, "act_unsure" if state == State.UNSURE else "act_by_hand" if state == State.BY_HAND else "act_failed", by=None, reason=reason)


def _overtaken(row: PlatformAct) -> bool:
    """Whether a later decision of the same kind stands, which doing this one now would overwrite."""
    later = PlatformAct.objects.filter(shop=row.shop_id, kind=row.kind, order=row.order_id, pk__gt=row.pk)
    if row.kind == "PushStock":
        wanted = [[level["item"], level["model"]] for level in row.data["levels"]]
        rows = later.exclude(state=State.WITHDRAWN).values_list("data", flat=True)
        return any([level["item"], level["model"]] in wanted for data in rows for level in data["levels"])
    return row.kind == "WriteNote" and later.exclude(state=State.WITHDRAWN).exists()
