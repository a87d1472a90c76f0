"""Whatever platforms, crashes and people do: an act that cannot be repeated is never done twice without a person's word."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridgedesk.channels.acts import Act, CancelOrder, Performed, WriteNote
from bridgedesk.channels.base import SendError, Uncertain
from bridgedesk.lib import clock
from bridgedesk.orders import acting, performing
from bridgedesk.orders.models import PlatformAct
from tests.conftest import NOON

STEPS = st.lists(
    st.sampled_from(
        [
            "works",
            "busy",
            "refuses",
            "no answer, done",
            "no answer, not done",
            "killed, done",
            "killed, not done",
            "wait",
            "retry",
            "withdraw",
            "look",
        ]
    ),
    min_size=1,
    max_size=14,
)


class Killed(BaseException):
    """As a worker process that is gone: nothing after it runs."""


class Town:
    """A platform that remembers how often it did it, and what the person who looks there sees."""

    def __init__(self) -> None:
        self.times, self.mood = 0, "works"

    def act(self, act: Act) -> Performed:
        if self.mood in ("works", "no answer, done", "killed, done"):
            self.times += 1
        if self.mood == "busy":
            raise SendError("busy", permanent=False)
        if self.mood == "refuses":
            raise SendError("no", permanent=True)
        if self.mood.startswith("no answer"):
            raise Uncertain("no answer")
        if self.mood.startswith("killed"):
            raise Killed
        return Performed("r")


@pytest.mark.parametrize("act", [CancelOrder("ON-1", "out_of_stock"), WriteNote("ON-1", "x")], ids=["once", "repeatable"])
@given(steps=STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_twice_never_lost(order, able, alice, act, steps):
    town, now = Town(), NOON
    able.on_act = town.act
    with transaction.atomic():
        row = acting.ask(order.shop, act, order=order, key="k", by=alice)
        PlatformAct.objects.update(next_try_at=now)
        for step in steps:
            now += timedelta(hours=2)
            with clock.frozen(now):
                _do(step, town, row, alice)
            state = PlatformAct.objects.get().state
            if isinstance(act, CancelOrder):
                assert town.times <= 1
            assert state != "done" or town.times >= 1
            assert state != "withdrawn" or town.times == 0 or isinstance(act, WriteNote)
        _end_well(town, row, alice, now)
        assert town.times >= 1
        transaction.set_rollback(True)


def _do(step: str, town: Town, row: PlatformAct, alice: object) -> None:
    people = {"retry": acting.retry, "withdraw": acting.withdraw}
    try:
        if step in people:
            people[step](row, by=alice)
        elif step == "look":
            if PlatformAct.objects.get().state == "unsure":
                acting.settle(row, town.times > 0, by=alice)
        elif step != "wait":
            town.mood = step
            performing.perform(row.pk)
    except (acting.CannotNow, Killed):
        pass


def _end_well(town: Town, row: PlatformAct, alice: object, now: object) -> None:
    """From wherever it stands, it can be brought to its end."""
    for _ in range(6):
        now += timedelta(hours=2)
        with clock.frozen(now):
            if PlatformAct.objects.get().state == "withdrawn":
                town.times = 1
                return
            for step in ("look", "retry", "works"):
                _do(step, town, row, alice)
    assert PlatformAct.objects.get().state == "done"
