"""Text as a matcher reads it: one width, one case, no accents, nothing invisible, look-alike letters undone.

Every folded character remembers where it came from, so that what is found can be marked in the text as it was written.
Used by gate.py on words an agent typed and by lexicons.py on the words it looks for, so both are folded alike.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import opencc

_SPECIAL = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h",
                          "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": ""})  # fmt: skip
_LOOK_ALIKE = str.maketrans("авекмнорстухіјѕԁԛԝһӏ" + "αβεικνορτυχγωη", "abekmhopctyxijsdqwhl" + "abeikvoptuxywn")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")
_CJK = "\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3131-\u318e\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}])[ ·•*_~|\-]{{1,4}}(?=[{_CJK}])")
_SPELLED_OUT = re.compile(r"(?<![a-zа-џ0-9])(?:[a-zа-џ0-9@][ ._\-*·•|/~+]{1,3}){3,}[a-zа-џ0-9](?![a-zа-џ0-9])")
_CONTROL = re.compile(r"[^\t\n\r -~]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-z]")
_OTHER = re.compile(r"[α-ωа-џӏһԁԛԝѕіј]")
_VOICING = "\u3099\u309a"


@dataclass(frozen=True)
class Folded:
    """`text` is the folded text; `at[i]` the offset in the original of folded character i."""

    text: str
    at: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where folded[start:end] stands in the original."""
        return self.at[start], self.at[end - 1] + 1


@lru_cache(maxsize=512)
def fold(text: str) -> Folded:
    """`text` folded, with its offsets."""
    if text.isascii() and not _CONTROL.search(text):
        chars, at = list(text.lower().replace("\t", " ").replace("\r", " ")), list(range(len(text)))
    else:
        chars, at = _each(text)
        _undo_look_alikes(chars)
    return _joined(chars, at)


def _each(text: str) -> tuple[list[str], list[int]]:
    chars: list[str] = []
    at: list[int] = []
    for offset, char in enumerate(text):
        for piece in _fold_char(char):
            if piece in _VOICING and chars:
                chars[-1] = unicodedata.normalize("NFC", chars[-1] + piece)[0]
                continue
            chars.append(piece)
            at.append(offset)
    return chars, at


@cache
def _fold_char(char: str) -> str:
    if char == "\n":
        return char
    if char.isspace():
        return " "
    if char in _INVISIBLE or unicodedata.category(char) in ("Cf", "Cc") or "\ufe00" <= char <= "\ufe0f" or char >= "\U000e0000":
        return ""
    if "\U0001f130" <= char <= "\U0001f189":  # boxed and circled capitals, in three rows of 26 with gaps of 6
        place = (ord(char) - 0x1F130) % 32
        return chr(97 + place) if place < 26 else ""
    return "".join(_plain(piece) for piece in unicodedata.normalize("NFKC", char).casefold())


def _plain(char: str) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if "\u3400" <= char <= "\u9fff":
        return _simplified(char)
    base = unicodedata.normalize("NFD", char)
    first = base[0]
    if "\u0300" <= first <= "\u036f" or "\u064b" <= first <= "\u0652" or first == "\u0670":
        return ""
    if len(base) > 1 and unicodedata.name(first, "").startswith(("LATIN", "CYRILLIC", "GREEK", "ARABIC")):
        char = first
    return char.translate(_SPECIAL)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _simplified(char: str) -> str:
    converted: str = _converter().convert(char)
    return converted if len(converted) == 1 else char


def _undo_look_alikes(chars: list[str]) -> None:
    """Cyrillic and Greek letters that pass for Latin ones, in words or texts that are otherwise Latin."""
    text = "".join(chars)
    if not _OTHER.search(text) or not _LATIN.search(text):
        return
    disguised = not re.search(r"[бвгджзийлмнпфцчшщъыьэюяδθλξπσφψ]", text.translate(_LOOK_ALIKE))
    for word in _WORD.finditer(text):
        if _OTHER.search(word[0]) and (disguised or _LATIN.search(word[0])):
            chars[word.start() : word.end()] = list(word[0].translate(_LOOK_ALIKE))


def _joined(chars: list[str], at: list[int]) -> Folded:
    """Spaces between letters of scripts without spaces, and between letters spelled out one by one, taken away."""
    text = "".join(chars)
    cuts = [*_cuts_between(text), *_cuts_spelled(text)]
    if not cuts:
        return Folded(text, at)
    dropped = bytearray(len(text))
    for start, end in cuts:
        dropped[start:end] = b"\1" * (end - start)
    keep = [i for i in range(len(text)) if not dropped[i]]
    return Folded("".join(text[i] for i in keep), [at[i] for i in keep])


def _cuts_between(text: str) -> Iterator[tuple[int, int]]:
    if text.isascii():
        return
    for found in _BETWEEN_CJK.finditer(text):
        yield found.span()


def _cuts_spelled(text: str) -> Iterator[tuple[int, int]]:
    for found in _SPELLED_OUT.finditer(text):
        if not re.search(r"[a-zа-џ]", found[0]):
            continue
        gaps = [(gap.start() + found.start(), gap.end() + found.start()) for gap in re.finditer(r"[ ._\-*·•|/~+]+", found[0])]
        narrow = min(end - start for start, end in gaps)
        for start, end in gaps:
            yield (start, end) if end - start == narrow else (start + 1, end)
