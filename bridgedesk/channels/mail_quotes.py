"""What a writer newly said, apart from quoted history, signatures and disclaimers.

Language-neutral: lines are named by shape (a quotation mark, a line with a date and an address ending in a colon, a
block of labels), words of many languages only confirm. Nothing is lost: every line is either in `said` or in `quoted`,
and answers written between the lines of a quotation stay with the lines they answer.
"""

import re
from dataclasses import dataclass
from enum import Enum

from bridgedesk.channels import mail_words as words

MAX_LINES = 5_000  # what is longer is folded unread
_LOOK = 400  # characters of a line that are looked at


class Kind(Enum):
    """What a line is by its shape."""

    EMPTY = "e"
    TEXT = "t"
    QUOTE = "q"
    INTRO = "i"  # "On … wrote:"
    LABEL = "l"  # "From: …"
    CUT = "c"  # "--- Original message ---"
    RULE = "r"  # a line of dashes; "-- " above a signature
    MOBILE = "m"  # "Sent from my …"


@dataclass(frozen=True)
class Split:
    """`said` is new, `quoted` the folded rest; `cut` says that lines beyond MAX_LINES were folded unread."""

    said: str
    quoted: str
    cut: bool = False


_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")
_QUOTE = re.compile(r"\s{0,8}(?:>|\|(?!.*\|\s*$)|[A-Za-z]{1,3}>(?!\s*$)|&gt;)")
_RULE = re.compile(r"\s*(?:[-–—_=*~#+]\s?){2,}\s*$|\s*[—–]\s*$|\s*ᐧ\s*$")
_DATE = re.compile(
    r"(?:19|20)\d\d|(?:25[5-9]\d)|\b\d{1,2}[./\-]\s?\d{1,2}[./\-]\s?\d{2,4}\b|\b\d{1,2}[:.h]\d{2}\b|\d{1,2}\s?[月월]\s?\d{1,2}|\b1[34]\d\d[/-]\d{1,2}[/-]\d{1,2}"
    r"|[٠-٩۰-۹]{4}"
)
_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]]{1,64}@[^\s<>@,;:\"()\[\]]{2,190}")
_WROTE = re.compile(rf"(?<!\w)(?:{words.WROTE})(?!\w)", re.IGNORECASE)
_WROTE_LOOSE = re.compile(words.WROTE, re.IGNORECASE)  # scripts without spaces between words
_ORIGINAL = re.compile(rf"[\s*_>]*+[-–—_=*]*+\s*+(?:{words.ORIGINAL})\s*+[:：]?\s*+[-–—_=*]*+[\s*_]*+$", re.IGNORECASE)
_DASHED = re.compile(r"\s*+[-–—_=]{3,}+\s?\S.{0,58}\S\s?[-–—_=]{3,}\s*$")
_LABEL = re.compile(r"[\s*_]*+([^\s:：*<>][^:：*<>\n]{0,24}?)[\s*_]*+[:：][\s*_]*+(.*)$")
_PGP = re.compile(r"-----(?:BEGIN|END) PGP [A-Z ]+-----\s*$")


def split(text: str) -> Split:
    """Part `text` (a whole plain-text body)."""
    lines = _INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    beyond = lines[MAX_LINES:]
    said, folded = _part(lines[:MAX_LINES])
    if not any(line.strip() for line in said):
        said, folded = lines[:MAX_LINES], []
    return Split(_join(said), _join(folded + beyond), bool(beyond))


def _part(lines: list[str]) -> tuple[list[str], list[str]]:
    kinds = name(lines)
    keep = [True] * len(lines)
    end = _tail(lines, kinds)
    for at, kind in enumerate(kinds):
        if at >= end or kind in (Kind.MOBILE, Kind.INTRO) or (kind is Kind.CUT and at < end):
            keep[at] = False
    _fold_quotes(kinds[:end], keep)
    _fold_disclaimer(lines, kinds, keep)
    said = [line for line, kept in zip(lines, keep, strict=True) if kept]
    return said, [line for line, kept in zip(lines, keep, strict=True) if not kept]


# --- naming lines ---------------------------------------------------------------------------------


def name(lines: list[str]) -> list[Kind]:
    """What each line is."""
    kinds = [_name_alone(line[:_LOOK]) for line in lines]
    _mark_code(lines, kinds)
    at = 0
    while at < len(lines):
        length = _intro_length(lines, kinds, at)
        kinds[at : at + length] = [Kind.INTRO] * length
        at += length or 1
    _heal_wrapped_quotes(lines, kinds)
    return kinds


def _name_alone(line: str) -> Kind:
    if not line.strip():
        return Kind.EMPTY
    if _QUOTE.match(line):
        return Kind.QUOTE
    if _ORIGINAL.match(line):
        return Kind.CUT
    if _PGP.match(line) or _RULE.match(line):
        return Kind.RULE
    if _is_mobile(line):
        return Kind.MOBILE
    return Kind.LABEL if _label(line) else Kind.TEXT


def _is_mobile(line: str) -> bool:
    bare = words.LINK.sub("", line).strip().replace("[", "").replace("]", "")
    return len(bare) < 120 and bool(words.MOBILE.fullmatch(bare))


def _label(line: str) -> str:
    """Which header a line shows ("from", "date" …), "" if none."""
    found = _LABEL.match(line)
    return words.LABEL_KIND.get(found[1].strip().casefold(), "") if found else ""


def _mark_code(lines: list[str], kinds: list[Kind]) -> None:
    fences = [at for at, line in enumerate(lines) if line.startswith("```")]
    for start, stop in zip(fences[::2], fences[1::2], strict=False):
        kinds[start : stop + 1] = [Kind.TEXT] * (stop + 1 - start)


def _intro_length(lines: list[str], kinds: list[Kind], at: int) -> int:
    """How many lines from `at` on together introduce a quotation; 0 if they do not."""
    if kinds[at] not in (Kind.TEXT, Kind.LABEL, Kind.RULE) or not _may_begin_intro(lines[at][:_LOOK]):
        return 0
    joined = ""
    for length in range(1, 7):
        if at + length > len(lines):
            return 0
        line = lines[at + length - 1].strip()[:_LOOK]
        if length > 1 and kinds[at + length - 1] is Kind.QUOTE and not re.match(r">\s?\w[\w\s()]{0,24}[:：]?$|>[:：]$", line):
            return 0
        joined = f"{joined} {line}".strip()
        if _is_intro(joined):
            return length
        if len(joined) > _LOOK or (line and line[-1] in ".!?。！？" and length > 1):
            return 0
    return 0


def _may_begin_intro(line: str) -> bool:
    return bool(_DATE.search(line) or _ADDRESS.search(line) or _WROTE_LOOSE.search(line))


def _is_intro(line: str) -> bool:
    dated, address = bool(_DATE.search(line)), bool(_ADDRESS.search(line))
    wrote = bool(_WROTE.search(line)) or bool(_WROTE_LOOSE.search(line) and not line.isascii())
    bare = line.strip(" -–—*_")
    if bare[-1:] in (":", "：") and not _label(line):
        return (dated and (address or _ends_with_wrote(bare))) or (address and wrote and len(line) < 200)
    if line.startswith("--") and line.endswith("--"):
        return dated and wrote
    return bool(address and bare.endswith(">") and re.match(r"\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}", bare) and bare.count("<") == 1)


def _ends_with_wrote(line: str) -> bool:
    """The verb stands near the end, or ("schrieb Anna:") near the name, in a line too short to be prose."""
    return len(line) < 160 and bool(_WROTE.search(line) or (not line.isascii() and _WROTE_LOOSE.search(line)))


def _heal_wrapped_quotes(lines: list[str], kinds: list[Kind]) -> None:
    """A scrap of text between two lines of one quotation is the overflow of the line above, wrapped by the mail program."""
    for at in range(1, len(lines) - 1):
        around = kinds[at - 1] is Kind.QUOTE and kinds[at + 1] is Kind.QUOTE
        if kinds[at] is Kind.TEXT and around and len(lines[at - 1]) >= 60 and len(lines[at]) < 40:
            kinds[at] = Kind.QUOTE


# --- what comes after the writer's own words -------------------------------------------------------


def _tail(lines: list[str], kinds: list[Kind]) -> int:
    """Where the folded end begins: the first cut below some text."""
    seen_text = False
    for at, kind in enumerate(kinds):
        if seen_text and _ends_here(lines, kinds, at):
            return at
        seen_text = seen_text or kind is Kind.TEXT or (kind is Kind.LABEL and not _label_block(lines, kinds, at))
    return len(lines)


def _ends_here(lines: list[str], kinds: list[Kind], at: int) -> bool:
    kind = kinds[at]
    if kind is Kind.CUT:
        return True
    if kind is Kind.LABEL:
        return _label_block(lines, kinds, at)
    if kind is Kind.RULE:
        return _closes(lines, kinds, at)
    if kind is Kind.INTRO:
        return _quotes_without_marks(kinds, at)
    return kind is Kind.TEXT and bool(_DASHED.match(lines[at][:_LOOK])) and _next_is_block(lines, kinds, at)


def _label_block(lines: list[str], kinds: list[Kind], at: int) -> bool:
    """Three different labels, one of them a sender or date, with nothing but their continuations between."""
    seen: set[str] = set()
    misses = 0
    for line, kind in zip(lines[at : at + 16], kinds[at : at + 16], strict=True):
        if kind is Kind.LABEL:
            seen.add(_label(line[:_LOOK]))
            misses = 0
        else:
            misses += 1
        if misses > 2:
            break
    return len(seen) >= 3 and bool(seen & {"from", "date"})


def _next_is_block(lines: list[str], kinds: list[Kind], at: int) -> bool:
    following = _next(kinds, at)
    return following < len(kinds) and kinds[following] is Kind.LABEL and _label_block(lines, kinds, following)


def _next(kinds: list[Kind], at: int) -> int:
    """The next line that is not empty."""
    following = at + 1
    while following < len(kinds) and kinds[following] is Kind.EMPTY:
        following += 1
    return following


def _closes(lines: list[str], kinds: list[Kind], at: int) -> bool:
    """A line of dashes ends the writer's words if a signature, a quotation or a header block stands below it."""
    if _PGP.match(lines[at]):
        return "SIGNED MESSAGE" not in lines[at]
    below = _next(kinds, at)
    rest = [kind for kind in kinds[below:] if kind is not Kind.EMPTY]
    if not rest or rest[0] in (Kind.QUOTE, Kind.INTRO, Kind.CUT) or _next_is_block(lines, kinds, at):
        return True
    texts = rest.count(Kind.TEXT)
    later_quote = any(kind in (Kind.QUOTE, Kind.INTRO, Kind.CUT, Kind.LABEL) for kind in rest)
    if len(lines[at].strip()) <= 3:
        return texts <= 15 or later_quote
    return texts <= 8 and not _asks(lines[below:])


def _asks(lines: list[str]) -> bool:
    """Whether a question or an exclamation stands there: signatures have none."""
    return any(line.rstrip().endswith(("?", "!", "？", "！")) for line in lines)


def _quotes_without_marks(kinds: list[Kind], at: int) -> bool:
    """After this introduction the quoted text stands bare, or nothing but quotation follows."""
    following = at
    while following < len(kinds) and kinds[following] in (Kind.INTRO, Kind.EMPTY):
        following += 1
    rest = kinds[following:]
    return not rest or rest[0] is not Kind.QUOTE or Kind.TEXT not in rest


# --- quotations between the lines -----------------------------------------------------------------


def _fold_quotes(kinds: list[Kind], keep: list[bool]) -> None:
    """Fold quotations at the end, and one that stands alone above the answer under its introduction."""
    texts = [at for at, kind in enumerate(kinds) if kind in (Kind.TEXT, Kind.LABEL)]
    if not texts:
        return
    for at in range(texts[-1] + 1, len(kinds)):
        keep[at] = keep[at] and kinds[at] is not Kind.QUOTE
    intros = [at for at, kind in enumerate(kinds) if kind is Kind.INTRO]
    quotes = [at for at, kind in enumerate(kinds) if kind is Kind.QUOTE and at < texts[-1]]
    if intros and quotes and not any(quotes[0] < at < quotes[-1] for at in texts):
        for at in quotes:
            keep[at] = False


def _fold_disclaimer(lines: list[str], kinds: list[Kind], keep: list[bool]) -> None:
    """Fold closing paragraphs that are legal or virus-scanner boilerplate, as long as something is left."""
    while True:
        kept = [at for at, kind in enumerate(kinds) if keep[at] and kind is not Kind.EMPTY]
        if not kept:
            return
        start = kept[-1]
        while start and keep[start - 1] and kinds[start - 1] is not Kind.EMPTY:
            start -= 1
        if start <= kept[0] or not words.DISCLAIMER.search("\n".join(lines[start : kept[-1] + 1])[:4000]):
            return
        keep[start : kept[-1] + 1] = [False] * (kept[-1] + 1 - start)


def _join(lines: list[str]) -> str:
    """Lines as one text, without rules and blank lines at the ends."""
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
