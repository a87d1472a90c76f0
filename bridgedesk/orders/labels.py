"""Findings in words: what is odd, and what to do next. The states of orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy, pgettext_lazy

from bridgedesk.lib.html import cldr, country
from bridgedesk.lib.money import Money
from bridgedesk.orders import parcel_labels
from bridgedesk.orders.models import Finding

Word = str | Promise


@dataclass(frozen=True)
class Label:
    """`title` names it, `says` tells what was seen (filled by the finding's data), `then` what to do."""

    title: Word
    says: Word
    then: Word
    icon: str = "circle-alert"


_ASK_ADDRESS = gettext_lazy("Ask the buyer for the right address, or correct it if the conversation tells it.")
_ASK_WISH = gettext_lazy("Ask the buyer which is meant before it is packed.")
FINDINGS: dict[str, Label] = {
    "out_of_stock": Label(
        gettext_lazy("Out of stock"),
        gettext_lazy("%(code)s is not there: the buyer has to be asked."),
        gettext_lazy("Offer a similar article on the page of articles out of stock."),
        "ban",
    ),
    "address_masked": Label(
        gettext_lazy("Address hidden"),
        gettext_lazy("The platform hides parts of the address, so it cannot be checked."),
        gettext_lazy("Nothing to do: the platform's own label carries it."),
        "eye-off",
    ),
    "address_missing": Label(
        gettext_lazy("Address incomplete"),
        gettext_lazy("Missing: %(missing)s."),
        _ASK_ADDRESS,
        "map-pin",
    ),
    "country_unknown": Label(
        gettext_lazy("Country unknown"),
        gettext_lazy("“%(evidence)s” is no country."),
        _ASK_ADDRESS,
        "map-pin",
    ),
    "postcode_format": Label(
        gettext_lazy("Postcode looks wrong"),
        gettext_lazy("“%(evidence)s” is not written like a postcode there, such as %(example)s."),
        _ASK_ADDRESS,
        "map-pin",
    ),
    "postcode_region": Label(
        gettext_lazy("Postcode of another region"),
        gettext_lazy("The postcode does not lie in the region: %(evidence)s."),
        _ASK_ADDRESS,
        "map-pin",
    ),
    "house_number": Label(
        gettext_lazy("No house number"),
        gettext_lazy("Houses there have numbers, and “%(evidence)s” has none."),
        gettext_lazy("Ask the buyer for the house number."),
        "house",
    ),
    "po_box": Label(
        gettext_lazy("Post office box"),
        gettext_lazy("“%(evidence)s” is a post office box, and a courier needs a door."),
        gettext_lazy("Ask for a street address, or send it by post."),
        "mailbox",
    ),
    "remote_area": Label(
        gettext_lazy("Remote area"),
        gettext_lazy("It goes to %(area)s: dearer, slower, or not served."),
        gettext_lazy("See whether the shipping method goes there and what it costs; if it does not, tell the buyer."),
        "map",
    ),
    "script": Label(
        gettext_lazy("Label cannot show the script"),
        gettext_lazy("“%(evidence)s” is in %(script)s letters; this label prints Latin ones only."),
        gettext_lazy("Write the address in Latin letters: ask the buyer, or spell it out and have it confirmed."),
        "languages",
    ),
    "phone_missing": Label(
        gettext_lazy("No telephone number"),
        gettext_lazy("The carrier cannot call or text the buyer."),
        gettext_lazy("Ask the buyer for a telephone number."),
        "phone-off",
    ),
    "phone_impossible": Label(
        gettext_lazy("Not a telephone number"),
        gettext_lazy("“%(evidence)s” has too many or too few digits for %(country)s."),
        gettext_lazy("Ask the buyer for the right telephone number."),
        "phone-off",
    ),
    "phone_invalid": Label(
        gettext_lazy("Telephone number looks wrong"),
        gettext_lazy("No number in %(country)s begins like “%(evidence)s”."),
        gettext_lazy("Ask the buyer for the right telephone number."),
        "phone-off",
    ),
    "phone_abroad": Label(
        gettext_lazy("Foreign telephone number"),
        gettext_lazy("“%(evidence)s” is not a number of %(country)s."),
        gettext_lazy("Usually fine. If the carrier needs a local number, ask for one."),
        "phone",
    ),
    "phone_not_mobile": Label(
        gettext_lazy("Not a mobile number"),
        gettext_lazy("The pickup notice comes as a text message, and “%(evidence)s” is no mobile number."),
        gettext_lazy("Ask the buyer for a mobile number, or they will not learn that the parcel waits."),
        "smartphone",
    ),
    "quantity_high": Label(
        gettext_lazy("Unusually many"),
        gettext_lazy("%(quantity)s pieces of one article."),
        gettext_lazy("Ask whether the number is meant so, and see whether it is in stock."),
        "layers",
    ),
    "color_differs": Label(
        gettext_lazy("Colour differs from what was written"),
        gettext_lazy("The buyer wrote “%(wrote)s”; the order says %(bought)s."),
        _ASK_WISH,
        "palette",
    ),
    "size_differs": Label(
        gettext_lazy("Size differs from what was written"),
        gettext_lazy("The buyer wrote “%(wrote)s”; the order says %(bought)s."),
        _ASK_WISH,
        "ruler",
    ),
    "quantity_differs": Label(
        gettext_lazy("Number differs from what was written"),
        gettext_lazy("The buyer wrote “%(wrote)s”; the order says %(bought)s."),
        _ASK_WISH,
        "hash",
    ),
    "method_elsewhere": Label(
        gettext_lazy("Shipping method does not go there"),
        gettext_lazy("%(evidence)s does not serve %(country)s."),
        gettext_lazy("Choose another shipping method before packing."),
        "truck",
    ),
    "method_slow": Label(
        gettext_lazy("Shipping method too slow"),
        gettext_lazy("%(evidence)s takes %(days)s days at least; the promised day is nearer."),
        gettext_lazy("Send it by a faster method."),
        "truck",
    ),
    "duplicate": Label(
        gettext_lazy("Bought twice"),
        gettext_lazy("The same buyer ordered the same article shortly before, in %(order)s."),
        gettext_lazy("Ask whether both are wanted. If so, one parcel may do."),
        "copy",
    ),
    "address_changed": Label(
        gettext_lazy("Another address than last time"),
        gettext_lazy("The order before (%(order)s) went to: %(evidence)s."),
        gettext_lazy("Ask which address is right: many buyers leave an old one in."),
        "map-pin",
    ),
    "large_order": Label(
        gettext_lazy("Large order"),
        gettext_lazy("Worth %(money)s."),
        gettext_lazy("Call the buyer by their local time and go through the order."),
        "phone-call",
    ),
    "large_cash_on_delivery": Label(
        gettext_lazy("Much money on delivery"),
        gettext_lazy("%(money)s are to be paid at the door."),
        gettext_lazy("Call the buyer, or ask for prepayment, before it is packed."),
        "banknote",
    ),
    "pickup_poor": Label(
        gettext_lazy("Parcels often not collected"),
        gettext_lazy("%(who)s: %(collected)s of %(sent)s parcels collected; %(wanted)s%% are wanted."),
        gettext_lazy("Ask why the last one was not collected and for prepayment; note the reason on the buyer. Hold it until then."),
        "package-x",
    ),
    "unpaid_long": Label(
        gettext_lazy("Long unpaid"),
        gettext_lazy("Not paid for more than %(hours)s hours."),
        gettext_lazy("If the buyer asked something, answer it now; else let the order run out."),
        "hourglass",
    ),
}
FIELDS: Mapping[str, Word] = {
    "all": pgettext_lazy("address", "the whole address"),
    "name": pgettext_lazy("address", "name"),
    "lines": pgettext_lazy("address", "street"),
    "district": pgettext_lazy("address", "district"),
    "city": pgettext_lazy("address", "city"),
    "region": pgettext_lazy("address", "region"),
    "postcode": pgettext_lazy("address", "postcode"),
    "country": pgettext_lazy("address", "country"),
    "phone": pgettext_lazy("address", "telephone"),
    "shipping_method": pgettext_lazy("address", "shipping method"),
}
SCRIPTS: Mapping[str, Word] = {
    "CYRILLIC": gettext_lazy("Cyrillic"),
    "CJK": gettext_lazy("Chinese"),
    "HIRAGANA": gettext_lazy("Japanese"),
    "KATAKANA": gettext_lazy("Japanese"),
    "HANGUL": gettext_lazy("Korean"),
    "THAI": gettext_lazy("Thai"),
    "ARABIC": gettext_lazy("Arabic"),
    "HEBREW": gettext_lazy("Hebrew"),
    "GREEK": gettext_lazy("Greek"),
}
WHO: Mapping[str, Word] = {
    "buyer": gettext_lazy("This buyer"),
    "phone": gettext_lazy("This telephone number"),
    "address": gettext_lazy("This address"),
}
TONES = {"stop": "bad", "warn": "warn", "hint": "info"}
WEIGHTS: Mapping[str, Word] = {
    "stop": gettext_lazy("Do not pack before it is settled"),
    "warn": gettext_lazy("Look before packing"),
    "hint": gettext_lazy("Good to know"),
}


def title(finding: Finding) -> str:
    """What it is called; a code without words as it is."""
    label = _label(finding)
    return str(label.title) if label else finding.code.replace("_", " ")


def says(finding: Finding) -> str:
    """What was seen, in the reader's language."""
    if finding.code in parcel_labels.FINDINGS:
        return parcel_labels.says(finding)
    label = FINDINGS.get(finding.code)
    return str(label.says) % _Known(_told(finding.data)) if label else ""


def then(finding: Finding) -> str:
    """What to do next."""
    label = _label(finding)
    return str(label.then) if label else ""


def picture(finding: Finding) -> str:
    """Its icon."""
    label = _label(finding)
    return label.icon if label else "circle-alert"


def _label(finding: Finding) -> Label | parcel_labels.Label | None:
    """Of an order, or of one of its parcels."""
    return FINDINGS.get(finding.code) or parcel_labels.FINDINGS.get(finding.code)


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as a reader reads it: names instead of codes."""
    told = dict(data)
    if "missing" in data:
        told["missing"] = gettext(", ").join(str(FIELDS.get(name, name)) for name in data["missing"])
    if "area" in data:
        told["area"] = data["area"].get((get_language() or "en").lower()) or data["area"].get("en", "")
    if "country" in data:
        told["country"] = country(data["country"])
    if "script" in data:
        told["script"] = SCRIPTS.get(data["script"], data["script"].title())
    if "minor" in data:
        told["money"] = Money(data["minor"], data["currency"]).shown(cldr())
    if "who" in data:
        told["who"] = WHO.get(data["who"], data["who"])
    return told


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
