"""Orders in words: their states, remarks, acts; where to click for what no platform has an interface for."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from bridgedesk.activity import coded
from bridgedesk.activity.words import ACTS
from bridgedesk.orders import labels
from bridgedesk.orders.models import Finding, Order, PlatformAct

Word = str | Promise

STATES = coded.STATES
TONES = {
    "unpaid": "note", "held": "warn", "to_ship": "info", "part_shipped": "info", "shipped": "info", "delivered": "ok", "completed": "ok",
    "cancelling": "bad", "cancelled": "", "returning": "warn", "disputed": "bad",
}  # fmt: skip

REMARKS: Mapping[str, Word] = {
    "free": pgettext_lazy("remark", "Remark"),
    "address": pgettext_lazy("remark", "Other address"),
    "swap": pgettext_lazy("remark", "Swap an article"),
    "gift": pgettext_lazy("remark", "Add a gift"),
    "split": pgettext_lazy("remark", "Send in several parcels"),
    "merge": pgettext_lazy("remark", "Send with another order"),
    "price": pgettext_lazy("remark", "Change the price"),
    "resend": pgettext_lazy("remark", "Send again"),
    "cancel": pgettext_lazy("remark", "Wish to cancel"),
}
ADDRESSEES: Mapping[str, Word] = {
    "packing": pgettext_lazy("for whom", "Packers"),
    "purchasing": pgettext_lazy("for whom", "Purchasing"),
    "service": pgettext_lazy("for whom", "Customer service"),
    "": pgettext_lazy("for whom", "Everybody"),
}
REASONS: Mapping[str, Word] = {
    "out_of_stock": pgettext_lazy("cancel", "Out of stock"),
    "customer_request": pgettext_lazy("cancel", "The buyer asked for it"),
    "undeliverable_area": pgettext_lazy("cancel", "We cannot deliver there"),
    "payment_not_supported": pgettext_lazy("cancel", "This way of paying is not supported"),
}

_STATE = PlatformAct.State
ACT_STATES: Mapping[str, tuple[Word, str]] = {
    _STATE.QUEUED: (pgettext_lazy("act", "waiting"), "info"),
    _STATE.DOING: (pgettext_lazy("act", "under way"), "info"),
    _STATE.DONE: (pgettext_lazy("act", "done"), "ok"),
    _STATE.FAILED: (pgettext_lazy("act", "failed"), "bad"),
    _STATE.TAKEN: (pgettext_lazy("act", "with the platform"), "info"),
    _STATE.UNSURE: (pgettext_lazy("act", "please look"), "warn"),
    _STATE.BY_HAND: (pgettext_lazy("act", "by hand"), "warn"),
    _STATE.WITHDRAWN: (pgettext_lazy("act", "taken back"), ""),
}

WAITS: Mapping[str, Word] = {
    "buyer": gettext_lazy("The platform told the buyer: they have to agree first."),
    "platform": gettext_lazy("Agreed: the platform pays the buyer."),
}
"""Who moves before an act that the platform has is over."""

BY_HAND: Mapping[tuple[str, str], Word] = {
    ("shopee", "price"): gettext_lazy(
        "Shopee lets no seller change the price of an order. Offer a voucher for the next one, or a partial refund."
    ),
    ("shopee", "merge"): gettext_lazy(
        "Shopee merges no orders. Pack them together only where both bear the same label's address; ship each number."
    ),
    ("amazon", "price"): gettext_lazy(
        "Seller Central → Manage Orders → the order → Refund order → partial refund. The price itself cannot be changed."
    ),
    ("amazon", "merge"): gettext_lazy("Amazon merges no orders. One parcel may serve both: confirm the same tracking number for each."),
    ("aliexpress", "price"): gettext_lazy("Seller Center → Orders → Awaiting payment → the order → Adjust price, only before it is paid."),
    ("aliexpress", "merge"): gettext_lazy(
        "Seller Center → Orders → combine shipment where offered; else one tracking number for each order."
    ),
}
"""Remarks that no platform carries out: where to click (unconfirmed)."""

GONE: tuple[Word, ...] = (
    gettext_lazy("Ask the carrier at once to stop the parcel and bring it back. Write the carrier's answer into a remark."),
    gettext_lazy("Refuse the cancellation at the platform while the parcel moves: agreeing gives the money back with the goods still out."),
    gettext_lazy("If the buyer still does not want it, they refuse it at the door or send it back; the refund follows the goods."),
    gettext_lazy("Answer the buyer before the platform's clock ends, where the platform permits writing."),
)
"""A wish to cancel that came after the parcel left."""


def state(order: Order) -> Word:
    """How it stands: in our words, else what is known of the platform's own."""
    return STATES.get(order.state) or coded.order_state(order.status)


def act(kind: str) -> Word:
    """What the platform was asked to do."""
    return ACTS.get(kind, kind)


def finding(row: Finding) -> dict[str, str]:
    """A finding as a screen shows it."""
    return {"title": labels.title(row), "says": labels.says(row), "then": labels.then(row)}
