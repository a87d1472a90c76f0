"""What a text is written in, seen without a model: by its script and its small words. Says nothing where it is not sure.

`assist/language.py` tells the language of every message, however short; this only notices that a text of some sentences is
clearly in another language than its reader's, small enough for a process that has no model in memory.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings

from bridgedesk.lib.languages import base

# Scripts that one language of our buyers writes; the others need more than the script.
OF_SCRIPT = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "THAI": "th", "HEBREW": "he", "GREEK": "el", "DEVANAGARI": "hi", "BENGALI": "bn",
    "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml", "GUJARATI": "gu", "GURMUKHI": "pa", "SINHALA": "si", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "GEORGIAN": "ka", "ARMENIAN": "hy", "ARABIC": "ar",
}  # fmt: skip
_READ_BY = {"ja": {"HIRAGANA", "KATAKANA", "CJK"}, "zh": {"CJK"}, "yue": {"CJK"}} | {
    language: {script} for script, language in OF_SCRIPT.items() if language != "ja"
}
_READ_BY |= {language: {"CYRILLIC"} for language in ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg")}
_READ_BY |= {language: {"ARABIC"} for language in ("fa", "ur", "ps")}
_READ_BY |= {language: {"DEVANAGARI"} for language in ("mr", "ne")}
_KIN = ({"id", "ms"}, {"da", "nb", "sv"}, {"ru", "uk"})  # so close that small words do not tell them apart for sure
_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|(?<![A-Za-z0-9_])(?=[A-Za-z_]*\d)[A-Za-z0-9_\-#]{4,}|\d[\d\-]{3,}|\d+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_QUOTED = re.compile(r"[„“”\"«「『][^„“”\"«»「」『』\n]{1,120}[“”\"»」』]")
_LEAST_WORDS = 5
_LEAST_TELLING = 4  # different small words of the one language that are not the reader's
_LEAST_SHARE = 0.25  # of all words
_LEAST_LETTERS = {"CJK": 4, "HIRAGANA": 4, "KATAKANA": 4, "HANGUL": 4}
_LETTERS = 8  # of an alphabet
_HAN_ONLY = 12  # so many Chinese characters without kana are no Japanese sentence
_LEAST_MARKS = 2  # different characters only one of the Chinese scripts has


def without_ids(text: str) -> str:
    """`text` without what is in no language: addresses, links, numbers, codes."""
    return _NO_WORDS.sub(" ", unicodedata.normalize("NFC", text))


def words_of(plain: str) -> list[str]:
    """Its words, in small letters."""
    return [word.replace("’", "'") for word in _WORD.findall(plain.lower())]


def scripts_of(plain: str) -> Counter[str]:
    """How many letters it has of each script we know."""
    return Counter(script for script in map(_script, plain) if script)


def written_in(text: str, reader: str) -> str:
    """The language `text` is clearly in when it is not the one `reader` (BCP 47) reads; "" when it is, or when that is not sure.

    Never sure: a few words, a name of a product, a text partly in the reader's language, languages as close as Malay and Indonesian.
    The two Chinese scripts are one language here (`chinese_script`).
    """
    plain, language = without_ids(_unquoted(text)), base(reader).split("-")[0]
    scripts = scripts_of(plain)
    if not language or not scripts:
        return ""
    own = _READ_BY.get(language, {"LATIN"})
    main = max(scripts, key=lambda script: scripts[script])
    if main == "LATIN" and (own == {"LATIN"} or not _says_something(scripts, own)):
        return _by_words(words_of(plain), language)
    if main in own or (language == "zh" and main in _READ_BY["ja"]):
        return _in_own_script(plain, scripts, language)
    return "" if _says_something(scripts, own) else _of_script(plain, main, scripts)


def chinese_script(text: str) -> str:
    """ "zh-Hans" or "zh-Hant" where several characters are of that script alone and none of the other; "" else."""
    simplified, traditional = _marks(text, "gb2312", "big5"), _marks(text, "big5", "gb2312")
    if scripts_of(text)["HIRAGANA"] or min(simplified, traditional) or max(simplified, traditional) < _LEAST_MARKS:
        return ""
    return "zh-Hans" if simplified else "zh-Hant"


@cache
def content() -> dict[str, Any]:
    """content/languages.toml: telling words, letters and small words by language."""
    read = tomllib.loads((settings.CONTENT / "languages.toml").read_text("utf-8"))
    telling = {tag: frozenset(words.split()) for tag, words in read["words"].items()}
    small = {tag: frozenset(words.split()) | telling.get(tag, frozenset()) for tag, words in read["function"].items()}
    return {"words": telling, "small": small, "letters": read["letters"], "neutral": frozenset(read["neutral"].split())}


def _by_words(words: list[str], reader: str) -> str:
    small: dict[str, frozenset[str]] = content()["small"]
    if len(words) < _LEAST_WORDS:
        return ""
    said = Counter(words)
    hits = {language: sum(said[word] for word in known & said.keys()) for language, known in small.items()}
    best = max(hits, key=hits.__getitem__)
    if best == reader or _akin(best, reader) or (reader not in small and reader not in _READ_BY and best != "en"):
        return ""
    theirs, ours = _apart(said, small[best], small.get(reader, frozenset())), _apart(said, small.get(reader, frozenset()), small[best])
    clear = len(theirs) >= _LEAST_TELLING and len(theirs) >= 4 * len(ours) and hits[best] >= _LEAST_SHARE * len(words)
    return best if clear else ""


def _apart(said: Iterable[str], one: frozenset[str], other: frozenset[str]) -> set[str]:
    return {word for word in said if word in one and word not in other}


def _unquoted(text: str) -> str:
    """Without what is quoted (the name of a product), unless that is all."""
    rest = _QUOTED.sub(" ", text)
    return rest if scripts_of(rest) else text


def _akin(one: str, other: str) -> bool:
    return any(one in kin and other in kin for kin in _KIN)


def _says_something(scripts: Counter[str], own: Iterable[str]) -> bool:
    """Whether enough of it stands in the reader's script to be meant for the reader."""
    return 5 * sum(scripts[script] for script in own) >= scripts.total()


def _in_own_script(plain: str, scripts: Counter[str], reader: str) -> str:
    """Another language of the same script, where letters prove it."""
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if reader == "ja" and not kana and scripts["CJK"] >= _HAN_ONLY:
        return "zh"
    if reader == "zh" and kana >= 4 and 4 * kana >= scripts.total():
        return "ja"
    letters: dict[str, str] = content()["letters"]
    other, lower = {"ru": "uk", "uk": "ru"}.get(reader, ""), plain.lower()
    telling = sum(letter in letters[other] for letter in lower) if other else 0
    return other if telling >= 2 and not any(letter in letters[reader] for letter in lower) else ""


def _of_script(plain: str, script: str, scripts: Counter[str]) -> str:
    if scripts[script] < _LEAST_LETTERS.get(script, _LETTERS) or 2 * scripts[script] <= scripts.total() - scripts["CJK"]:
        return ""
    if script == "CJK":
        return "ja" if scripts["HIRAGANA"] + scripts["KATAKANA"] else "zh"
    if script == "CYRILLIC":
        return "uk" if set(content()["letters"]["uk"]) & set(plain.lower()) else "ru"
    return OF_SCRIPT[script]


def _marks(text: str, charset: str, other: str) -> int:
    """How many different characters the one script's charset has and the other's has not."""
    return sum(_has(charset, character) and not _has(other, character) for character in set(text) if "\u4e00" <= character <= "\u9fff")


@cache
def _has(charset: str, character: str) -> bool:
    try:
        return bool(character.encode(charset))
    except UnicodeEncodeError:
        return False


@cache
def _script(character: str) -> str | None:
    if not character.isalpha():
        return None
    head = unicodedata.name(character, "").split(" ")[0]
    return head if head in OF_SCRIPT or head in ("CJK", "LATIN", "CYRILLIC") else None
