"""A table that is being taken while its worker and its database are killed is taken once, whole."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.crash.test_crash import Town, platform, tail, town  # noqa: F401 (fixtures)

pytestmark = pytest.mark.slow
KILLS = ("worker", "database", "worker")
PATIENCE = 600.0


def test_a_table_is_taken_once_whatever_is_killed(town: Town) -> None:  # noqa: F811
    town.ask("table")
    town.start("worker")
    taken = 0
    for place, name in enumerate(KILLS):
        facts = once(town, partial(went_on, taken))
        assert place or facts["state"] == "running", "it is killed in the middle"
        town.kill(name)
        taken = facts["taken"]
    facts = once(town, done)
    assert facts == {"state": "done", "taken": 30_000, "made": 30_000, "bad": 0, "orders": 15_000, "lines": 30_000}


def done(facts: Any) -> bool:
    return bool(facts["state"] == "done")


def went_on(taken: int, facts: Any) -> bool:
    return facts["taken"] > taken or done(facts)


def once(town: Town, true: Callable[[Any], bool]) -> Any:  # noqa: F811
    """The facts, as soon as this is true of them. A worker that lost its database ends a while later: it is started again meanwhile."""
    until = time.monotonic() + PATIENCE
    while not true(facts := town.ask("taken")):
        town.supervise()
        assert time.monotonic() < until, f"{facts}\n{tail(town)}"
    return facts
