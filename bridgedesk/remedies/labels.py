"""Words of cases: states, clocks, and the reasons platforms give."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


def reason(code: str) -> str:
    """The platform's reason in words; one we do not know as it was given."""
    return str(REASONS.get(code, code.replace("_", " ").lower()))
