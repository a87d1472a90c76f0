"""What a message is about: the topics of its nearest examples, by the letters they share.

Examples are data (content/topics/*.toml) and what agents taught (Example rows). A message is cut into runs of one to
four letters, weighed by how rare they are; the nearest examples vote. No training: an example counts as soon as it is
there, and the nearest one is shown as the reason.
"""

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

NEAREST = 6
_IDS = re.compile(r"https?://\S+|\S+@\S+|#?(?<![A-Za-z0-9])(?=[A-Za-z\-]*\d)[A-Za-z0-9\-]{4,}|\d+")
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_POLITE = re.compile(
    r"\b(?:hi|hello|hey|dear|sir|madam|seller|please|pls|plz|kindly|thanks|thank you|hola|buenas|buenos dias|buenas tardes|"
    r"por favor|gracias|oi|ola|bom dia|boa tarde|boa noite|obrigad[oa]|"
    r"bonjour|bonsoir|svp|merci|hallo|guten tag|bitte|danke|ciao|buongiorno|salve|grazie|kak|min|gan|sis|halo|tolong|"
    r"shop oi|ad oi|fucking|bloody|goddamn|damn)\b"
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
    """Examples by their letter runs. Lists instead of matrices: a thousand messages a second need nothing more."""

    def __init__(self, examples: Iterable[tuple[str, str]]) -> None:
        unique = dict.fromkeys((topic, text) for topic, text in examples if text.strip())
        self._labels: list[str] = []
        self._texts: list[str] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        grams = [Counter(_grams(text)) for _, text in unique]
        seen = Counter(gram for each in grams for gram in each)
        self._rarity = {gram: math.log(len(grams) / count) + 0.3 for gram, count in seen.items()}
        self._rarest = math.log(len(grams) + 1) * 0.6
        for (topic, text), counted in zip(unique, grams, strict=True):
            self._add(topic, text, counted)

    def learn(self, topic: str, text: str) -> None:
        """Add one example; it counts from the next message on."""
        self._add(topic, text, Counter(_grams(text)))

    def __len__(self) -> int:
        return len(self._labels)

    def _add(self, topic: str, text: str, counted: Counter[str]) -> None:
        place = len(self._labels)
        self._labels.append(topic)
        self._texts.append(text)
        for gram, weight in self._weigh(counted).items():
            self._postings[gram].append((place, weight))

    def _weigh(self, counted: Counter[str]) -> dict[str, float]:
        """Unit vector; letter runs nobody knows count as rare, so that strange text is near nothing."""
        raw = {gram: (1 + math.log(count)) * self._rarity.get(gram, self._rarest) for gram, count in counted.items()}
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return {gram: weight / length for gram, weight in raw.items()}

    def nearest(self, text: str, most: int = 3) -> list[Suggestion]:
        """The likeliest topics, best first."""
        scores: dict[int, float] = defaultdict(float)
        for gram, weight in self._weigh(Counter(_grams(text))).items():
            for place, other in self._postings.get(gram, ()):
                scores[place] += weight * other
        near = sorted(scores.items(), key=lambda pair: -pair[1])[:40]
        return self._vote(near)[:most]

    def _vote(self, near: list[tuple[int, float]]) -> list[Suggestion]:
        """Each topic's nearest examples, the best one counting most."""
        by_topic: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for place, score in near:
            by_topic[self._labels[place]].append((score, place))
        voted = [
            Suggestion(topic, round(_vote_of([score for score, _ in found]), 4), self._texts[found[0][1]])
            for topic, found in by_topic.items()
        ]
        return sorted(voted, key=lambda each: -each.score)


def _vote_of(scores: list[float]) -> float:
    """Nearest example first, the next ones with less and less weight; never above 1."""
    weights = (0.6, 0.25, 0.15)
    return sum(weight * score for weight, score in zip(weights, [*scores[:3], *[scores[-1] * 0.8] * 3], strict=False))


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
    return _POLITE.sub(" ", words).strip() or words.strip()


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
