"""What many replayed cases come to: counts, money, intervals. Pure; kept as JSON between batches, so that memory does not grow."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from bridgedesk.playbooks.replaying import LEFT, UNKNOWN, Past, Replayed

Z = 1.959964
"""Of the normal distribution, for 95 %."""
ENOUGH = 5
"""Cases with an ending before what it costs is estimated from them."""

Tally = dict[str, Any]


@dataclass(frozen=True)
class Weighed:
    """A case with its money, in minor units of one currency. `value` of the order; None: not on file."""

    past: Past
    replayed: Replayed
    cost: int
    value: int | None

    @property
    def kind(self) -> str:
        """same, other or unknown."""
        if self.replayed.end == UNKNOWN:
            return "unknown"
        return "other" if self.replayed.parted or self.replayed.end != self.past.end else "same"


@dataclass(frozen=True)
class Between:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def empty() -> Tally:
    """Of no case."""
    return {"same": 0, "other": 0, "unknown": 0, "letters": {}, "cost": {}, "ends": {}, "why": {}, "ratios": {}, "moved": {}, "answers": {},
            "unanswered": {}, "unvalued": 0}  # fmt: skip


def add(tally: Tally, case: Weighed) -> None:
    """One case more."""
    kind, end, real = case.kind, case.replayed.end, case.past.end
    tally[kind] += 1
    _count(tally["letters"], f"{kind}-real", case.past.letters)
    _count(tally["letters"], f"{kind}-draft", case.replayed.letters)
    _count(tally["cost"], kind if kind != "other" else f"other-{end}" if case.value else "other-unvalued", case.cost)
    _count(tally["ends"], f"{real}-{kind}")
    if kind == "unknown":
        _count(tally["why"], case.replayed.why)
    else:
        _count(tally["ends"], f"{end}-draft")
    if real != LEFT and case.value:
        _moments(tally["ratios"], real, case.cost / case.value)
    if kind == "other":
        _moved(tally, case, end)
    _answers(tally, case)


def _moved(tally: Tally, case: Weighed, end: str) -> None:
    if case.value:
        _moments(tally["moved"], end, case.value)
    else:
        tally["unvalued"] += 1


def _answers(tally: Tally, case: Weighed) -> None:
    """What buyers did after each letter, and how often the version sends one whose answer is unknown."""
    for turn, after in zip(case.past.turns, case.past.turns[1:], strict=False):
        step = case.past.playbook.step(turn.to)
        if step and step.template:
            facts = after.facts
            said = "accepts" if facts.get("accepts") else "insists" if facts.get("insists") else "silent" if after.silence else "else"
            _count(tally["answers"].setdefault(step.template, {}), said)
    if case.replayed.why == "answer" and case.replayed.parted:
        _count(tally["unanswered"], case.replayed.parted)


def _count(counts: dict[str, int], name: str, times: int = 1) -> None:
    counts[name] = counts.get(name, 0) + times


def _moments(sums: dict[str, list[float]], name: str, value: float) -> None:
    n, total, squares = sums.get(name, (0, 0.0, 0.0))
    sums[name] = [n + 1, total + value, squares + value * value]


def share(times: int, of: int) -> Between:
    """A share with Wilson's interval (E. B. Wilson, 1927: the score test turned round)."""
    if not of:
        return Between(0, 0, 1)
    p, z2 = times / of, Z * Z
    middle, half = (p + z2 / (2 * of)) / (1 + z2 / of), Z * sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Between(p, max(0.0, middle - half), min(1.0, middle + half))


def priced(tally: Mapping[str, Any]) -> list[str]:
    """The endings cases move to whose cost this history tells."""
    return [end for end in tally["moved"] if tally["ratios"].get(end, (0,))[0] >= ENOUGH]


def cost_of_moved(tally: Mapping[str, Any]) -> tuple[Between, int]:
    """What the cases that go another way to a known ending would have cost, and for how many of them it cannot be said.

    An ending costs, in share of the order's value, what it really cost in this history: the mean, for n cases of it, times the values.
    The interval holds both the doubt about the mean and the spread of single cases (normal approximation).
    """
    total, variance, silent = 0.0, 0.0, int(tally["unvalued"])
    for end, (n, values, squares) in tally["moved"].items():
        if end not in priced(tally):
            silent += int(n)
            continue
        seen, ratios, ratio_squares = tally["ratios"][end]
        mean = ratios / seen
        spread = max(0.0, (ratio_squares - seen * mean * mean) / (seen - 1))
        total += mean * values
        variance += spread * (values * values / seen + squares)
    half = Z * sqrt(variance)
    return Between(total, total - half, total + half), silent
