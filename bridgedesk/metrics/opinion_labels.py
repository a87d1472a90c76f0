"""Words of what reviews speak of, and what to do next where many low ones do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

TOPICS = {
    "quality": pgettext_lazy("review topic", "Quality, material"),
    "works": pgettext_lazy("review topic", "Works or not"),
    "size": pgettext_lazy("review topic", "Size, fit"),
    "colour": pgettext_lazy("review topic", "Colour"),
    "damaged": pgettext_lazy("review topic", "Damaged"),
    "missing": pgettext_lazy("review topic", "Something missing"),
    "wrong": pgettext_lazy("review topic", "Wrong article"),
    "described": pgettext_lazy("review topic", "As described or not"),
    "delivery": pgettext_lazy("review topic", "Delivery time"),
    "packaging": pgettext_lazy("review topic", "Packaging"),
    "smell": pgettext_lazy("review topic", "Smell"),
    "instructions": pgettext_lazy("review topic", "Instructions, fitting"),
    "price": pgettext_lazy("review topic", "Price"),
    "service": pgettext_lazy("review topic", "Service"),
}
NEXT = {
    "quality": _("Hold a piece from the shelf against the sample; write a caution, so that nobody promises more."),
    "works": _("Have pieces of this batch tested; write the first steps of help down as an answer to tell."),
    "size": _("Measure it and write the sizes down as a fact; put them into the listing."),
    "colour": _("Write the colour down as it is seen by daylight; take the pictures anew."),
    "damaged": _("Look at the packing photos of these orders and pack it more safely."),
    "missing": _("Put everything that belongs in the box on the packing list."),
    "wrong": _("Look for articles that look alike on the shelf; have each piece scanned."),
    "described": _("Hold text and pictures of the listing against the article, and mend them."),
    "delivery": _("See which carrier is late, and what delivery time the listing promises."),
    "packaging": _("Look at the packing photos of these orders; choose a box that suits it."),
    "smell": _("Air it before packing; write down as a caution how long the smell stays."),
    "instructions": _("Put instructions in the buyer's language into the parcel, and a template that explains it step by step."),
    "price": _("Compare with articles of the same kind; nothing is to be offered for a review."),
    "service": _("Read the conversations about these orders."),
}
WAYS = {"damaged": "packing", "packaging": "packing", "missing": "packing", "wrong": "packing", "delivery": "parcels",
        "instructions": "templates"}  # fmt: skip
"""Pages that help, by their name; else the product's facts."""
TURNS = {
    "worse": (_("worse"), "bad", "trending-down"),
    "better": (_("better"), "ok", "trending-up"),
    "same": (_("no clear change"), "", "minus"),
}
