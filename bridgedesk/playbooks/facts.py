"""What a branch may ask about: the one list of facts, each with its kind and the words a person reads.

A yes/no fact is always known. A number or a choice may be unknown (nothing of it is on file): then no comparison with it is
true, and neither is its opposite; `is known` and `is unknown` ask for that alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from bridgedesk.channels.events import STATES, TRACK_STATES

Kind = Literal["yes_no", "number", "choice"]
Value = bool | float | str
Facts = Mapping[str, Value]
"""What is known of a case, by name. A number or choice that is missing is unknown; a missing yes/no is no."""

FAULTS = ("damaged", "defective", "wrong_item", "missing_item", "not_as_described", "not_received", "size_fit", "none")


@dataclass(frozen=True)
class Fact:
    """A name branches use. `values` are what a choice may be; empty: any word (a country)."""

    name: str
    kind: Kind
    about: str | Promise
    values: tuple[str, ...] = ()


def _yes_no(name: str, about: Promise) -> Fact:
    return Fact(name, "yes_no", about)


def _number(name: str, about: Promise) -> Fact:
    return Fact(name, "number", about)


def _choice(name: str, about: Promise, *values: str) -> Fact:
    return Fact(name, "choice", about, values)


_ALL = (
    # what the buyer says now, after the step that was sent last
    _yes_no("accepts", pgettext_lazy("fact", "the buyer accepts")),
    _yes_no("insists", pgettext_lazy("fact", "the buyer insists")),
    _number("times_insisted", pgettext_lazy("fact", "times the buyer insisted")),
    _yes_no("replied", pgettext_lazy("fact", "the buyer replied")),
    _number("silent_days", pgettext_lazy("fact", "days without an answer of the buyer")),
    # how it is said, and what is threatened
    _yes_no("rude", pgettext_lazy("fact", "the buyer swears")),
    _yes_no("shouting", pgettext_lazy("fact", "a sentence is in capitals")),
    _yes_no("angry", pgettext_lazy("fact", "the buyer swears or writes in capitals")),
    _yes_no("threatens_claim", pgettext_lazy("fact", "a claim or dispute is threatened")),
    _yes_no("threatens_review", pgettext_lazy("fact", "a bad review is threatened")),
    _yes_no("threatens_court", pgettext_lazy("fact", "legal steps are threatened")),
    _yes_no("long_message", pgettext_lazy("fact", "the message is an essay")),
    _yes_no("has_photo", pgettext_lazy("fact", "the buyer sent a photo or film")),
    _yes_no("asks_refund", pgettext_lazy("fact", "the buyer asks for money back")),
    _yes_no("asks_part", pgettext_lazy("fact", "the buyer would rather have part of the money")),
    _yes_no("mentions_box", pgettext_lazy("fact", "the buyer speaks of the box")),
    _yes_no("by_hand", pgettext_lazy("fact", "an agent decides so; never true by itself")),
    # the order and its money
    _yes_no("has_order", pgettext_lazy("fact", "an order is known")),
    _choice("order_state", pgettext_lazy("fact", "state of the order"), *STATES),
    _yes_no("shipped", pgettext_lazy("fact", "the order has left us")),
    _yes_no("articles_changed", pgettext_lazy("fact", "the articles of the order were changed")),
    _yes_no("cash_on_delivery", pgettext_lazy("fact", "paid on delivery")),
    _yes_no("sent_by_platform", pgettext_lazy("fact", "the platform's warehouse sends it")),
    _number("order_value", pgettext_lazy("fact", "value of the order")),
    _choice("currency", pgettext_lazy("fact", "currency of the order")),
    _yes_no("refunded", pgettext_lazy("fact", "a refund is booked")),
    _yes_no("refund_settled", pgettext_lazy("fact", "the refund has been paid out")),
    _yes_no("case_open", pgettext_lazy("fact", "a return or dispute is open at the platform")),
    _yes_no("offer_left", pgettext_lazy("fact", "the case has something left to offer")),
    _number("days_since_order", pgettext_lazy("fact", "days since the order")),
    _number("days_since_shipping", pgettext_lazy("fact", "days since it was sent")),
    _number("days_since_delivery", pgettext_lazy("fact", "days since delivery")),
    _choice("fault", pgettext_lazy("fact", "what is wrong"), *FAULTS),
    # the parcel
    _choice("parcel_state", pgettext_lazy("fact", "state of the parcel"), *TRACK_STATES),
    _yes_no("parcel_known", pgettext_lazy("fact", "a tracking number is known")),
    _number("days_since_scan", pgettext_lazy("fact", "days since the last scan")),
    _yes_no("overdue", pgettext_lazy("fact", "the promised day is over")),
    _yes_no("cause_on_file", pgettext_lazy("fact", "a parcel event shows the cause")),
    # the goods
    _yes_no("facts_on_file", pgettext_lazy("fact", "facts of the product are on file")),
    _yes_no("in_stock", pgettext_lazy("fact", "the article is on the shelf")),
    # the review
    _number("stars", pgettext_lazy("fact", "stars of the review")),
    _yes_no("review_has_text", pgettext_lazy("fact", "the review has a text or a picture")),
    # where
    _choice("platform", pgettext_lazy("fact", "platform"), "shopee", "amazon", "aliexpress", "email", "manual", "phone", "sms"),
    _choice("country", pgettext_lazy("fact", "country of the buyer")),
    _yes_no("consumer_withdrawal", pgettext_lazy("fact", "within the days in which the buyer's law allows a return without a reason")),
)
FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _ALL}

EVIDENCE: Mapping[str, str] = {
    "locate_cause": "cause_on_file",
    "explain": "facts_on_file",
    "strengths": "facts_on_file",
    "tailored_reason": "facts_on_file",
}
"""What must be on file before a step of that strategy may be taken: it selects among true facts, it never makes one up."""
