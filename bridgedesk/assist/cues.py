"""Turns of phrase that name the point of a message (content/cues.toml): one sentence of a long story is enough."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from bridgedesk.assist.keywords import plain

CUE = 0.3
"""How near a topic counts at least whose cue stands in the text: sure, below what single words prove."""
SENTENCE = re.compile(r"(?<=[.!?。！？؟\n…])\s*")


@dataclass(frozen=True)
class Cue:
    """A topic's turns of phrase, and what in the same sentence makes them no cue."""

    said: re.Pattern[str]
    unless: re.Pattern[str] | None


def named(text: str) -> Mapping[str, str]:
    """Topics whose cues stand in the text, each with the words found; the topic named last comes first, for the point comes at the end."""
    found: dict[str, str] = {}
    for sentence in SENTENCE.split(text):
        bare = plain(sentence)
        here = {topic: hit for topic, cue in _cues().items() if (hit := _said(cue, bare))}
        found = here | {topic: words for topic, words in found.items() if topic not in here}
    return found


def _said(cue: Cue, sentence: str) -> str:
    hit = cue.said.search(sentence)
    return hit[0].strip() if hit and not (cue.unless and cue.unless.search(sentence)) else ""


@cache
def _cues() -> Mapping[str, Cue]:
    data = tomllib.loads((settings.CONTENT / "cues.toml").read_text("utf-8"))
    return {topic: _read(entry) for topic, entry in data.items()}


def _read(entry: Mapping[str, Any]) -> Cue:
    unless = entry.get("not")
    return Cue(re.compile("|".join(map(_placed, entry["patterns"]))), re.compile(unless) if unless else None)


def _placed(pattern: str) -> str:
    """Begins at a word, in scripts that have spaces between them; Arabic as the text is compared, without hamza."""
    if re.search("[\u0600-\u06ff]", pattern):
        pattern = "".join(sign for sign in unicodedata.normalize("NFD", pattern) if not unicodedata.combining(sign))
    spaced = re.match(r"\(*(?:\?:)?[a-zа-яё\u0600-\u06ff]", pattern)
    return rf"(?<!\w)(?:{pattern})" if spaced else f"(?:{pattern})"
