"""Strings from outside made fit for a column: PostgreSQL refuses NUL and lone surrogates, and columns have an end."""

from hashlib import sha256
from typing import Any

_DIGEST = 32


def plain(text: str) -> str:
    """The text without NUL; lone surrogates become question marks."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def number(text: str) -> int:
    """The id or count a request names; 0 for what is none, or fits no column."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def fit(text: str, most: int) -> str:
    """An id that fits `most` characters: a longer one keeps its beginning and gets a digest, so that two stay two."""
    text = plain(text)
    if len(text) <= most:
        return text
    return text[: most - _DIGEST - 1] + "~" + sha256(text.encode()).hexdigest()[:_DIGEST]


def deep(value: Any) -> Any:
    """The same for all strings in a JSON value."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(str(key)): deep(inner) for key, inner in value.items()}
    return [deep(inner) for inner in value] if isinstance(value, list | tuple) else value
