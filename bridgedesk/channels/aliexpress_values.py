"""How AliExpress writes values: lists in a box or plain, times of the US Pacific coast, ids too long for a double. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridgedesk.channels import values
from bridgedesk.channels.values import Json, count, decimal, is_yes, load, money, part, text_of, told
from bridgedesk.lib.money import Money

__all__ = [
    "Json", "count", "decimal", "earliest", "id_of", "is_yes", "latest", "load", "millis", "moment", "money", "pacific", "part", "rows",
    "since_epoch", "sum_of", "text_of", "told",
]  # fmt: skip

PACIFIC = ZoneInfo("America/Los_Angeles")
"""The zone of every written-out time [O: "美国太平洋时间"], summer time included."""
FORM = "%Y-%m-%d %H:%M:%S"


def rows(data: Json, name: str) -> list[Json]:
    """The objects of a list, which without `simplify` lies in a box of its own: {"order_dto": […]} [O]; one alone may stand bare."""
    value: Any = data.get(name)
    if isinstance(value, dict):
        inner = next((one for one in value.values() if isinstance(one, list | dict)), None)
        value = inner if len(value) == 1 and inner is not None else [value] if value else []
    found = [value] if isinstance(value, dict) else value
    return values.rows({name: found}, name)


def id_of(value: object) -> str:
    """An id as text; "0" and "-1" mean there is none."""
    text = told(value)
    return "" if text in ("0", "-1") else text


def moment(value: object) -> datetime | None:
    """A time written out, in US Pacific; of the hour that comes twice a year the first, so that no deadline is taken for later than
    it is. Also a time that names its own zone, and milliseconds."""
    text = told(value)
    if text.isascii() and text.isdigit():
        return since_epoch(text)
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
        return (found if found.tzinfo else found.replace(tzinfo=PACIFIC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def since_epoch(value: object) -> datetime | None:
    """Milliseconds since 1970, as instant messages and signatures count."""
    text = told(value)
    if not (text.isascii() and text.isdigit() and 11 < len(text) < 15):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def millis(at: datetime) -> int:
    """The same the other way."""
    return int(at.timestamp() * 1000)


def pacific(at: datetime) -> str:
    """A moment as AliExpress writes it."""
    return at.astimezone(PACIFIC).strftime(FORM)


def earliest(at: datetime) -> str:
    """The beginning of a span to ask for: where the written time could mean two moments, so early that neither is missed."""
    return pacific(at - timedelta(hours=1) if _is_double(at) else at)


def latest(at: datetime) -> str:
    """The end of a span to ask for, likewise."""
    return pacific(at + timedelta(hours=1) if _is_double(at) else at)


def _is_double(at: datetime) -> bool:
    local = at.astimezone(PACIFIC)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def sum_of(data: Json, name: str) -> Money | None:
    """A sum as {amount, currency_code}, or as {cent, currency_code} alone."""
    value = part(data, name)
    cents = decimal(value.get("cent"))
    found: Money | None = money(value.get("amount"), value.get("currency_code"))
    if found or cents is None:
        return found
    return money(str(cents / 100), value.get("currency_code"))
