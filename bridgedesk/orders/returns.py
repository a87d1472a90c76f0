"""Delivered goods that come back to an own shop: asked for, received, settled in money or with other articles."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.orders import money, terms
from bridgedesk.orders.access import is_own, locked, terms_of
from bridgedesk.orders.changing import find, into
from bridgedesk.orders.models import Order, Return, ReturnLine
from bridgedesk.orders.terms import Piece, Swap, Taken
from bridgedesk.team.models import Agent

OPEN = ("asked", "agreed", "under_way", "judged")


@transaction.atomic
def ask_return(order: Order, pieces: Sequence[Piece], method: int, *, by: Agent, reason: str = "") -> Return:
    """The buyer sends pieces back for their price. `method` is the id of the payment method that gets the refund once they are here."""
    row = _returnable(order, by)
    source = money.method_of(row, method)
    terms.refundable_to(source, list(row.payments.all()), terms_of(row.shop))
    found = terms.taken(pieces, {line.pk: line for line in row.lines.all()}, {}, row)
    asked = Return(order=row, kind=Return.Kind.REFUND, source=source, reason=plain(reason)[:200])
    return _ask(asked, found, by)


@transaction.atomic
def ask_exchange(order: Order, swaps: Sequence[Swap], method: int, *, by: Agent, reason: str = "") -> Return:
    """The buyer sends pieces back for other variations of the same products. The difference is booked on `method` (its id) once they
    are here; a gift card must hold it now."""
    row = _returnable(order, by)
    found = find(row, swaps)
    source = money.method_of(row, method)
    difference = sum(each.difference for each in found)
    terms.pays(source, difference)
    asked = Return(order=row, kind=Return.Kind.EXCHANGE, source=source, difference_minor=difference, reason=plain(reason)[:200])
    return _ask(asked, found, by)


@transaction.atomic
def withdraw(returned: Return, *, by: Agent) -> Return:
    """The buyer keeps the goods after all; they may be returned or exchanged later."""
    order, row = _open(returned, by)
    row.state, row.closed_at = "withdrawn", clock.now()
    row.save(update_fields=["state", "closed_at"])
    into(order, "delivered")
    order.save(update_fields=["state", "status", "status_at"])
    _tell("withdrew_return", order, by, kind=row.kind)
    return row


@transaction.atomic
def settle(returned: Return, *, by: Agent) -> Return:
    """The goods are back and as agreed: the price is refunded, or the difference of an exchange paid or refunded."""
    order, row = _open(returned, by)
    owed = row.difference_minor if row.kind == Return.Kind.EXCHANGE else -sum(line.price_minor * line.quantity for line in row.lines.all())
    booked = money.book(order, money.method_of(order, row.source_id or 0), owed or 0)
    row.state, row.closed_at = "closed", clock.now()
    row.save(update_fields=["state", "closed_at"])
    into(order, "completed")
    order.save(update_fields=["state", "status", "status_at"])
    _tell("settled_return", order, by, kind=row.kind, booked=money.told([booked]))
    return row


def _returnable(order: Order, by: Agent) -> Order:
    row = locked(order, by)
    terms.returnable(row, terms_of(row.shop), clock.now(), own=is_own(row), before=row.returns.exclude(state="withdrawn").exists())
    return row


def _ask(asked: Return, found: Sequence[Taken], by: Agent) -> Return:
    order = asked.order
    asked.state, asked.asked_by, asked.asked_at, asked.currency = "asked", by, clock.now(), order.currency
    asked.save()
    ReturnLine.objects.bulk_create(_line(asked, each) for each in found)
    into(order, "returning")
    order.save(update_fields=["state", "status", "status_at"])
    _tell("asked_return" if asked.kind == Return.Kind.REFUND else "asked_exchange", order, by, pieces=sum(each.quantity for each in found))
    return asked


def _line(asked: Return, each: Taken) -> ReturnLine:
    new = each.listing.price_minor if each.listing else None
    old = each.line.price_minor or 0
    return ReturnLine(returned=asked, line=each.line, quantity=each.quantity, listing=each.listing, price_minor=old, new_price_minor=new)


def _open(returned: Return, by: Agent) -> tuple[Order, Return]:
    order = locked(returned.order, by)
    row = order.returns.get(pk=returned.pk)
    if not is_own(order):
        raise terms.NotNow("not_own")
    if row.state not in OPEN:
        raise terms.NotNow("return_closed")
    return order, row


def _tell(verb: str, order: Order, by: Agent, **data: Any) -> None:
    record(verb, order, by=by, shop=order.shop_id, **data)
    announce("order", shop=order.shop_id, order=order.pk)
