"""What a message is about: the topics of its nearest examples, by the letters they share.

Examples are data (content/topics/*.toml) and what agents taught (Example rows). A message is cut into runs of one to
four letters, weighed by how rare they are; the nearest examples vote. No training: an example counts as soon as it is
there, and the nearest one is shown as the reason.
"""

import heapq
import math
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from django.conf import settings

from bridgedesk.assist.language import convert_chinese
from bridgedesk.lib import languages

NEAREST = 40  # examples that vote
PROFILE = 2.0  # weight of a topic's profile against its nearest examples
UNKNOWN = 1.5  # weight of a run no example has
LEAST_WEIGHT = 0.8
_IDS = re.compile(r"https?://\S+|\S+@\S+|#?(?<![A-Za-z0-9])(?=[A-Za-z\-]*\d)[A-Za-z0-9\-]{4,}|\d+")
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_POLITE = re.compile(
    r"\b(?:hi|hello|hey|dear|sir|madam|seller|please|pls|plz|kindly|thanks|thank you|hola|buenas|buenos dias|buenas tardes|"
    r"por favor|gracias|oi|ola|bom dia|boa tarde|boa noite|obrigad[oa]|"
    r"bonjour|bonsoir|svp|merci|hallo|guten tag|bitte|danke|ciao|buongiorno|salve|grazie|kak|min|gan|sis|halo|tolong|"
    r"shop oi|ad oi|fucking|bloody|goddamn|damn)\b"
)
# How one asks for anything at all: says nothing of the topic.
_FRAME = re.compile(
    r"\b(?:(?:can|could|will|would) (?:you|u|ya) (?:please )?(?:help|assist)(?: me)?|(?:get|have) some help|help me|"
    r"(?:need|want|require|would like|wanna have) (?:some |your )?(?:help|assistance|support)|assistance|"
    r"(?:have|got) a (?:quick )?question|(?:can|could|will|would) (?:you|u|ya) (?:tell|give|show) me(?: more)?|"
    r"(?:give|get|obtain|find|need|want|have|request)(?: me| some| more)* (?:information|info|details)|information|"
    r"(?:i )?(?:want|need|have|would like|wish|am trying|am looking) to (?:know|find out|see|check)|"
    r"is it possible|i am calling|i call|"
    r"how (?:can|could|do|should|to) (?:i )?do (?:it|that)|what (?:do|should) i (?:have|need)? ?(?:to )?do|"
    r"i (?:do not|dont|do nt) know (?:how|what|where)|i have got|i am trying|im trying|i try)\b(?: (?:to|with|in|on|for|about|regarding))?"
)
_POLITE_HAN = re.compile(r"你好|您好|请问|請問|亲|老板|麻烦|谢谢|哈喽")


@dataclass(frozen=True)
class Topic:
    """One topic. `titles` by interface language; `group` gathers them in menus."""

    name: str
    titles: Mapping[str, str]
    group: str
    examples: Mapping[str, tuple[str, ...]]

    def title(self, reader: str) -> str:
        """What it is called on the screen of someone reading `reader`."""
        return self.titles.get(languages.choose(reader, self.titles), self.name)


@dataclass(frozen=True)
class Suggestion:
    """A topic, how near (0 to 1), and the example that speaks for it most."""

    topic: str
    score: float
    example: str


class Index:
    """Examples by their letter runs: the nearest ones vote, and so does what each topic's examples have in common.

    A run counts the more the rarer it is and the fewer topics share it. Lists instead of matrices: a message takes a
    few milliseconds, and an example is learnt by appending it.
    """

    def __init__(self, examples: Iterable[tuple[str, str]]) -> None:
        unique = list(dict.fromkeys((topic, text) for topic, text in examples if text.strip()))
        counted = [Counter(_grams(text)) for _, text in unique]
        self._weights = _weights(list(zip((topic for topic, _ in unique), counted, strict=True)))
        self._labels: list[str] = []
        self._texts: list[str] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._profiles: dict[str, dict[str, float]] = defaultdict(dict)
        self._lengths: dict[str, float] = defaultdict(float)  # of the profiles, squared
        for (topic, text), grams in zip(unique, counted, strict=True):
            self._add(topic, text, grams)

    def __len__(self) -> int:
        return len(self._labels)

    def learn(self, topic: str, text: str) -> None:
        """Add one example; it counts from the next message on."""
        self._add(topic, text, Counter(_grams(text)))

    def _add(self, topic: str, text: str, counted: Counter[str]) -> None:
        place = len(self._labels)
        self._labels.append(topic)
        self._texts.append(text)
        for gram, weight in self._vector(counted).items():
            self._postings[gram].append((place, weight))
            before = self._profiles[gram].get(topic, 0.0)
            self._profiles[gram][topic] = before + weight
            self._lengths[topic] += weight * (2 * before + weight)

    def _vector(self, counted: Counter[str]) -> dict[str, float]:
        """Unit vector; runs nobody knows still count, so that strange text is near nothing."""
        raw = {gram: (1 + math.log(count)) * self._weights.get(gram, UNKNOWN) for gram, count in counted.items()}
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return {gram: weight / length for gram, weight in raw.items() if weight}

    def nearest(self, text: str, most: int = 3) -> list[Suggestion]:
        """The likeliest topics, best first."""
        vector = self._vector(Counter(_grams(text)))
        scores: dict[int, float] = defaultdict(float)
        common: dict[str, float] = defaultdict(float)
        for gram, weight in vector.items():
            for place, other in self._postings.get(gram, ()):
                scores[place] += weight * other
            for topic, other in self._profiles.get(gram, {}).items():
                common[topic] += weight * other
        near = heapq.nlargest(NEAREST, scores.items(), key=lambda pair: pair[1])
        return self._vote(near, common)[:most]

    def _vote(self, near: list[tuple[int, float]], common: Mapping[str, float]) -> list[Suggestion]:
        """Each topic's nearest examples and its profile; only topics with a near example, so that each can show one."""
        by_topic: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for place, score in near:
            by_topic[self._labels[place]].append((score, place))
        voted = [
            Suggestion(
                topic,
                round(
                    (_vote_of([score for score, _ in found]) + PROFILE * common[topic] / math.sqrt(self._lengths[topic])) / (1 + PROFILE), 4
                ),
                self._texts[found[0][1]],
            )
            for topic, found in by_topic.items()
        ]
        return sorted(voted, key=lambda each: -each.score)


def _vote_of(scores: list[float]) -> float:
    """Nearest example first, the next ones with less and less weight; never above 1."""
    filled = [*scores[:3], *[scores[-1] * 0.8] * 3][:3]
    return sum(weight * score for weight, score in zip((0.6, 0.25, 0.15), filled, strict=True))


def _weights(examples: list[tuple[str, Counter[str]]]) -> dict[str, float]:
    """Rarity of each run, times how far from evenly the topics share it; what says next to nothing weighs nothing."""
    seen: Counter[str] = Counter()
    by_topic: dict[str, Counter[str]] = defaultdict(Counter)
    sizes = Counter(topic for topic, _ in examples)
    for topic, counted in examples:
        for gram in counted:
            seen[gram] += 1
            by_topic[gram][topic] += 1
    most = math.log(len(sizes)) or 1.0
    weights = {
        gram: (math.log(len(examples) / count) + 0.3) * math.sqrt(max(0.0, 1 - _spread(by_topic[gram], sizes) / most))
        for gram, count in seen.items()
    }
    return {gram: weight if weight >= LEAST_WEIGHT else 0.0 for gram, weight in weights.items()}


def _spread(counted: Counter[str], sizes: Counter[str]) -> float:
    """Entropy of a run over the topics, each topic as if it had equally many examples."""
    shares = [count / sizes[topic] for topic, count in counted.items()]
    total = sum(shares)
    return -sum(share / total * math.log(share / total) for share in shares)


def _grams(text: str) -> list[str]:
    plain = normal(text)
    grams: list[str] = []
    for word in plain.split():
        if _SPACELESS.search(word):
            grams += [word[place : place + size] for size in (1, 2, 3) for place in range(len(word) - size + 1)]
        else:
            framed = f" {word} "
            grams += [framed[place : place + size] for size in (2, 3, 4) for place in range(len(framed) - size + 1)]
            grams += [framed, framed]
    words = plain.split()
    grams += [f"{first}_{second}" for first, second in pairwise(words) if not _SPACELESS.search(first)]
    return grams


def normal(text: str) -> str:
    """As compared: lower case, without accents, ids and courtesies; Chinese in Simplified characters."""
    bare = _IDS.sub(" ", unicodedata.normalize("NFKC", text))
    if re.search(r"[\u4e00-\u9fff]", bare):
        bare = _POLITE_HAN.sub("", convert_chinese(bare, "t2s"))
    parts = (
        unicodedata.normalize("NFD", bare.lower()) if not re.search(r"[\u0900-\u0fff\u3040-\u30ff\uac00-\ud7af]", bare) else bare.lower()
    )
    folded = "".join(sign for sign in parts if not unicodedata.combining(sign) or "\u0900" <= sign <= "\u0fff")
    words = re.sub(r"[^\w']+|_", " ", folded).replace("'", "")
    return _FRAME.sub(" ", _POLITE.sub(" ", words)).strip() or words.strip()


@cache
def topics() -> dict[str, Topic]:
    """Every topic by name."""
    found = {}
    for path in sorted((settings.CONTENT / "topics").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        examples = {language: tuple(lines) for language, lines in data["examples"].items()}
        found[path.stem] = Topic(path.stem, data["title"], data["group"], examples)
    return found


def shipped_examples() -> list[tuple[str, str]]:
    """Topic and text of every example in the content files."""
    return [(topic.name, text) for topic in topics().values() for lines in topic.examples.values() for text in lines]


@cache
def shipped_index() -> Index:
    """The index of the content files alone."""
    return Index(shipped_examples())
