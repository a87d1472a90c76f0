"""What a review speaks of: the words of its language that name a topic, content/review_topics.toml. Pure.

Where no word does, the first look at messages is asked, which knows examples and what agents taught.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache

from django.conf import settings

from bridgedesk.assist import topics, triage
from bridgedesk.assist.language import convert_chinese
from bridgedesk.lib import languages
from bridgedesk.lib.text import fold

ALWAYS = "en"
"""Buyers everywhere mix English in."""
OF_MESSAGES: Mapping[str, str] = {
    "damaged": "damaged", "defective": "works", "wrong_item": "wrong", "missing_item": "missing", "size_fit": "size",
    "not_as_described": "described", "not_received": "delivery", "delivery_time": "delivery", "tracking_stuck": "delivery",
    "product_info": "quality", "tech_question": "instructions", "refund_status": "service",
}  # fmt: skip
"""What a topic of messages is called among those of reviews."""
_LETTERS = str.maketrans("đłøı", "dloi")
"""Letters that are no accented ones, and are typed without their stroke all the same."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def names() -> tuple[str, ...]:
    """Every topic there is."""
    return tuple(_words())


def found(text: str, language: str = "", index: topics.Index | None = None) -> list[str]:
    """The topics it names, those first that stand first; [] for none. `language` is the one it is written in, "" unknown."""
    flat = _flat(text[: triage.LOOKED_AT])
    places: dict[str, int] = {}
    for list_ in dict.fromkeys((languages.base(language).split("-")[0] if language else "", ALWAYS)):
        for topic, pattern in _patterns().get(list_, {}).items():
            if hit := pattern.search(flat):
                places[topic] = min(hit.start(), places.get(topic, hit.start()))
    return sorted(places, key=lambda topic: places[topic]) or _like_messages(text, index)


def _like_messages(text: str, index: topics.Index | None) -> list[str]:
    near = [(each.topic, each.score) for each in triage.topics_of(text[: triage.LOOKED_AT], index)] if text.strip() else []
    return list(dict.fromkeys(OF_MESSAGES[topic] for topic in triage.sure(near) if topic in OF_MESSAGES))


def _flat(text: str) -> str:
    flat = fold(text)
    if _HAN.search(flat) and not re.search(r"[\u3040-\u30ff]", flat):
        flat = convert_chinese(flat, "t2s")
    return re.sub(r"[’'\-]", " ", flat).translate(_LETTERS)


@cache
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads((settings.CONTENT / "review_topics.toml").read_text("utf-8"))


@cache
def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    """By language, then topic."""
    made: dict[str, dict[str, re.Pattern[str]]] = {}
    for topic, lists in _words().items():
        for language, words in lists.items():
            made.setdefault(language, {})[topic] = re.compile("|".join(_placed(word) for word in words))
    return made


def _placed(word: str) -> str:
    whole = word.endswith(".")
    literal = re.escape(_flat(word.rstrip(".")))
    if _UNSPACED.search(word):
        return literal
    return rf"(?<!\w){literal}" + (r"(?!\w)" if whole else "")
