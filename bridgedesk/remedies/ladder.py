"""The cheapest sequence of offers that still satisfies: solved exactly. Pure.

The buyer is taken to have a point from which an offer is good enough: who refused an offer that a share `r` of buyers takes accepts one
that a share `a` takes with chance (a - r) / (1 - r). So every further offer must be one that more buyers take, and what was refused last
is all that counts. Who refuses escalates, falls silent or insists, by the number of the letter; who insists gets the next offer.

Backward induction over (what was refused last, letters sent). Cost and share of content buyers are both carried: of every state the plans
are kept than which no other is cheaper and at least as satisfying, so that the floor on satisfaction is held exactly. Chances and expected
sums are exact fractions; a sum is rounded (half to even) where it is shown and nowhere before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Offer:
    """`cost` in minor units if it is taken; `accept`: of all buyers; `bad`: of those who took it, who leave a bad review all the same.

    `ends`: the ladder may end with it (what a law or a platform grants has been offered).
    """

    key: str
    cost: int
    accept: Fraction
    bad: Fraction = ZERO
    ends: bool = True


@dataclass(frozen=True)
class Course:
    """What else happens, in minor units and chances. `escalates` and `silent`: of those who refuse, by letter; the last holds on."""

    letter: int
    review: int
    escalation: int
    escalates: tuple[Fraction, ...]
    silent: tuple[Fraction, ...]
    at_the_end: Fraction
    bad_silent: Fraction
    bad_escalated: Fraction
    letters: int = 3
    floor: Fraction = ZERO

    def refused(self, letter: int) -> tuple[Fraction, Fraction]:
        """Who escalates and who falls silent after refusing that letter (from 1)."""
        return self.escalates[min(letter, len(self.escalates)) - 1], self.silent[min(letter, len(self.silent)) - 1]

    def lost(self, letter: int) -> tuple[Fraction, Fraction]:
        """What those cost who escalate or fall silent after that letter, and the share that insists instead."""
        escalates, silent = self.refused(letter)
        cost = escalates * (self.escalation + self.bad_escalated * self.review) + silent * self.bad_silent * self.review
        return cost, ONE - escalates - silent


@dataclass(frozen=True)
class Plan:
    """A sequence of offers with what it is expected to cost (minor units) and the share of buyers it leaves content."""

    steps: tuple[Offer, ...]
    cost: Fraction
    content: Fraction

    @property
    def order(self) -> tuple[Fraction, Fraction, int, tuple[str, ...]]:
        """The cheapest first, of those the most satisfying, the shortest, and by name: always the same one."""
        return (self.cost, -self.content, len(self.steps), tuple(step.key for step in self.steps))


@dataclass(frozen=True)
class Ladder:
    """`best`: what to do. `firsts`: of every offer that can be made now, the best plan beginning with it. `reached`: the floor is held."""

    best: Plan
    firsts: tuple[Plan, ...]
    reached: bool


@dataclass(frozen=True)
class Outcome:
    """One way it may end. `chance` and `cost` (minor units, letters included); they multiply to its part of the expected cost."""

    code: str  # accepted, accepted_bad, escalated, silent
    letter: int
    offer: str
    chance: Fraction
    cost: Fraction
    parts: tuple[tuple[str, Fraction], ...] = field(default=())  # (letters | remedy | review | escalation, minor units)


def solve(offers: Sequence[Offer], course: Course, *, refused: Fraction = ZERO, sent: int = 0) -> Ladder | None:
    """The best ladder from here: `refused` is the share of buyers who would have taken what this one refused, `sent` letters before.

    None: nothing can be offered that more buyers take, or nothing that a ladder may end with.
    """
    ranked = sorted((offer for offer in offers if offer.accept > refused), key=lambda offer: (offer.accept, offer.key))
    most = max(course.letters, sent + 1)
    stop, lost = (_stop(course),), {letter: course.lost(letter) for letter in range(sent + 1, most + 1)}

    @cache
    def onwards(last: int, letter: int) -> tuple[Plan, ...]:
        """The plans worth having once `ranked[last]` was refused and so many letters are sent."""
        plans = list(stop) if ranked[last].ends else []
        if letter < most:
            plans += [plan for following in range(last + 1, len(ranked)) for plan in begin(following, letter, ranked[last].accept)]
        return _worth_having(plans)

    @cache
    def begin(first: int, letter: int, before: Fraction) -> tuple[Plan, ...]:
        offer = ranked[first]
        if offer.accept <= before:
            return ()
        yes = accepted(offer, before)
        taken, refusing = yes * (offer.cost + offer.bad * course.review), (ONE - yes) * lost[letter + 1][0]
        content, on = yes * (ONE - offer.bad), (ONE - yes) * lost[letter + 1][1]
        now = course.letter + taken + refusing
        return tuple(Plan((offer, *plan.steps), now + on * plan.cost, content + on * plan.content) for plan in onwards(first, letter + 1))

    firsts = [plan for first in range(len(ranked)) if (plan := choose(begin(first, sent, refused), course.floor))]
    best = choose(firsts, course.floor)
    return Ladder(best, tuple(sorted(firsts, key=lambda plan: plan.order)), best.content >= course.floor) if best else None


def choose(plans: Iterable[Plan], floor: Fraction) -> Plan | None:
    """The cheapest that holds the floor; where none does, the one that comes nearest to it."""
    plans = list(plans)
    enough = [plan for plan in plans if plan.content >= floor]
    return min(enough, key=lambda plan: plan.order) if enough else min(plans, key=lambda plan: (-plan.content, *plan.order), default=None)


def accepted(offer: Offer, before: Fraction) -> Fraction:
    """The chance that a buyer takes it who refused what a share `before` of buyers takes."""
    return (offer.accept - before) / (ONE - before)


def outcomes(plan: Plan, course: Course, *, refused: Fraction = ZERO, sent: int = 0) -> Iterator[Outcome]:
    """Every way the plan may end. Chances add up to 1, chance × cost to its expected cost."""
    reach, before = ONE, refused
    for number, offer in enumerate(plan.steps, 1):
        letters, last = Fraction(number * course.letter), number == len(plan.steps)
        yes = accepted(offer, before)
        yield from _ends("accepted", number, offer.key, reach * yes, offer.bad, letters, Fraction(offer.cost), course)
        reach *= ONE - yes
        escalates, silent = course.refused(sent + number)
        insists = ONE - escalates - silent
        if last:
            escalates, silent = escalates + insists * course.at_the_end, silent + insists * (ONE - course.at_the_end)
        yield from _ends(
            "escalated", number, offer.key, reach * escalates, course.bad_escalated, letters, Fraction(course.escalation), course
        )
        yield from _ends("silent", number, offer.key, reach * silent, course.bad_silent, letters, ZERO, course)
        reach, before = reach * insists, offer.accept


def _ends(
    code: str, letter: int, key: str, chance: Fraction, bad: Fraction, letters: Fraction, cost: Fraction, course: Course
) -> Iterator[Outcome]:
    part = "escalation" if code == "escalated" else "remedy"
    review = bad * course.review
    if chance:
        parts = tuple((name, minor) for name, minor in (("letters", letters), (part, cost), ("review", review)) if minor)
        yield Outcome(code, letter, key, chance, letters + cost + review, parts)


def _stop(course: Course) -> Plan:
    """Nothing more is offered to a buyer who insists."""
    bad = course.at_the_end * course.bad_escalated + (ONE - course.at_the_end) * course.bad_silent
    return Plan((), course.at_the_end * course.escalation + bad * course.review, ZERO)


def _worth_having(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """Those than which no other is as cheap and as satisfying."""
    kept: list[Plan] = []
    for plan in sorted(plans, key=lambda plan: plan.order):
        if not kept or plan.content > kept[-1].content:
            kept.append(plan)
    return tuple(kept)
