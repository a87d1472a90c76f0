"""Where to click when a platform offers no interface for an act, by platform and act. Menus move: every entry is marked unconfirmed
until somebody has walked it; its date says when it was written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as noop


@dataclass(frozen=True)
class Guide:
    """`text` in plain words; `sure` only where it was walked on the platform itself; `source` of what it says of the platform."""

    text: str | Promise
    sure: bool = False
    as_of: date = date(2026, 11, 22)
    source: str = ""


_ANYWHERE = Guide(gettext_lazy("Open the order in the platform's seller tool, do it there, then say here that it is done."))

_OWN = {
    "RefundBuyer": Guide(
        gettext_lazy("Refund it where the buyer paid (payment provider, bank), then say here that it is done."), sure=True
    ),
    "SendAgain": Guide(gettext_lazy("Pack and send it; then say here that it is done."), sure=True),
    "SendReturnLabel": Guide(
        gettext_lazy("Buy a return label from your carrier and send it to the buyer; then say here that it is done."), sure=True
    ),
}
"""What needs no platform."""

GUIDES: Mapping[tuple[str, str], Guide] = {
    ("shopee", "WriteNote"): Guide(gettext_lazy("Seller Centre → My Orders → open the order → Add a note.")),
    ("shopee", "CancelOrder"): Guide(
        gettext_lazy(
            "Seller Centre → My Orders → To Ship → the order → Cancel Order. It counts against the shop; never ask the buyer to do it."
        )
    ),
    ("shopee", "AnswerCancellation"): Guide(gettext_lazy("Seller Centre → My Orders → Cancellation → the order → Accept or Reject.")),
    ("shopee", "SplitOrder"): Guide(
        gettext_lazy("Seller Centre → My Orders → To Ship → the order → Split parcel, before shipping is arranged.")
    ),
    ("shopee", "ShipParcel"): Guide(gettext_lazy("Seller Centre → My Orders → To Ship → Arrange Shipment → enter the tracking number.")),
    ("shopee", "ExtendReceipt"): Guide(
        gettext_lazy(
            "Shopee gives sellers no way to do this. The buyer can tap “Extend Shopee Guarantee” in the order; tell them only if they ask."
        )
    ),
    ("shopee", "PushStock"): Guide(gettext_lazy("Seller Centre → My Products → Mass Update → Stock, or edit the product.")),
    ("shopee", "AskReview"): Guide(gettext_lazy("Shopee forbids asking for reviews by its interface. It reminds the buyer by itself.")),
    ("shopee", "ReplyReview"): Guide(gettext_lazy("Seller Centre → Shop Rating → the review → Reply.")),
    ("shopee", "WriteToBuyer"): Guide(gettext_lazy("Seller Centre → Chat: answer in the conversation with the buyer.")),
    ("shopee", "RefundBuyer"): Guide(
        gettext_lazy(
            "Seller Centre → Return/Refund → the request → Refund, or propose a smaller sum. Shopee pays nothing back without a request."
        )
    ),
    ("shopee", "SendAgain"): Guide(
        gettext_lazy("Shopee knows no second parcel of an order. Send it outside the order, with a tracking number you keep here.")
    ),
    ("shopee", "SendReturnLabel"): Guide(
        gettext_lazy("Seller Centre → Return/Refund → the request → Return and refund: Shopee gives the buyer its label.")
    ),
    ("amazon", "WriteToBuyer"): Guide(
        gettext_lazy("Seller Central → Manage Orders → the order → Contact Buyer → the kind of message, with its file.")
    ),
    ("aliexpress", "WriteToBuyer"): Guide(gettext_lazy("Seller Center → Message center: write to the buyer of the order.")),
    ("amazon", "RefundBuyer"): Guide(gettext_lazy("Seller Central → Manage Orders → the order → Refund Order → reason and amount.")),
    ("amazon", "SendAgain"): Guide(
        gettext_lazy("Seller Central → Manage Returns → the request → Replace, or send it outside the order and keep its number here.")
    ),
    ("amazon", "SendReturnLabel"): Guide(gettext_lazy("Seller Central → Manage Returns → the request → Authorise → prepaid label.")),
    ("aliexpress", "RefundBuyer"): Guide(
        gettext_lazy("Seller Center → Disputes → the dispute → propose a refund. Without a dispute the buyer has to ask for it there.")
    ),
    ("aliexpress", "SendAgain"): Guide(
        gettext_lazy("AliExpress knows no second parcel of an order. Send it outside the order, with a tracking number you keep here.")
    ),
    ("aliexpress", "SendReturnLabel"): Guide(
        gettext_lazy("Seller Center → Disputes → the dispute → return and refund → your return address.")
    ),
    ("amazon", "WriteNote"): Guide(
        gettext_lazy("Seller Central → Orders → Manage Orders → the order → Seller notes. The buyer does not see them.")
    ),
    ("amazon", "CancelOrder"): Guide(
        gettext_lazy("Seller Central → Orders → Manage Orders → the order → Cancel order. It counts as a cancellation before shipment.")
    ),
    ("amazon", "AnswerCancellation"): Guide(
        gettext_lazy(
            "Seller Central → Manage Orders → the order with “Buyer requested cancellation” → Cancel order, or ship it and tell the buyer."
        )
    ),
    ("amazon", "SplitOrder"): Guide(gettext_lazy("Seller Central → Manage Orders → the order → Confirm shipment → Add package.")),
    ("amazon", "ShipParcel"): Guide(
        gettext_lazy("Seller Central → Manage Orders → the order → Confirm shipment → carrier and tracking number.")
    ),
    ("amazon", "ExtendReceipt"): Guide(gettext_lazy("Amazon knows no time to confirm receipt: there is nothing to extend.")),
    ("amazon", "PushStock"): Guide(
        gettext_lazy("Seller Central → Inventory → Manage All Inventory → Available. Amazon's own warehouse counts by itself.")
    ),
    ("amazon", "AskReview"): Guide(
        gettext_lazy("Seller Central → Manage Orders → the order → Request a Review, between 5 and 30 days after delivery.")
    ),
    ("amazon", "ReplyReview"): Guide(gettext_lazy("Amazon lets sellers answer feedback (Performance → Feedback), not product reviews.")),
    ("aliexpress", "WriteNote"): Guide(gettext_lazy("Seller Center → Orders → the order → Remark.")),
    ("aliexpress", "CancelOrder"): Guide(
        gettext_lazy(
            "Sellers cannot cancel a paid order here: the buyer asks for it. Seller Center → Orders → the order shows what is open to you."
        )
    ),
    ("aliexpress", "AnswerCancellation"): Guide(
        gettext_lazy("Seller Center → Orders → Cancellation requests → the order → Agree or Refuse.")
    ),
    ("aliexpress", "SplitOrder"): Guide(gettext_lazy("Seller Center → Orders → the order → Ship → Partial shipment.")),
    ("aliexpress", "ShipParcel"): Guide(
        gettext_lazy("Seller Center → Orders → the order → Declare shipment → service and tracking number.")
    ),
    ("aliexpress", "ExtendReceipt"): Guide(
        gettext_lazy("Seller Center → Orders → the order → Extend the buyer's time to confirm receipt → days.")
    ),
    ("aliexpress", "PushStock"): Guide(gettext_lazy("Seller Center → Products → Manage products → Stock.")),
    ("aliexpress", "AskReview"): Guide(
        gettext_lazy("Seller Center → Feedback → leave your own first; the buyer may be asked in the message center.")
    ),
    ("aliexpress", "ReplyReview"): Guide(gettext_lazy("Seller Center → Feedback → Active feedback → Reply.")),
}


_NO_CASE: Mapping[tuple[str, str], Guide] = {
    ("shopee", "RefundBuyer"): Guide(
        gettext_lazy(
            "Ask the buyer to open a return in the app (the order → Return/Refund); it comes here and is answered from this case."
        ),
        source=noop("Shopee Open Platform, guide 227 and v2.returns.*: every refund belongs to a return"),
    ),
    ("shopee", "SendReturnLabel"): Guide(
        gettext_lazy(
            "Ask the buyer to open a return in the app (the order → Return/Refund); it comes here and is answered from this case."
        ),
        source=noop("Shopee Open Platform, guide 227 and v2.returns.*: every refund belongs to a return"),
    ),
    ("aliexpress", "RefundBuyer"): Guide(
        gettext_lazy("Ask the buyer to open a dispute for the order; it comes here and is answered from this case."),
        source=noop("AliExpress SDK, aliexpress.issue.*: solutions belong to a dispute"),
    ),
    ("aliexpress", "SendReturnLabel"): Guide(
        gettext_lazy("Ask the buyer to open a dispute for the order; it comes here and is answered from this case."),
        source=noop("AliExpress SDK, aliexpress.issue.*: solutions belong to a dispute"),
    ),
}
"""Where no return runs at the platform."""


def guide(platform: str, kind: str, runs: bool = True) -> Guide:
    """Where to do an act of that kind by hand on that platform; `runs`: a return or dispute of the order runs there."""
    without = None if runs else _NO_CASE.get((platform, kind))
    return without or GUIDES.get((platform, kind)) or _OWN.get(kind, _ANYWHERE)
