"""A long answer in parts, cut where a reader would pause: at a paragraph, a sentence, a word; never inside what belongs together."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from bridgedesk.channels.base import Limits

F = TypeVar("F")
# What must arrive whole: links, addresses, and runs such as order and tracking numbers (with their dashes).
_WHOLE = re.compile(
    r"https?://\S+|(?<!\S)[^\s@]+@[^\s@]+\.[^\s@]+|#?[A-Z0-9]+(?:-[A-Z0-9]+)*\d[A-Z0-9]*(?:-[A-Z0-9]+)*|\d+(?:[.,]\d+)+",
    re.IGNORECASE | re.ASCII,
)
_PAUSES = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…؟।])[\"'”’»)\]]*\s+|(?<=[。！？])[”’」』）]*"),
    re.compile(r"(?<=[,;:，；：、،])\s*|\s+(?=[–—])"),
    re.compile(r"\s+"),
)
_JOINER = "\u200d"
_LEADING_VOWELS = "เแโใไ"  # Thai, Lao likewise: written before the consonant they belong to
_FOLLOWING = "\u0e30\u0e32\u0e33\u0e45"


def letters(text: str, files: Sequence[F], limits: Limits | None) -> list[tuple[str, Sequence[F]]]:
    """One answer as the messages the channel can carry: text in parts, files with the last of them where it allows that, else after."""
    texts: list[tuple[str, Sequence[F]]] = [(part, ()) for part in parts(text, limits.text if limits else None)]
    most = max(limits.files, 1) if limits else max(len(files), 1)
    batches = [files[start : start + most] for start in range(0, len(files), most)]
    if texts and batches and (limits is None or limits.text_with_files):
        texts[-1] = (texts[-1][0], batches.pop(0))
    return texts + [("", batch) for batch in batches]


def parts(text: str, limit: int | None) -> list[str]:
    """The text in pieces of at most `limit` characters, in order, none empty, nothing lost but space at the cuts."""
    rest, pieces = text.strip(), []
    while limit and len(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [piece for piece in [*pieces, rest] if piece]


def _cut(text: str, limit: int) -> int:
    """Where to end the first piece: the last place of the best sort that leaves it at least half full, else any, else a hard cut."""
    whole = [match.span() for match in _WHOLE.finditer(text[: limit * 2])]
    places = [[p for p in _places(pause, text, limit) if not _inside(p, whole)] for pause in _PAUSES]
    for found in places:
        if found and found[-1] >= limit // 2:
            return found[-1]
    last = max((found[-1] for found in places if found), default=0)
    return last or _hard_cut(text, limit, whole)


def _places(pause: re.Pattern[str], text: str, limit: int) -> list[int]:
    """Ends of pieces: the pause itself may hang over the limit, it is stripped."""
    ends = ((match.start() if match.group().isspace() else match.end()) for match in pause.finditer(text[: limit + 1]))
    return [end for end in ends if 0 < end <= limit and not _joined(text, end)]


def _hard_cut(text: str, limit: int, whole: Iterable[tuple[int, int]]) -> int:
    """No pause at all: before the link or number that would be cut, or, where that fills the piece, between two characters."""
    before = next((start for start, end in whole if start < limit < end), 0)
    return before or next(_seams(text, limit), limit)


def _seams(text: str, limit: int) -> Iterator[int]:
    return (cut for cut in range(limit, 0, -1) if not _joined(text, cut))


def _inside(cut: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < cut < end for start, end in spans)


def _joined(text: str, cut: int) -> bool:
    """Whether the characters on both sides of the cut are seen as one: accents, emoji sequences, flags, jamo, Thai vowels."""
    if cut <= 0 or cut >= len(text):
        return False
    left, right = text[cut - 1], text[cut]
    return (
        unicodedata.category(right).startswith("M")
        or _JOINER in (left, right)
        or "\U0001f3fb" <= right <= "\U0001f3ff"
        or right in _FOLLOWING
        or left in _LEADING_VOWELS
        or (left, right) == ("\r", "\n")
        or _in_syllable(left, right)
        or _in_flag(text, cut)
    )


def _in_syllable(left: str, right: str) -> bool:
    """Conjoining Hangul: leading consonant, vowel, trailing consonant."""
    return "\u1160" <= right <= "\u11ff" and ("\u1100" <= left <= "\u11ff" or "\uac00" <= left <= "\ud7a3")


def _in_flag(text: str, cut: int) -> bool:
    """Flags are pairs of letters: cut only after an even number of them."""
    run = 0
    while run < cut and _is_flag_letter(text[cut - 1 - run]):
        run += 1
    return run % 2 == 1 and _is_flag_letter(text[cut])


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
