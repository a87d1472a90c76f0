"""What a playbook is and where a case goes next. Pure: no database, no clock, no network.

A playbook begins at one of its steps; each step says a template under a purpose and may do something; its branches are
asked in order and the first true one wins. Silence has a branch of its own, so that no case stands still for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridgedesk.channels.policy import Words
from bridgedesk.playbooks.expressions import Condition, holds, parse
from bridgedesk.playbooks.facts import EVIDENCE, FACTS, Facts
from bridgedesk.playbooks.statements import needed_for

__all__ = [
    "DOES",
    "FACTS",
    "MONEY",
    "OUTCOMES",
    "STRATEGIES",
    "Branch",
    "Playbook",
    "Step",
    "Suggestion",
    "begin",
    "next_step",
    "options",
    "timeout",
]

STRATEGIES = ("reframe", "locate_cause", "explain", "strengths", "process", "tailored_reason")
"""The six ways to answer a difficult buyer, in the order of the trade's list."""
DOES = ("reply", "remedy", "refund", "resend", "label", "hold", "cancel", "lead", "nothing")
"""What a step does beside its message. `remedy`, `refund`, `resend` and `label` open the remedies, where a person confirms;
`hold` keeps the order from being packed, `cancel` cancels what has not left, as the buyer asked; `lead` calls a lead."""
MONEY = ("remedy", "refund", "resend", "label")
"""Of DOES, what gives the buyer money or goods: they open the remedies."""
OUTCOMES = ("solved", "accepted", "gave_up", "refunded", "resent", "escalated", "handed_over", "no_answer")
"""How a run ends. A branch may lead to any of them."""


@dataclass(frozen=True)
class Branch:
    """Where a case goes when its condition is true; no condition: always."""

    to: str
    when: str = ""

    @property
    def condition(self) -> Condition | None:
        return parse(self.when) if self.when else None


@dataclass(frozen=True)
class Step:
    """One move of ours. `timeout_days` and `timeout_to` are the branch of silence; `ends` is set on a last step."""

    key: str
    names: Words
    template: str = ""
    purpose: str = ""
    strategy: str = "process"
    does: str = "reply"
    values: Mapping[str, Any] = field(default_factory=dict)
    automatic: bool = False
    branches: tuple[Branch, ...] = ()
    timeout_days: float = 0
    timeout_to: str = ""
    ends: str = ""


@dataclass(frozen=True)
class Playbook:
    """A process: what starts it, its steps, where it begins. `platforms` () means all."""

    key: str
    names: Words
    about: Words
    topics: tuple[str, ...]
    events: tuple[str, ...]
    platforms: tuple[str, ...]
    begin: tuple[Branch, ...]
    steps: tuple[Step, ...]

    def step(self, key: str) -> Step | None:
        """The step of that name."""
        return next((step for step in self.steps if step.key == key), None)

    def serves(self, platform: str) -> bool:
        """Whether it may be used there."""
        return not self.platforms or platform in self.platforms


@dataclass(frozen=True)
class Suggestion:
    """A move: to a step, or to the end of the run (`to` an outcome). `silence`: it is the branch of silence."""

    to: str
    when: str = ""
    silence: bool = False
    lacks: str = ""  # the condition that must hold first


def next_step(playbook: Playbook, step: str, facts: Facts) -> Suggestion | None:
    """The first true branch from `step` ("": the beginning); silence when it has lasted; None while nothing is true.

    A branch to a step whose evidence is not on file, or whose letter states what is not, is passed over.
    """
    if step == "":
        return begin(playbook, facts)
    here = playbook.step(step)
    if here is None or here.ends:
        return None
    if facts.get("replied"):
        return _first(playbook, here.branches, facts)
    return timeout(here) if _silent(here, facts) else None


def begin(playbook: Playbook, facts: Facts) -> Suggestion | None:
    """Where a new case begins."""
    return _first(playbook, playbook.begin, facts)


def options(playbook: Playbook, step: str, facts: Facts) -> list[Suggestion]:
    """Every move from `step`, the suggested one first, each target once; the branch of silence last."""
    here = playbook.step(step)
    branches = playbook.begin if step == "" else here.branches if here else ()
    moves = [Suggestion(branch.to, branch.when, lacks=_lacks(playbook, branch.to, facts)) for branch in branches]
    if here and not here.ends:
        moves.append(timeout(here))
    if first := next_step(playbook, step, facts):
        moves.insert(0, first)
    found: dict[str, Suggestion] = {}
    for move in moves:
        found.setdefault(move.to, move)
    return list(found.values())


def timeout(step: Step) -> Suggestion:
    """The branch of silence."""
    return Suggestion(step.timeout_to, silence=True)


def targets(playbook: Playbook) -> Iterator[tuple[str, Branch]]:
    """Every way: where from ("" the beginning) and the branch, silence among them."""
    yield from (("", branch) for branch in playbook.begin)
    for step in playbook.steps:
        yield from ((step.key, branch) for branch in step.branches)
        if step.timeout_to:
            yield step.key, Branch(step.timeout_to)


def _first(playbook: Playbook, branches: tuple[Branch, ...], facts: Facts) -> Suggestion | None:
    for branch in branches:
        condition = branch.condition
        if (condition is None or holds(condition, facts)) and not _lacks(playbook, branch.to, facts):
            return Suggestion(branch.to, branch.when)
    return None


def _silent(step: Step, facts: Facts) -> bool:
    silent = facts.get("silent_days")
    return silent is not None and float(silent) >= step.timeout_days


def _lacks(playbook: Playbook, to: str, facts: Facts) -> str:
    """The first condition of its strategy and its letter that is not known to hold."""
    step = playbook.step(to)
    needed = (EVIDENCE.get(step.strategy, ""), needed_for(step.template)) if step else ()
    return next((condition for condition in needed if condition and not holds(parse(condition), facts)), "")
