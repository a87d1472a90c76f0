"""Scans of parcels in the buyer's or the agent's language, from content/scans.toml; nothing is translated by a machine here."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from bridgedesk.lib import languages

VAGUE = frozenset({"", "unknown", "info_received", "in_transit"})
"""States that a scan's words may make more precise."""
MOST = 500  # characters of a scan that are looked at


@dataclass(frozen=True)
class Phrase:
    """Something that happens to parcels: the state it means, how carriers write it, what a buyer reads."""

    key: str
    state: str
    sure: bool
    words: re.Pattern[str] | None
    texts: Mapping[str, str]

    def found_in(self, text: str) -> bool:
        """Whether a scan says this."""
        return bool(self.words and self.words.search(text))


def said(status: str, text: str, language: str) -> str:
    """What happened, in `language` (English where we have no words in it): as precisely as scan and state agree."""
    plain = _plain(text)
    fitting = (p for p in phrases() if p.found_in(plain) and (p.state == status or status in ("", "unknown")))
    phrase = next(fitting, None) or _of_state(status or "unknown")
    return phrase.texts[languages.choose(language, phrase.texts) or "en"]


def meant(text: str) -> str:
    """The state a scan's own words mean beyond doubt; "" where they leave it open."""
    plain = _plain(text)
    first = next((p for p in phrases() if p.found_in(plain)), None)
    return first.state if first and first.sure else ""


def refined(status: str, text: str) -> str:
    """The state, made more precise by the scan's words where the tracker's own says little."""
    return (meant(text) or status) if status in VAGUE else status


@cache
def phrases() -> tuple[Phrase, ...]:
    """Every phrase, what is special before what is general."""
    entries = tomllib.loads((settings.CONTENT / "scans.toml").read_text("utf-8"))["scan"]
    return tuple(_phrase(entry) for entry in entries)


def _phrase(entry: Mapping[str, object]) -> Phrase:
    words, texts = entry.get("words"), entry["text"]
    pattern = re.compile("|".join(f"(?:{word})" for word in words), re.IGNORECASE) if isinstance(words, list) and words else None
    assert isinstance(texts, dict)  # noqa: S101 (a shipped file, held by a test)
    return Phrase(str(entry["key"]), str(entry["state"]), bool(entry.get("sure", True)), pattern, texts)


@cache
def _of_state(status: str) -> Phrase:
    known = {phrase.key: phrase for phrase in phrases()}
    return known.get(status) or known["in_transit"]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:MOST])
