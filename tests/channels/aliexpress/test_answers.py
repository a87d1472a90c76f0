"""Disputes at AliExpress are answered over real HTTP: agreed to, bargained over, refused, late; once, however often it is said."""

from typing import Any

import pytest

from bridgedesk.channels.acts import RefundBuyer, SendReturnLabel
from bridgedesk.channels.aliexpress import AliExpress
from bridgedesk.channels.base import ByHand, SendError, Uncertain
from bridgedesk.sandbox.aliexpress_trade import Person

CHANNEL = AliExpress()
ANA = Person(3_100_000_871, "es1234567abcd", "Ana García", "ES")
AGREE, SAVE = "aliexpress.issue.solution.agree", "aliexpress.issue.solution.save"


def asked(sandbox: Any, kind: str = "refund") -> Any:
    """A buyer opened a dispute; the order it is about."""

    def wants(servers: Any) -> Any:
        order = servers.aliexpress.market.buy(ANA, wanted={"LAMP-CER-1": 1})
        servers.aliexpress.market.dispute(order, kind)
        return order

    return sandbox.do(wants)


def refund(order: Any, cents: int = 3290, **more: Any) -> RefundBuyer:
    return RefundBuyer(**{"order": order.id, "minor": cents, "currency": "USD", "case": str(order.issue.id)} | more)


def label(order: Any) -> SendReturnLabel:
    return SendReturnLabel(order.id, str(order.issue.id), 3290, "USD")


def calls(sandbox: Any, method: str) -> int:
    return sandbox.do(lambda s: s.aliexpress.calls[method])


def seen(shop: Any, order: Any) -> Any:
    cursor, events = "", []
    for _ in range(9):
        page = CHANNEL.fetch(shop, cursor, "returns")
        events += [event for raw in page.raws for event in CHANNEL.parse(shop, raw)]
        cursor = page.cursor
        if not page.more:
            break
    return [event for event in events if event.external_id == str(order.issue.id)][-1]


def test_what_the_buyer_wants_is_agreed_to_once_and_paid(shop, sandbox, later):
    order = asked(sandbox)
    assert seen(shop, order).money == "asked"
    for _ in range(2):
        assert CHANNEL.perform(shop, refund(order)).waits == "platform"
    assert (calls(sandbox, AGREE), calls(sandbox, SAVE)) == (1, 0)
    event = seen(shop, order)
    assert (event.state, event.money, event.settling.minor) == ("agreed", "agreed", 3290)
    later.let_pass(days=2, minutes=1)
    assert (seen(shop, order).state, seen(shop, order).money) == ("closed", "paid")


def test_less_is_proposed_once_and_waits_for_the_buyer(shop, sandbox):
    order = asked(sandbox)
    for _ in range(2):
        assert CHANNEL.perform(shop, refund(order, 1000)).waits == "buyer"
    assert calls(sandbox, SAVE) == 1
    assert (seen(shop, order).money, seen(shop, order).settling.minor) == ("offered", 1000)
    assert CHANNEL.perform(shop, refund(order, 1600)).waits == "buyer"
    assert [one.cents for one in order.issue.solutions] == [3290, 1600], "another sum takes the place of ours"
    sandbox.do(lambda s: order.issue.buyer_says(yes=True, at=s.world.now()))
    assert (seen(shop, order).money, seen(shop, order).settling.minor) == ("agreed", 1600)


def test_more_than_the_order_is_worth_is_refused(shop, sandbox):
    with pytest.raises(SendError, match="invalid") as refused:
        CHANNEL.perform(shop, refund(asked(sandbox), 9999))
    assert refused.value.permanent


def test_who_answers_too_late_finds_the_buyer_s_solution_reached(shop, sandbox, later):
    whole, part = asked(sandbox), asked(sandbox)
    later.let_pass(days=5, minutes=1)
    assert CHANNEL.perform(shop, refund(whole)).waits == "platform"
    with pytest.raises(SendError) as refused:
        CHANNEL.perform(shop, refund(part, 1000))
    assert (refused.value.code, calls(sandbox, AGREE) + calls(sandbox, SAVE)) == ("settled", 0)


def test_a_dispute_that_is_over_takes_no_answer(shop, sandbox):
    order = asked(sandbox)
    sandbox.do(lambda s: order.issue.call_off(s.world.now()))
    for act in (refund(order), label(order)):
        with pytest.raises(SendError) as refused:
            CHANNEL.perform(shop, act)
        assert refused.value.code == "over"
    assert seen(shop, order).money == "refused"


def test_goods_come_back_to_the_shop_s_return_address(shop, sandbox):
    order = asked(sandbox, "return_and_refund")
    for _ in range(2):
        assert CHANNEL.perform(shop, label(order)).waits == ""
    assert calls(sandbox, AGREE) == 1
    with pytest.raises(ByHand, match="goods"):
        CHANNEL.perform(shop, refund(order))


def test_a_return_is_proposed_where_the_buyer_wants_money_alone(shop, sandbox):
    order = asked(sandbox)
    assert CHANNEL.perform(shop, label(order)).waits == "buyer"
    sandbox.do(lambda s: order.issue.buyer_says(yes=True, at=s.world.now()))
    assert CHANNEL.perform(shop, label(order)).waits == ""
    order = asked(sandbox)
    CHANNEL.perform(shop, refund(order))
    with pytest.raises(SendError) as refused:
        CHANNEL.perform(shop, label(order))
    assert refused.value.code == "settled"


def test_without_a_dispute_a_person_does_it(shop, sandbox):
    for act in (refund(asked(sandbox), case=""), SendReturnLabel("8100000000000000")):
        with pytest.raises(ByHand, match="no call"):
            CHANNEL.perform(shop, act)


def test_an_answer_lost_on_the_way_is_in_doubt(shop, sandbox):
    order = asked(sandbox)
    sandbox.fault(AGREE, "lose_answer")
    with pytest.raises(Uncertain):
        CHANNEL.perform(shop, refund(order))
    assert seen(shop, order).money == "agreed"
