"""Orders, parcels, stock, ratings, returns and health of a Shopee shop, over real HTTP against the pretend platform."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bridgedesk.channels import shopee_feeds, shopee_windows
from bridgedesk.channels.acts import (
    AnswerCancellation,
    AskReview,
    CancelOrder,
    ExtendReceipt,
    Level,
    PushStock,
    ReplyReview,
    ShipParcel,
    SplitOrder,
    WriteNote,
)
from bridgedesk.channels.base import Account, ByHand, NotPermitted, SendError, Uncertain
from bridgedesk.channels.events import HealthSeen, OrderSeen, ParcelSeen, PenaltySeen, ReturnSeen, ReviewSeen, StockSeen
from bridgedesk.channels.shopee import Shopee
from bridgedesk.sandbox.scenery import MALAYSIA, TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from bridgedesk.sandbox.shopee_trade import Sale

CHANNEL = Shopee()


@pytest.fixture(autouse=True)
def _generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridgedesk.sandbox.shopee.CALLS_PER_SECOND", 100_000)


def buys(sandbox: Sandbox, number: str = "", **more: Any) -> Sale:
    """A buyer orders in the Taiwanese shop."""
    return sandbox.do(lambda s: s.shopee.trade.buy(TAIWAN, 500_000_001, "mei", number, **more))


def read(shop: Account, feed: str, cursor: str = "") -> tuple[list[Any], list[Any], str]:
    """Everything a feed brings until there is no more: rows, events, cursor."""
    raws: list[Any] = []
    for _ in range(60):
        page = CHANNEL.fetch(shop, cursor, feed)
        raws += page.raws
        cursor = page.cursor
        if not page.more:
            return raws, [event for raw in raws for event in CHANNEL.parse(shop, raw)], cursor
    raise AssertionError("the feed does not end")


def calls(sandbox: Sandbox, path: str) -> int:
    return sandbox.do(lambda s: s.shopee.calls[f"/api/v2/{path}"])


# Orders


def test_an_order_comes_with_its_lines_its_sum_and_a_masked_address(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    _raws, (order,), _cursor = read(taiwan, "orders")
    assert (order.external_id, order.state, order.buyer.name) == (sale.order_sn, "to_ship", "mei")
    assert order.total.currency == "TWD"
    assert sum(line.price.minor * line.quantity for line in order.lines) == order.total.minor
    assert order.address.masked
    assert [parcel.external_id for parcel in order.parcels] == [f"OFG{sale.order_sn}1"]


def test_what_was_read_is_a_repeat_and_what_changed_is_new(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    first, _events, cursor = read(taiwan, "orders")
    again, _events, cursor = read(taiwan, "orders", cursor)
    assert {raw.key for raw in again} <= {raw.key for raw in first}
    sandbox.do(lambda s: s.shopee.trade.wish_to_cancel(sale))
    changed, (order,), _cursor = read(taiwan, "orders", cursor)
    assert {raw.key for raw in changed}.isdisjoint(raw.key for raw in first)
    assert (order.state, order.cancel_wish) == ("cancelling", "想更換收件地址")


def test_a_gap_of_weeks_is_read_through_in_spans_the_platform_allows(taiwan: Account, sandbox: Sandbox) -> None:
    wanted = {buys(sandbox, f"OLD{days}", ago=timedelta(days=days), push=False).order_sn for days in (1, 14, 16, 29)}
    _raws, orders, cursor = read(taiwan, "orders")
    assert {order.external_id for order in orders} == wanted
    long_ago = json.loads(cursor) | {"since": json.loads(cursor)["since"] - 50 * 86400}
    _raws, orders, _cursor = read(taiwan, "orders", json.dumps(long_ago))
    assert {order.external_id for order in orders} == wanted


def test_many_orders_are_detailed_fifty_at_a_time(taiwan: Account, sandbox: Sandbox) -> None:
    for number in range(70):
        buys(sandbox, f"N{number:03d}", push=False)
    _raws, orders, _cursor = read(taiwan, "orders")
    assert len(orders) == 70
    assert calls(sandbox, "order/get_order_detail") == 2


def test_an_order_the_platform_does_not_detail_is_named_at_least(taiwan: Account, sandbox: Sandbox, monkeypatch: Any) -> None:
    buys(sandbox, "SEEN1")
    monkeypatch.setattr("bridgedesk.sandbox.shopee_market.CALLS", {**_calls(), ("GET", "/api/v2/order/get_order_detail"): _no_details})
    assert read(taiwan, "orders")[1] == [OrderSeen("SEEN1")]


def _calls() -> Any:
    from bridgedesk.sandbox import shopee_market

    return shopee_market.CALLS


def _no_details(*_asked: object) -> dict[str, Any]:
    return {"order_list": []}


def test_another_shop_s_orders_stay_there(taiwan: Account, sandbox: Sandbox) -> None:
    sandbox.do(lambda s: s.shopee.trade.buy(MALAYSIA, 500_000_002, "siti"))
    assert read(taiwan, "orders")[1] == []


@pytest.mark.parametrize("cursor", ["", "nonsense", "{}", '{"since": "x"}', "[1]", "null"])
@pytest.mark.parametrize("feed", sorted(CHANNEL.feeds))
def test_a_cursor_that_is_none_begins_anew(feed: str, cursor: str, taiwan: Account) -> None:
    assert read(taiwan, feed, cursor)


@pytest.mark.parametrize("feed", sorted(CHANNEL.feeds))
def test_a_feed_the_app_may_not_have_says_so(feed: str, taiwan: Account, sandbox: Sandbox) -> None:
    paths = ("order/get_order_list", "product/get_item_list", "product/get_comment", "returns/get_return_list")
    for path in (*paths, "account_health/get_shop_performance"):
        sandbox.fault(f"/api/v2/{path}", "error", code="error_permission")
    with pytest.raises(NotPermitted):
        read(taiwan, feed)


# Parcels


def test_a_parcel_on_its_way_has_a_number_and_scans_in_the_buyer_s_language(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox, ago=timedelta(days=3), push=False)
    sandbox.do(lambda s: s.shopee.trade.follow(sale))
    _raws, (parcel,), cursor = read(taiwan, "parcels")
    assert isinstance(parcel, ParcelSeen)
    assert (parcel.order, parcel.number, parcel.status) == (sale.order_sn, sale.number, "in_transit")
    assert [scan.text for scan in parcel.events or ()] == ["包裹抵達轉運中心", "包裹已由物流收件"]
    assert cursor == "", "the next look begins at the oldest again"


def test_a_parcel_the_platform_will_not_tell_of_holds_up_no_other(taiwan: Account, sandbox: Sandbox) -> None:
    for number in ("P1", "P2"):
        sale = buys(sandbox, number, ago=timedelta(days=3), push=False)
        sandbox.do(lambda s, sale=sale: s.shopee.trade.follow(sale))
    for path in ("get_tracking_number", "get_tracking_info"):
        sandbox.fault(f"/api/v2/logistics/{path}", "error", code="error_param")
    assert len(read(taiwan, "parcels")[1]) == 1


def arrived(sandbox: Sandbox, number: str = "", scans: int = 4) -> Sale:
    """An order the platform calls arrived, with as many scans as it tells by now."""
    sale = buys(sandbox, number or "ARRIVED1", ago=timedelta(days=6), push=False)

    def go(servers: Any) -> None:
        for step in range(scans):
            servers.shopee.trade.scan(sale, step, sale.at + timedelta(days=step + 1))
        sale.number, sale.logistics = "TW1", "LOGISTICS_DELIVERY_DONE"
        servers.shopee.trade.set_status(sale, "TO_CONFIRM_RECEIVE", push=False)

    sandbox.do(go)
    return sale


def test_the_last_scan_of_what_arrived_is_fetched_once(taiwan: Account, sandbox: Sandbox) -> None:
    sale = arrived(sandbox)
    assert read(taiwan, "parcels")[1] == [], "nothing of it is on its way"
    _raws, (parcel,), cursor = read(taiwan, "arrivals")
    assert isinstance(parcel, ParcelSeen)
    assert (parcel.order, parcel.status, len(parcel.events or ())) == (sale.order_sn, "delivered", 4)
    assert json.loads(cursor)[1] == {}
    asked = calls(sandbox, "logistics/get_tracking_info")
    sandbox.do(lambda s: setattr(sale, "updated", sale.updated - timedelta(hours=2)))
    assert read(taiwan, "arrivals", cursor)[0] == []
    assert calls(sandbox, "logistics/get_tracking_info") == asked


def test_a_last_scan_that_comes_late_is_asked_for_again_until_it_is_there(taiwan: Account, sandbox: Sandbox) -> None:
    sale = arrived(sandbox, scans=2)
    cursor = read(taiwan, "arrivals")[2]
    assert json.loads(cursor)[1] == {sale.order_sn: 1}
    sandbox.do(lambda s: setattr(sale, "updated", sale.updated - timedelta(hours=2)))  # it changes no more
    for step in (2, 3):
        sandbox.do(lambda s, step=step: s.shopee.trade.scan(sale, step, sale.updated))
    _raws, (parcel,), cursor = read(taiwan, "arrivals", cursor)
    assert isinstance(parcel, ParcelSeen)
    assert (parcel.status, json.loads(cursor)[1]) == ("delivered", {})


def test_a_last_scan_that_never_comes_is_given_up(taiwan: Account, sandbox: Sandbox, monkeypatch: Any) -> None:
    monkeypatch.setattr(shopee_feeds, "LAST_LOOKS", 2)
    sale, cursor = arrived(sandbox, scans=2), ""
    for times in ({sale.order_sn: 1}, {sale.order_sn: 2}, {}):
        cursor = read(taiwan, "arrivals", cursor)[2]
        sandbox.do(lambda s: setattr(sale, "updated", sale.at))
        assert json.loads(cursor)[1] == times


# Stock, ratings, returns, health


def test_every_variation_says_what_is_listed_and_a_second_look_stores_changes_only(taiwan: Account, sandbox: Sandbox) -> None:
    raws, stock, cursor = read(taiwan, "stock")
    assert len(raws) == 5
    assert all(isinstance(one, StockSeen) and one.listed is not None and one.sku for one in stock)
    assert read(taiwan, "stock", cursor)[0] == []
    (listed,) = [one for one in sandbox.do(lambda s: list(s.shopee.trade.goods[TAIWAN.shop_id].values())) if not one.variations[0].model_id]
    for quantity in (7, 120):
        sandbox.do(lambda s, quantity=quantity: setattr(listed.variations[0], "stock", quantity))
        raws, (one,), cursor = read(taiwan, "stock", cursor)
        assert one.listed == quantity, "also when it is as it was before"


def test_ratings_come_once_and_again_when_they_change(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    row = sandbox.do(lambda s: s.shopee.trade.rate(sale, 2))
    first, (review,), cursor = read(taiwan, "reviews")
    assert isinstance(review, ReviewSeen)
    assert (review.external_id, review.stars, review.changeable, review.order) == (str(row["comment_id"]), 2, "yes", sale.order_sn)
    sandbox.do(lambda s: row.update(rating_star=5, editable="HAVE_EDIT_ONCE"))
    second, (review,), _cursor = read(taiwan, "reviews", cursor)
    assert (review.stars, review.changeable) == (5, "used")
    assert first[0].key != second[0].key


def test_a_return_comes_with_its_clocks(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    row = sandbox.do(lambda s: s.shopee.trade.send_back(sale))
    _raws, (seen,), _cursor = read(taiwan, "returns")
    assert isinstance(seen, ReturnSeen)
    assert (seen.external_id, seen.order, seen.state, seen.goods_come_back) == (row["return_sn"], sale.order_sn, "asked", True)
    assert seen.answer_by is not None
    assert seen.buyer_ships_by is not None
    assert seen.check_by is not None
    assert seen.answer_by < seen.buyer_ships_by < seen.check_by


def test_health_tells_figures_late_orders_and_points(taiwan: Account, sandbox: Sandbox) -> None:
    late = buys(sandbox, ago=timedelta(days=4), push=False)
    sandbox.do(lambda s: s.shopee.trade.punish(TAIWAN.shop_id, 23, 2))
    _raws, seen, _cursor = read(taiwan, "health")
    figures = {event.name: event for event in seen if isinstance(event, HealthSeen)}
    assert (figures["response_rate"].target, figures["late_orders"].value) == (70, 1)
    assert late.order_sn in [event.external_id for event in seen if isinstance(event, OrderSeen)]
    assert [(event.points, event.kind) for event in seen if isinstance(event, PenaltySeen)] == [(2, "23")]


# Acts


def status(sandbox: Sandbox, sale: Sale) -> str:
    return sandbox.do(lambda s: sale.status)


def test_a_note_is_written_and_written_again_without_harm(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    for _ in range(2):
        CHANNEL.perform(taiwan, WriteNote(sale.order_sn, "改地址"))
    assert sale.note == "改地址"


@pytest.mark.parametrize("reason", ["out_of_stock", "customer_request"])
def test_an_order_is_cancelled_once(reason: str, taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    for _ in range(2):
        CHANNEL.perform(taiwan, CancelOrder(sale.order_sn, reason))
    assert status(sandbox, sale) == "CANCELLED"
    assert calls(sandbox, "order/cancel_order") == 1


def test_only_the_lines_that_cannot_be_had_are_named(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    line = read(taiwan, "orders")[1][0].lines[0].external_id
    CHANNEL.perform(taiwan, CancelOrder(sale.order_sn, "out_of_stock", (line,)))
    with pytest.raises(SendError):
        CHANNEL.perform(taiwan, CancelOrder(buys(sandbox).order_sn, "out_of_stock", ("1/2/3/4",)))


@pytest.mark.parametrize(("agree", "after"), [(True, "CANCELLED"), (False, "READY_TO_SHIP")])
def test_a_buyer_s_wish_to_cancel_is_answered_once(agree: bool, after: str, taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    sandbox.do(lambda s: s.shopee.trade.wish_to_cancel(sale))
    for _ in range(2):
        CHANNEL.perform(taiwan, AnswerCancellation(sale.order_sn, agree))
    assert status(sandbox, sale) == after
    assert calls(sandbox, "order/handle_buyer_cancellation") == 1


def test_a_wish_settled_otherwise_is_told(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    with pytest.raises(SendError):
        CHANNEL.perform(taiwan, AnswerCancellation(sale.order_sn, agree=True))


def test_an_order_is_split_into_parcels_once(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    sandbox.do(lambda s: sale.items.__setitem__(slice(None), [(sale.items[0][0], sale.items[0][1], 2)]))
    (line,) = read(taiwan, "orders")[1][0].lines
    act = SplitOrder(sale.order_sn, (((line.external_id, 1),), ((line.external_id, 1),)))
    first, second = CHANNEL.perform(taiwan, act), CHANNEL.perform(taiwan, act)
    assert first.told == second.told
    assert len(sale.packages) == 2
    assert calls(sandbox, "order/split_order") == 1


@pytest.mark.parametrize("service", ["", "dropoff", "pickup"])
def test_a_parcel_is_arranged_once_and_its_number_comes_back(service: str, taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    act = ShipParcel(sale.order_sn, parcel=f"OFG{sale.order_sn}1", service=service)
    done = CHANNEL.perform(taiwan, act)
    assert done.reference == sale.number
    assert CHANNEL.perform(taiwan, act).reference == sale.number
    assert calls(sandbox, "logistics/ship_order") == 1


def test_stock_is_set_where_it_can_be_and_failures_are_named(taiwan: Account, sandbox: Sandbox) -> None:
    listed = sandbox.do(lambda s: next(one for one in s.shopee.trade.goods[TAIWAN.shop_id].values() if one.variations[0].model_id))
    item, model = str(listed.item_id), str(listed.variations[0].model_id)
    levels = (Level(item, model, "A", 5), Level(item, "77", "B", 5), Level("404", "", "C", 1))
    done = CHANNEL.perform(taiwan, PushStock(levels))
    assert listed.variations[0].stock == 5
    assert {place for place, _reason in done.failures} == {("404", ""), (item, "77")}
    assert all(reason for _place, reason in done.failures)


def test_a_listing_that_is_none_of_shopee_s_is_named_too(taiwan: Account) -> None:
    done = CHANNEL.perform(taiwan, PushStock((Level("B0EXAMPLE", "", "A", 5),)))
    assert [place for place, _reason in done.failures] == [("B0EXAMPLE", "")]


def test_a_rating_is_answered_once(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    row = sandbox.do(lambda s: s.shopee.trade.rate(sale, 2))
    CHANNEL.perform(taiwan, ReplyReview(str(row["comment_id"]), "很抱歉"))
    assert row["comment_reply"]["reply"] == "很抱歉"
    with pytest.raises(SendError):
        CHANNEL.perform(taiwan, ReplyReview(str(row["comment_id"]), "再一次"))


@pytest.mark.parametrize("text", ["", "x" * 501])
def test_an_answer_of_a_wrong_length_never_leaves(text: str, taiwan: Account, sandbox: Sandbox) -> None:
    with pytest.raises(SendError) as refused:
        CHANNEL.perform(taiwan, ReplyReview("1", text))
    assert refused.value.permanent
    assert calls(sandbox, "product/reply_comment") == 0


@pytest.mark.parametrize("act", [ExtendReceipt("A1", 3), AskReview("A1")])
def test_what_shopee_has_no_call_for_stays_by_hand(act: Any, taiwan: Account) -> None:
    assert type(act) not in CHANNEL.acts
    with pytest.raises(ByHand):
        CHANNEL.perform(taiwan, act)


def test_an_act_whose_answer_is_lost_is_unsure_and_doing_it_again_does_no_harm(taiwan: Account, sandbox: Sandbox) -> None:
    sale = buys(sandbox)
    sandbox.fault("/api/v2/order/cancel_order", "lose_answer")
    with pytest.raises(Uncertain):
        CHANNEL.perform(taiwan, CancelOrder(sale.order_sn, "customer_request"))
    CHANNEL.perform(taiwan, CancelOrder(sale.order_sn, "customer_request"))
    assert status(sandbox, sale) == "CANCELLED"


def test_the_pause_of_every_feed_is_sensible() -> None:
    assert all(timedelta(minutes=5) <= pause <= timedelta(hours=6) for pause in CHANNEL.feeds.values())
    assert timedelta(days=15) >= shopee_windows.SPAN
    assert shopee_feeds.AT_ONCE <= 50
