"""Answers on their way to the platform: never twice, never lost, in order."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from bridgedesk.channels.base import NeedsReconnect, Outgoing, Raw, SendError, Sent, Uncertain
from bridgedesk.channels.events import MessageSent, Person
from bridgedesk.conversations import actions, sending
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.sync.actions import accept
from bridgedesk.sync.actions import apply as apply_delivery
from bridgedesk.team.models import Agent
from tests.pretend import START, Pretend

Write = Callable[..., list[Message]]


def fresh(message: Message) -> Message:
    message.refresh_from_db()
    return message


def later(message: Message) -> None:
    """Run what is due for this message much later."""
    with clock.frozen(clock.now() + timedelta(hours=2)):
        sending.send(message.pk)


def lose_the_worker(message: Message) -> None:
    """As a worker leaves the row when it is killed in the middle of a try."""
    now = clock.now()
    Message.objects.filter(pk=message.pk).update(
        state="sending", attempts=1, first_try_at=now - timedelta(minutes=5), lease_until=now - timedelta(minutes=4)
    )


def test_an_answer_arrives_and_closes_the_clock(write: Write, platform: Pretend) -> None:
    (message,) = write("It left yesterday.")
    conversation = Conversation.objects.get()
    assert conversation.due_at is not None
    sending.send(message.pk)
    assert [sent.text for sent in platform.outbox] == ["It left yesterday."]
    assert (fresh(message).state, message.external_id, message.attempts) == ("sent", "p1", 1)
    conversation.refresh_from_db()
    assert conversation.due_at is None


def test_the_platform_is_told_thread_buyer_and_our_reference(write: Write, platform: Pretend) -> None:
    (message,) = write()
    sending.send(message.pk)
    sent = platform.outbox[0]
    assert (sent.thread, sent.to, sent.reference, sent.purpose) == ("t1", "b1", message.reference, "answer")
    assert sent.references == ("first of t1",)


def test_nothing_leaves_while_it_can_be_undone(write: Write, platform: Pretend) -> None:
    (message,) = write()
    Message.objects.filter(pk=message.pk).update(not_before=clock.now() + timedelta(seconds=5))
    sending.send(message.pk)
    assert (platform.outbox, fresh(message).state) == ([], "queued")


def test_a_withdrawn_answer_never_leaves(write: Write, platform: Pretend, alice: Agent) -> None:
    (message,) = write()
    actions.withdraw(message, by=alice)
    sending.send(message.pk)
    assert platform.outbox == []


def test_waking_a_sent_message_again_sends_nothing(write: Write, platform: Pretend) -> None:
    (message,) = write()
    for _ in range(3):
        sending.send(message.pk)
        later(message)
    assert len(platform.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_the_platform_is_called_outside_any_transaction_and_after_the_claim_is_stored(write: Write, platform: Pretend) -> None:
    (message,) = write()
    seen = []

    def look_around(outgoing: Outgoing) -> Sent:
        seen.append((connection.in_atomic_block, Message.objects.get(pk=message.pk).state))
        return Sent("x1", START)

    platform.on_send = look_around
    sending.send(message.pk)
    assert seen == [(False, "sending")]


def test_a_temporary_error_is_tried_again_not_before_the_platform_allows_it(write: Write, platform: Pretend) -> None:
    platform.on_send = raising(SendError("busy", permanent=False, retry_after=timedelta(minutes=3)))
    (message,) = write()
    sending.send(message.pk)
    assert fresh(message).state == "queued"
    assert message.not_before
    assert message.not_before > clock.now() + timedelta(seconds=170)
    platform.on_send = platform.take
    sending.send(message.pk)
    assert platform.outbox == []
    later(message)
    assert fresh(message).state == "sent"


def test_temporary_errors_end_in_a_red_bubble_and_not_in_silence(write: Write, platform: Pretend) -> None:
    platform.on_send = raising(SendError("busy", permanent=False))
    (message,) = write()
    for _ in range(len(sending.PAUSES) + 1):
        later(message)
        Message.objects.filter(pk=message.pk, state="queued").update(not_before=clock.now())
    assert (fresh(message).state, message.error) == ("failed", "busy")
    assert Conversation.objects.get().trouble


def test_a_permanent_error_fails_with_its_reason_and_the_answer_is_still_owed(write: Write, platform: Pretend, alice: Agent) -> None:
    platform.on_send = raising(SendError("the buyer blocked the shop", permanent=True))
    (message,) = write()
    sending.send(message.pk)
    conversation = Conversation.objects.get()
    assert (fresh(message).state, message.error) == ("failed", "the buyer blocked the shop")
    assert (conversation.trouble, conversation.due_at is not None) == (True, True)
    platform.on_send = platform.take
    actions.retry(message, by=alice)
    sending.send(message.pk)
    assert fresh(message).state == "sent"


def test_a_lost_authorisation_breaks_the_shop_off(write: Write, platform: Pretend, pretend_shop: Shop) -> None:
    platform.on_send = raising(NeedsReconnect("log in again"))
    (message,) = write()
    sending.send(message.pk)
    pretend_shop.refresh_from_db()
    assert (fresh(message).state, pretend_shop.state, pretend_shop.trouble) == ("failed", "broken", "log in again")


@pytest.mark.parametrize("error", [Uncertain("no answer"), RuntimeError("a bug")])
def test_when_no_answer_came_the_platform_is_asked_before_a_second_try(write: Write, platform: Pretend, error: Exception) -> None:
    def arrives_but_says_nothing(outgoing: Outgoing) -> Sent:
        platform.take(outgoing)
        raise error

    platform.on_send = arrives_but_says_nothing
    (message,) = write()
    sending.send(message.pk)
    assert fresh(message).state == "sending"
    later(message)
    assert (fresh(message).state, message.external_id, len(platform.outbox)) == ("sent", "p1", 1)


def test_what_surely_did_not_arrive_is_sent_again(write: Write, platform: Pretend) -> None:
    platform.on_send = raising(Uncertain("no answer"))
    (message,) = write()
    sending.send(message.pk)
    platform.on_send = platform.take
    later(message)
    assert (fresh(message).state, len(platform.outbox)) == ("sent", 1)


def test_where_the_platform_cannot_tell_an_agent_is_asked(write: Write, platform: Pretend, alice: Agent) -> None:
    platform.on_send, platform.on_find = raising(Uncertain("no answer")), platform.cannot_tell
    (message,) = write()
    sending.send(message.pk)
    later(message)
    later(message)
    assert (fresh(message).state, platform.outbox, Conversation.objects.get().trouble) == ("unsure", [], True)
    actions.settle(message, arrived=True, by=alice)
    assert fresh(message).state == "sent"


@pytest.mark.parametrize("arrived", [True, False])
def test_a_worker_killed_in_the_middle_of_a_try_sends_nothing_twice(write: Write, platform: Pretend, arrived: bool) -> None:
    (message,) = write()
    if arrived:
        sending.send(message.pk)
        Message.objects.filter(pk=message.pk).update(external_id=None)
    lose_the_worker(message)
    sending.send(message.pk)
    assert (fresh(message).state, message.external_id, len(platform.outbox)) == ("sent", "p1", 1)


def test_a_living_worker_keeps_its_message(write: Write, platform: Pretend) -> None:
    (message,) = write()
    Message.objects.filter(pk=message.pk).update(state="sending", attempts=1, lease_until=clock.now() + timedelta(seconds=9))
    sending.send(message.pk)
    assert (platform.outbox, sending.due()) == ([], [])


def test_a_platform_that_cannot_be_asked_is_asked_later_and_never_sent_to(write: Write, platform: Pretend) -> None:
    (message,) = write()
    lose_the_worker(message)
    platform.on_find = raising(SendError("busy", permanent=False))
    for _ in range(len(sending.PAUSES) + 1):
        later(message)
        Message.objects.filter(pk=message.pk, state="sending").update(lease_until=clock.now() - timedelta(minutes=1))
    assert (fresh(message).state, platform.outbox) == ("unsure", [])


def test_parts_leave_in_order_whoever_is_woken_first(write: Write, platform: Pretend) -> None:
    parts = write(" ".join(f"Sentence number {n} of a long answer." for n in range(12)))
    assert len(parts) > 2
    for part in reversed(parts):
        sending.send(part.pk)
    for part in parts:
        sending.send(part.pk)
    assert [sent.text for sent in platform.outbox] == [part.text for part in parts]


def test_later_parts_wait_while_an_earlier_one_failed(write: Write, platform: Pretend, alice: Agent) -> None:
    first, *rest = write(" ".join(f"Sentence number {n} of a long answer." for n in range(12)))
    platform.on_send = raising(SendError("no", permanent=True))
    sending.send(first.pk)
    platform.on_send = platform.take
    for part in rest:
        sending.send(part.pk)
    assert platform.outbox == []
    actions.retry(first, by=alice)
    for part in [first, *rest]:
        sending.send(part.pk)
    assert len(platform.outbox) == 1 + len(rest)


def test_a_new_answer_is_not_held_up_by_an_older_one_that_failed(write: Write, platform: Pretend) -> None:
    platform.on_send = raising(SendError("no", permanent=True))
    (first,) = write("First")
    sending.send(first.pk)
    platform.on_send = platform.take
    (second,) = write("Second")
    sending.send(second.pk)
    assert [sent.text for sent in platform.outbox] == ["Second"]


def test_a_shop_sends_no_faster_than_its_rate(write: Write, platform: Pretend, pretend_shop: Shop) -> None:
    pretend_shop.options |= {"send_per_second": 0.5, "send_burst": 2}
    pretend_shop.save()
    messages = [write(f"Answer {n}", thread=f"t{n}")[0] for n in range(3)]
    for message in messages:
        sending.send(message.pk)
    assert len(platform.outbox) == 2
    assert (fresh(messages[2]).state, messages[2].attempts) == ("queued", 0)
    later(messages[2])
    assert len(platform.outbox) == 3


def test_the_gate_is_asked_again_before_sending(write: Write, platform: Pretend, monkeypatch: pytest.MonkeyPatch) -> None:
    (message,) = write()
    Message.objects.filter(pk=message.pk).update(purpose="review_request")
    sending.send(message.pk)
    assert (fresh(message).state, platform.outbox) == ("failed", [])
    assert message.error


def test_a_paused_shop_sends_nothing_and_loses_nothing(write: Write, platform: Pretend, pretend_shop: Shop) -> None:
    (message,) = write()
    Shop.objects.filter(pk=pretend_shop.pk).update(state="paused")
    sending.send(message.pk)
    assert (fresh(message).state, sending.due()) == ("queued", [])
    Shop.objects.filter(pk=pretend_shop.pk).update(state="connected")
    assert sending.due() == [message.pk]


def echo(shop: Shop, key: str, text: str) -> None:
    body = json.dumps({"type": "echo", "id": key, "thread": "t1", "buyer": "b1", "text": text}).encode()
    delivery = accept(shop, Raw(key, body, "push", "t1"))
    assert delivery
    apply_delivery(delivery.pk)


def test_the_echo_of_our_own_message_is_one_row_when_it_comes_after(write: Write, platform: Pretend, pretend_shop: Shop) -> None:
    (message,) = write("It left yesterday.")
    sending.send(message.pk)
    echo(pretend_shop, "p1", "It left yesterday.")
    assert Message.objects.filter(direction="out").count() == 1


@pytest.mark.parametrize("echoed", ["It left yesterday.", "It  left yesterday.\n", "It left yesterday. (translated)"])
def test_the_echo_of_our_own_message_is_one_row_when_it_comes_before_our_answer(
    write: Write, platform: Pretend, pretend_shop: Shop, echoed: str
) -> None:
    (message,) = write("It left yesterday.")

    def echo_first(outgoing: Outgoing) -> Sent:
        sent = platform.take(outgoing)
        echo(pretend_shop, sent.external_id, echoed)
        return sent

    platform.on_send = echo_first
    sending.send(message.pk)
    kept = Message.objects.get(direction="out")
    assert (kept.pk, kept.state, kept.external_id, kept.author) == (message.pk, "sent", "p1", message.author)


def test_the_echo_settles_a_message_in_doubt(write: Write, platform: Pretend, pretend_shop: Shop) -> None:
    platform.on_send, platform.on_find = raising(Uncertain("no answer")), platform.cannot_tell
    (message,) = write("It left yesterday.")
    sending.send(message.pk)
    later(message)
    assert fresh(message).state == "unsure"
    echo(pretend_shop, "p9", "It left yesterday.")
    assert (fresh(message).state, message.external_id, Message.objects.filter(direction="out").count()) == ("sent", "p9", 1)


def test_the_same_words_twice_are_two_messages_even_when_the_first_is_in_doubt(write: Write, platform: Pretend, pretend_shop: Shop) -> None:
    platform.on_send, platform.on_find = raising(Uncertain("no answer")), platform.cannot_tell
    (first,) = write("Hello!")
    sending.send(first.pk)
    later(first)
    platform.on_send = platform.take
    (second,) = write("Hello!")
    actions.record_sent(pretend_shop, MessageSent("t1", "p1", Person("b1"), START, "Hello!"))
    sending.send(second.pk)
    assert (fresh(first).state, fresh(second).state) == ("unsure", "sent")


def test_what_the_platform_finds_is_not_taken_for_this_message_when_it_is_another_of_ours(write: Write, platform: Pretend) -> None:
    (first,) = write("Hello!")
    sending.send(first.pk)
    (second,) = write("Hello!")
    lose_the_worker(second)
    platform.on_find = lambda outgoing: Sent("p1", START)
    sending.send(second.pk)
    assert (fresh(first).external_id, fresh(second).state, len(platform.outbox)) == ("p1", "unsure", 1)


def raising(error: Exception) -> Callable[[Outgoing], Sent]:
    def act(outgoing: Outgoing) -> Sent:
        raise error

    return act
