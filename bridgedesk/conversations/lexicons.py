"""Wordings to look for, read from content/policies/words: one file per kind of finding, one table per language.

An entry is written as it is said: `leave … (five|5) star*`. `*` any ending, `(a|b)` one of these, `[a]` may be missing,
`…` a few words between (never over the end of a sentence), `~` a place where a name may be broken up (whats~app).
Entries under `except` say what looks alike and is innocent: a hit inside one is dropped. Everything is folded first.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from bridgedesk.conversations.folding import Folded, fold

_ENDS = r".!?。！？\n"
_SEP = rf"[^\w{_ENDS}]{{0,3}}"
_GAP = rf"[^{_ENDS}]{{0,36}}?"
_BEFORE, _AFTER = r"(?<![a-zа-џ])", r"(?![a-zа-џ])"
_BROKEN = r"(?:[^\w。！？\n]|_){0,3}"
_TOKEN = re.compile(r"\((?P<group>[^()]*)\)|\[(?P<maybe>[^\[\]]*)\]|(?P<gap>…)|(?P<word>[^\s()\[\]…]+)|\s+")
_MEETING = re.compile(r"(?<=[a-z0-9])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[a-z0-9])")
_MOST_GAPS = 3


class LexiconError(Exception):
    """A word list that cannot be used; the message names file, language and entry."""


@dataclass(frozen=True)
class Pattern:
    """One wording. It is only tried where of each of its `anchors` at least one occurs at all."""

    anchors: tuple[tuple[str, ...], ...]
    regex: re.Pattern[str]

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a folded text."""
        for choice in self.anchors:
            for anchor in choice:
                if anchor in text:
                    break
            else:
                return
        for found in self.regex.finditer(text):
            yield found.span()


@dataclass(frozen=True)
class Lexicon:
    """The wordings of one kind of finding, of all languages, and what looks like them."""

    code: str
    patterns: tuple[Pattern, ...]
    innocent: tuple[Pattern, ...]

    def find(self, folded: Folded) -> list[tuple[int, int]]:
        """Spans in the folded text, innocent look-alikes left out."""
        found = [span for pattern in self.patterns for span in pattern.find(folded.text)]
        if not found:
            return []
        spared = [span for pattern in self.innocent for span in pattern.find(folded.text)]
        return merged(span for span in found if not any(s <= span[0] and span[1] <= e for s, e in spared))


def merged(spans: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping spans as one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


@cache
def lexicon(code: str) -> Lexicon:
    """The lexicon of that name; an empty one if there is no file."""
    path = Path(settings.CONTENT) / "policies" / "words" / f"{code}.toml"
    return load(path) if path.exists() else Lexicon(code, (), ())


def load(path: Path) -> Lexicon:
    """Read and compile one file; LexiconError says what is wrong with which entry."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path.name} cannot be read: {error}") from error
    broken = bool(data.get("broken_up", False))
    return Lexicon(path.stem, _patterns(data, "find", path.name, broken), _patterns(data, "except", path.name, broken))


def _patterns(data: dict[str, Any], part: str, where: str, broken: bool) -> tuple[Pattern, ...]:
    entries = ((lang, entry) for lang, table in data.items() if isinstance(table, dict) for entry in table.get(part, ()))
    made = {}
    for language, entry in entries:
        try:
            made[entry] = compile_entry(entry)
        except ValueError as error:
            raise LexiconError(f"{where}, {language}: “{entry}”: {error}") from error
    return tuple(made.values())


def compile_entry(entry: str) -> Pattern:
    """One entry as a pattern; ValueError if it is written wrongly."""
    pieces: list[str] = []
    anchors: list[tuple[str, ...]] = []
    tokens = [token for token in _TOKEN.finditer(entry) if token[0].strip()]
    if "".join(token[0] for token in tokens).replace(" ", "") != entry.replace(" ", ""):
        raise ValueError("brackets do not match")
    if sum(token["gap"] is not None for token in tokens) > _MOST_GAPS:
        raise ValueError(f"more than {_MOST_GAPS} gaps")
    for token in tokens:
        if token["gap"]:
            pieces.append(_GAP)
            continue
        said = next(part for part in (token["group"], token["maybe"], token["word"]) if part is not None)
        phrases = said.split("|")
        pieces.append(_group(phrases) + ("?" if token["maybe"] else ""))
        if not token["maybe"]:
            anchors.append(tuple(_anchor(phrase) for phrase in phrases))
    if not anchors or not all(map(all, anchors)):
        raise ValueError("nothing in it must be there")
    rarest_first = sorted(anchors, key=lambda choice: (-min(map(len, choice)), len(choice)))
    return Pattern(tuple(rarest_first), re.compile(_sew(pieces)))


def _sew(pieces: list[str]) -> str:
    out, last = "", _GAP
    for piece in pieces:
        out += piece if _GAP in (piece, last) else _SEP + piece
        last = piece
    return out


def _group(phrases: list[str]) -> str:
    return "(?:" + "|".join(_SEP.join(_word(word) for word in phrase.split()) for phrase in phrases) + ")"


def _word(word: str) -> str:
    stem = word.endswith("*")
    parts = _parts(word)
    if not all(parts):
        raise ValueError("an empty word")
    regex = _BROKEN.join(re.escape(part) for part in parts)
    before = _BEFORE if _spaced(parts[0][0]) else ""
    if not _spaced(parts[-1][-1]):
        return before + regex
    return before + regex + (r"[a-zа-џ]*" if stem else _AFTER)


def _spaced(char: str) -> bool:
    return "a" <= char <= "z" or "а" <= char <= "џ"


def _parts(word: str) -> list[str]:
    """A word cut where a name may be broken up, and where scripts meet (5 星, 加 v)."""
    return [part for piece in word.rstrip("*").split("~") for part in _MEETING.split(fold(piece).text)]


def _anchor(phrase: str) -> str:
    return max((part for word in phrase.split() for part in _parts(word)), key=len, default="")
