"""How platforms write values in JSON: read with every digit kept, texts, lists, sums, and the fillers of their samples. Pure.

Ids may exceed what a double holds, so every number is read as the text it was written in. "-" and " " stand for "nothing".
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Unparsable
from bridgedesk.lib.money import Money

NOT_JSON = noop("not readable as JSON")
MOST = Decimal(10) ** 15
"""Sums above this are no prices."""

Json = dict[str, Any]


def load(body: bytes) -> Json:
    """The JSON object in `body`, every number as the exact text it was written in; Unparsable if there is none."""
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=str)
        cleaned = _storable(value)
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"{NOT_JSON}: {type(error).__name__}") from None
    if not isinstance(cleaned, dict):
        raise Unparsable(noop("a JSON object was expected"))
    return cleaned


def _storable(value: Any) -> Any:
    """Without NUL and half characters, which no database column takes."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def text_of(value: object) -> str:
    """A text; "" for anything else."""
    return value if isinstance(value, str) else ""


def told(value: object) -> str:
    """A text that says something: "" for the fillers."""
    text = text_of(value).strip()
    return "" if text == "-" else text


def part(data: Json, name: str) -> Json:
    """An inner object, which may itself come as JSON text [C]; empty if there is none."""
    value = data.get(name)
    if isinstance(value, str) and value.startswith("{"):
        try:
            return load(value.encode())
        except Unparsable:
            return {}
    return value if isinstance(value, dict) else {}


def rows(data: Json, name: str) -> list[Json]:
    """The objects of a list."""
    value = data.get(name)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def texts(data: Json, name: str) -> tuple[str, ...]:
    """The texts of a list that say something."""
    value = data.get(name)
    return tuple(filter(None, map(told, value))) if isinstance(value, list) else ()


def is_yes(value: object) -> bool:
    """True, however the platform writes it."""
    return value in (True, "1", "true")


def decimal(value: object) -> Decimal | None:
    """A finite number of a sane size; None for anything else."""
    try:
        number = Decimal(told(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < MOST else None


def count(value: object) -> int | None:
    """A whole number of pieces; None for anything else."""
    number = decimal(value)
    return int(number) if number is not None and abs(number) < 2**31 else None


def money(value: object, currency: object) -> Money | None:
    """A sum in major units with its currency, which is three capital letters; None where either is not told."""
    amount, code = decimal(value), told(currency).upper()
    if amount is None or len(code) != 3 or not (code.isascii() and code.isalpha()):
        return None
    return Money.of(amount, code)
