"""Words of cases: states, clocks, faults, options, and the reasons platforms give."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

if TYPE_CHECKING:
    from bridgedesk.orders.models import PlatformAct

STATES = {
    "asked": pgettext_lazy("case", "asked for"),
    "agreed": pgettext_lazy("case", "agreed"),
    "under_way": pgettext_lazy("case", "under way"),
    "judged": pgettext_lazy("case", "with the platform"),
    "closed": pgettext_lazy("case", "closed"),
    "withdrawn": pgettext_lazy("case", "withdrawn"),
}
TONES = {"asked": "warn", "agreed": "info", "under_way": "info", "judged": "warn", "closed": "ok"}
CLOCKS = {
    "answer": _("Answer the buyer"),
    "buyer_answers": _("The buyer answers our offer"),
    "buyer_ships": _("The buyer sends it back"),
    "check": _("Check what came back"),
}
REASONS = {
    "NOT_RECEIPT": _("Not received"),
    "WRONG_ITEM": _("Wrong article"),
    "ITEM_DAMAGED": _("Damaged"),
    "ITEM_WRONGDAMAGED": _("Wrong or damaged"),
    "PHYSICAL_DMG": _("Damaged outside"),
    "FUNCTIONAL_DMG": _("Does not work"),
    "DIFFERENT_DESCRIPTION": _("Not as described"),
    "MUTUAL_AGREE": _("Agreed with the buyer"),
    "CHANGE_MIND": _("Changed their mind"),
    "ITEM_MISSING": _("Part is missing"),
    "EXPECTATION_FAILED": _("Not as expected"),
    "ITEM_FAKE": _("Counterfeit"),
}

FAULTS = {
    "damaged": _("Damaged"),
    "outer_box": _("Only the outer box is damaged"),
    "defective": _("Does not work"),
    "wrong_item": _("Wrong article"),
    "missing_item": _("Something is missing"),
    "not_as_described": _("Not as described"),
    "size": _("Does not fit"),
    "changed_mind": _("Changed their mind"),
    "not_received": _("Not received"),
    "late": _("Arrived late"),
    "used_long": _("Used for long, now broken"),
}
FAULT_OF = {
    "NOT_RECEIPT": "not_received",
    "WRONG_ITEM": "wrong_item",
    "ITEM_DAMAGED": "damaged",
    "PHYSICAL_DMG": "damaged",
    "FUNCTIONAL_DMG": "defective",
    "DIFFERENT_DESCRIPTION": "not_as_described",
    "CHANGE_MIND": "changed_mind",
    "ITEM_MISSING": "missing_item",
    "EXPECTATION_FAILED": "not_as_described",
}
"""The fault a platform's reason names, where it names one."""
WANTS = {
    "refund": pgettext_lazy("buyer wants", "the money back"),
    "part_refund": pgettext_lazy("buyer wants", "part of the money"),
    "again": pgettext_lazy("buyer wants", "the article sent again"),
    "return": pgettext_lazy("buyer wants", "to send it back"),
    "help": pgettext_lazy("buyer wants", "help or an explanation"),
}
TONE_WORDS = {
    "calm": pgettext_lazy("tone", "calm"),
    "angry": pgettext_lazy("tone", "angry"),
    "threatens": pgettext_lazy("tone", "threatens with a claim, a review or a court"),
}
OPTIONS = {
    "explain": _("Explain"),
    "guide": _("Show step by step"),
    "coupon_10": _("Coupon of 10 %"),
    "partial_10": _("Refund 10 %, the buyer keeps it"),
    "partial_20": _("Refund 20 %, the buyer keeps it"),
    "partial_30": _("Refund 30 %, the buyer keeps it"),
    "partial_50": _("Refund half, the buyer keeps it"),
    "return_buyer": _("Return at the buyer's cost"),
    "resend_part": _("Send the part again"),
    "return_label": _("Return with our label"),
    "resend": _("Send it again"),
    "refund_keep": _("Refund everything, the buyer keeps it"),
}
PARTS = {
    "refund": pgettext_lazy("cost", "money back"),
    "commission": pgettext_lazy("cost", "commission given back"),
    "coupon": pgettext_lazy("cost", "coupon"),
    "goods": pgettext_lazy("cost", "goods"),
    "freight_out": pgettext_lazy("cost", "freight out"),
    "freight_back": pgettext_lazy("cost", "freight back"),
    "salvage": pgettext_lazy("cost", "worth of what comes back"),
    "claim": pgettext_lazy("cost", "claim"),
    "claim_fee": pgettext_lazy("cost", "fee of a claim"),
    "claim_mark": pgettext_lazy("cost", "mark on the shop"),
    "letters": pgettext_lazy("cost", "letters"),
    "remedy": pgettext_lazy("cost", "remedy"),
    "review": pgettext_lazy("cost", "chance of a bad review"),
    "escalation": pgettext_lazy("cost", "claim or dispute"),
}
SUMS = {
    "paid": _("Paid for these articles"),
    "freight_paid": _("Freight the buyer paid"),
    "goods": _("What the goods cost us"),
    "freight_out": _("Freight to the buyer"),
    "freight_back": _("Freight back"),
}
ENDS = {
    "accepted": pgettext_lazy("case ends", "accepts “%(option)s”"),
    "escalated": pgettext_lazy("case ends", "escalates after “%(option)s”"),
    "silent": pgettext_lazy("case ends", "says no more after “%(option)s”"),
}
BARRED = {
    "no_return": _("Goods of this value do not come back."),
    "stock": _("There are not enough in stock to send again."),
    "guidance": _("Nothing about the article is on file that could be explained."),
    "refundable": _("More than is left of what was paid."),
}
OFFERED = {
    "waiting": (pgettext_lazy("offer", "waits for a lead"), "warn"),
    "made": (pgettext_lazy("offer", "open"), "info"),
    "accepted": (pgettext_lazy("offer", "accepted"), "ok"),
    "refused": (pgettext_lazy("offer", "refused"), ""),
    "silent": (pgettext_lazy("offer", "no answer"), ""),
    "escalated": (pgettext_lazy("offer", "escalated"), "bad"),
    "withdrawn": (pgettext_lazy("offer", "taken back"), ""),
}


MONEY = {
    "queued": (pgettext_lazy("money", "asked for"), "info"),
    "doing": (pgettext_lazy("money", "asked for"), "info"),
    "by_hand": (pgettext_lazy("money", "to be paid by hand"), "warn"),
    "failed": (pgettext_lazy("money", "failed"), "bad"),
    "unsure": (pgettext_lazy("money", "in doubt"), "warn"),
    "buyer": (pgettext_lazy("money", "offered, the buyer decides"), "info"),
    "platform": (pgettext_lazy("money", "agreed, the platform pays"), "info"),
    "done": (pgettext_lazy("money", "paid"), "ok"),
    "withdrawn": (pgettext_lazy("money", "taken back"), ""),
}
"""How far a refund is, by the state of its act; of one that lies with the platform by who has to move."""


def money(act: "PlatformAct") -> tuple[object, str]:
    """How far a refund is, with its tone."""
    return MONEY.get(str(act.told.get("waits", ""))) or MONEY["platform"] if act.state == "taken" else MONEY[act.state]


def noted(words: Mapping[str, object], key: str) -> str:
    """As the log keeps it: the English text, which every reader is told in their own language."""
    with override("en"):
        return str(words.get(key, key))


def option(key: str) -> str:
    """The option's name; one that is no longer offered by its key."""
    return str(OPTIONS.get(key, key))


def reason(code: str) -> str:
    """The platform's reason in words; one we do not know as it was given."""
    return str(REASONS.get(code, code.replace("_", " ").lower()))
