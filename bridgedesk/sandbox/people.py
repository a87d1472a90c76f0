"""Who the pretend buyers are and how they act: stories (state machines) and words, read from content/buyers. Pure but for loading."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from django.conf import settings

START, END = "waiting", "done"
_PHOTO = re.compile(
    r"photo|foto|picture|image[nm]?\b|immagin|фото|zdj[eę]ci|写真|画像|사진|照片|相片|圖片|图片|รูป|ภาพ|\bảnh|hình|gambar|larawan|litrato",
    re.IGNORECASE,
)
_REMEDY = re.compile(
    r"refund|resen[dt]|replacement|send you a new|reembols|reenvi|rembours|renvoy|erstatt|ersatz|rimbors|rispedi|возврат|верн[её]м|вышлем|"
    r"zwrot|zwrócimy|wyślemy|返金|再送|お送りし直|환불|재발송|다시 보내|退款|退費|補寄|补寄|重寄|คืนเงิน|ส่งใหม่|ส่งให้ใหม่|"
    r"hoàn tiền|gửi lại|gửi bù|"
    r"kirim ulang|kirimkan ulang|pengembalian dana|bayaran balik|hantar semula|papalitan|ibabalik",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"unfortunately|cannot|can't|unable|leider|malheureusement|lamentablemente|desafortunadamente|no podemos|purtroppo|infelizmente|"
    r"к сожалению|niestety|残念ながら|いたしかねます|안타깝게도|어렵습니다|無法|没办法|沒辦法|ไม่สามารถ|"
    r"rất tiếc|không thể|sayangnya|tidak bisa|tidak dapat|"
    r"malangnya|hindi po namin",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reaction:
    """What a buyer does: say one of `say` (keys of lines; empty: silent), perhaps with a photo, and be in state `to`."""

    say: tuple[str, ...]
    to: str
    photo: bool = False
    after: float = 0  # minutes; 0: a human's usual pause


@dataclass(frozen=True)
class Story:
    """Why somebody writes and how they take answers. `states` map a state to its reactions by stimulus."""

    key: str
    topic: str
    archetype: int  # 1-10 of the difficult buyers, 0 for everyday ones
    weight: int
    order: bool  # names an order
    photo: bool  # opens with a photo
    states: Mapping[str, Mapping[str, Reaction]]


@dataclass(frozen=True)
class Words:
    """One language: people's names, countries, and the lines of every story."""

    language: str
    countries: tuple[str, ...]
    names: tuple[str, ...]
    subjects: Mapping[str, str]
    lines: Mapping[str, tuple[str, ...]]

    def line(self, story: str, key: str, chance: Random, **facts: str) -> str:
        """A line of the story, or the common line of that key, with the facts filled in."""
        found = self.lines.get(f"{story}.{key}") or self.lines[key]
        return chance.choice(found).format(**facts)


@dataclass(frozen=True)
class Buyer:
    """A pretend buyer in one shop."""

    name: str
    language: str
    country: str
    user_id: int
    address: str
    client: str
    order: str


def stimuli(text: str) -> tuple[str, ...]:
    """What a buyer notices in an answer, the strongest first: "photo" asked for, "remedy" offered, "refusal", "answer"."""
    found = ((_PHOTO, "photo"), (_REMEDY, "remedy"), (_REFUSAL, "refusal"))
    return (*(name for pattern, name in found if pattern.search(text)), "answer")


def reaction(story: Story, state: str, noticed: Iterable[str]) -> Reaction | None:
    """The story's reaction in that state to the first thing noticed that it has one for."""
    known = story.states.get(state, {})
    return next((known[name] for name in noticed if name in known), None)


@cache
def stories() -> Mapping[str, Story]:
    """All stories by key, from content/buyers/stories.toml."""
    return {key: _story(key, table) for key, table in _load(_folder() / "stories.toml").items()}


@cache
def words() -> Mapping[str, Words]:
    """All languages, from content/buyers/<language>.toml."""
    files = sorted(path for path in _folder().glob("*.toml") if path.stem != "stories")
    return {found.language: found for found in (_words(_load(path)) for path in files)}


def draw_story(chance: Random) -> Story:
    """A story, the frequent ones oftener."""
    known = list(stories().values())
    return chance.choices(known, [story.weight for story in known])[0]


def _folder() -> Path:
    return Path(settings.CONTENT) / "buyers"


def _load(path: Path) -> dict[str, dict[str, object]]:
    return tomllib.loads(path.read_text("utf-8"))


def _story(key: str, table: Mapping[str, object]) -> Story:
    states = {name: {cue: _reaction(how) for cue, how in value.items()} for name, value in table.items() if isinstance(value, dict)}
    missing = {r.to for cues in states.values() for r in cues.values()} - states.keys() - {END}
    if missing or START not in states:
        raise ValueError(f"{key}: states {sorted(missing) or START} are missing")
    return Story(
        key, str(table["topic"]), int(str(table.get("archetype", 0))), int(str(table.get("weight", 1))),
        bool(table.get("order", True)), bool(table.get("photo", False)), states,
    )  # fmt: skip


def _reaction(how: Mapping[str, object]) -> Reaction:
    say = how.get("say", [])
    lines = tuple(say) if isinstance(say, list) else (str(say),)
    return Reaction(lines, str(how.get("to", END)), bool(how.get("photo", False)), float(str(how.get("after", 0))))


def _words(table: Mapping[str, object]) -> Words:
    lines = {str(key): _several(value) for key, value in dict(table["common"]).items()}  # type: ignore[call-overload]
    subjects = {}
    for story, own in dict(table["stories"]).items():  # type: ignore[call-overload]
        subjects[story] = own.pop("subject")
        lines |= {f"{story}.{key}": _several(value) for key, value in own.items()}
    return Words(str(table["language"]), _several(table["countries"]), _several(table["names"]), subjects, lines)


def _several(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (str(value),)
