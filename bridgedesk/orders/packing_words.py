"""The words of the packing station on screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

Word = str | Promise

VERDICTS: Mapping[str, tuple[str, str, Word]] = {
    "right": ("ok", "circle-check", pgettext_lazy("packing", "Right")),
    "gift": ("ok", "gift", pgettext_lazy("packing", "Gift: right")),
    "by_hand": ("ok", "hand", pgettext_lazy("packing", "Put in by hand")),
    "taken_out": ("warn", "undo-2", pgettext_lazy("packing", "Taken out")),
    "too_many": ("bad", "copy-x", pgettext_lazy("packing", "Too many")),
    "wrong": ("bad", "circle-x", pgettext_lazy("packing", "Wrong article")),
    "unknown": ("warn", "circle-question-mark", pgettext_lazy("packing", "Nothing to do")),
    "label": ("ok", "tag", pgettext_lazy("packing", "This parcel's label")),
    "other_order": ("bad", "octagon-x", pgettext_lazy("packing", "Another order's label")),
    "complete": ("ok", "package-check", pgettext_lazy("packing", "All in")),
    "stop": ("bad", "octagon-x", pgettext_lazy("packing", "Stop: do not pack")),
    "closed": ("ok", "package-check", pgettext_lazy("packing", "Packed")),
    "not_label": ("bad", "octagon-x", pgettext_lazy("packing", "Look at the label")),
    "gone": ("ok", "truck", pgettext_lazy("packing", "Handed over")),
}
"""Tone, icon and word of what the station says."""
PHOTO: Mapping[str, Word] = {
    "fragile": gettext_lazy("Something in it breaks easily."),
    "photo_needed": gettext_lazy("An article of it is always photographed."),
    "valuable": gettext_lazy("It is worth much."),
}
REMARKS: Mapping[str, Word] = {
    "address": pgettext_lazy("remark", "Address"),
    "swap": pgettext_lazy("remark", "Swap"),
    "gift": pgettext_lazy("remark", "Gift"),
    "split": pgettext_lazy("remark", "Split"),
    "merge": pgettext_lazy("remark", "Merge"),
    "price": pgettext_lazy("remark", "Price"),
    "cancel": pgettext_lazy("remark", "Wants to cancel"),
    "free": pgettext_lazy("remark", "Remark"),
    "resend": pgettext_lazy("remark", "Send again"),
}
