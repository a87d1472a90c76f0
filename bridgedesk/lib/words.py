"""Texts that were kept in English when something happened (a failed sending, a doctor's finding), told to whoever reads them now."""

import re
from functools import lru_cache

from django.utils.translation import get_language, gettext

_SEAM = re.compile(r"(: |; | \(|\)(?= |$|[);:]))")
_WIDE = {": ": "：", "; ": "；", " (": "（", ")": "）"}
_NUMBERED = re.compile(r"(\D+ )(\d+)")


def told(text: str) -> str:
    """`text` in the reader's language. What is not ours in it, such as a host or a server's own words, stays.

    A kept text is a msgid, or msgids and foreign words joined as in "host: msgid (detail)".
    """
    return _told(text, get_language() or "")


@lru_cache(maxsize=1000)
def _told(text: str, language: str) -> str:
    """In the language that is active, which is `language`: each row of a list names the same few rules."""
    if not text or (whole := gettext(text)) != text:
        return text and whole
    parts = _SEAM.split(text)
    said = [_known(part) for part in parts[::2]]
    if said == parts[::2]:
        return text
    seams = [_WIDE[seam] for seam in parts[1::2]]
    return "".join(piece for pair in zip(said, [*seams, ""], strict=True) for piece in pair)


def _known(part: str) -> str:
    """A msgid, or one with a number after it ("push 3")."""
    numbered = _NUMBERED.fullmatch(part)
    if numbered and (words := gettext(numbered[1].strip())) != numbered[1].strip():
        return f"{words} {numbered[2]}"
    return gettext(part) if part else ""
