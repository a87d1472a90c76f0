"""Words for what the log keeps as codes: purposes, topics, moods, the states of orders and parcels. A code without one shows as it is."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

Word = str | Promise

PURPOSES: Mapping[str, Word] = {
    "answer": pgettext_lazy("purpose", "Answer"),
    "greeting": pgettext_lazy("purpose", "Greeting"),
    "order_problem": pgettext_lazy("purpose", "Problem with an order"),
    "confirm_order": pgettext_lazy("purpose", "Confirm an order"),
    "shipping_notice": pgettext_lazy("purpose", "Shipping notice"),
    "delivery_notice": pgettext_lazy("purpose", "Delivery notice"),
    "pickup_reminder": pgettext_lazy("purpose", "Pickup reminder"),
    "delay_notice": pgettext_lazy("purpose", "Notice of a delay"),
    "remedy_offer": pgettext_lazy("purpose", "Offer a remedy"),
    "cancel_answer": pgettext_lazy("purpose", "Answer to a cancellation"),
    "review_request": pgettext_lazy("purpose", "Ask for a review"),
    "review_thanks": pgettext_lazy("purpose", "Thanks for a review"),
    "review_recovery": pgettext_lazy("purpose", "Solve a bad review"),
    "marketing": pgettext_lazy("purpose", "Marketing"),
    "care": pgettext_lazy("purpose", "Customer care"),
}
TOPICS: Mapping[str, Word] = {
    "wismo": pgettext_lazy("topic", "Where is my order"),
    "not_received": pgettext_lazy("topic", "Not received"),
    "tracking_stuck": pgettext_lazy("topic", "Tracking stuck"),
    "ship_when": pgettext_lazy("topic", "When shipped"),
    "delivery_time": pgettext_lazy("topic", "Delivery time"),
    "shipping_cost": pgettext_lazy("topic", "Shipping cost"),
    "customs": pgettext_lazy("topic", "Customs"),
    "remote_area": pgettext_lazy("topic", "Area not served"),
    "pickup_failed": pgettext_lazy("topic", "Pickup"),
    "extend_protection": pgettext_lazy("topic", "Extend protection"),
    "damaged": pgettext_lazy("topic", "Damaged"),
    "wrong_item": pgettext_lazy("topic", "Wrong item"),
    "missing_item": pgettext_lazy("topic", "Missing item"),
    "defective": pgettext_lazy("topic", "Defective"),
    "size_fit": pgettext_lazy("topic", "Does not fit"),
    "not_as_described": pgettext_lazy("topic", "Not as described"),
    "change_address": pgettext_lazy("topic", "Change address"),
    "change_item": pgettext_lazy("topic", "Change item"),
    "cancel_order": pgettext_lazy("topic", "Cancel order"),
    "refund_status": pgettext_lazy("topic", "Refund status"),
    "refund_request": pgettext_lazy("topic", "Refund request"),
    "return_request": pgettext_lazy("topic", "Return request"),
    "compensation": pgettext_lazy("topic", "Compensation"),
    "price_negotiation": pgettext_lazy("topic", "Price"),
    "wholesale": pgettext_lazy("topic", "Wholesale"),
    "stock": pgettext_lazy("topic", "Stock"),
    "tech_question": pgettext_lazy("topic", "Technical question"),
    "compatibility": pgettext_lazy("topic", "Compatibility"),
    "size_advice": pgettext_lazy("topic", "Size advice"),
    "product_info": pgettext_lazy("topic", "Product"),
    "coupon": pgettext_lazy("topic", "Coupon"),
    "invoice_vat": pgettext_lazy("topic", "Invoice, VAT"),
    "payment_problem": pgettext_lazy("topic", "Payment"),
    "warranty": pgettext_lazy("topic", "Warranty"),
    "review_threat": pgettext_lazy("topic", "Review threat"),
    "dispute_threat": pgettext_lazy("topic", "Dispute threat"),
    "legal_threat": pgettext_lazy("topic", "Legal threat"),
    "abuse": pgettext_lazy("topic", "Abuse"),
    "thanks": pgettext_lazy("topic", "Thanks"),
    "greeting": pgettext_lazy("topic", "Greeting"),
    "spam_phishing": pgettext_lazy("topic", "Spam, phishing"),
    "offplatform": pgettext_lazy("topic", "Off platform"),
    "customisation": pgettext_lazy("topic", "Customisation"),
    "combine_orders": pgettext_lazy("topic", "Combine orders"),
    "no_reply": pgettext_lazy("topic", "No answer expected"),
    "complaint": pgettext_lazy("topic", "Complaint"),
    "how_to_order": pgettext_lazy("topic", "How to order"),
    "payment_methods": pgettext_lazy("topic", "Ways to pay"),
    "leave_review": pgettext_lazy("topic", "Leaving a review"),
    "newsletter": pgettext_lazy("topic", "Newsletter"),
    "cancellation_terms": pgettext_lazy("topic", "Cancellation terms"),
    "refund_policy": pgettext_lazy("topic", "Return and refund rules"),
    "account": pgettext_lazy("topic", "Buyer's account"),
}

MOODS: Mapping[str, Word] = {
    "accusing": pgettext_lazy("mood", "Accusing"),
    "rude": pgettext_lazy("mood", "Rude"),
    "shouting": pgettext_lazy("mood", "Shouting"),
}

# Ours (channels.events.STATES, TRACK_STATES).
STATES: Mapping[str, Word] = {
    "unpaid": pgettext_lazy("order", "Not paid"),
    "held": pgettext_lazy("order", "Being checked by the platform"),
    "to_ship": pgettext_lazy("order", "To be shipped"),
    "part_shipped": pgettext_lazy("order", "Partly on its way"),
    "shipped": pgettext_lazy("order", "On its way"),
    "delivered": pgettext_lazy("order", "Arrived, not confirmed"),
    "completed": pgettext_lazy("order", "Completed"),
    "cancelling": pgettext_lazy("order", "Cancellation asked for"),
    "cancelled": pgettext_lazy("order", "Cancelled"),
    "returning": pgettext_lazy("order", "Return asked for"),
    "disputed": pgettext_lazy("order", "In dispute"),
}
PARCEL_STATES: Mapping[str, Word] = {
    "unknown": pgettext_lazy("parcel", "no scan yet"),
    "info_received": pgettext_lazy("parcel", "announced"),
    "in_transit": pgettext_lazy("parcel", "on its way"),
    "customs": pgettext_lazy("parcel", "in customs"),
    "out_for_delivery": pgettext_lazy("parcel", "out for delivery"),
    "pickup_ready": pgettext_lazy("parcel", "waiting for pickup"),
    "attempt_failed": pgettext_lazy("parcel", "delivery failed"),
    "delivered": pgettext_lazy("parcel", "delivered"),
    "returned": pgettext_lazy("parcel", "back to sender"),
    "exception": pgettext_lazy("parcel", "in trouble"),
    "expired": pgettext_lazy("parcel", "silent"),
}

# Shopee's, Amazon's and AliExpress's words for the state of an order.
ORDER_STATES: Mapping[str, Word] = {
    "UNPAID": pgettext_lazy("order", "Not paid"),
    "PENDING": pgettext_lazy("order", "Being checked by the platform"),
    "READY_TO_SHIP": pgettext_lazy("order", "To be shipped"),
    "PROCESSED": pgettext_lazy("order", "Shipment arranged"),
    "RETRY_SHIP": pgettext_lazy("order", "To be shipped again"),
    "SHIPPED": pgettext_lazy("order", "On its way"),
    "TO_CONFIRM_RECEIVE": pgettext_lazy("order", "Arrived, not confirmed"),
    "IN_CANCEL": pgettext_lazy("order", "Cancellation asked for"),
    "CANCELLED": pgettext_lazy("order", "Cancelled"),
    "CANCELED": pgettext_lazy("order", "Cancelled"),
    "TO_RETURN": pgettext_lazy("order", "Return asked for"),
    "COMPLETED": pgettext_lazy("order", "Completed"),
    "INVOICE_PENDING": pgettext_lazy("order", "Invoice missing"),
    "UNSHIPPED": pgettext_lazy("order", "To be shipped"),
    "PARTIALLYSHIPPED": pgettext_lazy("order", "Partly on its way"),
    "PLACE_ORDER_SUCCESS": pgettext_lazy("order", "Not paid"),
    "RISK_CONTROL": pgettext_lazy("order", "Being checked by the platform"),
    "WAIT_SELLER_SEND_GOODS": pgettext_lazy("order", "To be shipped"),
    "SELLER_PART_SEND_GOODS": pgettext_lazy("order", "Partly on its way"),
    "WAIT_BUYER_ACCEPT_GOODS": pgettext_lazy("order", "On its way"),
    "FUND_PROCESSING": pgettext_lazy("order", "Payout under way"),
    "WAIT_SELLER_EXAMINE_MONEY": pgettext_lazy("order", "Payout under way"),
    "IN_ISSUE": pgettext_lazy("order", "In dispute"),
    "IN_FROZEN": pgettext_lazy("order", "Frozen by the platform"),
    "FINISH": pgettext_lazy("order", "Completed"),
}


def topic(code: str) -> str:
    """A topic in the reader's language."""
    return str(TOPICS.get(code, code.replace("_", " ")))


def mood(code: str) -> str:
    """A mood in the reader's language; "" is none."""
    return str(MOODS.get(code, code)) if code else pgettext("mood", "none")


def order_state(code: str) -> str:
    """The state of an order in the reader's language: ours, or the platform's own word."""
    return str(STATES.get(code) or ORDER_STATES.get(code.upper(), code))


def parcel_state(code: str) -> str:
    """The state of a parcel in the reader's language."""
    return str(PARCEL_STATES.get(code, code))
