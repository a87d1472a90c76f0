"""What was typed into the forms of products, as the actions take it. ValidationError with plain words."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bridgedesk.lib.money import Money
from bridgedesk.lib.storable import plain

MOST = 2_000_000_000
SIZES = ("weight_g", "length_mm", "width_mm", "height_mm", "low_at")
TEXTS: Mapping[str, int] = {"name": 300, "barcode": 64, "image": 500}


def sku_fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    """An article's fields; only those that were in the form. Sizes in grams and millimetres, cost in major units."""
    found: dict[str, Any] = {name: plain(sent[name]).strip()[:most] for name, most in TEXTS.items() if name in sent}
    if found.get("image") and not found["image"].startswith("https://"):
        raise ValidationError(_("A picture is an address that begins with https://."))
    found |= {name: _count(sent[name]) for name in SIZES if name in sent}
    if "reserve" in sent:
        found["reserve"] = _count(sent["reserve"]) or 0
        found |= {name: sent.get(name) == "1" for name in ("fragile", "photo_needed")}
    return found | (_cost(sent) if "cost" in sent else {})


def _count(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= MOST):
        raise ValidationError(_("“%(text)s” is no whole number.") % {"text": text[:20]})
    return int(text)


def _cost(sent: Mapping[str, Any]) -> dict[str, Any]:
    amount, currency = sent["cost"].strip(), sent.get("cost_currency", "").strip().upper()
    if not amount:
        return {"cost_minor": None, "cost_currency": ""}
    if currency not in list_currencies():
        raise ValidationError(_("A cost needs its currency, such as CNY."))
    try:
        cost = Money.of(Decimal(amount), currency)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise ValidationError(_("“%(text)s” is no sum of money.") % {"text": amount[:20]}) from error
    if not 0 <= cost.minor <= MOST * 1000:
        raise ValidationError(_("“%(text)s” is no sum of money.") % {"text": amount[:20]})
    return {"cost_minor": cost.minor, "cost_currency": currency}
