"""Where to click when a platform offers no interface for an act, by platform and act. Menus move: every entry is marked unconfirmed
until somebody has walked it; its date says when it was written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Guide:
    """`text` in plain words; `sure` only where it was walked on the platform itself."""

    text: str | Promise
    sure: bool = False
    as_of: date = date(2026, 11, 22)


_ANYWHERE = Guide(gettext_lazy("Open the order in the platform's seller tool, do it there, then say here that it is done."))

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


def guide(platform: str, kind: str) -> Guide:
    """Where to do an act of that kind by hand on that platform."""
    return GUIDES.get((platform, kind), _ANYWHERE)
