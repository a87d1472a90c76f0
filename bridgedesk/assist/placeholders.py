"""What a translation must not touch: numbers of orders and parcels, links, addresses, phones, names. Taken out before, checked after."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bridgedesk.assist.entities import entities

KEPT = frozenset({"order", "tracking", "url", "email", "phone"})
_MARK = re.compile(r"[⟦\[【]{1,2}\s?(\d{1,3})\s?[⟧\]】]{1,2}")


@dataclass(frozen=True)
class Masked:
    """A text with ⟦1⟧ ⟦2⟧ … in place of what must survive, and what they stand for."""

    text: str
    kept: tuple[str, ...]


def mask(text: str, names: Iterable[str] = ()) -> Masked:
    """Replace what must survive; the same value gets the same mark."""
    spans = [(each.start, each.end) for each in entities(text, platform="own") if each.kind in KEPT]
    for name in names:
        if len(name) >= 2:
            spans += [hit.span() for hit in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    kept: list[str] = []
    parts: list[str] = []
    last = 0
    for start, end in sorted(spans):
        if start < last:
            continue
        value = text[start:end]
        if value not in kept:
            kept.append(value)
        parts += [text[last:start], f"⟦{kept.index(value) + 1}⟧"]
        last = end
    return Masked("".join([*parts, text[last:]]), tuple(kept))


def restore(translated: str, masked: Masked) -> tuple[str, list[str]]:
    """The translation with the values put back, and the values that did not survive."""
    seen: set[int] = set()

    def put_back(hit: re.Match[str]) -> str:
        number = int(hit[1])
        if not 1 <= number <= len(masked.kept):
            return hit[0]
        seen.add(number)
        return masked.kept[number - 1]

    text = _MARK.sub(put_back, translated)
    return text, [value for number, value in enumerate(masked.kept, 1) if number not in seen]


def invented(translated: str, original: str) -> list[str]:
    """Links and addresses the translation holds and the original does not: never the work of a translator."""
    return [each.value for each in entities(translated) if each.kind in ("url", "email") and each.value not in original]
