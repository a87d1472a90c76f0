"""Our letters as the buyer reads them: what each offers or says, and what the record must hold when it leaves."""

import re
from collections.abc import Callable
from datetime import timedelta

from bench._buyers import Buyer
from bench._desk import Letter
from bench._scripts import OFFERS
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.products.models import Sku
from bridgedesk.remedies.models import Case

LETTERS: dict[str, tuple[str, ...]] = {
    "abusive-no-order": ("asks_order",), "ask-order-number": ("asks_order",), "damaged-ask-photo": ("asks_proof",),
    "missing-item-check": ("asks_proof",), "warranty-claim": ("asks_proof", "warranty"), "what-is-wrong": ("asks_more", "asks_proof"),
    "compatibility-ask": ("asks_more",), "wrong-item-sorry": ("choice",), "resend-or-refund": ("choice",), "parcel-returned": ("choice",),
    "review-bad-solve": ("choice", "review"), "return-letter-1": ("return_buyer",), "return-letter-2": ("return_buyer",),
    "return-letter-3": ("return_label",), "partial-refund-offer": ("partial",), "size-exchange": ("resend",),
    "resend-offer": ("resend",), "resend-part-offer": ("resend_part",), "refund-offer": ("refund_keep",),
    "where-is-my-order": ("tracking",), "not-shipped-yet": ("not_shipped",), "not-received-check": ("delivered_check",),
    "tracking-stuck": ("stands_still",), "delay-with-cause": ("cause",), "customs-hold": ("customs",), "customs-duty": ("customs",),
    "pickup-waiting": ("pickup",), "delivery-failed": ("pickup",), "angry-calm": ("calms",), "legal-threat": ("calms",),
    "review-threat": ("calms",), "dispute-opened": ("case",), "product-fact": ("fact", "explain"), "size-advice": ("fact",),
    "defective-steps": ("steps", "guide"), "step-by-step": ("steps", "guide"), "cancelled-as-asked": ("cancelled",),
    "cancel-already-sent": ("too_late",), "address-too-late": ("too_late",), "address-changed": ("address",), "item-changed": ("changed",),
    "orders-combined": ("changed",), "area-not-served": ("area",), "refund-made": ("refund_status",),
    "refund-under-way": ("refund_status",),
    "in-stock": ("stock",), "back-in-stock": ("stock",), "wholesale-quote": ("price",), "price-firm": ("price",),
    "coupon-where": ("price",),
    "shipping-cost": ("price",), "box-damaged-only": ("box",), "warranty-over": ("warranty",), "order-lists-this": ("not_ordered",),
    "stay-on-platform": ("stays_here",), "review-thanks": ("thanks",), "thanks-answer": ("thanks",),
    "review-neutral-ask": ("review",), "review-stars-ask": ("review",),
    "invoice-sent": ("invoice",), "payment-pending": ("payment",), "long-message": ("sums_up",),
    "invoice-details": ("asks_more",), "exchange-by-return": ("return_buyer",), "change-noted": ("other",),
}  # fmt: skip
"""What each shipped letter is to the buyer; one that is not here is "other"."""
WITHDRAWS = frozenset(re.findall("..", "ATBEBGHRCYCZDKEEFIFRDEGRHUIEITLVLTLUMTNLPLPTROSKSIESSE"))
"""Where a consumer withdraws within 14 days without a reason (Directive 2011/83/EU, article 9)."""
CHOICE = ("resend", "resend_part", "refund_keep")

Check = Callable[[Order], bool]


def _scanned(*states: str) -> Check:
    return lambda order: any(scan.status in states for parcel in order.parcels.all() for scan in parcel.scans.all())


def _asked(*kinds: str) -> Check:
    return lambda order: order.acts.filter(kind__in=kinds).exclude(state=PlatformAct.State.WITHDRAWN).exists()


def _left(order: Order) -> bool:
    return order.shipped_at is not None


def _within(days: int) -> Check:
    return lambda order: order.delivered_at is not None and clock.now() - order.delivered_at <= timedelta(days=days)


def _stock(order: Order) -> bool:
    return any((sku.on_hand or 0) > 0 for sku in Sku.objects.filter(lines__order=order))


CLAIMS: dict[str, Check] = {
    "where-is-my-order": lambda order: _left(order) and order.parcels.exclude(number="").exists(),
    "not-shipped-yet": lambda order: not _left(order), "not-received-check": _scanned("delivered"),
    "parcel-delivered": _scanned("delivered"),
    "cancelled-as-asked": lambda order: order.state == "cancelled" or _asked("CancelOrder", "AnswerCancellation")(order),
    "cancel-already-sent": _left, "address-too-late": _left, "customs-hold": _scanned("customs"),
    "address-changed": lambda order: order.remarks.exists() or "12 Long Street" not in str(order.address),
    "item-changed": lambda order: order.articles_changed_at is not None or order.remarks.exists(),
    "orders-combined": lambda order: order.remarks.exists(), "delay-with-cause": _scanned("customs", "exception", "attempt_failed"),
    "pickup-waiting": _scanned("pickup_ready"), "delivery-failed": _scanned("attempt_failed"), "parcel-returned": _scanned("returned"),
    "protection-extended": _asked("ExtendReceipt"), "resend-sent": _asked("SendAgain"),
    "refund-made": lambda order: order.payments.filter(kind="refund", settled_at__isnull=False).exists(),
    "refund-under-way": lambda order: order.payments.filter(kind="refund").exists(), "in-stock": _stock,
    "dispute-opened": lambda order: Case.objects.filter(order=order).exclude(external_id="").exists(),
    "warranty-claim": _within(730), "warranty-over": lambda order: not _within(365)(order),
    "payment-pending": lambda o: o.state == "unpaid",
    "invoice-sent": lambda order: False,
}  # fmt: skip
"""What a letter states, as the record must hold it when the letter leaves. An invoice is never attached by a branch alone."""


def moves_of(letter: Letter) -> tuple[str, ...]:
    """What a letter is to the buyer."""
    return LETTERS.get(letter.template, ("other",))


def offered(letter: Letter) -> int:
    """How much of what was paid it offers, in per cent."""
    moves = moves_of(letter)
    if "partial" in moves:
        return letter.share
    return 100 if set(moves) & {"refund_keep", "return_label", "choice", "resend"} else 0


def false_in(letter: Letter, buyer: Buyer) -> list[str]:
    """What of this letter the record does not hold, and what it offers that the case does not; asked as it leaves."""
    order, found = buyer.order, []
    claim = CLAIMS.get(letter.template)
    if claim and (order is None or not claim(order)):
        found.append(f"false_statement ({letter.template})")
    moves = [move for move in moves_of(letter) if move in OFFERS and move not in ("explain", "guide")]
    kinds = set(CHOICE if "choice" in moves else moves)
    if moves and letter.offer and letter.offer not in kinds:
        found.append(f"promised_other ({letter.template}, the case: {letter.offer})")
    if letter.template == "return-letter-1" and order and order.country in WITHDRAWS and _within(14)(order):
        found.append("fee (within the days of withdrawal)")
    return found
