"""What happened in the demo's shops in the last weeks, as a plan: who wrote when, who answered, how late. Pure.

Who the buyers are depends on the seed alone, so that the servers know everybody the seeded database knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from bridgedesk.sandbox import cast, people, scenery
from bridgedesk.sandbox.people import Buyer, Story
from bridgedesk.sandbox.scenery import Stage

THREADS = 400
DAYS = 26
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Act = Literal["hear", "answer", "fail", "note", "assign", "tag", "close", "snooze"]
# how far into its window each of the newest threads is, in hours before (+) or after (-) the answer is due; None: just begun
FRESH = (
    *[-0.4, -1.2, -2.6],
    *[0.15, 0.3, 0.45, 0.7, 0.9],
    *[1.2, 1.5, 1.9, 2.2, 2.6, 2.9],
    *[None] * 9,
    *[3.5 + n * 0.4 for n in range(19)],
)
NOTES = (
    "已问仓库，明天上午回复",
    "老客户，语气要客气一点",
    "物流单号已查，卡在清关",
    "供应商说下周到货",
    "这个买家上次没取件，注意",
    "如果坚持退款，先提补寄方案",
)
TAGS = ("物流异常", "补寄", "老客户", "待供应商", "退款", "大单", "差评风险")


@dataclass(frozen=True)
class Step:
    """One thing that happened. `line` is what the buyer said, `text` a note or tag, `agent` who of the team acts (a number)."""

    at: datetime
    act: Act
    thread: int
    line: str = ""
    text: str = ""
    photo: bool = False
    agent: int = 0


@dataclass(frozen=True)
class Thread:
    """One conversation of the past."""

    number: int
    place: Stage
    buyer: Buyer
    story: Story


def threads(seed: int = 1) -> list[Thread]:
    """Everybody who wrote."""
    return [_thread(seed, number) for number in range(THREADS)]


def known(seed: int = 1) -> Mapping[cast.Key, tuple[Stage, Buyer, Story]]:
    """The same people as the cast looks them up."""
    return {cast.key(t.place, t.buyer): (t.place, t.buyer, t.story) for t in threads(seed)}


def _thread(seed: int, number: int) -> Thread:
    chance = _chance(seed, number)
    place = chance.choices(scenery.STAGES, [stage.weight for stage in scenery.STAGES])[0]
    return Thread(number, place, scenery.draw_buyer(place, chance), people.draw_story(chance))


def _chance(seed: int, number: int) -> Random:
    return Random(seed * 100_003 + number)  # noqa: S311 - pretend people, not secrets


def plan(now: datetime, hours: Mapping[str, float], seed: int = 1) -> list[Step]:
    """All steps in the order of time, none after `now`. `hours` is how long each shop (stage key) has to answer."""
    steps = [step for thread in threads(seed) for step in _steps(thread, now, hours[thread.place.key], seed)]
    return sorted((step for step in steps if step.at <= now), key=lambda step: (step.at, step.thread))


def _steps(thread: Thread, now: datetime, hours: float, seed: int) -> Iterator[Step]:
    chance = _chance(seed + 1, thread.number)
    if thread.number < len(FRESH):
        left = FRESH[thread.number]
        begun = now - chance.uniform(1, 14) * MINUTE if left is None else now - (hours - left) * HOUR
        yield from _fresh(thread, begun, now, chance)
    else:
        begun = now - chance.uniform(1.6, DAYS) * 24 * HOUR
        yield from _past(thread, begun, now, chance)


def _fresh(thread: Thread, begun: datetime, now: datetime, chance: Random) -> Iterator[Step]:
    yield Step(begun, "hear", thread.number, "opening", photo=thread.story.photo)
    if chance.random() < 0.45:
        yield Step(begun + 3 * MINUTE, "assign", thread.number, agent=chance.randrange(3))
    if chance.random() < 0.2:
        yield Step(begun + 6 * MINUTE, "note", thread.number, text=chance.choice(NOTES), agent=chance.randrange(3))
    if thread.number % 15 == 5:
        yield Step(begun + 9 * MINUTE, "fail", thread.number, agent=chance.randrange(3))


def _past(thread: Thread, begun: datetime, now: datetime, chance: Random) -> Iterator[Step]:
    at, state, line, photo, agent = begun, people.START, "opening", thread.story.photo, chance.randrange(3)
    if chance.random() < 0.6:
        yield Step(at + 2 * MINUTE, "assign", thread.number, agent=agent)
    for _round in range(3):
        yield Step(at, "hear", thread.number, line, photo=photo)
        if line == "thanks":
            break
        at += min(chance.lognormvariate(0.4, 1.3), 40) * HOUR
        yield Step(at, "answer", thread.number, agent=agent)
        how = people.reaction(thread.story, state, (chance.choice(("answer", "answer", "remedy", "photo")), "answer"))
        if how is None or not how.say:
            break
        state, line, photo = how.to, chance.choice(how.say), how.photo
        at += chance.uniform(0.2, 9) * HOUR
    yield from _aftermath(thread, at, now, agent, chance, owed=line == "thanks")


def _aftermath(thread: Thread, at: datetime, now: datetime, agent: int, chance: Random, *, owed: bool) -> Iterator[Step]:
    if chance.random() < 0.2:
        yield Step(at + 4 * MINUTE, "note", thread.number, text=chance.choice(NOTES), agent=agent)
    if chance.random() < 0.3:
        yield Step(at + 5 * MINUTE, "tag", thread.number, text=chance.choice(TAGS), agent=agent)
    recent = now - at < timedelta(days=6)
    if owed:
        yield Step(at + chance.uniform(0.2, 9) * HOUR, "close", thread.number, agent=agent)
    elif recent and chance.random() < 0.15:
        yield Step(at + 6 * MINUTE, "snooze", thread.number, agent=agent)
    elif not recent or chance.random() < 0.6:
        yield Step(at + chance.uniform(0.2, 20) * HOUR, "close", thread.number, agent=agent)
