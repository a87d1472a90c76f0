"""The trade's words on the screen: purposes, topics, platforms."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

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
}

MOODS: Mapping[str, Word] = {
    "accusing": pgettext_lazy("mood", "Accusing"),
    "rude": pgettext_lazy("mood", "Rude"),
    "shouting": pgettext_lazy("mood", "Shouting"),
}

# What a mail's headers and bytes give reason to say beside it (channels/mail_events.py).
WARNINGS: Mapping[str, Word] = {
    "forged_thread": gettext_lazy("This mail bears a forged mark of one of our conversations, so it has a conversation of its own."),
    "other_address": gettext_lazy(
        "This mail refers to a conversation with another address. Make sure who writes before you speak of orders."
    ),
    "spoofed_sender": gettext_lazy("The sender's address is forged: the mail did not come from its domain. Trust nothing in it."),
    "imitates_amazon": gettext_lazy("This mail imitates Amazon but did not come through Amazon. Do not open its links."),
}
NOTES: Mapping[str, Word] = {
    "too_many_parts": gettext_lazy("The mail has more parts than are read; the rest is in the original."),
    "parts_too_deep": gettext_lazy("The mail is nested more deeply than is read; the rest is in the original."),
    "no_boundary": gettext_lazy("The mail is damaged; what could be read is shown."),
    "text_cut": gettext_lazy("The text is longer than is shown; the rest is in the original."),
    "files_cut": gettext_lazy("The mail has more files than are kept; the rest are in the original."),
    "history_cut": gettext_lazy("The quoted history is very long; its end was folded without being looked through."),
}

PLATFORMS: Mapping[str, Word] = {
    "shopee": gettext_lazy("Shopee"),
    "amazon": gettext_lazy("Amazon"),
    "aliexpress": gettext_lazy("AliExpress"),
    "email": gettext_lazy("E-mail"),
    "sms": gettext_lazy("SMS"),
    "phone": gettext_lazy("Phone"),
    "manual": gettext_lazy("By hand"),
}

CALL_SIDES: Mapping[str, Word] = {"out": gettext_lazy("We called"), "in": gettext_lazy("The buyer called")}
CALL_ENDS: Mapping[str, Word] = {
    "reached": gettext_lazy("We talked"),
    "no_answer": gettext_lazy("No answer"),
    "busy": gettext_lazy("Busy"),
    "voicemail": gettext_lazy("Voicemail"),
    "wrong_number": gettext_lazy("Wrong number"),
}

# The languages a buyer's conversation may be marked with; names come from CLDR.
LANGUAGES = (
    "en", "es", "pt", "pt-BR", "fr", "de", "it", "nl", "pl", "ru", "uk", "tr", "ar", "he", "ja", "ko", "th", "vi", "id", "ms", "tl",
    "hi", "cs", "sv", "zh-Hans", "zh-Hant",
)  # fmt: skip


def beside(words: Mapping[str, Word], codes: object) -> list[str]:
    """The sentences of WARNINGS or NOTES for the codes kept with a message; codes without one are left out."""
    return [str(words[code]) for code in codes if code in words] if isinstance(codes, list) else []


def call(direction: str, meta: Mapping[str, object]) -> str:
    """Who called, how it ended and how long it took, as far as it was noted. `direction` is the message's own, "in" or "out"."""
    minutes = str(meta.get("minutes") or "")
    said = [
        CALL_SIDES.get(str(meta.get("direction") or direction)),
        CALL_ENDS.get(str(meta.get("ended"))),
        gettext("%(minutes)s min") % {"minutes": minutes} if minutes else None,
    ]
    return " · ".join(str(word) for word in said if word)


def purpose(key: str) -> str:
    """A purpose in the reader's language; a key that has no word yet as it is."""
    return str(PURPOSES.get(key, key))


def topic(key: str) -> str:
    """A topic in the reader's language."""
    return str(TOPICS.get(key, key.replace("_", " ")))
