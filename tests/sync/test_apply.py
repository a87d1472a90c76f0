"""From stored bytes to conversations."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bridgedesk.activity.models import Activity
from bridgedesk.assist import learning
from bridgedesk.channels.base import Raw
from bridgedesk.conversations.models import Attachment, Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.sync import actions, draining, due
from bridgedesk.sync import apply as applying
from bridgedesk.sync.models import Delivery
from bridgedesk.team.models import Agent

Say = Callable[..., Delivery]


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def push(shop: Shop, key: str, body: bytes, thread: str = "") -> Delivery:
    made = actions.accept(shop, Raw(key, body, "push", thread))
    assert made
    return made


def test_a_push_becomes_a_message_and_says_which(say: Say) -> None:
    delivery = say("m1", "¿Dónde está?", apply=True)
    message = Message.objects.get()
    assert (message.text, message.external_id, message.direction) == ("¿Dónde está?", "m1", "in")
    assert (state(delivery), delivery.messages, delivery.followed_up) == ("applied", [message.pk], True)


def test_what_a_message_costs_is_known(say: Say, django_assert_max_num_queries: Callable[..., object]) -> None:
    learning.index()  # a worker loads its examples once
    first = say("m1", "Where is my lamp?")
    with django_assert_max_num_queries(58):  # buyer, conversation, window and first look are new
        actions.apply(first.pk)
    second = say("m2", "Hello?")
    with django_assert_max_num_queries(47):
        actions.apply(second.pk)


def test_many_messages_cost_hardly_more_statements_than_one(say: Say, django_assert_max_num_queries: Callable[..., object]) -> None:
    """Fifty messages of fifty new buyers: less than two statements a message."""
    deliveries = [say(f"m{n}", f"Where is lamp {n}?", thread=f"t{n}", buyer=f"b{n}") for n in range(draining.BATCH)]
    with django_assert_max_num_queries(65):
        actions.apply(deliveries[0].pk)
    assert Message.objects.count() == Conversation.objects.exclude(due_at=None).count() == draining.BATCH
    assert {state(delivery) for delivery in deliveries} == {"applied"}


def test_applying_twice_changes_nothing(say: Say) -> None:
    delivery = say("m1", apply=True)
    actions.apply(delivery.pk)
    assert Message.objects.count() == 1


def test_replaying_an_applied_push_gives_no_second_message(say: Say, alice: Agent) -> None:
    delivery = say("m1", apply=True)
    actions.replay(delivery, by=alice)
    actions.apply(delivery.pk)
    assert (Message.objects.count(), state(delivery)) == (1, "applied")
    assert Activity.objects.get(verb="replayed").by == alice


def test_the_earlier_push_of_a_thread_goes_first_whoever_is_woken(say: Say) -> None:
    first, second = say("m1"), say("m2")
    actions.apply(second.pk)
    assert [state(first), state(second)] == ["applied", "applied"]
    assert list(Message.objects.order_by("pk").values_list("external_id", flat=True)) == ["m1", "m2"]


def test_waking_the_first_applies_what_waits_behind_it(say: Say) -> None:
    first, second = say("m1"), say("m2")
    actions.apply(first.pk)
    assert state(second) == "applied"


def test_a_push_nobody_can_parse_is_kept_shown_and_holds_up_nothing(pretend_shop: Shop, say: Say) -> None:
    odd = push(pretend_shop, "odd", b"\xff not json", "t1")
    after = say("m1")
    actions.apply(after.pk)
    assert (state(odd), state(after)) == ("stuck", "applied")
    assert "not JSON" in odd.error
    assert bytes(odd.body) == b"\xff not json"
    assert Activity.objects.filter(verb="delivery_stuck", shop=pretend_shop).count() == 1


def test_a_parser_that_breaks_is_no_worse_than_one_that_refuses(
    pretend_shop: Shop, monkeypatch: pytest.MonkeyPatch, platform: object
) -> None:
    monkeypatch.setattr(platform, "parse", lambda account, raw: {}["missing"])
    delivery = push(pretend_shop, "k", b"{}", "t1")
    actions.apply(delivery.pk)
    assert (state(delivery), delivery.error) == ("stuck", "Unparsable: KeyError: 'missing'")


def test_a_stuck_push_is_tried_once_a_day_and_goes_through_after_an_upgrade(
    pretend_shop: Shop, platform: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen(clock.now()), monkeypatch.context() as patch:
        patch.setattr(platform, "parse", lambda account, raw: {}["missing"])
        delivery = push(pretend_shop, "m1", json.dumps({"type": "verification", "id": "m1"}).encode())
        actions.apply(delivery.pk)
        actions.apply(delivery.pk)
        assert (state(delivery), delivery.attempts) == ("stuck", 1)
    with clock.frozen(clock.now() + timedelta(days=1, seconds=10)):
        assert due.stuck() == [delivery.pk]
        actions.apply(delivery.pk)
    assert state(delivery) == "ignored"


def test_a_failing_action_is_tried_again_later_and_keeps_the_thread_waiting(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(shop: Shop, events: object) -> None:
        raise RuntimeError("bug with password=hunter2 in it")

    now = clock.now()
    with clock.frozen(now), monkeypatch.context() as patch:
        patch.setitem(applying.APPLY, applying.MessageReceived, fails)
        first, second = say("m1"), say("m2")
        actions.apply(first.pk)
        assert (state(first), state(second)) == ("failed", "new")
        assert "hunter2" not in first.error
        assert due.shops() == []
    with clock.frozen(now + timedelta(seconds=6)):
        assert due.shops() == [first.shop_id]
        actions.apply(second.pk)
    assert (state(first), state(second)) == ("applied", "applied")


def test_after_enough_tries_the_thread_goes_on_without_the_stuck_one(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    real = applying.APPLY[applying.MessageReceived]

    def fails_for_one(shop: Shop, events: Sequence[Any]) -> Sequence[Message | None]:
        if any(event.external_id == "m1" for event in events):
            raise RuntimeError("bug")
        return real(shop, events)

    monkeypatch.setitem(applying.APPLY, applying.MessageReceived, fails_for_one)
    first, second = say("m1"), say("m2")
    now = clock.now()
    for _ in range(len(draining.PAUSES) + 1):
        with clock.frozen(now):
            actions.apply(second.pk)
        now += timedelta(hours=1)
    assert (state(first), state(second)) == ("stuck", "applied")


def test_nothing_of_a_push_is_kept_when_one_of_its_events_fails(say: Say, platform: object, monkeypatch: pytest.MonkeyPatch) -> None:
    original = platform.parse  # type: ignore[attr-defined]
    monkeypatch.setattr(platform, "parse", lambda account, raw: [*original(account, raw), object()])
    delivery = say("m1", apply=True)
    assert (state(delivery), Message.objects.count()) == ("failed", 0)


def test_a_fault_in_the_first_look_loses_no_message(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(messages: Sequence[Message]) -> None:
        Message.objects.filter(pk=messages[0].pk).update(text="half done")
        raise RuntimeError("model missing")

    monkeypatch.setattr("bridgedesk.sync.followup.STEPS", (breaks,))
    delivery = say("m1", apply=True)
    assert (state(delivery), Message.objects.get().text, delivery.followed_up) == ("applied", "Where is my parcel?", True)


def test_a_follow_up_cut_off_by_a_crash_is_found_by_the_sweep(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("bridgedesk.sync.draining.followup.follow_up", lambda *pks: None)
        delivery = say("m1", apply=True)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert due.unfollowed() == [delivery.pk]


def test_a_withdrawn_authorisation_breaks_the_shop_off(pretend_shop: Shop) -> None:
    actions.apply(push(pretend_shop, "auth", b'{"type": "withdrawn"}').pk)
    pretend_shop.refresh_from_db()
    assert pretend_shop.state == "broken"
    assert pretend_shop.trouble


def test_the_platforms_verification_push_is_taken_and_ignored(pretend_shop: Shop) -> None:
    delivery = push(pretend_shop, "v", b'{"type": "verification"}')
    actions.apply(delivery.pk)
    assert (state(delivery), delivery.result) == ("ignored", "verification")


def test_files_a_platform_names_wait_to_be_fetched(say: Say) -> None:
    say("m1", apply=True, files=[{"name": "photo.png", "url": "https://files.example/1"}])
    assert Attachment.objects.get().state == "waiting"
    assert Conversation.objects.get().messages.get().attachments.get().url == "https://files.example/1"


def test_a_push_for_a_sister_shop_on_a_shared_callback_is_kept_under_that_shop(pretend_shop: Shop, make_shop: Callable[..., Shop]) -> None:
    sister = make_shop("Sister", "pretend", external_id="900")
    made = actions.accept(pretend_shop, Raw("k", b"{}", "push", shop="900"))
    assert made
    assert made.shop == sister
