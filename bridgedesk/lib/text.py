"""Words for searching: the same folding and cutting for what is stored and for what is asked, in every script.

Words where a script has spaces; pairs of characters where it has none (Han, Kana, Hangul, Thai, Lao, Khmer, Burmese), so
that a two-character word is found and a single character is the beginning of a pair.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 64
_UNSPACED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
    "\U00020000-\U0003ffff\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f"
)
_CHUNK = re.compile(rf"([{_UNSPACED}]+)|([^\W_{_UNSPACED}]+(?:[-'.@+_][^\W_{_UNSPACED}]+)*)")
_JOINT = re.compile(r"[-'.@+_]")
_ACCENT = re.compile("[\u0300-\u036f]")


def fold(text: str) -> str:
    """Width, case and accents off: "Crème" and "CREME", "ＡＢＣ" and "abc" become the same."""
    flat = unicodedata.normalize("NFKC", text).casefold()
    if flat.isascii():
        return flat
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", flat)))


def tokens(text: str) -> set[str]:
    """What to store for a text: words with their parts, pairs of unspaced characters and the last character of each run."""
    found: set[str] = set()
    for run, word in _chunks(fold(text)):
        if run:
            found.update(_pairs(run), run[-1])
        else:
            found.update((word[:LONGEST_WORD], *(part[:LONGEST_WORD] for part in _JOINT.split(word))))
    return found


def asked(text: str) -> list[tuple[str, bool]]:
    """What to look for: tokens that must all be there, each with whether it may be only the beginning of one.

    A single unspaced character is the beginning of a pair; the last word may still be being typed.
    """
    chunks = list(_chunks(fold(text)))
    wanted: list[tuple[str, bool]] = []
    for place, (run, word) in enumerate(chunks):
        if run:
            wanted += [(run, True)] if len(run) == 1 else [(pair, False) for pair in _pairs(run)]
        else:
            wanted.append((word[:LONGEST_WORD], place == len(chunks) - 1 and len(word) > 2))
    return list(dict.fromkeys(wanted))


def phrases(text: str) -> list[str]:
    """The folded chunks of a question, each of which has to stand in a hit as written."""
    return [run or word for run, word in _chunks(fold(text))]


def holds(text: str, question: str) -> bool:
    """Whether every chunk of the question stands in the text: what the index only suggests, proved."""
    flat = fold(text)
    return all(phrase in flat for phrase in phrases(question))


def spans(text: str, question: str) -> list[tuple[int, int]]:
    """Where the chunks of a question stand in the text (offsets of the unfolded text), in order, without overlap."""
    flat, origin = _folded_with_origin(text)
    found = [(match.start(), match.end()) for phrase in phrases(question) for match in re.finditer(re.escape(phrase), flat)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted((origin[start], origin[end - 1] + 1) for start, end in found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place of the character it came from."""
    folded = [fold(character) for character in text]
    return "".join(folded), [place for place, flat in enumerate(folded) for _ in flat]


def _chunks(flat: str) -> Iterator[tuple[str, str]]:
    for match in _CHUNK.finditer(flat):
        yield match[1] or "", match[2] or ""


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]
