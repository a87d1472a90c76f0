"""What agents change in a template before they send it, and what they change the same way again and again. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce

_TOKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]|_")
LEAST = 4
"""So many answers must have been changed the same way …"""
SHARE = 0.2
"""… and so many of a template's changed answers."""
LONGEST = 12
"""Words of a phrase, at most."""
MOST = 60
"""Words of one change that are looked at."""
NEAR = 0.75
"""A shorter phrase says nothing new where a longer one, or its counterpart, occurs nearly as often."""
AROUND = 5
"""Words shown before and after."""
Gram = tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """One word, letter of a script without spaces, or sign; where it stands in its text."""

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class Change:
    """Words `struck` (from … to, of the rendered text) and words `added` in their place (of the sent one)."""

    struck: tuple[int, int]
    added: tuple[int, int]


@dataclass(frozen=True)
class Habit:
    """A phrase struck or added, or one put for another, in `count` of `of` changed answers; `lead` and `tail` stand around it."""

    struck: str
    added: str
    count: int
    of: int
    lead: str = ""
    tail: str = ""


@dataclass(frozen=True)
class _Edit:
    """One answer: rendered and sent, by words, and what lies between."""

    texts: tuple[str, str]
    words: tuple[list[Word], list[Word]]
    changes: Sequence[Change]

    @property
    def rewritten(self) -> bool:
        """Less than half of the template is left: no change of it, but another answer."""
        return 2 * sum(end - begin for begin, end in (change.struck for change in self.changes)) > len(self.words[0])

    def grams(self, change: Change, side: int) -> Iterator[tuple[Gram, int]]:
        """Every phrase of a change's side, with the place of its first word."""
        begin, end = (change.struck, change.added)[side]
        keys = [word.key for word in self.words[side][begin : min(end, begin + MOST)]]
        for length in range(1, min(LONGEST, len(keys)) + 1):
            for at in range(len(keys) - length + 1):
                if _says_something(gram := tuple(keys[at : at + length])):
                    yield gram, begin + at

    def slice(self, side: int, begin: int, end: int) -> str:
        """The words from … to as they were written."""
        words = self.words[side][max(begin, 0) : max(end, 0)]
        return self.texts[side][words[0].start : words[-1].end] if words else ""


def words(text: str) -> list[Word]:
    """The words of a text; capitals do not count."""
    return [Word(found[0].casefold(), found.start(), found.end()) for found in _TOKEN.finditer(text)]


def changes(rendered: Sequence[str], sent: Sequence[str]) -> list[Change]:
    """What leads from one sequence of words to the other, in order. What both begin and end with is not looked at."""
    head = next((n for n, (a, b) in enumerate(zip(rendered, sent, strict=False)) if a != b), min(len(rendered), len(sent)))
    most = min(len(rendered), len(sent)) - head
    tail = next((n for n in range(most) if rendered[-1 - n] != sent[-1 - n]), most)
    middle = SequenceMatcher(None, rendered[head : len(rendered) - tail], sent[head : len(sent) - tail], autojunk=False)
    found = [Change((head + i, head + j), (head + k, head + m)) for what, i, j, k, m in middle.get_opcodes() if what != "equal"]
    return reduce(_joined, found, [])


def _joined(before: list[Change], after: Change) -> list[Change]:
    """Changes with one word between them are one: what stands there by chance would cut a phrase in two."""
    last = before[-1] if before else None
    if last is None or after.struck[0] - last.struck[1] > 1:
        return [*before, after]
    return [*before[:-1], Change((last.struck[0], after.struck[1]), (last.added[0], after.added[1]))]


def habits(answers: Sequence[tuple[str, str]]) -> list[Habit]:
    """What was changed the same way in many of these (rendered, sent), the most frequent first. Each counts once an answer."""
    edits = [_edit(rendered, sent) for rendered, sent in answers]
    edits = [edit for edit in edits if edit.changes and not edit.rewritten]
    least = max(LEAST, -(-len(edits) * SHARE // 1))
    struck, added = (_frequent(edits, side, least) for side in (0, 1))
    pairs = _pairs(edits, struck, added)
    alone: list[tuple[Gram, Gram]] = [(gram, ()) for gram in struck if gram not in {pair[0] for pair in pairs}]
    alone += [((), gram) for gram in added if gram not in {pair[1] for pair in pairs}]
    counts = pairs | {pair: struck.get(pair[0], 0) or added.get(pair[1], 0) for pair in alone}
    found = [_habit(edits, pair, count) for pair, count in counts.items()]
    return sorted(found, key=lambda habit: (-habit.count, habit.struck, habit.added))


def _edit(rendered: str, sent: str) -> _Edit:
    both = words(rendered), words(sent)
    return _Edit((rendered, sent), both, changes([word.key for word in both[0]], [word.key for word in both[1]]))


def _says_something(gram: Gram) -> bool:
    """It begins and ends with a word, and is more than a little one."""
    return gram[0][0].isalpha() and gram[-1][-1].isalpha() and sum(map(len, gram)) >= 4


def _frequent(edits: Sequence[_Edit], side: int, least: float) -> dict[Gram, int]:
    """Phrases of that side in at least so many answers; of those within each other the longest."""
    seen = Counter(gram for edit in edits for gram in {gram for change in edit.changes for gram, _at in edit.grams(change, side)})
    kept: dict[Gram, int] = {}
    for gram, count in sorted(seen.items(), key=lambda pair: (-len(pair[0]), -pair[1], pair[0])):
        if count >= least and not any(_within(gram, longer) and kept[longer] >= NEAR * count for longer in kept):
            kept[gram] = count
    return kept


def _within(gram: Gram, longer: Gram) -> bool:
    return any(longer[at : at + len(gram)] == gram for at in range(len(longer) - len(gram) + 1))


def _pairs(edits: Sequence[_Edit], struck: Mapping[Gram, int], added: Mapping[Gram, int]) -> dict[tuple[Gram, Gram], int]:
    """Phrases that stand for each other: struck and added by the same change nearly whenever one of them is."""
    together: Counter[tuple[Gram, Gram]] = Counter()
    for edit in edits:
        met = {pair for change in edit.changes for pair in _met(edit, change, struck, added)}
        together.update(met)
    return {pair: count for pair, count in together.items() if count >= NEAR * max(struck[pair[0]], added[pair[1]])}


def _met(edit: _Edit, change: Change, struck: Mapping[Gram, int], added: Mapping[Gram, int]) -> list[tuple[Gram, Gram]]:
    out = {gram for gram, _at in edit.grams(change, 0) if gram in struck}
    into = {gram for gram, _at in edit.grams(change, 1) if gram in added}
    return [(one, other) for one in out for other in into]


def _habit(edits: Sequence[_Edit], pair: tuple[Gram, Gram], count: int) -> Habit:
    """As it was written in the first answer that has it."""
    for edit in edits:
        for change in edit.changes:
            places = [dict(edit.grams(change, side)).get(gram) for side, gram in enumerate(pair)]
            if all(place is not None or not gram for place, gram in zip(places, pair, strict=True)):
                said = ["" if at is None else edit.slice(side, at, at + len(pair[side])) for side, at in enumerate(places)]
                begin, end = (change.struck[0], change.struck[1])
                return Habit(said[0], said[1], count, len(edits), edit.slice(0, begin - AROUND, begin), edit.slice(0, end, end + AROUND))
    raise LookupError(pair)
