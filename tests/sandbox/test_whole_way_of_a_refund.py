"""The whole way of a refund on real wires: asked for by a buyer, decided here, told once, agreed, paid, shown to the end."""

from datetime import timedelta

import pytest

from bridgedesk.channels import aliexpress_api
from bridgedesk.orders import performing
from bridgedesk.orders.models import Order, Payment, PlatformAct
from bridgedesk.remedies import actions, queries
from bridgedesk.remedies.models import Case
from bridgedesk.remedies.queries import Filters
from bridgedesk.sandbox import aliexpress, scenery, seed, shopee_returns
from bridgedesk.sandbox.aliexpress_trade import Person
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sync import polling
from tests.sandbox.test_whole_way import apply_all, dora

__all__ = ["dora"]
pytestmark = pytest.mark.django_db(transaction=True)
ANA = Person(3_100_000_871, "es1234567abcd", "Ana García", "ES")


@pytest.fixture
def taiwan(sandbox, settings, dora, monkeypatch):
    monkeypatch.setattr("bridgedesk.sandbox.shopee.CALLS_PER_SECOND", 100_000)
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    return seed.open_shop(scenery.stage(str(TAIWAN.shop_id)), sandbox.port, [dora])


@pytest.fixture
def lumen(sandbox, settings, dora):
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    yield seed.open_shop(scenery.stage(str(aliexpress.SELLER)), sandbox.port, [dora])
    aliexpress_api.TIME.forget()


def read(shop):
    for feed in ("orders", "returns"):
        polling.poll(shop.pk, feed)
    assert not shop.cursors.exclude(error="").values_list("feed", "error")
    apply_all()


def asked_at_shopee(sandbox, **more):
    def wants(servers):
        trade = servers.shopee.trade
        sale = trade.buy(TAIWAN, 500_000_001, "mei", push=False, wanted={"LAMP-CER-2": 1})
        trade.scan(sale, 0, servers.world.now())
        return trade.send_back(sale, **more)

    return sandbox.do(wants)


def decide(shop, option, by):
    """The case as the platform told of it, looked at, offered, taken by the buyer."""
    read(shop)
    case = actions.open_case(Case.objects.get().order, "damaged", by=by)
    return actions.answered(actions.choose(case, option, by=by), "accepted", by=by).case


def told(kind="RefundBuyer"):
    act = PlatformAct.objects.get(kind=kind)
    performing.perform(act.pk)
    act.refresh_from_db()
    return act


def waiting(by):
    return [case.moves[0].act.state for case in queries.cases(by, Filters(money=True))]


def test_a_part_is_offered_agreed_and_paid_once(sandbox, taiwan, dora):
    row = asked_at_shopee(sandbox, money_only=True)
    case = decide(taiwan, "partial_30", dora)
    act = told()
    assert (act.state, act.told["waits"], row["negotiation_status"]) == ("taken", "buyer", "PENDING_BUYER_RESPOND")
    read(taiwan)
    case.refresh_from_db()
    assert (case.state, case.next_clock, bool(case.closed_at)) == ("asked", "buyer_answers", True)
    assert (waiting(dora), Payment.objects.filter(kind="refund").count()) == (["taken"], 0)
    sandbox.do(lambda s: shopee_returns.agree(s.shopee.trade, TAIWAN.shop_id, row, yes=True))
    read(taiwan)
    act.refresh_from_db()
    assert (act.state, act.told["waits"]) == ("taken", "platform")
    sandbox.do(lambda s: s.shopee.trade.move_return(TAIWAN.shop_id, row, "CLOSED"))
    for _ in range(2):
        read(taiwan)
    act.refresh_from_db()
    case.refresh_from_db()
    paid = Payment.objects.get(kind="refund")
    assert (act.state, act.reference, case.state) == ("done", case.external_id, "closed")
    assert (paid.minor, paid.currency, bool(paid.settled_at)) == (act.data["minor"], "TWD", True)
    assert waiting(dora) == []


def test_an_offer_the_buyer_turns_down_at_the_platform_comes_back(sandbox, taiwan, dora):
    row = asked_at_shopee(sandbox, money_only=True)
    decide(taiwan, "partial_30", dora)
    told()
    read(taiwan)
    sandbox.do(lambda s: shopee_returns.agree(s.shopee.trade, TAIWAN.shop_id, row, yes=False))
    read(taiwan)
    act = PlatformAct.objects.get()
    assert (act.state, "did not take this offer" in act.error) == ("failed", True)
    assert waiting(dora) == ["failed"]


def test_an_answer_lost_on_the_way_is_settled_by_the_feed(sandbox, taiwan, dora):
    asked_at_shopee(sandbox, money_only=True)
    decide(taiwan, "refund_keep", dora)
    sandbox.fault("/api/v2/returns/confirm", "lose_answer")
    assert told().state == "unsure"
    assert waiting(dora) == ["unsure"]
    read(taiwan)
    act = PlatformAct.objects.get()
    assert (act.state, act.told["waits"]) == ("taken", "platform")
    assert sandbox.do(lambda s: s.shopee.calls["/api/v2/returns/confirm"]) == 1


def test_a_return_that_is_called_off_pays_nothing(sandbox, taiwan, dora):
    row = asked_at_shopee(sandbox, money_only=True)
    decide(taiwan, "partial_30", dora)
    told()
    sandbox.do(lambda s: s.shopee.trade.move_return(TAIWAN.shop_id, row, "CANCELLED"))
    read(taiwan)
    act = PlatformAct.objects.get()
    assert (act.state, "called the return off" in act.error) == ("failed", True)
    assert not Payment.objects.filter(kind="refund").exists()


def test_a_return_closed_before_anybody_agreed_is_looked_at_by_a_person(sandbox, taiwan, dora):
    row = asked_at_shopee(sandbox, money_only=True)
    decide(taiwan, "partial_30", dora)
    told()
    sandbox.do(lambda s: s.shopee.trade.move_return(TAIWAN.shop_id, row, "CLOSED"))
    read(taiwan)
    assert PlatformAct.objects.get().state == "unsure"


def test_the_platform_agreed_on_another_sum(sandbox, taiwan, dora):
    row = asked_at_shopee(sandbox, money_only=True)
    decide(taiwan, "partial_30", dora)
    told()
    sandbox.do(lambda s: s.shopee.trade.move_return(TAIWAN.shop_id, row, "ACCEPTED"))
    read(taiwan)
    act = PlatformAct.objects.get()
    assert (act.state, "another sum" in act.error) == ("unsure", True)


def test_goods_come_back_under_the_platform_s_label_and_are_paid_when_inspected(sandbox, taiwan, dora):
    row = asked_at_shopee(sandbox)
    case = decide(taiwan, "return_label", dora)
    label = told("SendReturnLabel")
    assert (label.state, label.told["waits"]) == ("taken", "buyer")
    sandbox.do(lambda s: shopee_returns.agree(s.shopee.trade, TAIWAN.shop_id, row, yes=True))
    read(taiwan)
    label.refresh_from_db()
    case.refresh_from_db()
    assert (label.state, case.state, case.next_clock) == ("done", "under_way", "buyer_ships")
    actions.received(case, {}, by=dora)
    assert told().told["waits"] == "platform"
    assert row["status"] == "ACCEPTED"


def test_a_dispute_at_aliexpress_is_agreed_to_and_paid(sandbox, lumen, dora):
    def wants(servers):
        market = servers.aliexpress.market
        order = market.buy(ANA, wanted={"LAMP-CER-1": 1}, ago=timedelta(days=3))
        market.dispute(order)
        order.touched = [servers.world.now() - timedelta(minutes=2)]  # what changes while a look begins is read by the next
        return order

    order = sandbox.do(wants)
    decide(lumen, "refund_keep", dora)
    act = told()
    assert (act.state, act.told["waits"], order.issue.agreed.status) == ("taken", "platform", "reached")
    sandbox.do(lambda s: order.issue.age(s.world.now() + shopee_returns.DAY * 3))
    read(lumen)
    act.refresh_from_db()
    assert (act.state, Case.objects.get().state, Payment.objects.get(kind="refund").minor) == ("done", "closed", 3290)


def test_without_a_return_the_guided_step_says_why(sandbox, taiwan, dora, client):
    sandbox.do(lambda s: s.shopee.trade.buy(TAIWAN, 500_000_001, "mei", push=False, wanted={"LAMP-CER-2": 1}))
    read(taiwan)
    case = actions.open_case(Order.objects.get(), "damaged", by=dora)
    actions.answered(actions.choose(case, "partial_30", by=dora), "accepted", by=dora)
    assert told().state == "by_hand"
    client.force_login(dora)
    page = client.get(f"/remedies/{case.pk}").content.decode()
    assert "no call refunds an order without one" in page
    assert "guide 227" in page
