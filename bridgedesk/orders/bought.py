"""What a buyer wrote about colour, size and number, held against what the order says. Words: content/options.toml."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from bridgedesk.lib.text import fold
from bridgedesk.orders.addressing import Found

MOST_READ = 4000  # characters of one text
_HAN = "\u3400-\u9fff"
_UNSPACED = re.compile(f"[\u0e00-\u0eff\u3040-\u30ff{_HAN}\uac00-\ud7af]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CLASS = re.compile(r"\[(\w+)\]")


@dataclass(frozen=True)
class Article:
    """A line of an order as the rules see it."""

    pk: int
    title: str
    options: Mapping[str, str]
    quantity: int

    @property
    def text(self) -> str:
        """Its options, and its title where it has none."""
        return fold(" ".join(self.options.values()) or self.title)


@dataclass(frozen=True)
class Lexicon:
    """The words of content/options.toml, folded: colours by whole word, by how a word begins, and anywhere in scripts without spaces."""

    words: Mapping[str, str]
    stems: Mapping[str, str]
    anywhere: tuple[tuple[re.Pattern[str], str], ...]
    size: re.Pattern[str]
    letters: re.Pattern[str]
    pieces: re.Pattern[str]


@cache
def lexicon() -> Lexicon:
    """Read once."""
    data = tomllib.loads((settings.CONTENT / "options.toml").read_text("utf-8"))
    named = [(fold(word), name) for name, words in data["color"].items() for each in words.split() for word in _spelled(each)]
    spaced = [(word, name) for word, name in named if not _UNSPACED.search(word)]
    letters = _one_of(data["size"]["letters"])
    return Lexicon(
        words={word: name for word, name in spaced if not word.endswith("*")},
        stems={word[:-1]: name for word, name in spaced if word.endswith("*")},
        anywhere=tuple((re.compile(_placed(word.rstrip("*"))), name) for word, name in named if _UNSPACED.search(word)),
        size=re.compile(rf"(?<![a-z])(?:{_one_of(data['size']['words'].split())})\s?[:=#]?\s?({letters}|\d{{1,3}}(?:[.,]5)?)(?!\w|[.,]\d)"
                        rf"|(?<![a-z\d.,])(\d{{2}}(?:[.,]5)?)\s?[码碼號号](?!\d)"),
        letters=re.compile(rf"(?<![\w'’.-])({letters})(?![\w'’-])"),
        pieces=re.compile(rf"(?<![a-z\d.,/-])[x×]?\s?(\d{{1,3}})\s?(?:{_one_of(data['pieces']['words'].split())})(?![a-z])"
                          rf"|(?<!\w)[x×]\s?(\d{{1,3}})(?!\w)"),
    )  # fmt: skip


def look(articles: Sequence[Article], texts: Iterable[str]) -> Iterator[Found]:
    """Where the buyer's words and the lines differ; the words are the evidence. Says nothing where the lines tell no colour or size."""
    for text in texts:
        flat = fold(text[:MOST_READ])
        if flat.strip() and articles:
            yield from _color(articles, flat)
            yield from _size(articles, flat)
            yield from _pieces(articles, flat)


def colors_in(flat: str) -> dict[str, str]:
    """The colours a folded text names, each with the word."""
    known = lexicon()
    found: dict[str, str] = {}
    for word in _WORD.findall(flat):
        if name := known.words.get(word) or _by_stem(word, known.stems):
            found.setdefault(name, word)
    if _UNSPACED.search(flat):
        found |= {name: hit[0] for pattern, name in known.anywhere if (hit := pattern.search(flat))}
    return found


def _by_stem(word: str, stems: Mapping[str, str]) -> str:
    return next((stems[word[:end]] for end in range(len(word), 2, -1) if word[:end] in stems), "")


def _color(articles: Sequence[Article], flat: str) -> Iterator[Found]:
    wanted = colors_in(flat)
    told = [(article, colors_in(article.text)) for article in articles] if wanted else []
    colored = [(article, colors) for article, colors in told if colors]
    bought = {name for _article, colors in colored for name in colors}
    if colored and (other := {name: word for name, word in wanted.items() if name not in bought}):
        name, word = next(iter(other.items()))
        yield _differs("color_differs", name, word, flat, [article for article, _colors in colored])


def _size(articles: Sequence[Article], flat: str) -> Iterator[Found]:
    wanted = [next(filter(None, hit.groups())) for hit in lexicon().size.finditer(flat)]
    sized = [(article, _sizes(article)) for article in articles] if wanted else []
    bought = {size for _article, sizes in sized for size in sizes}
    for size in wanted:
        if bought and size.replace(",", ".") not in bought:
            yield _differs("size_differs", size, size, flat, [article for article, sizes in sized if sizes])
            return


def _sizes(article: Article) -> set[str]:
    """Letter sizes and numbers among the options of a line."""
    text = fold(" ".join(article.options.values()))
    numbers = re.findall(r"(?<![\d.,])\d{1,3}(?:[.,]5)?(?![\d.,])", text)
    return {one.replace(",", ".") for one in numbers} | set(lexicon().letters.findall(text))


def _pieces(articles: Sequence[Article], flat: str) -> Iterator[Found]:
    """A number of pieces that is neither that of a line nor of all, nor one the article's own name holds (a pack of three)."""
    numbers = [int(next(filter(None, hit.groups()))) for hit in lexicon().pieces.finditer(flat)]
    known = {article.quantity for article in articles} | {sum(article.quantity for article in articles)}
    packs = {int(one) for article in articles for one in re.findall(r"\d{1,3}", f"{article.text} {fold(article.title)}")}
    for number in numbers:
        if number and number not in known | packs:
            yield _differs("quantity_differs", str(number), str(number), flat, articles)
            return


def _differs(code: str, key: str, word: str, flat: str, articles: Sequence[Article]) -> Found:
    told = [
        str(article.quantity) if code == "quantity_differs" else " ".join(article.options.values()) or article.title for article in articles
    ]
    data = {"lines": [article.pk for article in articles], "wrote": word, "bought": " · ".join(told)[:200], "evidence": flat[:300]}
    return Found(code, "warn", key[:80], data)


def _spelled(word: str) -> Iterator[str]:
    """ner[oa] -> nero, nera."""
    if found := _CLASS.search(word):
        for sign in found[1]:
            yield from _spelled(word[: found.start()] + sign + word[found.end() :])
    else:
        yield word


def _placed(word: str) -> str:
    """Where a word of a script without spaces counts: anywhere, but a single Han character only where it is a word of its own."""
    if len(word) == 1 and re.match(f"[{_HAN}]", word):
        return f"{word}(?=[色的款])|(?<![{_HAN}]){word}(?![{_HAN}])"
    return re.escape(word)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted({fold(word) for word in words}, key=len, reverse=True))
