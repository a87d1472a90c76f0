"""Whether a buyer says yes or no to what was offered. Words: content/answers.toml. The agent sees them as evidence and decides."""

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from bridgedesk.assist.keywords import STROKES
from bridgedesk.lib import languages
from bridgedesk.lib.text import fold

MOST_READ = 2000  # characters
LEFT, LEFT_UNSPACED = 12, 3  # characters beside a courtesy that still say nothing of their own
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U0001f300-\U0001faff]")


@dataclass(frozen=True)
class Answer:
    """What was said; all may be false. `part`: they would rather have part of the money than what was offered."""

    accepts: bool
    refuses: bool
    part: bool = False


NEITHER = Answer(accepts=False, refuses=False)


KEPT = ("partial", "coupon", "return_buyer", "return_label", "explain", "guide")
"""Offers after which “I keep it” settles the matter."""


def heard(texts: Iterable[str], language: str = "", offered: Collection[str] = ()) -> Answer:
    """Yes, no or neither, in these texts taken together. A no beside a yes is a no: somebody still wants something else.

    `offered` are the kinds of remedy our last letter offered (remedies.rulebook.KINDS): asking for just that is a yes.
    """
    kinds = [kind for text in texts for kind in _kinds(_plain(text[:MOST_READ]), language)]
    said = [_meant(kind, offered) for kind in kinds]
    refuses = "refuses" in said
    return Answer(accepts="accepts" in said and not refuses, refuses=refuses, part="part" in kinds and "partial" not in offered)


def _meant(kind: str, offered: Collection[str]) -> str:
    """What a phrase of that kind says to what was offered."""
    if kind == "refund":
        return "accepts" if "refund_keep" in offered else "refuses"
    if kind == "resend":
        return "accepts" if {"resend", "resend_part"} & set(offered) else "refuses" if offered else ""
    if kind == "part":
        return "" if "partial" in offered else "refuses"
    if kind == "keep":
        return "accepts" if not offered or set(KEPT) & set(offered) else ""
    return kind


def speaks_of(thing: str, text: str) -> bool:
    """Whether one of the words for that thing (content/answers.toml, [things]) stands in the text, in any language."""
    return _thing(thing).search(_plain(text[:MOST_READ])) is not None


@cache
def _thing(thing: str) -> re.Pattern[str]:
    return re.compile("|".join(_placed(_plain(word)) for word in _words()["things"][thing]))


def _kinds(text: str, language: str) -> list[str]:
    """Kinds of the phrases in the text; a longer phrase covers a shorter one in it: “no problem” holds no “no”."""
    pattern, kinds = _phrases(_list_of(language))
    found = [kinds[hit[0]] for hit in pattern.finditer(text)]
    courtesy = "accepts" if "brief" in found and _says_no_more(pattern.sub(" ", text)) else ""
    return [courtesy if kind == "brief" else kind for kind in found]


def _says_no_more(rest: str) -> bool:
    """Whether next to nothing is left, and nothing is asked."""
    left = "".join(sign for sign in rest if sign.isalnum())
    return len(left) <= (LEFT_UNSPACED if _UNSPACED.search(left) else LEFT) and not re.search("[?？؟]", rest)


def _plain(text: str) -> str:
    return fold(text).translate(STROKES)


def _list_of(language: str) -> str:
    base = languages.base(language).split("-")[0]
    return base if base in _words() and base != "things" else "en"


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((settings.CONTENT / "answers.toml").read_text("utf-8"))


@cache
def _phrases(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    lists = [_words()["en"], _words()[language]]
    kinds = {_plain(phrase): kind for words in lists for kind, phrases in words.items() for phrase in phrases}
    longest_first = sorted(kinds, key=len, reverse=True)
    return re.compile("|".join(_placed(phrase) for phrase in longest_first)), kinds


def _placed(phrase: str) -> str:
    literal = re.escape(phrase)
    return literal if _UNSPACED.search(phrase) else rf"(?<!\w){literal}(?!\w)"
