"""Parcels in words: their states, what is wrong with them and what to do next."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bridgedesk.activity import coded
from bridgedesk.lib import html
from bridgedesk.orders import journeys
from bridgedesk.orders.models import Finding

Word = str | Promise

STATES = coded.PARCEL_STATES
TONES = {
    "delivered": "ok", "in_transit": "info", "out_for_delivery": "info", "customs": "warn", "pickup_ready": "warn",
    "attempt_failed": "bad", "returned": "bad", "exception": "bad", "expired": "bad",
}  # fmt: skip


@dataclass(frozen=True)
class Label:
    """`title` names it, `says` tells what was seen (filled by the finding's data), `then` what to do."""

    title: Word
    says: Word
    then: Word
    icon: str


FINDINGS: dict[str, Label] = {
    journeys.STILL: Label(
        gettext_lazy("No movement"),
        gettext_lazy("Nothing heard for %(days)s days; up to %(usual)s are ordinary on this way."),
        gettext_lazy("Ask the carrier. Tell the buyer first where the platform permits it; extend their protection if it runs out."),
        "clock-alert",
    ),
    journeys.LATE: Label(
        gettext_lazy("Later than promised"),
        gettext_lazy("It should have been there on %(promised)s."),
        gettext_lazy("Look where it is, tell the buyer a new day, and have the protection extended before it ends."),
        "calendar-x",
    ),
    journeys.CUSTOMS: Label(
        gettext_lazy("Held in customs"),
        gettext_lazy("In customs for %(days)s days."),
        gettext_lazy("Ask the buyer whether customs wrote to them; send the invoice if it is wanted. Never name a lower value."),
        "shield-alert",
    ),
    journeys.RETURNED: Label(
        gettext_lazy("Back to sender"),
        gettext_lazy("The carrier is bringing it back."),
        gettext_lazy("Find out why, have the address confirmed, then send again or refund. Watch that it really arrives."),
        "undo-2",
    ),
    journeys.FAILED: Label(
        gettext_lazy("Delivery failed"),
        gettext_lazy("The carrier could not hand it over."),
        gettext_lazy("Have address and telephone number confirmed, and tell the buyer to arrange a new day with the carrier."),
        "door-closed",
    ),
    journeys.PICKUP: Label(
        gettext_lazy("Waiting for pickup"),
        gettext_lazy("It has been waiting for %(days)s days."),
        gettext_lazy("Remind the buyer by the way the platform permits: they may never have got the text message."),
        "store",
    ),
    journeys.TROUBLE: Label(
        gettext_lazy("Trouble on the way"),
        gettext_lazy("The carrier reports a problem."),
        gettext_lazy("Ask the carrier what happened. Lost or damaged: send again or refund, and claim it from the carrier."),
        "triangle-alert",
    ),
    journeys.MISSING: Label(
        gettext_lazy("Delivered, but not received"),
        gettext_lazy("It counts as delivered; the buyer says that it never came."),
        gettext_lazy("Ask them to look at neighbours and post box, and the carrier for proof of delivery; then decide on a remedy."),
        "package-search",
    ),
    "receipt_ends": Label(
        gettext_lazy("Protection ends, parcel still moving"),
        gettext_lazy("Receipt counts as confirmed on its own after that, and the buyer may open a dispute before."),
        gettext_lazy("Extend it before the buyer asks. Where the platform has no way to, settle with the buyer in time."),
        "shield-alert",
    ),
}

_FIRST_DAYS: dict[tuple[str, Any], Word] = {
    (journeys.PICKUP, 0): gettext_lazy("It has been waiting since today."),
    (journeys.PICKUP, 1): gettext_lazy("It has been waiting for a day."),
    (journeys.PICKUP, None): gettext_lazy("It is waiting; nobody said since when."),
    (journeys.CUSTOMS, None): gettext_lazy("In customs; nobody said since when."),
}
"""What is said instead, by code and days."""


def title(finding: Finding) -> str:
    """What it is called; a code without words as it is."""
    label = FINDINGS.get(finding.code)
    return str(label.title) if label else finding.code.replace("_", " ")


def says(finding: Finding) -> str:
    """What was seen, in the reader's language."""
    label = FINDINGS.get(finding.code)
    words = _FIRST_DAYS.get((finding.code, finding.data.get("days"))) or (label.says if label else "")
    return str(words) % _Known({name: _read(value) for name, value in finding.data.items()})


def then(finding: Finding) -> str:
    """What to do next."""
    label = FINDINGS.get(finding.code)
    return str(label.then) if label else ""


def _read(value: object) -> object:
    """A day as the reader writes days; anything else as it is."""
    try:
        return html.shortday(date.fromisoformat(value)) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
