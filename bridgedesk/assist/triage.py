"""The first look at a message: language, topic, manner, entities. Pure; the models load once per process, when first used."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridgedesk.assist import cues, keywords, rudeness, shouting, topics
from bridgedesk.assist import entities as reading
from bridgedesk.assist.language import Guess, identify
from bridgedesk.lib import languages

PRIOR = 4.0  # how much likelier the expected language is than any other
SURE_LANGUAGE = 0.6
LOOKED_AT = 4000  # characters: enough to see what is meant, little enough that no made-up text keeps a worker busy
ESSAY = 400  # characters
MOST_SENTENCES = 60
SURE_SENTENCE = 0.2
COURTESIES = ("greeting", "thanks", "complaint", "no_reply")
_SENTENCES = re.compile(r"[.!?。！？\n]+")
SURE_TOPIC = 0.25  # surely that, whatever comes second
LEADS, LEAST = 1.4, 0.1
"""A topic is also sure at `LEAST`, when it is `LEADS` times as near as the second: long messages are near to nothing.
Together 85 % of foreign messages, 96 % of them right; below, a topic is only offered."""


@dataclass(frozen=True)
class Manner:
    """How it is said: rude grade, whether shouted (None: the script has no capitals), and the evidence."""

    rude: str
    shouting: bool | None
    evidence: tuple[tuple[int, int, str], ...]

    @property
    def mood(self) -> str:
        """As the inbox shows it: "rude", "shouting", "accusing" or ""."""
        if self.rude == "strong":
            return "rude"
        return "shouting" if self.shouting else "accusing" if self.rude else ""


@dataclass(frozen=True)
class Seen:
    """All that was seen in one message. `language` "" keeps what the conversation has."""

    language: Guess
    topics: Sequence[topics.Suggestion]
    manner: Manner
    entities: Sequence[reading.Entity]

    @property
    def topic(self) -> str:
        """The topic taken over without asking: only a sure one."""
        return next(iter(sure([(each.topic, each.score) for each in self.topics])), "")


def sure(found: Sequence[tuple[str, float]]) -> list[str]:
    """The topics of these (with their scores, best first) that are taken over without asking."""
    first = [topic for topic, score in found[:1] if score >= LEAST and all(score >= LEADS * other for _topic, other in found[1:])]
    return list(dict.fromkeys([*first, *(topic for topic, score in found if score >= SURE_TOPIC)]))


def look(
    text: str,
    *,
    prior: Mapping[str, float] | None = None,
    shop_language: str = "",
    thread_language: str = "",
    platform: str = "",
    country: str = "",
    index: topics.Index | None = None,
) -> Seen:
    """Look once, at the first `LOOKED_AT` characters. `prior` weighs languages beyond what shop, thread and country suggest;
    `index` holds what agents taught.
    """
    text = text[:LOOKED_AT]
    guess = language_of(text, prior=prior, shop_language=shop_language, thread_language=thread_language, country=country)
    return Seen(
        language=guess,
        topics=topics_of(text, index),
        manner=_manner(text, guess, [thread_language, shop_language]),
        entities=reading.entities(text, platform=platform, country=country),
    )


def language_of(
    text: str, *, prior: Mapping[str, float] | None = None, shop_language: str = "", thread_language: str = "", country: str = ""
) -> Guess:
    """The language, given what is expected here."""
    text = text[:LOOKED_AT]
    expected = [languages.base(tag) for tag in (thread_language, shop_language, *languages.of_country(country)[:1]) if tag]
    weights = dict.fromkeys(expected, PRIOR) | dict(prior or {})
    chinese = next((tag for tag in expected if tag.startswith("zh-")), "zh-Hans")
    return identify(text, weights, chinese)


def manner(text: str, *, thread_language: str = "", shop_language: str = "") -> Manner:
    """Only how it is said."""
    guess = language_of(text, shop_language=shop_language, thread_language=thread_language)
    return _manner(text, guess, [thread_language, shop_language])


def _manner(text: str, guess: Guess, around: Sequence[str]) -> Manner:
    sure = guess.probability >= SURE_LANGUAGE
    found = rudeness.rude_words(text, guess.language, others=[] if sure else around)
    shouts = shouting.shouted(text)
    evidence = [(each.start, each.end, "rude" if each.grade == "strong" else "accusation") for each in found]
    evidence += [(each.start, each.end, "caps") for each in shouts]
    cased = shouting.has_case(text)
    return Manner(rudeness.grade(found), None if cased is False else bool(shouts), tuple(sorted(evidence)))


def topics_of(text: str, index: topics.Index | None = None) -> list[topics.Suggestion]:
    """At most three topics: what keywords prove comes first, then what cues name, then the nearest examples."""
    proven = keywords.proven(text)
    near = _nearest(text, index or topics.shipped_index())
    return [*proven, *(each for each in near if each.topic not in {one.topic for one in proven})][:3]


def _nearest(text: str, index: topics.Index) -> list[topics.Suggestion]:
    """The nearest examples, of an essay those of its surest sentences, lifted where the point is named."""
    near = _of_essay(text, index) if len(text) >= ESSAY else index.nearest(text)
    return _lifted(near, cues.named(text))[:3]


def _of_essay(text: str, index: topics.Index) -> list[topics.Suggestion]:
    """What the surest sentences are about: taken as a whole it is near to nothing. Courtesies say nothing of it."""
    told = [each for sentence in _SENTENCES.split(text)[:MOST_SENTENCES] for each in index.nearest(sentence)[:1]]
    surest = [each for each in told if each.score >= SURE_SENTENCE and each.topic not in COURTESIES]
    found = {each.topic: each for each in sorted([*index.nearest(text), *surest], key=lambda each: each.score)}
    return sorted(found.values(), key=lambda each: -each.score)


def _lifted(near: Sequence[topics.Suggestion], named: Mapping[str, str]) -> list[topics.Suggestion]:
    """With what cues name: at least `CUE`, and as near as the examples say beyond it, the gravest first."""
    scores = {each.topic: each for each in near}
    found = dict(scores)
    for topic, words in named.items():
        before = scores.get(topic)
        found[topic] = topics.Suggestion(
            topic, round(cues.CUE + (before.score if before else 0.0) / 2, 4), before.example if before else words
        )
    return sorted(found.values(), key=lambda each: -each.score)
