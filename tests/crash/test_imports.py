"""A table that is being taken while its worker and its database are killed is taken once, whole."""

import time

import pytest

from tests.crash.test_crash import Town, platform, tail, town, wait_until  # noqa: F401 (fixtures)

pytestmark = pytest.mark.slow
KILLS = ("worker", "database", "worker")


def test_a_table_is_taken_once_whatever_is_killed(town: Town) -> None:  # noqa: F811
    town.ask("table")
    town.start("worker")
    facts = town.ask("taken")
    for place, name in enumerate(KILLS):
        wait_until(lambda seen=facts: town.ask("taken")["taken"] > seen["taken"] or town.ask("taken")["state"] == "done", 180)
        town.kill(name)
        town.supervise()
        facts = town.ask("taken")
        assert place or facts["state"] == "running", "it was killed in the middle"
    until = time.monotonic() + 240
    while (facts := town.ask("taken"))["state"] != "done":
        town.supervise()
        assert time.monotonic() < until, tail(town)
        time.sleep(0.5)
    assert facts == {"state": "done", "taken": 3000, "made": 3000, "bad": 0, "orders": 1500, "lines": 3000}
