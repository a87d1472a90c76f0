"""Links, e-mail addresses, telephone and card numbers in a folded text, also where somebody tried to hide them."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from django.conf import settings

from bridgedesk.conversations.lexicons import Pattern, compile_entry

Span = tuple[int, int]

_TLD = (
    "com|net|org|info|biz|shop|store|online|site|xyz|vip|top|club|app|link|live|page|website|io|tv|cc|ly|"
    "cn|ru|jp|kr|tw|hk|vn|fr|uk|eu|pl|nl|br|ua"
)
_LONG = r"com\.[a-z]{2}|co\.[a-z]{2}|net\.[a-z]{2}|org\.[a-z]{2}"
_WORDLIKE = "de|es|it|at|be|to|me|so|is|in|no|my|us|id|do|la|am|ch|pt|th|ph|mx|ca|au|se|dk|fi|ai|gg|im"
_SHOPLIKE = "shop|store|outlet|online|mall|markt|tienda|loja|boutique"
_PATH = r"(?:[:/?#][a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?"
_LABELS = r"(?:[a-z0-9-]+\.)+"
_SAID_DOT = "dot|punto|ponto|point|punkt|точка|点"
_DOT = rf"\s?(?:\[\.\]|\(\.\)|[\[(]\s?(?:{_SAID_DOT})\s?[\])]|(?<=\s)(?:{_SAID_DOT})(?=\s)|点|。)\s?"
_EDGE, _END = r"(?<![a-z0-9@._-])", r"(?![a-z0-9@-])"
_LINKS = [
    re.compile(r"(?:h[tx]{2}ps?|ftp)\s?:\s?/\s?/\s?[^\s<>\"'，。）】」、]+"),
    re.compile(rf"{_EDGE}www\s?\.\s?[a-z0-9-]+(?:\.[a-z0-9-]+)*{_PATH}"),
    re.compile(rf"{_EDGE}{_LABELS}(?:{_LONG}|{_TLD}){_END}{_PATH}"),
    re.compile(rf"{_EDGE}{_LABELS}[a-z]{{2}}/[a-z0-9@+][a-z0-9\-._~/?#@=&%+]*"),
    re.compile(rf"{_EDGE}[a-z0-9-]*(?:\d|-|{_SHOPLIKE})[a-z0-9-]*\.(?:{_WORDLIKE}){_END}"),
    re.compile(rf"{_EDGE}(?:www\s)?[a-z0-9-]{{2,}}{_DOT}(?:com|net|org|shop|store|online|cn|ru|co){_END}"),
]
_PROVIDER = (
    r"(?:g\s?mail|googlemail|hotmail|outlook|yahoo|icloud|qq|163|126|foxmail|proton(?:mail)?|gmx|web|mail|yandex|naver|live|aol|sina)"
)
_AT = r"\s?(?:@|[\[(]\s?(?:at|a|@|arroba|chez|собака)\s?[\])]|(?<=\s)(?:at|arroba|chez|kukac|aet|собака)(?=\s)|艾特|小老鼠|골뱅이)\s?"
_MAILS = [
    re.compile(r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"),
    re.compile(rf"(?<![a-z0-9._%+-])[a-z0-9._%+-]{{2,}}{_AT}{_PROVIDER}(?:\s?\.\s?|{_DOT})(?:com|net|org|cn|ru|de|fr|es|it|kr|jp|me)\b"),
    re.compile(rf"(?<![a-z0-9._%+-])[a-z0-9._%+-]{{2,}}{_AT}[a-z0-9-]{{2,}}{_DOT}(?:com|net|org|cn|ru|de|fr|es|it|kr|jp|me|shop)\b"),
    re.compile(r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{2,}\s?[\[(]\s?(?:at|@|arroba)\s?[\])]\s?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"),
    re.compile(r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{2,}\s@\s?[a-z0-9-]{2,}\s?\.\s?(?:com|net|org|cn)\b"),
]
_NUMBER = re.compile(r"(?<![a-z0-9@#_/=])(?:\+|00)?\s?\(?\d[\d\s().\-/·]{4,24}\d(?![a-z0-9_])")
_DATE = re.compile(r"\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d{2})(?!\d)")
_US = re.compile(r"\(\d{3}\)\s?\d{3}[-. ]\d{4}|\b1?[-. ]?[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4}\b")
_SAID = [
    re.compile("[零〇一二三四五六七八九幺两]{7,}"),
    re.compile(r"(?:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b[\s,-]*){7,}"),
]
_CARD = re.compile(r"(?<![a-z0-9-])(?:\d{4}[ -]?){3}\d{4}(?![\d-])|(?<![a-z0-9-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\d-])")
_NEAR = 28


@dataclass(frozen=True)
class Contexts:
    """Words that tell what a number is, and the hosts of carriers."""

    phone: tuple[Pattern, ...]
    number: tuple[Pattern, ...]
    card: tuple[Pattern, ...]
    tracking_hosts: tuple[str, ...]


@cache
def contexts() -> Contexts:
    """Read from content/policies/words/contexts.toml."""
    data = tomllib.loads((Path(settings.CONTENT) / "policies" / "words" / "contexts.toml").read_text(encoding="utf-8"))
    return Contexts(_compiled(data, "phone"), _compiled(data, "number"), _compiled(data, "card"), tuple(data["tracking_hosts"]))


def _compiled(data: dict[str, Any], name: str) -> tuple[Pattern, ...]:
    return tuple(compile_entry(word) for word in data[name])


def links(text: str) -> Iterator[tuple[Span, str]]:
    """Every link with its host."""
    if "." not in text and "dot" not in text and not re.search(r"://|点|。|punt|pont|point|точк", text):
        return
    mails = [span for span, _ in emails(text)]
    for span in _outermost(found.span() for regex in _LINKS for found in regex.finditer(text)):
        if not any(s < span[1] and span[0] < e for s, e in mails):
            yield span, host(text[slice(*span)])


def host(link: str) -> str:
    """The host a browser would go to, "" if there is none."""
    bare = re.sub(r"\s", "", re.sub(_DOT, ".", link))
    bare = re.sub(r"^h[tx]{2}p", "http", bare)
    try:
        return (urlsplit(bare if "://" in bare else f"//{bare}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def within(name: str, hosts: tuple[str, ...]) -> bool:
    """Whether a host is one of these or below one."""
    return any(name == one or name.endswith(f".{one}") for one in hosts)


def emails(text: str) -> Iterator[tuple[Span, str]]:
    """Every address with its domain as far as it can be read."""
    for span in _outermost(found.span() for regex in _MAILS for found in regex.finditer(text)):
        yield span, text[slice(*span)].rpartition("@")[2]


def phones(text: str, country: str) -> Iterator[Span]:
    """Telephone numbers; `country` (ISO code, "" unknown) tells how a number without +… is read."""
    for regex in _SAID:
        for found in regex.finditer(text):
            yield found.span()
    for found in _NUMBER.finditer(text):
        if _is_phone(text, found, country):
            yield found.span()


def _is_phone(text: str, found: re.Match[str], country: str) -> bool:
    said = found[0].strip()
    digits = re.sub(r"\D", "", said)
    if not 7 <= len(digits) <= 15 or _DATE.match(said):
        return False
    if said.startswith("+"):
        return _valid(said, None)
    near = text[max(0, found.start() - _NEAR) : found.start()]
    called, numbered = _last(near, contexts().phone), _last(near, contexts().number)
    if called >= 0 or numbered >= 0:
        return called > numbered
    return _looks_dialled(said, digits, country)


def _looks_dialled(said: str, digits: str, country: str) -> bool:
    if re.fullmatch(r"(?:0?0?86)?1[3-9]\d{9}", digits) or _US.fullmatch(said):
        return True
    grouped = digits != said or said.startswith("0")
    return bool(grouped and country and not re.search(r"\d\s?/\s?\d", said) and _valid(said, country.upper()))


def _valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _last(text: str, words: tuple[Pattern, ...]) -> int:
    return max((end for word in words for _, end in word.find(text)), default=-1)


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: written in card groups or after a word for card, with a right check digit."""
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if (
            digits[0] in "23456"
            and luhn(digits)
            and (digits != found[0] or _last(text[max(0, found.start() - _NEAR) : found.start()], contexts().card) >= 0)
        ):
            yield found.span()


def luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right."""
    total = sum(int(d) for d in digits[-1::-2]) + sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return total % 10 == 0


def _outermost(spans: Iterator[Span]) -> Iterator[Span]:
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda s: (s[0], -s[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    yield from kept
