"""Returns at Shopee are answered over real HTTP: paid, offered, agreed, refused, late; once, however often it is said."""

from typing import Any

import pytest

from bridgedesk.channels.acts import RefundBuyer, SendReturnLabel
from bridgedesk.channels.base import Account, ByHand, SendError, Uncertain
from bridgedesk.channels.shopee import Shopee
from bridgedesk.lib.money import Money
from bridgedesk.sandbox import shopee_returns
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sandbox.servers import Sandbox

CHANNEL = Shopee()


@pytest.fixture(autouse=True)
def _generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridgedesk.sandbox.shopee.CALLS_PER_SECOND", 100_000)


def asked(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    """A buyer wants their money back."""

    def wants(servers: Any) -> Any:
        sale = servers.shopee.trade.buy(TAIWAN, 500_000_001, "mei", push=False)
        return servers.shopee.trade.send_back(sale, **more)

    found: dict[str, Any] = sandbox.do(wants)
    return found


def refund(row: dict[str, Any], share: float = 1, **more: Any) -> RefundBuyer:
    sum_ = Money.of(str(row["refund_amount"] * share), "TWD")
    return RefundBuyer(**{"order": row["order_sn"], "minor": sum_.minor, "currency": "TWD", "case": row["return_sn"]} | more)


def label(row: dict[str, Any]) -> SendReturnLabel:
    whole = refund(row)
    return SendReturnLabel(row["order_sn"], row["return_sn"], whole.minor, "TWD")


def calls(sandbox: Sandbox, name: str) -> int:
    return sandbox.do(lambda s: s.shopee.calls[f"/api/v2/returns/{name}"])


def seen(shop: Account, number: str) -> Any:
    cursor, events = "", []
    for _ in range(9):
        page = CHANNEL.fetch(shop, cursor, "returns")
        events += [event for raw in page.raws for event in CHANNEL.parse(shop, raw)]
        cursor = page.cursor
        if not page.more:
            break
    return [event for event in events if event.external_id == number][-1]


def test_all_of_it_is_confirmed_and_shopee_pays(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox, money_only=True)
    assert seen(taiwan, row["return_sn"]).money == "asked"
    done = CHANNEL.perform(taiwan, refund(row))
    assert (done.waits, row["status"]) == ("platform", "ACCEPTED")
    event = seen(taiwan, row["return_sn"])
    assert (event.money, event.state, event.settling.minor) == ("agreed", "agreed", refund(row).minor)


def test_said_twice_it_is_confirmed_once(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox, money_only=True)
    for _ in range(2):
        assert CHANNEL.perform(taiwan, refund(row)).waits == "platform"
    assert calls(sandbox, "confirm") == 1


def test_a_part_is_offered_and_waits_for_the_buyer(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox, money_only=True)
    wanted = refund(row, 0.5)
    for _ in range(2):
        assert CHANNEL.perform(taiwan, wanted).waits == "buyer"
    assert calls(sandbox, "offer") == 1
    event = seen(taiwan, row["return_sn"])
    assert (event.money, event.settling.minor) == ("offered", wanted.minor)
    sandbox.do(lambda s: shopee_returns.agree(s.shopee.trade, TAIWAN.shop_id, row, yes=True))
    event = seen(taiwan, row["return_sn"])
    assert (event.money, event.settling.minor) == ("agreed", wanted.minor)


def test_a_counter_offer_of_the_buyer_is_accepted_as_such(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox, money_only=True)
    CHANNEL.perform(taiwan, refund(row, 0.5))
    sandbox.do(lambda s: shopee_returns.agree(s.shopee.trade, TAIWAN.shop_id, row, yes=False))
    assert CHANNEL.perform(taiwan, refund(row)).waits == "platform"
    assert (calls(sandbox, "accept_offer"), calls(sandbox, "confirm"), row["status"]) == (1, 0, "ACCEPTED")


def test_a_sum_shopee_does_not_take_is_refused_before_it_is_offered(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox, money_only=True)
    for share in (0.01, 1.5):
        with pytest.raises(SendError, match="TWD") as refused:
            CHANNEL.perform(taiwan, refund(row, share))
        assert (refused.value.permanent, refused.value.code) == (True, "sum")
    assert calls(sandbox, "offer") == 0


def test_another_currency_than_that_of_the_return_is_no_sum(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox)
    with pytest.raises(SendError) as refused:
        CHANNEL.perform(taiwan, refund(row, currency="USD"))
    assert refused.value.code == "currency"


def test_without_a_return_a_person_does_it(taiwan: Account, sandbox: Sandbox) -> None:
    with pytest.raises(ByHand, match="no call"):
        CHANNEL.perform(taiwan, RefundBuyer("X", 100, "TWD"))
    with pytest.raises(ByHand):
        CHANNEL.perform(taiwan, SendReturnLabel("X"))


@pytest.mark.parametrize(
    ("status", "code"), [("JUDGING", "judged"), ("SELLER_DISPUTE", "judged"), ("CANCELLED", "over"), ("CLOSED", "over")]
)
def test_a_return_that_is_over_or_judged_takes_no_answer(status: str, code: str, taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox)
    sandbox.do(lambda s: s.shopee.trade.move_return(TAIWAN.shop_id, row, status))
    for act in (refund(row), label(row)):
        with pytest.raises(SendError) as refused:
            CHANNEL.perform(taiwan, act)
        assert (refused.value.code, refused.value.permanent) == (code, True)


def test_who_answers_too_late_finds_it_granted(taiwan: Account, sandbox: Sandbox, later: Any) -> None:
    whole, part = asked(sandbox, money_only=True), asked(sandbox, money_only=True)
    later.let_pass(days=2, minutes=1)
    assert CHANNEL.perform(taiwan, refund(whole)).waits == "platform"
    with pytest.raises(SendError) as refused:
        CHANNEL.perform(taiwan, refund(part, 0.5))
    assert refused.value.code == "settled"
    assert calls(sandbox, "confirm") + calls(sandbox, "offer") == 0


def test_goods_come_back_when_the_buyer_agrees_and_are_paid_when_they_are_here(taiwan: Account, sandbox: Sandbox, later: Any) -> None:
    row = asked(sandbox)
    assert CHANNEL.perform(taiwan, label(row)).waits == "buyer"
    assert CHANNEL.perform(taiwan, label(row)).waits == "buyer"
    later.let_pass(hours=7)
    event = seen(taiwan, row["return_sn"])
    assert (event.state, event.goods_come_back) == ("under_way", True)
    assert CHANNEL.perform(taiwan, label(row)).waits == ""
    later.let_pass(days=2)
    assert seen(taiwan, row["return_sn"]).number
    assert CHANNEL.perform(taiwan, refund(row)).waits == "platform"
    assert row["status"] == "ACCEPTED"
    later.let_pass(days=2)
    assert seen(taiwan, row["return_sn"]).state == "closed"


def test_shopee_s_warehouse_decides_where_it_looks_at_the_goods(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox) | {}
    sandbox.do(lambda s: s.shopee.trade.returns[TAIWAN.shop_id][0].update(validation_type="warehouse_validation", status="PROCESSING"))
    assert CHANNEL.perform(taiwan, refund(row)).waits == "platform"
    assert calls(sandbox, "confirm") == 0


def test_an_answer_lost_on_the_way_is_in_doubt(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox, money_only=True)
    sandbox.fault("/api/v2/returns/confirm", "lose_answer")
    with pytest.raises(Uncertain):
        CHANNEL.perform(taiwan, refund(row))
    assert seen(taiwan, row["return_sn"]).money == "agreed"


def test_what_shopee_refuses_has_words(taiwan: Account, sandbox: Sandbox) -> None:
    row = asked(sandbox, money_only=True)
    sandbox.fault("/api/v2/returns/confirm", "error", code="error_return_request_type")
    with pytest.raises(SendError, match="by itself") as refused:
        CHANNEL.perform(taiwan, refund(row))
    assert refused.value.permanent
