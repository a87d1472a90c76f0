"""Packing, decided: what belongs into a parcel, what a scanned code means, what is missing, what has to be photographed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

KINDS = ("right", "gift", "by_hand", "taken_out", "too_many", "wrong", "unknown", "label", "other_order")
"""What a scan can be: the first three count one in, "taken_out" one out, the others nothing."""
IN = frozenset({"right", "gift", "by_hand"})
_GTIN = re.compile(r"\d{8}|\d{12,14}")


@dataclass(frozen=True)
class Want:
    """An article that belongs into the parcel. `key` as in Parcel.packed; `codes` are its folded codes, none: by hand only."""

    key: str
    title: str
    pieces: int
    codes: frozenset[str] = frozenset()
    code: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    gift: bool = False
    swapped: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a scan means: one of KINDS, for which want, and how many pieces it moves."""

    kind: str
    want: str = ""
    pieces: int = 0


def folded(code: str) -> str:
    """A code as it is compared: width, case and blanks do not count, nor whether an EAN is written with 8, 12, 13 or 14 digits (GS1)."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", code)).casefold()
    return plain.zfill(14) if _GTIN.fullmatch(plain) else plain


def codes(*given: str) -> frozenset[str]:
    """The codes of an article, folded; empty ones left out."""
    return frozenset(folded(code) for code in given if code.strip())


def written(code: str) -> list[str]:
    """The ways a barcode may stand in a column: as scanned, and as the other lengths of a GTIN."""
    plain = folded(code)
    shorter = [plain[14 - digits :] for digits in (8, 12, 13) if plain.startswith("0" * (14 - digits))] if _GTIN.fullmatch(plain) else []
    return list(dict.fromkeys([code.strip(), plain, *shorter]))


def judge(wants: Sequence[Want], packed: Mapping[str, int], code: str) -> Verdict:
    """An article was scanned: it fills the first want of that code that has room."""
    fitting = [want for want in wants if folded(code) in want.codes]
    for want in fitting:
        if packed.get(want.key, 0) < want.pieces:
            return Verdict("gift" if want.gift else "right", want.key, 1)
    return Verdict("too_many", fitting[0].key) if fitting else Verdict("wrong")


def by_hand(wants: Sequence[Want], packed: Mapping[str, int], key: str) -> Verdict:
    """The packer says that one piece of it went in, without a code."""
    want = next((want for want in wants if want.key == key), None)
    if want is None:
        return Verdict("unknown")
    return Verdict("by_hand", key, 1) if packed.get(key, 0) < want.pieces else Verdict("too_many", key)


def out(packed: Mapping[str, int], key: str) -> Verdict:
    """One piece comes out again."""
    return Verdict("taken_out", key, -1) if packed.get(key, 0) > 0 else Verdict("unknown")


def summed(moves: Iterable[tuple[str, int]]) -> dict[str, int]:
    """What lies in the parcel after these moves of (want, pieces)."""
    found: dict[str, int] = {}
    for key, pieces in moves:
        if key and pieces:
            found[key] = found.get(key, 0) + pieces
    return {key: pieces for key, pieces in found.items() if pieces > 0}


def left(wants: Iterable[Want], elsewhere: Mapping[str, int]) -> list[Want]:
    """What still has to be packed when `elsewhere` lies in other parcels."""
    open_ones = ((want, want.pieces - elsewhere.get(want.key, 0)) for want in wants)
    return [replace(want, pieces=pieces) for want, pieces in open_ones if pieces > 0]


def missing(wants: Iterable[Want], packed: Mapping[str, int]) -> list[tuple[Want, int]]:
    """Wants that are not full yet, with the pieces they lack."""
    gaps = ((want, want.pieces - packed.get(want.key, 0)) for want in wants)
    return [(want, gap) for want, gap in gaps if gap > 0]


def photo_reasons(*, fragile: bool, asked: bool, total: Decimal | None, worth: Decimal | None) -> list[str]:
    """Why what goes in has to be photographed: "fragile", "photo_needed" (of an article) or "valuable" (the order's total)."""
    valuable = total is not None and worth is not None and total >= worth
    return [name for name, holds in (("fragile", fragile), ("photo_needed", asked), ("valuable", valuable)) if holds]
