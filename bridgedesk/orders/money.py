"""Booking what is paid and refunded for an order. A gift card's balance moves with it; the rest somebody sees to at the provider."""

from collections.abc import Sequence

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.customers import wallet
from bridgedesk.customers.models import PaymentMethod
from bridgedesk.lib import clock
from bridgedesk.orders import terms
from bridgedesk.orders.access import locked
from bridgedesk.orders.models import Order, Payment
from bridgedesk.team.models import Agent


def method_of(order: Order, pk: int, *others: int | None) -> PaymentMethod:
    """The buyer's payment method of that id, locked together with the `others`. terms.Wrong if it is none of theirs."""
    return terms.usable(wallet.locked({pk, *(other for other in others if other)}).get(pk), order)


def book(order: Order, method: PaymentMethod, minor: int) -> Payment:
    """Take `minor` from the payment method (below 0: give back); 0 is booked too, as a change that cost nothing.

    In the caller's transaction, with order and payment method locked. terms.Wrong when a gift card does not hold so much.
    """
    terms.pays(method, minor)
    wallet.move(method, -minor)
    now = clock.now()
    return Payment.objects.create(
        order=order, kind="payment" if minor > 0 else "refund", minor=abs(minor), currency=order.currency, method=method.external_id,
        source=method, at=now, settled_at=now if method.kind == wallet.GIFT_CARD or not minor else None,
    )  # fmt: skip


def refund_all(order: Order) -> list[Payment]:
    """Give back what is left of every payment, each to where it came from."""
    owed = terms.owed_back(list(order.payments.all()))
    wallet.locked({row.source_id for row, _minor in owed if row.source_id})
    return [give_back(order, row, minor) for row, minor in owed]


def give_back(order: Order, payment: Payment, minor: int) -> Payment:
    """Refund `minor` of a payment to where it came from, in the caller's transaction."""
    if payment.source_id and (source := wallet.locked({payment.source_id}).get(payment.source_id)):
        return book(order, source, -minor)
    return Payment.objects.create(order=order, kind="refund", minor=minor, currency=payment.currency, method=payment.method, at=clock.now())


@transaction.atomic
def settle(payment: Payment, *, by: Agent, reference: str = "") -> Payment:
    """Somebody saw to it at the payment provider: the money has moved."""
    order = locked(payment.order, by)
    row = order.payments.get(pk=payment.pk)
    if row.settled_at is None:
        row.settled_at, row.reference = clock.now(), reference[:120] or row.reference
        row.save(update_fields=["settled_at", "reference"])
        record("settled_payment", order, by=by, shop=order.shop_id, kind=row.kind, minor=row.minor, currency=row.currency)
    return row


def told(rows: Sequence[Payment]) -> list[dict[str, object]]:
    """For the log: what was booked."""
    return [{"kind": row.kind, "minor": row.minor, "currency": row.currency, "method": row.method} for row in rows]
