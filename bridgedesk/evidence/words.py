"""What happened with an order, as a pack tells it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from bridgedesk.orders.words import act

KINDS: Mapping[str, str | Promise] = {
    "placed": pgettext_lazy("pack", "Ordered"),
    "paid": pgettext_lazy("pack", "Paid"),
    "shipped": pgettext_lazy("pack", "Left us"),
    "delivered": pgettext_lazy("pack", "Delivered"),
    "remark": pgettext_lazy("pack", "Remark on the order"),
    "packing": pgettext_lazy("pack", "Photo or film of packing"),
    "buyer": pgettext_lazy("pack", "The buyer wrote"),
    "shop": pgettext_lazy("pack", "The shop wrote"),
    "scan": pgettext_lazy("pack", "Parcel"),
    "payment": pgettext_lazy("pack", "Payment"),
    "refund": pgettext_lazy("pack", "Refund"),
    "offer": pgettext_lazy("pack", "Offered"),
    "offer_made": pgettext_lazy("pack", "Offered"),
    "offer_accepted": pgettext_lazy("pack", "The buyer accepted"),
    "offer_refused": pgettext_lazy("pack", "The buyer refused"),
    "offer_silent": pgettext_lazy("pack", "The buyer did not answer"),
    "offer_escalated": pgettext_lazy("pack", "The buyer opened a claim"),
}


def said(kind: str, data: Mapping[str, object]) -> str:
    """The name of what happened."""
    return str(act(str(data.get("act", "")))) if kind == "act" else str(KINDS.get(kind, kind))
