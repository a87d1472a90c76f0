"""Reading what was missed from the pretend Shopee over real HTTP: nothing lost, nothing twice, bounded pages."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bridgedesk.channels import shopee_poll
from bridgedesk.channels.base import Account, SendError
from bridgedesk.channels.events import MessageReceived, MessageSent
from bridgedesk.channels.shopee import Shopee
from bridgedesk.sandbox.scenery import MALAYSIA, TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from bridgedesk.sandbox.shopee import Refused
from bridgedesk.sandbox.shopee import Shopee as PretendShopee
from tests.channels.shopee_talks import BUYER, answer, read_all, talk, texts, writes

pytestmark = pytest.mark.usefixtures("generous")


def test_the_first_look_brings_both_sides_in_order(taiwan: Account, sandbox: Sandbox) -> None:
    writes(sandbox, "one")
    Shopee().send(taiwan, answer("two"))
    sandbox.do(lambda s: s.shopee.shop_writes_elsewhere(TAIWAN.shop_id, BUYER, "three, from the phone"))
    raws, _ = read_all(taiwan)
    chat = [raw for raw in raws if raw.key.startswith("message:")]
    assert sorted(set(texts(taiwan, chat))) == ["one", "three, from the phone", "two"]
    kinds = {event.text: type(event) for raw in chat for event in Shopee().parse(taiwan, raw)}  # type: ignore[union-attr]
    assert kinds == {"one": MessageReceived, "two": MessageSent, "three, from the phone": MessageSent}


def test_a_message_pushed_and_polled_has_one_key_and_says_the_same(taiwan: Account, sandbox: Sandbox) -> None:
    number = writes(sandbox, "hello", order_sn="261101ABC")
    raws, _ = read_all(taiwan)  # the push was lost: it comes as a lost push and from the conversation
    same = [raw for raw in raws if raw.key == f"message:{number}"]
    assert len(same) == 2
    pushed, polled = ([replace(event, meta={}) for event in Shopee().parse(taiwan, raw)[1:]] for raw in same)  # type: ignore[type-var]
    assert pushed == polled
    assert {raw.thread for raw in same} == {talk()}


def test_the_next_look_brings_only_what_is_new(taiwan: Account, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopee_poll, "OVERLAP", timedelta(0))
    for number in range(3):
        writes(sandbox, f"old {number}", buyer=BUYER + number)
    _, cursor = read_all(taiwan)
    raws, cursor = read_all(taiwan, cursor)
    assert raws == []
    with_gap = [writes(sandbox, "after a gap", buyer=BUYER + 1)]
    raws, _ = read_all(taiwan, cursor)
    assert {raw.key for raw in raws} >= {f"message:{number}" for number in with_gap}
    assert "old 0" not in texts(taiwan, raws)


def test_many_conversations_come_in_bounded_pages(taiwan: Account, sandbox: Sandbox) -> None:
    numbers = {writes(sandbox, f"m{n}", buyer=BUYER + n) for n in range(60)}
    sandbox.do(lambda s: s.shopee.pushes.lost.clear())
    before = sandbox.do(lambda s: s.shopee.calls.total())
    page = Shopee().fetch(taiwan, "")
    assert page.more
    assert sandbox.do(lambda s: s.shopee.calls.total()) - before <= shopee_poll.TALKS_AT_ONCE + 2
    rest, _ = read_all(taiwan, page.cursor)
    assert {raw.key for raw in [*page.raws, *rest]} == {f"message:{number}" for number in numbers}


def test_a_long_conversation_is_read_to_its_beginning(taiwan: Account, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopee_poll, "PAGES_AT_ONCE", 2)
    numbers = [writes(sandbox, f"m{n}") for n in range(230)]
    sandbox.do(lambda s: s.shopee.pushes.lost.clear())
    raws, _ = read_all(taiwan)
    assert {raw.key for raw in raws} == {f"message:{number}" for number in numbers}


def test_lost_pushes_are_confirmed_only_after_they_were_stored(taiwan: Account, sandbox: Sandbox) -> None:
    writes(sandbox, "lost")
    _, cursor = read_all(taiwan)
    assert sandbox.do(lambda s: len(s.shopee.pushes.lost)) == 1
    again, _ = read_all(taiwan, "")  # a crash before the cursor was stored
    assert "lost" in texts(taiwan, again)
    read_all(taiwan, cursor)
    assert sandbox.do(lambda s: len(s.shopee.pushes.lost)) == 0


def test_a_lost_push_of_another_shop_of_the_app_names_that_shop(taiwan: Account, sandbox: Sandbox) -> None:
    writes(sandbox, "selamat pagi", shop=MALAYSIA)
    raws, _ = read_all(taiwan)
    assert [raw.shop for raw in raws] == [str(MALAYSIA.shop_id)]


def test_an_app_that_may_not_ask_for_lost_pushes_still_reads_conversations(taiwan: Account, sandbox: Sandbox) -> None:
    number = writes(sandbox, "hello")
    sandbox.fault("/api/v2/push/get_lost_push_message", "error", code="error_permission")
    raws, _ = read_all(taiwan)
    assert [raw.key for raw in raws] == [f"message:{number}"]


def test_a_conversation_that_cannot_be_read_is_shown_and_the_others_are_read(taiwan: Account, sandbox: Sandbox) -> None:
    writes(sandbox, "first", buyer=BUYER)
    writes(sandbox, "second", buyer=BUYER + 1)
    sandbox.do(lambda s: s.shopee.pushes.lost.clear())
    sandbox.fault("/api/v2/sellerchat/get_message", "error", code="error_param")
    raws, _ = read_all(taiwan)
    assert sorted(raw.key.split(":")[0] for raw in raws) == ["message", "unreadable"]


def test_a_rate_limit_in_the_middle_keeps_what_was_read(taiwan: Account, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        writes(sandbox, f"m{number}", buyer=BUYER + number)
    sandbox.do(lambda s: s.shopee.pushes.lost.clear())
    whole = Shopee().fetch(taiwan, "").raws
    begun = sandbox.do(lambda s: s.shopee.calls.total())

    def limited(shopee: Any) -> None:
        if shopee.calls.total() == begun + 4:  # lost pushes, the list and one conversation went through
            raise Refused("error_rate_limit", "slow down")

    monkeypatch.setattr(PretendShopee, "_within_rate", limited)
    page = Shopee().fetch(taiwan, "")
    assert (len(page.raws), page.more) == (1, True)
    rest, _ = read_all(taiwan, page.cursor)
    assert [raw.key for raw in [*page.raws, *rest]] == [raw.key for raw in whole]


def test_a_temporary_error_loses_nothing(taiwan: Account, sandbox: Sandbox) -> None:
    number = writes(sandbox, "hello")
    sandbox.do(lambda s: s.shopee.pushes.lost.clear())
    sandbox.fault("/api/v2/sellerchat/get_message", "error", code="error_system_busy")
    with pytest.raises(SendError):
        read_all(taiwan)
    raws, _ = read_all(taiwan)
    assert f"message:{number}" in {raw.key for raw in raws}


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '{"since": "yesterday", "talks": []}', '{"since": 1, "talks": [5]}', '{"a": 1}'])
def test_a_cursor_that_is_not_ours_starts_afresh(cursor: str, noon: datetime) -> None:
    assert shopee_poll.Walk.read(cursor).since == (noon - shopee_poll.FIRST_LOOK).timestamp()


def test_a_polled_message_without_shop_ids_is_told_apart_by_the_buyer(taiwan: Account) -> None:
    buyer = shopee_poll.Talk("7", "42", "mei")
    row = {"message_id": "1", "conversation_id": "7", "message_type": "text", "content": {"text": "x"}, "created_timestamp": "1763630101"}
    for sender, kind in (("42", MessageReceived), ("43", MessageSent)):
        ends = {"from_id": sender, "to_id": "43" if sender == "42" else "42"}
        told = shopee_poll.parsing.wrapped(shopee_poll._named(row | ends, buyer, taiwan), taiwan.external_id)
        event = shopee_poll.parsing.events(told, taiwan)[0]
        assert isinstance(event, kind)
        assert (event.buyer.external_id, event.buyer.name) == ("42", "mei")  # type: ignore[union-attr]
