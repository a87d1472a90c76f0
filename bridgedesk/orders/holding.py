"""Whether an order may be packed, and keeping it back. Who packs asks `cleared` inside the transaction that packs: the lock it takes
decides every race with whoever holds the order back."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.orders import resending
from bridgedesk.orders.access import locked
from bridgedesk.orders.models import Finding, Order, Remark
from bridgedesk.team.models import Agent

WISH = noop("The buyer wishes to cancel.")
CANCELLING = noop("We asked the platform to cancel.")
NOT_TO_PACK = {
    "unpaid": noop("It is not paid yet."),
    "held": noop("The platform keeps it back."),
    "cancelling": WISH,
    "cancelled": noop("It is cancelled."),
    "shipped": noop("It has left already."),
    "delivered": noop("It has left already."),
    "completed": noop("It has left already."),
}
LEFT = ("shipped", "delivered", "completed", "returning", "disputed")
"""Of these only what is sent again may be packed."""
UNREAD = noop("A remark for the packers is not acknowledged.")
STOPPED = noop("A finding must be settled first.")


class Blocked(Exception):
    """The order may not be packed; `reasons` are msgids or an agent's own words."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


def obstacles(order: Order) -> list[str]:
    """Why nothing of it may be packed now; empty when it may."""
    found = [order.hold] if order.hold else []
    again = order.state in LEFT and resending.to_send(order).exists()
    if (state := NOT_TO_PACK.get(order.state)) and state not in found and not again:
        found.append(state)
    if Remark.objects.filter(order=order, addressee="packing", acknowledged_at=None, withdrawn_at=None).exists():
        found.append(UNREAD)
    if Finding.objects.filter(order=order, weight="stop", state__in=[Finding.State.OPEN, Finding.State.WAITING]).exists():
        found.append(STOPPED)
    return found


def cleared(order: Order, by: Agent | None = None) -> Order:
    """The order as it stands now, locked until the caller's transaction ends. Blocked when it may not be packed."""
    now = locked(order, by)
    if reasons := obstacles(now):
        raise Blocked(reasons)
    return now


@transaction.atomic
def hold(order: Order, reason: str, *, by: Agent | None) -> Order:
    """Nothing of it is packed until somebody releases it. A held order gets the newer reason."""
    row = locked(order, by)
    row.hold, row.held_by, row.held_at = plain(reason)[:200] or noop("Held back."), by, clock.now()
    row.save(update_fields=["hold", "held_by", "held_at"])
    tell(row, "order_held", by=by, why=row.hold)
    return row


@transaction.atomic
def release(order: Order, *, by: Agent | None, note: str = "") -> Order:
    """It may be packed again, as far as the hold is concerned. Nothing happens when it is not held."""
    row = locked(order, by)
    if not row.hold:
        return row
    why, row.hold, row.held_by, row.held_at = row.hold, "", None, None
    row.save(update_fields=["hold", "held_by", "held_at"])
    for remark in row.remarks.filter(kind=Remark.Kind.CANCEL, withdrawn_at=None):
        remark.data = remark.data | {"released": True}
        remark.save(update_fields=["data"])
    tell(row, "order_released", by=by, why=why, note=plain(note)[:200])
    return row


def tell(order: Order, verb: str, *, by: Agent | None, **more: Any) -> None:
    """A line in the log, and to open screens."""
    record(verb, order, by=by, actor="" if by else "system", shop=order.shop_id, **more)
    announce("order", shop=order.shop_id, order=order.pk)
