"""Which language a message is in: by script where that decides, else by a statistical model, telling words and what is likely here.

What holds no words (an order number, "👍", "ok") is undetermined: the conversation keeps the language it has.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bridgedesk.lib.languages import UNDETERMINED
from bridgedesk.lib.written import OF_SCRIPT, content, scripts_of, without_ids, words_of


@dataclass(frozen=True)
class Guess:
    """A language (BCP 47, "" undetermined), how probable, and why.

    `because`: "script" (its name in `words`), "characters", "words" (those of the text), "letter patterns", "no words", "too short".
    """

    language: str
    probability: float
    because: str
    words: tuple[str, ...] = ()


_MODEL_LATIN = [
    "en", "es", "pt", "it", "fr", "de", "nl", "pl", "tr", "vi", "id",
    "ms", "tl", "sv", "da", "nb", "no", "fi", "cs", "ro", "hu", "zxx",
]  # fmt: skip
_MODEL_CYRILLIC = ["ru", "uk"]
_JAPANESE_FORMS = frozenset("円払発売変込働価関図単戻渋総帰焼処広桜駅鉄斎浜縁壊拝抜択沢歩毎観権検験顕粋剤斉済栄営労楽薬届枠込様返")
_PER_WORD = 1.1  # log odds of one telling word
_MOST_WORDS = 20  # more of them prove nothing more, and a page full of one word must not overflow
_PER_LETTER = 2.5  # log odds of letters only this language has
_SURE_SCRIPT = 0.99
_LEAST = 0.12  # below this the best guess is no guess


def identify(text: str, prior: Mapping[str, float] | None = None, chinese: str = "zh-Hans") -> Guess:
    """The language of `text`. `prior` weighs languages (1 = no view); `chinese` is the script taken when the characters fit both."""
    plain = without_ids(text)
    scripts = scripts_of(plain)
    if not scripts:
        return Guess(UNDETERMINED, 0.0, "no words")
    foreign = scripts.total() - scripts["LATIN"]
    if foreign >= 2 and foreign * 6 >= scripts["LATIN"]:
        return _by_script(plain, scripts, prior or {}, chinese)
    return _by_words(plain, _MODEL_LATIN, prior or {})


def _by_script(plain: str, scripts: Counter[str], prior: Mapping[str, float], chinese: str) -> Guess:
    if scripts["HIRAGANA"] + scripts["KATAKANA"] >= 1 and scripts["HANGUL"] < scripts["CJK"] + scripts["HIRAGANA"] + scripts["KATAKANA"]:
        return Guess("ja", _SURE_SCRIPT, "script", ("Kana",))
    script = max((name for name in scripts if name != "LATIN"), key=lambda name: scripts[name])
    if script == "CJK":
        return _han(plain, chinese)
    if script == "CYRILLIC":
        return _by_words(plain, _MODEL_CYRILLIC, prior)
    return Guess(OF_SCRIPT[script], _SURE_SCRIPT, "script", (script.title(),))


def _han(plain: str, chinese: str) -> Guess:
    """Japanese without kana, or Chinese: Traditional characters against Simplified ones, as OpenCC knows them."""
    japanese = [word for word in content()["words"]["ja"] if word in plain]
    simple, traditional = _only(plain, "t2s"), _only(plain, "s2t")
    if japanese and _JAPANESE_FORMS & set(plain) and len(japanese) + len(_JAPANESE_FORMS & set(plain)) > len(traditional) + len(simple):
        return Guess("ja", 0.8, "words", tuple(japanese[:3]))
    if len(simple) == len(traditional):
        return Guess(chinese, 0.7, "script", ("Han",))
    language, marks = ("zh-Hant", simple) if len(simple) > len(traditional) else ("zh-Hans", traditional)
    return Guess(language, _SURE_SCRIPT, "characters", tuple(dict.fromkeys(marks))[:4])


def _only(plain: str, conversion: str) -> list[str]:
    """The characters that `conversion` changes: those of the other script alone."""
    return [before for before, after in zip(plain, convert_chinese(plain, conversion), strict=False) if before != after]


def convert_chinese(text: str, conversion: str) -> str:
    """`text` through OpenCC: "t2s", "s2t", "s2twp" (with Taiwan's words), "tw2sp"."""
    return str(_opencc(conversion).convert(text))


def _by_words(plain: str, labels: list[str], prior: Mapping[str, float]) -> Guess:
    words = words_of(plain)
    telling = [word for word in words if word not in content()["neutral"]]
    if not telling:
        return Guess(UNDETERMINED, 0.0, "no words")
    scores = _model_scores(" ".join(telling), labels)
    evidence = _evidence(telling, plain.lower(), scores)
    weighed = {
        language: score
        * math.exp(_PER_WORD * min(len(evidence[language][0]), _MOST_WORDS) + _PER_LETTER * bool(evidence[language][1]))
        * prior.get(language, 1.0)
        for language, score in scores.items()
    }
    best = max(weighed, key=weighed.__getitem__)
    probability = weighed[best] / (sum(weighed.values()) or 1.0)
    found, letters = evidence[best]
    if best == "zxx" or probability < _LEAST or (not found and not letters and len("".join(telling)) < 4 and best not in prior):
        return Guess(UNDETERMINED, probability, "too short")
    shown = tuple(dict.fromkeys(found))[:4] or tuple(letters[:4])
    return Guess(best, round(probability, 3), "words" if shown else "letter patterns", shown)


def _evidence(words: list[str], lower: str, languages: Mapping[str, float]) -> dict[str, tuple[list[str], list[str]]]:
    """Per language, its words and its own letters in the text."""
    known = content()
    return {
        language: (
            [word for word in words if word in known["words"].get(language, ())],
            [letter for letter in known["letters"].get(language, "") if letter in lower],
        )
        for language in languages
    }


def _model_scores(plain: str, labels: list[str]) -> dict[str, float]:
    ranked: dict[str, float] = {}
    for label, score in _model().rank(plain):
        if label in labels:
            language = "nb" if label == "no" else label
            ranked[language] = max(ranked.get(language, 0.0), float(score))
    return ranked


@cache
def _model() -> Any:
    """The statistical model, cut down to our languages: the columns of the others are given back to the system."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(set(_MODEL_LATIN + _MODEL_CYRILLIC) & set(whole.nb_classes))
    return LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output, norm_probs=True, tk_row=whole.tk_row
    )


@cache
def _opencc(conversion: str) -> Any:
    from opencc import OpenCC

    return OpenCC(conversion)
