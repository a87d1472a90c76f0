"""A past case through another version of its playbook. Pure: what was recorded goes in, where it would have gone comes out.

What the buyer answered is only known for the letters they really got. So a case is followed as long as the version says the same;
where it sends another letter, what comes after is unknown from there. Where it suggests what the version then did, the agent is taken to
choose as they chose then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bridgedesk.playbooks.facts import Facts
from bridgedesk.playbooks.rules import OUTCOMES, Playbook, Step, next_step, options

LEFT, UNKNOWN = "left", "unknown"
ANSWER, PERSON, TIME = "answer", "person", "time"
"""Why it is unknown: the buyer never got that letter; no branch fits, somebody would have to choose; it is too early to know of silence."""


@dataclass(frozen=True)
class Turn:
    """A branch that was taken and what was known then. `answered` is how many days later the buyer wrote (None: not since), `seen` how many
    days after it are on file."""

    before: str
    to: str
    facts: Facts
    silence: bool = False
    answered: float | None = None
    seen: float = 0


@dataclass(frozen=True)
class Past:
    """A case as it was. `end` is its outcome, or LEFT."""

    playbook: Playbook
    turns: Sequence[Turn]
    end: str

    @property
    def letters(self) -> int:
        """Messages of the playbook the buyer got."""
        return sum(_writes(self.playbook, turn.to) for turn in self.turns)


@dataclass(frozen=True)
class Replayed:
    """Where it would have gone: steps and ending. `end` may be UNKNOWN, for the reason `why`; `parted` is what it does at the first
    difference ("": none)."""

    way: tuple[str, ...]
    end: str
    letters: int
    parted: str = ""
    why: str = ""


def replay(past: Past, draft: Playbook) -> Replayed:
    """The case in that version."""
    way: list[str] = []
    previous: Turn | None = None
    for turn in past.turns:
        to, why = _move(past.playbook, draft, way[-1] if way else "", turn, previous)
        if why:
            return _told(draft, way, UNKNOWN, parted=to or turn.to, why=why)
        way.append(to)
        step, really = draft.step(to), past.playbook.step(turn.to)
        parted = "" if _same(step, really, to, turn.to) else to
        if step is None or step.ends:
            return _told(draft, way, step.ends if step else to, parted=parted or _ends_otherwise(step, really, to))
        if parted:
            return _told(draft, way, UNKNOWN, parted=parted, why=ANSWER)
        previous = turn
    return _told(draft, way, LEFT) if past.end == LEFT else _told(draft, way, UNKNOWN, parted=way[-1] if way else "", why=ANSWER)


def _told(draft: Playbook, way: Sequence[str], end: str, *, parted: str = "", why: str = "") -> Replayed:
    return Replayed(tuple(way), end, sum(_writes(draft, to) for to in way), parted, why)


def _move(old: Playbook, draft: Playbook, at: str, turn: Turn, previous: Turn | None) -> tuple[str, str]:
    """Where the version goes, and why that cannot be known."""
    here = draft.step(at) if at else None
    if here and previous:
        to, why = _silence(draft, here, turn, previous)
        if to or why:
            return to, why
    new, then = next_step(draft, at, turn.facts), next_step(old, turn.before, turn.facts)
    alike = (new is None and then is None) or (
        new is not None and then is not None and _same(draft.step(new.to), old.step(then.to), new.to, then.to)
    )
    chosen = _counterpart(old, draft, turn.to) if alike else ""
    if chosen and chosen in {move.to for move in options(draft, at, turn.facts)}:
        return chosen, ""
    return (new.to, "") if new else ("", PERSON)


def _silence(draft: Playbook, here: Step, turn: Turn, previous: Turn) -> tuple[str, str]:
    """The branch of silence, where it would have been taken by then; why that cannot be known; or neither."""
    waited = previous.answered
    if turn.facts.get("replied"):
        ended = here.timeout_to in OUTCOMES  # a buyer who writes after that takes the case up again
        late = waited is not None and waited > here.timeout_days
        return (here.timeout_to, "") if late and not ended else ("", "")
    if not turn.silence:
        return "", ""
    if (previous.seen if waited is None else waited) >= here.timeout_days:
        return here.timeout_to, ""
    return "", TIME if waited is None else ANSWER


def _same(step: Step | None, really: Step | None, to: str, really_to: str) -> bool:
    """Whether the buyer sees the same and the same is done."""
    if step is None or really is None:
        return step is None and really is None and to == really_to
    return _says(step) == _says(really)


def _says(step: Step) -> tuple[object, ...]:
    return (step.template or step.key, step.purpose, step.does, tuple(sorted((name, str(value)) for name, value in step.values.items())))


def _ends_otherwise(step: Step | None, really: Step | None, to: str) -> str:
    """The same letter, but another ending behind it."""
    return "" if step is None or (really is not None and really.ends == step.ends) else to


def _counterpart(old: Playbook, draft: Playbook, to: str) -> str:
    """What the version calls the step or ending that was taken; "": it has none."""
    really = old.step(to)
    if really is None:
        return to
    alike = [step.key for step in draft.steps if _says(step) == _says(really)]
    return to if to in alike else next(iter(alike), "")


def _writes(playbook: Playbook, to: str) -> bool:
    step = playbook.step(to)
    return step is not None and bool(step.template)
