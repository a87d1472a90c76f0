"""What the columns of a table hold, told by their headings. The names stand in content/imports.toml. Pure."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import opencc
from django.conf import settings
from django.utils import translation

from bridgedesk.lib.text import fold

ERROR, LINE = "Bridgedesk: error", "Bridgedesk: line"
"""Headings of the two columns we add to rows given back for repair."""
LOOK = 20
"""Rows above the data among which the headings are looked for: reports have titles."""
_BRACKETS = re.compile(r"[(（\[【<](.*?)[)）\]】>]")
_SIGNS = re.compile(r"[\W_]+")
_TRAILING = re.compile(r"[\s_/:-](kgs?|g|grams?|lbs?|oz|cm|mm|m|in|[A-Z]{3})$")


@cache
def content() -> dict[str, Any]:
    """content/imports.toml."""
    return tomllib.loads((settings.CONTENT / "imports.toml").read_text("utf-8"))


def plain(heading: str) -> str:
    """A heading as it is compared: no case, width, spaces, signs; simplified characters."""
    return _SIGNS.sub("", str(_converter().convert(fold(heading))))


def guess(kind: str, headings: Sequence[str]) -> dict[str, int]:
    """Our field to the place of the column it was recognised in; a column is one field, the surest name wins."""
    names = _names(kind)
    found: list[tuple[int, int, int, str]] = []
    for place, heading in enumerate(headings):
        for bare, word in enumerate(_forms(heading)):
            found += [(rank, bare, place, field) for field, rank in names.get(word, ())]
    taken: dict[str, int] = {}
    for _rank, _bare, place, field in sorted(found):
        if field not in taken and place not in taken.values():
            taken[field] = place
    return taken


def known(headings: Sequence[str]) -> int:
    """How many of these are headings of any kind of table."""
    return sum(any(word in _every_name() for word in _forms(heading)) for heading in headings if len(heading) < 80)


def headings_at(rows: Sequence[Sequence[str]]) -> int:
    """Which of the first rows holds the headings: most of it recognised; else the first with several cells."""
    scores = [known(cells) for cells in rows[:LOOK]]
    best = max(scores, default=0)
    if best:
        return scores.index(best)
    return next((place for place, cells in enumerate(rows[:LOOK]) if sum(map(bool, cells)) > 1), 0)


def unit(heading: str) -> str:
    """What a heading says its numbers are in: "Weight (kg)", "Price_USD"; "" if nothing."""
    match = _BRACKETS.search(heading) or _TRAILING.search(heading.strip())
    return match[1].strip() if match else ""


def fingerprint(headings: Sequence[str]) -> str:
    """The same for tables with the same headings, in whatever order, with or without our own columns."""
    own = {plain(ERROR), plain(LINE)}
    words = sorted(word for heading in headings if (word := plain(heading)) not in own)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def remembered(columns: Mapping[str, str], headings: Sequence[str]) -> dict[str, int]:
    """Places of the headings a field was found under before."""
    places = {name: place for place, name in reversed(list(enumerate(numbered(headings))))}
    return {field: places[name] for field, name in columns.items() if name in places}


def numbered(headings: Sequence[str]) -> list[str]:
    """Each heading as it is compared, the second of a name with its number."""
    seen: dict[str, int] = {}
    found = []
    for heading in headings:
        word = plain(heading)
        seen[word] = seen.get(word, 0) + 1
        found.append(word if seen[word] == 1 else f"{word}#{seen[word]}")
    return found


def _forms(heading: str) -> list[str]:
    whole, bare = plain(heading[:200]), plain(_BRACKETS.sub("", heading[:200]))
    return [word for word in dict.fromkeys((whole, bare)) if word]


@cache
def _names(kind: str) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for field, names in content()["names"][kind].items():
        for rank, name in enumerate(dict.fromkeys(map(plain, (*_own(kind, field), *names)))):
            found.setdefault(name, []).append((field, rank))
    return found


def _own(kind: str, field: str) -> Iterator[str]:
    """What we call it ourselves, in every language: what was exported can be imported."""
    from bridgedesk.imports.kinds import KINDS  # they are read with this module's help

    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield str(KINDS[kind].fields[field].label)


@cache
def _every_name() -> frozenset[str]:
    return frozenset(name for kind in content()["names"] for name in _names(kind))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
