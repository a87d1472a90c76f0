"""Sentences written in capitals: a sign of anger, with their places. Scripts without case have no answer."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from django.conf import settings

_NOT_WORDS = re.compile(r"https?://\S+|\S+@\S+|(?<!\w)(?=[\w\-#]*\d)[\w\-#]+(?!\w)")
_SENTENCE = re.compile(r"[^.!?\n。！？;]+[.!?。！？]*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ADDRESS = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|drive|apt|suite|floor|rua|avenida|av|calle|via|viale|rue|strasse|straße|str|"
    r"platz|ul|ulica|улица|ул|cad|sok|mah|jalan|jl)\b",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"\b(?:thank|thanks|thx|love|great|perfect|happy|excellent|awesome|amazing|gracias|obrigad[oa]|merci|danke|grazie|"
    r"bedankt|dzięki|dziękuję|спасибо|дякую|teşekkür|tack|tak|takk|kiitos|děkuji|mulțumesc|köszönöm|ευχαριστ\w+|"
    r"merry|christmas|birthday|best regards)\w*",
    re.IGNORECASE,
)
_LEAST_WORDS, _LEAST_LETTERS, _SHARE = 3, 10, 0.9


@dataclass(frozen=True)
class Shout:
    """One shouted sentence, by its place in the text."""

    start: int
    end: int


def has_case(text: str) -> bool | None:
    """Whether the text has letters that know capitals; None when it has no letters at all."""
    letters = [sign for sign in text if sign.isalpha()]
    return any(sign.upper() != sign.lower() for sign in letters) if letters else None


def shouted(text: str) -> list[Shout]:
    """Sentences of at least three cased words and ten letters, nine tenths of them capitals; addresses and thanks apart."""
    blank = _NOT_WORDS.sub(lambda hit: " " * len(hit[0]), text)
    return [Shout(start, end) for start, end in map(_trimmed, _SENTENCE.finditer(blank)) if _is_shouted(blank[start:end])]


def _trimmed(hit: re.Match[str]) -> tuple[int, int]:
    sentence = hit[0]
    return hit.start() + len(sentence) - len(sentence.lstrip()), hit.end() - (len(sentence) - len(sentence.rstrip()))


def _is_shouted(sentence: str) -> bool:
    words = [word for word in _WORD.findall(sentence) if word.upper() != word.lower() and word.upper() not in _acronyms()]
    letters = "".join(words)
    if len(words) < _LEAST_WORDS or sum(map(str.isalpha, letters)) < _LEAST_LETTERS:
        return False
    capitals = sum(sign.isupper() for sign in letters) / sum(sign.isalpha() for sign in letters)
    return capitals >= _SHARE and not _KIND.search(sentence) and not _is_address(sentence)


def _is_address(sentence: str) -> bool:
    """A label: an address, or names set apart by commas or a colon."""
    return bool(_ADDRESS.search(sentence)) and len(_WORD.findall(sentence)) <= 12


@cache
def _acronyms() -> frozenset[str]:
    """What everybody writes in capitals: codes, carriers, standards, sizes."""
    return frozenset(tomllib.loads((settings.CONTENT / "languages.toml").read_text("utf-8"))["acronyms"].split())
