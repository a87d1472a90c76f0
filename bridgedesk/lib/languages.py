"""Languages as BCP 47 names them: canonical tags, names for the screen, writing direction, and what stands in for what.

Chinese is always "zh-Hans" or "zh-Hant": a bare "zh" says too little to answer a buyer in.
"""

import re
from collections.abc import Iterable
from functools import cache

from babel import Locale, UnknownLocaleError

UNDETERMINED = ""
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "yi", "ku-Arab"})
# Languages we recognise in what buyers write; those of one script alone need no model (see assist/language.py).
RECOGNISED = (
    "en",
    "zh-Hans",
    "zh-Hant",
    "es",
    "pt",
    "fr",
    "de",
    "it",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "ar",
    "he",
    "ja",
    "ko",
    "th",
    "vi",
    "id",
    "ms",
    "tl",
    "sv",
    "da",
    "nb",
    "fi",
    "cs",
    "ro",
    "hu",
    "el",
    "hi",
    "bn",
    "ta",
    "te",
    "kn",
    "ml",
    "gu",
    "pa",
    "si",
    "km",
    "lo",
    "my",
    "ka",
    "hy",
)
_ALIASES = {
    "no": "nb", "nn": "nb", "fil": "tl", "in": "id", "iw": "he", "msa": "ms", "zsm": "ms", "cmn": "zh-Hans", "yue": "zh-Hant",
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-my": "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant",
}  # fmt: skip
_CLDR = {"tl": "fil"}
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\Z")
# The language most buyers of a country write in; a prior of detection only. Countries with several: the most frequent first.
_OF_COUNTRY = {
    "AE": "ar en", "AR": "es", "AT": "de", "AU": "en", "BE": "nl fr", "BR": "pt", "CA": "en fr", "CH": "de fr it", "CL": "es",
    "CN": "zh-Hans",
    "CO": "es", "CZ": "cs", "DE": "de", "DK": "da", "EG": "ar", "ES": "es", "FI": "fi sv", "FR": "fr", "GB": "en", "GR": "el",
    "HK": "zh-Hant en",
    "HU": "hu", "ID": "id", "IE": "en", "IL": "he", "IN": "en hi", "IT": "it", "JP": "ja", "KR": "ko", "KZ": "ru", "BY": "ru",
    "MO": "zh-Hant",
    "MX": "es", "MY": "ms en zh-Hans", "NL": "nl", "NO": "nb", "NZ": "en", "PE": "es", "PH": "tl en", "PL": "pl", "PT": "pt",
    "RO": "ro", "RU": "ru",
    "SA": "ar", "SE": "sv", "SG": "en zh-Hans ms", "TH": "th", "TR": "tr", "TW": "zh-Hant", "UA": "uk ru", "US": "en es", "VN": "vi",
}  # fmt: skip


def canonical(tag: str) -> str:
    """The tag as we keep it: "ZH_tw" -> "zh-Hant", "pt_br" -> "pt-BR", "no" -> "nb"; "" for what is no tag."""
    plain = tag.strip().replace("_", "-")
    if not _TAG.match(plain):
        return UNDETERMINED
    lower = plain.lower()
    if lower in _ALIASES:
        return _ALIASES[lower]
    head, *rest = lower.split("-")
    if head == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(rest) else "zh-Hans"
    return "-".join([_ALIASES.get(head, head), *map(_cased, rest)])


def _cased(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part


def base(tag: str) -> str:
    """The language without its region: "pt-BR" -> "pt"; the two Chinese scripts stay apart."""
    known = canonical(tag)
    return known if known.startswith("zh-") else known.split("-")[0]


def fallbacks(tag: str, last: str = "en") -> list[str]:
    """Whose text serves a reader of `tag`, best first: itself, without its region, then `last`.

    The two Chinese scripts stand in for each other (OpenCC converts them); no other language stands in silently.
    """
    known = canonical(tag)
    chain = [known, base(known)]
    if known.startswith("zh-"):
        chain.append("zh-Hant" if known == "zh-Hans" else "zh-Hans")
    return list(dict.fromkeys(step for step in (*chain, last) if step))


def choose(tag: str, available: Iterable[str]) -> str:
    """The best of `available` for a reader of `tag`; "" if none serves."""
    offered = {canonical(each): each for each in available}
    return next((offered[step] for step in fallbacks(tag) if step in offered), UNDETERMINED)


def of_country(country: str) -> tuple[str, ...]:
    """The languages buyers of an ISO 3166 country write most, most frequent first; () if not known."""
    return tuple(_OF_COUNTRY.get(country.upper(), "").split())


@cache
def name(tag: str, reader: str = "en") -> str:
    """What the language is called on the screen of someone reading `reader`; the tag itself if CLDR has no name."""
    known = canonical(tag)
    if not known:
        return ""
    shown = _locale(reader).languages
    cldr = _CLDR.get(known, known).replace("-", "_")
    return str(shown.get(cldr) or _with_region(known, reader) or known)


def own_name(tag: str) -> str:
    """What its own speakers call it."""
    return name(tag, tag)


def is_rtl(tag: str) -> bool:
    """Whether it is written from right to left."""
    return base(tag) in RIGHT_TO_LEFT


def direction(tag: str) -> str:
    """The value of HTML's `dir` for text in that language; "auto" when undetermined."""
    if not canonical(tag):
        return "auto"
    return "rtl" if is_rtl(tag) else "ltr"


def _with_region(tag: str, reader: str) -> str:
    head, _, region = tag.partition("-")
    language = _locale(reader).languages.get(_CLDR.get(head, head))
    if not language:
        return ""
    return f"{language} ({_locale(reader).territories.get(region, region)})" if region else str(language)


@cache
def _locale(tag: str) -> Locale:
    known = canonical(tag) or "en"
    try:
        return Locale.parse(_CLDR.get(known, known), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
