"""Rude words and accusations, with the place of each as evidence. Shown to the agent; never acts alone.

The words are data, one file per language under content/lexicon. An entry is a word or phrase: `*` any ending, `(a|b)`
either, `?` what stands before it may be missing. Texts are read as buyers disguise them: capitals, missing accents,
drawn-out letters, f**k, f u c k, sh1t, look-alike letters of the other alphabet.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Literal

from django.conf import settings

from bridgedesk.assist.language import convert_chinese
from bridgedesk.lib import languages

Grade = Literal["strong", "accusation"]
# Below this probability of the language, the conversation's and the shop's lexicons are read too.
SURE_ENOUGH = 0.6


@dataclass(frozen=True)
class Found:
    """One rude word: where it stands in the text, and how bad."""

    start: int
    end: int
    grade: Grade


@dataclass(frozen=True)
class View:
    """A way to read the text, and for each sign where it stands in the original."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True)
class Lexicon:
    """The words of one language, compiled."""

    exact: bool
    substring: bool
    strong: re.Pattern[str] | None
    accusation: re.Pattern[str] | None
    innocent: re.Pattern[str] | None
    maskable: tuple[tuple[str, bool], ...]  # single words, and whether any ending follows


# By script: every language that writes it is read, whatever the detection said.
_SCRIPTS = (
    (re.compile(r"[\u0400-\u04ff]"), ("ru", "uk")),
    (re.compile(r"[\u0600-\u06ff]"), ("ar",)),
    (re.compile(r"[\u0590-\u05ff]"), ("he",)),
    (re.compile(r"[\u0370-\u03ff]"), ("el",)),
    (re.compile(r"[\u0900-\u097f]"), ("hi",)),
    (re.compile(r"[\u0e00-\u0e7f]"), ("th",)),
    (re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"), ("ko",)),
)
_KANA, _HAN = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_ARABIC_FORMS = str.maketrans("أإآٱىةؤئ", "ااااىهوي")
_KEEP_MARKS = re.compile(r"[\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u1100-\u11ff\uac00-\ud7af]")
_LEET = str.maketrans("0134578@$!|€", "oieastbasile")
_LEET_WORD = re.compile(r"(?=\w*[A-Za-z])(?<![\w@$!])(?=[\w@$!]*[0-9@$!])[\w@$!|€]{3,}")
_CYRILLIC_ALIKE = str.maketrans("aceopxykmhtb", "асеорхукмнтв")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]{1,2}){2,}[^\W\d_](?![^\W_])")
_SPLIT_WORD = re.compile(r"[^\W\d_]{1,4}(?:[.\-_][^\W\d_]{1,4}){1,}")
_MASKED = re.compile(r"(?<![\w*#])[^\W\d_][^\W\d_]*[*#@$%!•]+(?:[^\W\d_]+[*#@$%!•]*)*(?![\w*#])")


def rude_words(text: str, language: str, *, others: Iterable[str] = ()) -> list[Found]:
    """Every rude word of `text`, in order, never overlapping, the worse grade first where two claim a place."""
    views = _views(text) if text else []
    found: list[Found] = []
    for name in _lexicons_for(text, [language, *others]):
        lexicon = lexicon_of(name)
        if lexicon is None:
            continue
        own = [_chinese(view) for view in views] if name == "zh" else views
        for view in own:
            found += _search(view, lexicon)
        for view in views[:1]:
            found += _masked(view, lexicon)
    return _without_overlaps(found)


def grade(found: Iterable[Found]) -> str:
    """ "strong", "accusation" or ""."""
    grades = {each.grade for each in found}
    return "strong" if "strong" in grades else "accusation" if grades else ""


def _lexicons_for(text: str, wanted: Iterable[str]) -> list[str]:
    names = [_file_of(tag) for tag in wanted if tag]
    names += [name for script, own in _SCRIPTS if script.search(text) for name in own]
    if _KANA.search(text):
        names.append("ja")
    elif _HAN.search(text):
        names += ["zh", "ja"] if "ja" in names else ["zh"]
    if _LATIN.search(text):
        names += ["anywhere", "hi", "el"] if {"hi", "el"} & set(names) else ["anywhere"]
        if not any(wanted):
            names.append("en")
    return list(dict.fromkeys(names))


def _file_of(tag: str) -> str:
    known = languages.base(tag)
    return "zh" if known.startswith("zh") else known


def _views(text: str) -> list[View]:
    """The text as written, then as disguises are undone; each only where it differs."""
    base = _folded(text)
    views = [_folded(text, keep_accents=True), base]
    views.append(View(_LEET_WORD.sub(lambda word: word[0].translate(_LEET), base.text), base.places))
    if re.search(r"[\u0400-\u04ff]", base.text) and re.search("[a-z]", base.text):
        views.append(View(re.sub(r"\w*[\u0400-\u04ff]\w*", lambda word: word[0].translate(_CYRILLIC_ALIKE), base.text), base.places))
    views += [_joined(base, pattern) for pattern in (_SPACED, _SPLIT_WORD) if pattern.search(base.text)]
    return [view for place, view in enumerate(views) if view.text and view not in views[:place]]


def _folded(text: str, *, keep_accents: bool = False) -> View:
    signs: list[str] = []
    places: list[int] = []
    for place, sign in _composed(text):
        for part in _fold_sign(sign, keep_accents=keep_accents):
            signs.append(part)
            places.append(place)
    return View("".join(signs), tuple(places))


def _composed(text: str) -> list[tuple[int, str]]:
    """Each sign with the accents written after it, and its place."""
    found: list[tuple[int, str]] = []
    for place, sign in enumerate(text):
        if found and unicodedata.combining(sign):
            found[-1] = (found[-1][0], unicodedata.normalize("NFC", found[-1][1] + sign))
        else:
            found.append((place, sign))
    return found


@cache
def _fold_sign(sign: str, *, keep_accents: bool = False) -> str:
    if keep_accents:
        return sign.casefold()
    if _KEEP_MARKS.match(sign):
        return sign
    parts = unicodedata.normalize("NFD", sign.casefold())  # kept scripts carry vowels as marks
    return (
        "".join(part for part in parts if not unicodedata.combining(part) and part != "ـ")
        .translate(_ARABIC_FORMS)
        .replace("đ", "d")
        .replace("ı", "i")
    )


def _joined(view: View, pattern: re.Pattern[str]) -> View:
    """f u c k, f.u.c.k and sh-it written together again."""
    keep = [True] * len(view.text)
    for hit in pattern.finditer(view.text):
        for place in range(hit.start(), hit.end()):
            keep[place] = view.text[place].isalpha()
    pairs = [(sign, place) for sign, place, kept in zip(view.text, view.places, keep, strict=True) if kept]
    return View("".join(sign for sign, _ in pairs), tuple(place for _, place in pairs))


def _chinese(view: View) -> View:
    simplified = convert_chinese(view.text, "t2s")
    return View(simplified, view.places) if len(simplified) == len(view.text) else view


def _search(view: View, lexicon: Lexicon) -> Iterator[Found]:
    text = view.text
    if lexicon.innocent:
        text = lexicon.innocent.sub(lambda hit: "\x00" * len(hit[0]), text)
    grades: tuple[tuple[re.Pattern[str] | None, Grade], ...] = ((lexicon.strong, "strong"), (lexicon.accusation, "accusation"))
    for pattern, how_bad in grades:
        for hit in pattern.finditer(text) if pattern else ():
            if hit.end() > hit.start():
                yield Found(*view.span(*hit.span()), how_bad)


def _masked(view: View, lexicon: Lexicon) -> Iterator[Found]:
    """f**k, b*tch, sh#t: a word of the lexicon with letters hidden. One letter alone must fit the length exactly."""
    for hit in _MASKED.finditer(view.text):
        word = hit[0]
        known = sum(sign.isalpha() for sign in word)
        if len(word) >= 3 and (known >= 2 or len(word) >= 4) and (len(word) - known >= 2 or word[-1].isalpha()):
            pattern = _mask_pattern(word, exact=known == 1)
            if any(_fits(word, pattern, entry, any_ending, known) for entry, any_ending in lexicon.maskable):
                yield Found(*view.span(*hit.span()), "strong")


def _mask_pattern(word: str, *, exact: bool) -> re.Pattern[str]:
    runs = re.sub(r"[*#@$%!•]+", lambda run: rf"\w{{{len(run[0])}{'' if exact else f',{len(run[0]) + 2}'}}}", word)
    return re.compile(runs)


def _fits(word: str, pattern: re.Pattern[str], entry: str, any_ending: bool, known: int) -> bool:
    if len(entry) < 4 or entry[0] != word[0]:
        return False
    if pattern.fullmatch(entry):
        return True
    aligned = len(word) > len(entry) and all(mine == hidden or not hidden.isalpha() for mine, hidden in zip(entry, word, strict=False))
    return any_ending and known >= 2 and aligned and any(not sign.isalpha() for sign in word[: len(entry)])


def _without_overlaps(found: Iterable[Found]) -> list[Found]:
    ordered = sorted(set(found), key=lambda each: (each.grade != "strong", each.start - each.end))
    kept: list[Found] = []
    for each in ordered:
        if all(each.end <= other.start or each.start >= other.end for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.start)


@cache
def lexicon_of(name: str) -> Lexicon | None:
    """The compiled words of a language; None if we have none."""
    path = settings.CONTENT / "lexicon" / f"{name}.toml"
    if not path.is_file():
        return None
    return _compile(tomllib.loads(path.read_text("utf-8")))


def _compile(data: dict[str, Any]) -> Lexicon:
    exact, substring = data.get("exact", False), data.get("substring", False)

    accusation = [*_entries(data.get("accusation", ""), exact=exact)]
    bounded = [*_entries(data.get("accusation_latin", ""), exact=exact)]
    words = [*_entries(data.get("strong", ""), exact=exact), *_entries(data.get("coarse", ""), exact=exact)]
    latin = [*_entries(data.get("latin", ""), exact=exact)]
    return Lexicon(
        exact=exact,
        substring=substring,
        strong=_pattern(words, substring=substring, bounded=latin),
        accusation=_pattern(accusation, substring=substring, bounded=bounded),
        innocent=_pattern([*_entries(data.get("except", ""), exact=exact)], substring=substring),
        maskable=tuple(_maskable([*words, *latin])) if not substring or latin else (),
    )


def _entries(text: str, *, exact: bool) -> Iterator[str]:
    for entry in text.split(","):
        plain = " ".join(entry.split())
        if plain:
            yield "".join(_fold_sign(sign, keep_accents=exact) for sign in plain)


def _maskable(entries: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for entry in entries:
        stem = entry.rstrip("*")
        if stem.isalpha():
            yield stem, entry.endswith("*")


def _pattern(entries: list[str], *, substring: bool, bounded: Iterable[str] = ()) -> re.Pattern[str] | None:
    whole = [_expression(entry) for entry in (bounded if substring else [*entries, *bounded])]
    inside = [re.escape(entry).replace(r"\ ", r"\s*") for entry in entries] if substring else []
    parts = [*sorted(inside, key=len, reverse=True)]
    if whole:
        parts.append(rf"(?<!\w)(?:{'|'.join(whole)})(?!\w)")
    return re.compile("|".join(parts)) if parts else None


def _expression(entry: str) -> str:
    """An entry as a regular expression; letters may be drawn out."""
    out: list[str] = []
    escaped = False
    for sign, following in pairwise(entry + "\x00"):
        optional = following == "?"
        if escaped:
            out.append("\\" + sign)
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == "*":
            out.append(r"\w*")
        elif sign == " ":
            out.append(r"\W{0,3}" if optional else r"\W{1,3}")
        elif sign == "?":
            out.append("" if out and out[-1].endswith(("*", "{0,3}")) else "?")
        elif sign.isalnum():
            out.append(sign + ("*" if optional else "+" if sign.isalpha() else ""))
        else:
            out.append(sign if sign in "()|" else re.escape(sign))
    return "".join(out)
