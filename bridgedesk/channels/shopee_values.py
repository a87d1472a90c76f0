"""How Shopee writes values: ids and times beside what every platform's JSON has. Pure."""

from datetime import UTC, datetime

from bridgedesk.channels.values import Json, count, decimal, is_yes, load, money, part, rows, text_of, texts, told

__all__ = [
    "Json",
    "addresses",
    "count",
    "decimal",
    "id_of",
    "is_yes",
    "load",
    "moment",
    "money",
    "part",
    "rows",
    "text_of",
    "texts",
    "told",
]


def moment(value: object) -> datetime | None:
    """A time in seconds, milli-, micro- or nanoseconds, told apart by its size; None if it is none (0 means unset)."""
    text = str(value).split(".")[0]
    if not text.isascii() or not text.isdigit() or len(text) > 20 or not int(text):
        return None
    seconds = float(text)
    while seconds >= 1e11:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC)


def id_of(value: object) -> str:
    """An id as text; "0" and the filler mean there is none."""
    text = told(value)
    return "" if text == "0" else text


def addresses(data: Json, name: str) -> tuple[str, ...]:
    """The web addresses of a list."""
    return tuple(url for url in texts(data, name) if url.startswith(("https://", "http://")))
