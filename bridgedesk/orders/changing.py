"""Changing and cancelling orders of own shops before they leave."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import Address
from bridgedesk.customers.addresses import kept
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.orders import money, terms
from bridgedesk.orders.access import is_own, locked, terms_of
from bridgedesk.orders.cancelling import fulfilled
from bridgedesk.orders.models import Line, Order
from bridgedesk.orders.terms import Swap, Taken
from bridgedesk.products.models import Listing
from bridgedesk.team.models import Agent


@transaction.atomic
def cancel(order: Order, reason: str, *, by: Agent) -> Order:
    """Cancel what has not left; all that was paid goes back to where it came from. `reason` is one of terms.CANCEL_REASONS."""
    row = locked(order, by)
    terms.cancellable(row, reason, terms_of(row.shop), own=is_own(row), gone=_gone(row))
    refunds = money.refund_all(row)
    row.cancel_reason, row.cancel_wish, row.cancel_answer_by = reason, None, None
    into(row, "cancelled")
    fulfilled(row, by=by)
    row.save()
    _tell("cancelled_order", row, by, reason=reason, booked=money.told(refunds))
    return row


@transaction.atomic
def change_address(order: Order, address: Address, *, by: Agent) -> Order:
    """Send it elsewhere. customers.rules.WrongFacts names what the address lacks."""
    row = _changeable(order, by)
    row.address = kept(address)
    row.country = row.address["country"]
    row.checked_at = None
    row.save(update_fields=["address", "country", "checked_at"])
    _tell("changed_order_address", row, by)
    return row


@transaction.atomic
def change_payment(order: Order, method: int, *, by: Agent) -> Order:
    """Pay with another of the buyer's payment methods (its id): the whole sum is taken there, and given back where it came from."""
    row = _changeable(order, by)
    before = terms.single_payment(list(row.payments.all()))
    new = money.method_of(row, method, before.source_id)
    if before.source_id == new.pk:
        raise terms.Wrong("same_method")
    booked = [money.book(row, new, before.minor), money.give_back(row, before, before.minor)]
    row.payment_method = new.external_id
    row.save(update_fields=["payment_method"])
    _tell("changed_order_payment", row, by, booked=money.told(booked))
    return row


@transaction.atomic
def change_articles(order: Order, swaps: Sequence[Swap], method: int, *, by: Agent) -> Order:
    """Swap articles for other variations of the same product, once per order; the difference is paid or refunded by `method` (its id)."""
    row = _changeable(order, by)
    if not terms.paid(list(row.payments.all())):
        raise terms.NotNow("not_paid")
    found = find(row, swaps)
    difference = sum(each.difference for each in found)
    booked = money.book(row, money.method_of(row, method), difference)
    for each in found:
        _swap(row, each)
    if row.total_minor is not None:
        row.total_minor += difference
    row.articles_changed_at, row.checked_at = clock.now(), None
    row.save()
    _tell("changed_order_articles", row, by, booked=money.told([booked]))
    return row


def find(order: Order, asked: Sequence[terms.Piece | Swap]) -> list[Taken]:
    """The lines and articles that were named. terms.Wrong where one cannot be."""
    wanted = {each.listing for each in asked if isinstance(each, Swap)}
    listings = Listing.objects.filter(shop=order.shop_id, pk__in=wanted).select_related("sku")
    lines = {line.pk: line for line in order.lines.all()}
    return terms.taken(asked, lines, {row.pk: row for row in listings}, order, terms_of(order.shop))


def _swap(order: Order, each: Taken) -> None:
    """The pieces become the other article: the line itself, or a new line where some of it stays."""
    line, listing = each.line, each.listing
    assert listing  # noqa: S101 (only swaps come here)
    if each.quantity < line.quantity:
        Line.objects.filter(pk=line.pk).update(quantity=line.quantity - each.quantity)
        line.quantity -= each.quantity
        line = Line(order=order, external_id=_free_id(line), quantity=each.quantity)
    line.sku, line.item, line.model, line.code = listing.sku, listing.item, listing.model, listing.code
    line.title, line.options = listing.title or each.line.title, listing.options
    line.price_minor, line.image = listing.price_minor, listing.image
    line.save()


def _free_id(line: Line) -> str:
    count = Line.objects.filter(order=line.order_id, external_id__startswith=f"{line.external_id}-").count()
    return f"{line.external_id[:70]}-{count + 1}"


def into(order: Order, state: str) -> None:
    """The state is ours to say: no platform's word stands beside it any more. The caller saves."""
    order.state, order.status, order.status_at = state, "", clock.now()


def _changeable(order: Order, by: Agent) -> Order:
    row = locked(order, by)
    terms.changeable(row, terms_of(row.shop), own=is_own(row), packed=row.parcels.exclude(packed_at=None, shipped_at=None).exists())
    return row


def _gone(order: Order) -> bool:
    return order.parcels.exclude(shipped_at=None).exists()


def _tell(verb: str, order: Order, by: Agent, **data: Any) -> None:
    record(verb, order, by=by, shop=order.shop_id, **data)
    announce("order", shop=order.shop_id, order=order.pk)
