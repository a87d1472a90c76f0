"""What waits is applied in batches: the order of a thread is kept, and one bad delivery is in nobody's way."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from django.db import connection

from bridgedesk.assist.models import Triage
from bridgedesk.channels.base import Raw
from bridgedesk.conversations.models import Message
from bridgedesk.shops.models import Shop
from bridgedesk.sync import actions, draining, followup
from bridgedesk.sync import apply as applying
from bridgedesk.sync.models import Delivery

Say = Callable[..., Delivery]
PHOTO = [{"name": "photo.png", "data": "some bytes"}]


def states() -> dict[str, str]:
    return dict(Delivery.objects.order_by("pk").values_list("key", "state"))


def told() -> list[str]:
    return [str(key) for key in Message.objects.order_by("pk").values_list("external_id", flat=True)]


def test_one_that_cannot_be_parsed_and_one_that_fails_hold_up_nobody(pretend_shop: Shop, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    real = applying.APPLY[applying.MessageReceived]

    def fails_for_one(shop: Shop, events: Sequence[Any]) -> Sequence[Message | None]:
        if any(event.external_id == "bad" for event in events):
            raise RuntimeError("bug")
        return real(shop, events)

    monkeypatch.setitem(applying.APPLY, applying.MessageReceived, fails_for_one)
    first = say("m1")
    actions.accept(pretend_shop, Raw("odd", b"\xff", "push", "t2"))
    say("bad", thread="t3")
    say("behind the bad", thread="t3")
    say("m2", thread="t2")
    actions.apply(first.pk)
    assert states() == {"m1": "applied", "odd": "stuck", "bad": "failed", "behind the bad": "new", "m2": "applied"}


def test_what_carries_files_goes_alone_and_keeps_its_place(say: Say) -> None:
    first = say("m1")
    say("m2", files=PHOTO)
    say("m3")
    say("m4", thread="t2")
    actions.apply(first.pk)
    assert set(states().values()) == {"applied"}
    in_thread = Message.objects.filter(conversation__external_id="t1").order_by("pk").values_list("external_id", flat=True)
    assert list(in_thread) == ["m1", "m2", "m3"]


def test_what_is_large_goes_alone(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "SMALL", 300)
    first = say("m1")
    say("m2", "x" * 400)
    say("m3")
    actions.apply(first.pk)
    assert told() == ["m1", "m2", "m3"]


def test_more_than_one_batch_is_drained(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "BATCH", 2)
    deliveries = [say(f"m{number}", thread=f"t{number % 3}") for number in range(7)]
    actions.apply(deliveries[-1].pk)
    assert set(states().values()) == {"applied"}
    for number in range(3):
        thread = Message.objects.filter(conversation__external_id=f"t{number}").order_by("pk").values_list("external_id", flat=True)
        assert list(thread) == sorted(thread)


def test_a_thread_somebody_else_works_on_is_left_to_them(pretend_shop: Shop, say: Say) -> None:
    first = say("m1")
    say("m2", thread="t2")
    say("m3", thread="t2", files=PHOTO)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}, autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtextextended('t2', %s))", [pretend_shop.pk])
        actions.apply(first.pk)
    assert states() == {"m1": "applied", "m2": "new", "m3": "new"}
    actions.apply(first.pk)
    assert set(states().values()) == {"applied"}


def test_a_fault_in_the_first_look_of_one_keeps_it_from_no_other(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    look = followup.STEPS[0]

    def breaks_for_one(messages: Sequence[Message]) -> object:
        look(messages)
        if any(message.external_id == "m2" for message in messages):
            raise RuntimeError("model missing")
        return None

    monkeypatch.setattr(followup, "STEPS", (breaks_for_one,))
    deliveries = [say(f"m{number}", "¿Dónde está mi paquete?", thread=f"t{number}") for number in (1, 2, 3)]
    actions.apply(deliveries[0].pk)
    assert set(Triage.objects.values_list("message__external_id", flat=True)) == {"m1", "m3"}
    assert list(Message.objects.order_by("pk").values_list("conversation__language", flat=True)) == ["es", "", "es"]
    assert not Delivery.objects.filter(followed_up=False).exists()


def test_a_message_told_twice_in_a_batch_is_stored_once(pretend_shop: Shop, say: Say) -> None:
    first = say("m1")
    body = bytes(Delivery.objects.get().body)
    actions.accept(pretend_shop, Raw("the same under another key", body, "poll", "t1"))
    actions.apply(first.pk)
    assert told() == ["m1"]
    assert set(states().values()) == {"applied"}


@pytest.mark.parametrize("seed", range(4))
def test_together_or_one_by_one_the_conversations_end_alike(
    seed: int, pretend_shop: Shop, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    moments = chance.sample(range(400), 12)
    sides = chance.choices(["message", "message", "echo"], k=12)

    def hear(prefix: str) -> list[tuple[Any, ...]]:
        said = enumerate(zip(moments, sides, strict=True))
        rows = [say(f"{prefix}{n}", thread=f"{prefix}t{n % 3}", buyer=f"{prefix}b{n % 3}", type=side, second=at) for n, (at, side) in said]
        actions.apply(rows[0].pk)
        shown = Message.objects.filter(external_id__startswith=prefix).order_by("conversation__external_id", "at")
        return [
            (m.at, m.direction, c.due_at, c.risk_at, c.last_at, c.last_text, c.last_direction, c.windows.filter(outcome="open").count())
            for m in shown
            if (c := m.conversation)
        ]

    together = hear("a")
    monkeypatch.setattr(draining, "BATCH", 1)
    assert hear("b") == together
