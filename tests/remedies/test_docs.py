"""The examples of docs/remedies.md: every line is reckoned again as it is written, and held against the engine."""

import ast
import operator
import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from bridgedesk.remedies import ladder, rules
from bridgedesk.remedies.rulebook import FAULTS, KINDS, book
from tests.remedies.test_rules import FIGURES

PAGE = (Path(__file__).parent.parent.parent / "docs" / "remedies.md").read_text("utf-8")
BLOCKS = re.findall(r"```worked\n(.*?)```", PAGE, re.S)
DO = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def reckon(text: str, known: Mapping[str, Fraction]) -> Fraction:
    """A sum as a person writes it."""

    def value(node: ast.AST) -> Fraction:
        if isinstance(node, ast.BinOp):
            return DO[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp):
            return -value(node.operand)
        return known[node.id] if isinstance(node, ast.Name) else Fraction(ast.get_source_segment(plain, node) or "")

    plain = text.replace("×", "*").replace("−", "-").strip()
    return value(ast.parse(plain, mode="eval").body)


def case(block: str) -> rules.Matter:
    fault, country, tone, days = block.splitlines()[0].split(", ")
    since = None if days == "not delivered" else int(days.split()[0])
    return rules.Matter(fault, "manual", country, date(2026, 11, 22), 5000, 2000, 600, 1500, days=since, tone=tone)


def solved(block: str) -> tuple[rules.Sorted, ladder.Ladder]:
    matter = case(block)
    found = rules.sort(matter, FIGURES, book())
    best = ladder.solve([choice.offer for choice in found.choices], rules.course(matter, FIGURES, book()))
    assert best
    return found, best


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_a_worked_example_agrees_with_the_engine_to_the_cent(block: str) -> None:
    found, best = solved(block)
    known: dict[str, Fraction] = {}
    for line in block.splitlines()[2:-1]:
        name, sum_, told = (part.strip() for part in line.split(" = "))
        known[name] = reckon(sum_, known)
        places = len(told.split(".")[1])
        assert round(known[name], places) == Fraction(told.replace("−", "-")), line
    assert block.splitlines()[1] == "ladder: " + " → ".join(step.key for step in best.best.steps)
    assert {choice.option.key: choice.cost for choice in found.choices} | {
        key: int(100 * sum_) for key, sum_ in known.items() if key in KEYS
    } == {choice.option.key: choice.cost for choice in found.choices}
    assert (known["letter_1"] * 100, known["content_1"]) == (best.best.cost, best.best.content)
    assert block.splitlines()[-1] == f"expected {round(best.best.cost) / 100:.2f} content {float(best.best.content * 100):.1f} %"


KEYS = {option.key for option in book().options}


def test_there_is_an_example_of_every_fault() -> None:
    assert {block.split(",")[0] for block in BLOCKS} == set(FAULTS)


def test_the_table_of_options_says_what_they_cost() -> None:
    rows = re.findall(r"^\| ([a-z][^|]+) \| ([^|]+) \| +([0-9.]+) \|$", PAGE, re.M)
    assert len(rows) == len(KINDS) - 1
    for name, sum_, told in rows:
        assert round(reckon(sum_, {}), 2) == Fraction(told), name
    named = {"return at the buyer's cost": "return_buyer", "return with our label": "return_label", "resend": "resend"}
    for fault in ("changed_mind", "damaged"):
        matter = rules.Matter(fault, "manual", "US", date(2026, 11, 22), 5000, 2000, 600, 1500, days=3)
        costs = {choice.option.key: choice.cost for choice in rules.sort(matter, FIGURES, book()).choices}
        told_ = {named[name]: Fraction(told) * 100 for name, _sum, told in rows if name in named}
        assert all(costs[key] == cents for key, cents in told_.items() if key in costs and (key != "return_label" or fault == "damaged"))
