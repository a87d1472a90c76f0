"""A table that is being taken while its worker and its database are killed is taken once, whole."""

import random
import time

import pytest

from tests.crash.test_crash import Town, platform, tail, town, wait_until  # noqa: F401 (fixtures)

pytestmark = pytest.mark.slow
KILLS = ("worker", "database", "worker")


def test_a_table_is_taken_once_whatever_is_killed(town: Town) -> None:  # noqa: F811
    town.ask("table")
    town.start("worker")
    seen = 0
    for name in KILLS:
        wait_until(lambda seen=seen: town.ask("taken")["taken"] > seen, 120)
        time.sleep(random.random() * 0.5)
        town.kill(name)
        town.supervise()
        seen = town.ask("taken")["taken"]
    until = time.monotonic() + 240
    while (facts := town.ask("taken"))["state"] != "done":
        town.supervise()
        assert time.monotonic() < until, tail(town)
        time.sleep(0.5)
    assert facts == {"state": "done", "taken": 3000, "made": 3000, "bad": 0, "orders": 1500, "lines": 3000}
