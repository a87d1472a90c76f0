"""`bin/bench remedies [--cases N] [--seed S]`: is the ladder exact, how fast is it, and what does it save in simulated cases.

1. Exactness: N small random problems against every ladder written out; all must be equal.
2. Speed: whole cases (rules, costs, ladder) a second, in one process.
3. Simulation: buyers drawn from the shipped assumptions, the same buyers for each policy. First the engine holds, case by case, at least
   the satisfaction the plain policy is expected to reach (nothing satisfies as many as refunding all at once, so there it can save
   nothing); then only the shipped floor of 70 per cent. Then once more with buyers who are not as assumed (every chance to accept moved by
   up to a third, unknown to the engine). No claim about real buyers is made by this.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import sqrt

Steps = tuple[str, ...]
PLAIN: dict[str, Steps] = {
    "always refund": ("refund_keep",),
    "always resend": ("resend", "refund_keep"),
    "three fixed letters": ("partial_10", "partial_30", "refund_keep"),
}
ONLY_ONE = {"always resend"}  # refund where a resend does not fit, not after it


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bin/bench remedies")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")
    dice = random.Random(given.seed)
    equal, each = exact(given.cases // 4, dice), speed(given.cases // 4, dice)
    print(f"exact: {equal[0]}/{equal[1]} problems equal to the best of all ladders\nspeed: {each:,.0f} cases a second\n")
    print(ASSUMPTIONS)
    told = {}
    for word, moved, floor in (
        ("as assumed", 0.0, None),
        ("as assumed, floor 70 %", 0.0, Fraction(7, 10)),
        ("not as assumed", 1 / 3, None),
    ):
        print(f"\nbuyers {word}\n\n{HEAD}")
        for name in PLAIN:
            row = told[f"{name}, {word}"] = simulate(name, given.cases, random.Random(given.seed), moved, floor)
            money = f"{row['plain']:.2f} | {row['engine']:.2f} | {row['saved']:.1f} % | {row['wide']:.1f}"
            print(f"| {name} | {row['cases']} | {money} | {row['content_plain']:.1%} | {row['content']:.1%} |")
    print("\n" + json.dumps({"bench": "remedies", "equal": equal, "cases_per_s": round(each)} | told))
    return 0 if equal[0] == equal[1] else 1


HEAD = """| against | cases | plain, a case | engine, a case | saved | ± (95 %) | content plain | engine |
|---|--:|--:|--:|--:|--:|--:|--:|"""
ASSUMPTIONS = """Assumptions of the simulation: shipped figures of content/remedies.toml and common.toml (all own guesses); own shop,
countries without special rules; faults equally frequent; paid 8 to 120 US dollars; goods 25 to 55 per cent of that; freight out 4 to 9,
back 12 to 25; three in four buyers calm, one in six angry, the rest threaten; each buyer has one point
from which an offer is good enough."""


def exact(count: int, dice: random.Random) -> tuple[int, int]:
    """How many random small problems are solved as the best of all ladders is."""
    from bridgedesk.remedies.ladder import Course, Offer, solve
    from tests.remedies import brute

    def share() -> Fraction:
        return Fraction(dice.randint(0, 20), 20)

    equal = 0
    for _ in range(count):
        offers = [Offer(f"o{n}", dice.randint(-500, 6000), share(), share(), dice.random() < 0.7) for n in range(dice.randint(1, 6))]
        escalates, silent = tuple(share() / 2 for _ in range(3)), tuple(share() / 2 for _ in range(3))
        money = (dice.randint(0, 300), dice.randint(0, 2000), dice.randint(0, 9000))
        course = Course(*money, escalates, silent, share(), share(), share(), dice.randint(1, 4), share())
        refused, sent = dice.choice([Fraction(0), share() * Fraction(19, 20)]), dice.randint(0, 2)
        found, best = solve(offers, course, refused=refused, sent=sent), brute.best(offers, course, refused, sent)
        equal += (found and (found.best.cost, found.best.content)) == best
    return equal, count


def speed(count: int, dice: random.Random) -> float:
    """Whole cases a second of processor time."""
    cases = [_matter(dice) for _ in range(count)]
    _solved(cases[0], Fraction(7, 10))
    began = time.process_time()
    for case in cases:
        _solved(case, Fraction(7, 10))
    return count / (time.process_time() - began)


def simulate(name: str, count: int, dice: random.Random, moved: float, floor: Fraction | None) -> dict[str, float]:
    """The same buyers under the plain policy and the engine. `floor` None: what the plain policy is expected to reach."""
    costs: list[tuple[float, float, int, int]] = []
    while len(costs) < count:
        case, shift, fate = _matter(dice), 1 + dice.uniform(-moved, moved), dice.random()
        plain = _plain(name, case)
        best = _solved(case, plain[1] if floor is None else floor)
        seed = dice.random()
        costs.append((*_play(case, plain[0], shift, fate, seed), *_play(case, best, shift, fate, seed)))  # type: ignore[arg-type]
    saved = [plain - engine for plain, _c, engine, _e in costs]
    mean, all_plain = sum(saved) / count, sum(row[0] for row in costs) / count
    wide = 1.96 * sqrt(sum((each - mean) ** 2 for each in saved) / count / count)
    return {
        "cases": count, "plain": all_plain / 100, "engine": (all_plain - mean) / 100, "saved": 100 * mean / all_plain,
        "wide": 100 * wide / all_plain, "content_plain": sum(row[1] for row in costs) / count,
        "content": sum(row[3] for row in costs) / count,
    }  # fmt: skip


def _matter(dice: random.Random):  # type: ignore[no-untyped-def]
    from bridgedesk.remedies.rulebook import FAULTS
    from bridgedesk.remedies.rules import Matter

    paid = dice.randint(800, 12_000)
    tone = dice.choices(["calm", "angry", "threatens"], [9, 2, 1])[0]
    return Matter(
        dice.choice(FAULTS), "manual", "US", date(2026, 11, 22), paid, paid * dice.randint(25, 55) // 100, dice.randint(400, 900),
        dice.randint(1200, 2500), days=dice.randint(0, 60), tone=tone,
    )  # fmt: skip


def _figures():  # type: ignore[no-untyped-def]
    from bridgedesk.remedies.rules import Figures

    return Figures(
        letter=50, review=600, no_return=2000, claim_mark=1000, claim_fee=0, claim_lost=Fraction(8, 10), restocking_fee=Fraction(15, 100),
        part=Fraction(3, 10), commission=Fraction(8, 100), commission_back=Fraction(1), floor=Fraction(7, 10), letters=3,
    )  # fmt: skip


def _problem(case):  # type: ignore[no-untyped-def]
    from bridgedesk.remedies import rules
    from bridgedesk.remedies.rulebook import book

    found = rules.sort(case, _figures(), book())
    return {choice.option.key: choice.offer for choice in found.choices}, rules.course(case, _figures(), book())


def _solved(case, floor: Fraction):  # type: ignore[no-untyped-def]
    from bridgedesk.remedies.ladder import solve

    offers, course = _problem(case)
    found = solve(list(offers.values()), replace(course, floor=floor))
    assert found
    return found.best.steps


def _plain(name: str, case):  # type: ignore[no-untyped-def]
    """The plain policy's steps where they fit, and the satisfaction it is expected to reach."""
    from tests.remedies.brute import reckon

    offers, course = _problem(case)
    steps = [offers[key] for key in PLAIN[name] if key in offers]
    if name in ONLY_ONE:
        steps = steps[:1]
    rising = [step for n, step in enumerate(steps) if all(step.accept > before.accept for before in steps[:n])]
    return rising, reckon(rising, course, Fraction(0), 0)[1]


def _play(case, steps: Sequence, shift: float, fate: float, seed: float) -> tuple[float, int]:  # type: ignore[no-untyped-def,type-arg]
    """One buyer: what it cost in cents, and whether the buyer ended content. `fate` is the point from which an offer is good enough."""
    _offers, course = _problem(case)
    dice, spent = random.Random(seed), 0.0
    for number, offer in enumerate(steps, 1):
        spent += course.letter
        if fate < min(0.995, float(offer.accept) * shift):
            bad = dice.random() < offer.bad
            return spent + offer.cost + (course.review if bad else 0), int(not bad)
        escalates, silent = course.refused(number)
        draw = dice.random()
        if draw < escalates + silent:
            return spent + _end(course, draw < escalates, dice.random), 0
    return spent + _end(course, dice.random() < course.at_the_end, dice.random), 0


def _end(course, escalates: bool, draw: Callable[[], float]) -> float:  # type: ignore[no-untyped-def]
    bad = course.bad_escalated if escalates else course.bad_silent
    return (course.escalation if escalates else 0) + (course.review if draw() < bad else 0)
