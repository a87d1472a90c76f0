"""Orders, parcels, stock, reviews and disputes of AliExpress over real HTTP, and what we do with them there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bridgedesk.channels import aliexpress_acts as acts
from bridgedesk.channels import aliexpress_feeds as feeds
from bridgedesk.channels.acts import (
    AnswerCancellation,
    AskReview,
    ExtendReceipt,
    Level,
    PushStock,
    ReplyReview,
    ShipParcel,
    WriteNote,
)
from bridgedesk.channels.base import ByHand, NotPermitted, SendError, Uncertain
from bridgedesk.channels.events import OrderSeen, ParcelSeen, ReturnSeen, ReviewSeen, StockSeen
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.sandbox.aliexpress_trade import HOUR, Person

ALIEXPRESS = CHANNELS["aliexpress"]
ANA = Person(3_100_000_871, "es1234567abcd", "Ana García", "ES")
PAID = timedelta(hours=3)


def buys(sandbox, ago=PAID, number=""):
    return sandbox.do(lambda s: s.aliexpress.market.buy(ANA, number, ago=ago))


def read(shop, feed, cursor=""):
    events, more, pages = [], True, 0
    while more:
        page = ALIEXPRESS.fetch(shop, cursor, feed)
        events += [event for raw in page.raws for event in ALIEXPRESS.parse(shop, raw)]
        cursor, more, pages = page.cursor, page.more, pages + 1
        assert pages < 100
    return events, cursor


def only(events, kind):
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


@pytest.fixture
def whole(shop):
    """The shop that may open addresses."""
    return replace(shop, options={**shop.options, "decrypt_addresses": "1"})


def test_a_paid_order_is_told_with_its_deadline_lines_and_buyer(shop, sandbox, later):
    order = buys(sandbox)
    seen = only(read(shop, "orders")[0], OrderSeen)
    assert (seen.external_id, seen.status, seen.state) == (order.id, "WAIT_SELLER_SEND_GOODS", "to_ship")
    assert abs(seen.ship_by - order.ship_by) < timedelta(seconds=1)
    assert seen.receive_by is None
    assert seen.buyer.kind == "login"
    assert seen.buyer.external_id == ANA.login
    assert len(seen.lines) == len(order.lines)
    assert seen.lines[0].options[0][0] == "Option"
    assert seen.total.currency == "USD"
    assert seen.total.minor == sum(product.cents * pieces for _line, product, _kind, pieces in order.lines)


def test_the_address_stays_in_cipher_unless_the_shop_wants_it_open(shop, whole, sandbox):
    buys(sandbox)
    closed, opened = (only(read(one, "orders")[0], OrderSeen).address for one in (shop, whole))
    assert closed.masked
    assert closed.lines[0].endswith("***")
    assert not opened.masked
    assert (opened.name, opened.postcode, opened.country) == ("Ana García", "28004", "ES")
    assert opened.phone.startswith("+34 ")


def test_an_app_that_may_not_open_addresses_still_reads_orders(whole, sandbox):
    buys(sandbox)
    sandbox.do(lambda s: s.aliexpress.forbidden.add(feeds.DECRYPT))
    assert only(read(whole, "orders")[0], OrderSeen).address.masked


def test_an_order_on_its_way_says_until_when_it_has_to_be_received(shop, sandbox):
    order = buys(sandbox, ago=timedelta(days=6))
    sandbox.do(lambda s: s.aliexpress.market.send(order, ago=timedelta(days=4)))
    seen = only(read(shop, "orders")[0], OrderSeen)
    assert seen.state == "shipped"
    assert abs(seen.receive_by - order.receive_by) < timedelta(seconds=1)
    assert [parcel.number for parcel in seen.parcels] == ["LP00123456789012"]


def test_finished_and_called_off_orders_are_asked_for_by_themselves(shop, sandbox):
    done, off = buys(sandbox, ago=timedelta(days=28)), buys(sandbox, ago=timedelta(days=20))
    sandbox.do(lambda s: s.aliexpress.market.send(done, ago=timedelta(days=27)))
    states = {event.external_id: event.state for event in read(shop, "orders")[0]}
    assert states == {done.id: "completed", off.id: "cancelled"}


def test_a_wish_to_cancel_carries_its_clock(shop, sandbox, later):
    order = buys(sandbox)
    sandbox.do(lambda s: s.aliexpress.market.wish_to_cancel(order))
    later.let_pass(minutes=1)
    seen = only(read(shop, "orders")[0], OrderSeen)
    assert (seen.state, seen.cancel_wish) == ("cancelling", "changed my mind")
    assert abs(seen.cancel_answer_by - order.ends(sandbox.do(lambda s: s.world.now()))) < timedelta(seconds=1)


def test_many_orders_are_read_over_pages_and_spans_once_each(shop, sandbox):
    made = {buys(sandbox, ago=timedelta(hours=3 + 9 * number)).id for number in range(55)}
    events, cursor = read(shop, "orders")
    assert {event.external_id for event in events} == made
    later = read(shop, "orders", cursor)[0]
    assert len(later) < len(events)


def test_the_next_look_begins_before_the_end_of_the_last(shop, sandbox, later):
    """An order may show in the list some time after it changed, however long the look itself took."""
    order = buys(sandbox, ago=timedelta(hours=9))
    first = ALIEXPRESS.fetch(shop, "", "orders")
    later.let_pass(minutes=3)
    cursor = read(shop, "orders", first.cursor)[1]
    order.touched.append(later.now() - timedelta(minutes=4))
    assert [event.external_id for event in read(shop, "orders", cursor)[0]] == [order.id]


def test_an_order_that_changes_while_pages_are_turned_takes_none_with_it(shop, sandbox):
    made = [buys(sandbox, ago=timedelta(hours=3, minutes=number)) for number in range(50)]
    seen, cursor, more, pages = set(), "", True, 0
    while more:
        page = ALIEXPRESS.fetch(shop, cursor, "orders")
        seen |= {event.external_id for raw in page.raws for event in ALIEXPRESS.parse(shop, raw)}
        sandbox.do(lambda s, order=made[pages]: s.aliexpress.market.wish_to_cancel(order))
        cursor, more, pages = page.cursor, page.more, pages + 1
    assert {order.id for order in made[pages:]} <= seen


def test_an_order_that_cannot_be_opened_is_told_from_the_list(shop, sandbox):
    buys(sandbox)
    sandbox.fault(feeds.DETAIL, "error", code="Odd")
    seen = only(read(shop, "orders")[0], OrderSeen)
    assert (seen.state, seen.address) == ("to_ship", None)


def test_scans_come_in_order_with_our_words(shop, sandbox):
    order = buys(sandbox, ago=timedelta(days=16))
    sandbox.do(lambda s: s.aliexpress.market.send(order, ago=timedelta(days=14)))
    seen = only(read(shop, "parcels")[0], ParcelSeen)
    assert seen.status == "pickup_ready"
    assert [event.status for event in seen.events] == [
        "in_transit", "in_transit", "in_transit", "customs", "in_transit", "in_transit", "pickup_ready",
    ]  # fmt: skip
    assert list(seen.events) == sorted(seen.events, key=lambda event: event.at)


def test_stock_is_told_once_and_again_when_it_changed(shop, sandbox):
    events, cursor = read(shop, "stock")
    assert {event.model for event in events if isinstance(event, StockSeen)} >= {"LAMP-CER-1", "NIGHT-SEN-1"}
    assert read(shop, "stock", cursor)[0] == []
    item = events[0].item
    result = ALIEXPRESS.perform(shop, PushStock((Level(item, "LAMP-CER-1", "LAMP-CER-1", 5), Level("1", "", "NONE", 3))))
    assert result.failures == ((("1", ""), "sku_code does not exist"),)
    changed = read(shop, "stock", cursor)[0]
    assert {(event.model, event.listed) for event in changed} >= {("LAMP-CER-1", 5)}
    assert {event.item for event in changed} == {item}


def test_a_listing_of_elsewhere_is_refused_before_anything_leaves(shop, sandbox):
    result = ALIEXPRESS.perform(shop, PushStock((Level("B0ABC", "", "X", 1), Level("123", "", "", 1))))
    assert len(result.failures) == 2
    assert not sandbox.do(lambda s: s.aliexpress.calls[acts.STOCK])


def test_the_real_spelling_of_the_stock_call_is_kept():
    from pathlib import Path

    assert "mutiple_product_update_list" in Path(acts.__file__).read_text()


def test_reviews_are_read_and_answered_once(shop, sandbox):
    order = buys(sandbox, ago=timedelta(days=40))
    sandbox.do(lambda s: s.aliexpress.market.send(order, ago=timedelta(days=35)))
    order.stars = 1
    events, cursor = read(shop, "reviews")
    seen = only(events, ReviewSeen)
    assert (seen.order, seen.line, seen.stars, seen.reply) == (order.id, order.lines[0][0], 1, "")
    ALIEXPRESS.perform(shop, ReplyReview(seen.external_id, "So sorry, we send a new one.", seen.order))
    assert only(read(shop, "reviews", cursor)[0], ReviewSeen).reply == "So sorry, we send a new one."
    with pytest.raises(SendError, match="cannot be replied"):
        ALIEXPRESS.perform(shop, ReplyReview(seen.external_id, "Again", seen.order))


def test_a_dispute_is_told_with_what_is_wanted_and_until_when(shop, sandbox, later):
    order = buys(sandbox, ago=timedelta(days=20))
    sandbox.do(lambda s: s.aliexpress.market.send(order, ago=timedelta(days=18)))
    issue = sandbox.do(lambda s: s.aliexpress.market.dispute(order))
    later.let_pass(minutes=1)
    seen = only(read(shop, "returns")[0], ReturnSeen)
    assert (seen.external_id, seen.order, seen.state, seen.goods_come_back) == (str(issue.id), order.id, "asked", False)
    assert seen.text == "The lamp does not light up."
    assert abs(seen.answer_by - issue.at - timedelta(days=5)) < timedelta(seconds=1)
    assert only(read(shop, "orders")[0], OrderSeen).state == "disputed"
    issue.ended = ("finish", later.now())
    assert only(read(shop, "returns")[0], ReturnSeen).state == "closed"


def test_a_dispute_says_the_same_as_long_as_nothing_changes(shop, sandbox):
    order = buys(sandbox, ago=timedelta(days=20))
    sandbox.do(lambda s: s.aliexpress.market.send(order, ago=timedelta(days=18)))
    sandbox.do(lambda s: s.aliexpress.market.dispute(order))
    first, second = (ALIEXPRESS.fetch(shop, "", "returns").raws[0].key for _ in range(2))
    assert first == second


def test_a_remark_stands_in_place_of_the_old_one(shop, sandbox):
    order = buys(sandbox)
    for text in ("gift", "gift, blue paper"):
        ALIEXPRESS.perform(shop, WriteNote(order.id, text))
    assert order.remark == "gift, blue paper"
    with pytest.raises(SendError, match="order not found"):
        ALIEXPRESS.perform(shop, WriteNote("1", "x"))


@pytest.mark.parametrize(("carrier", "service"), [("AliExpress Standard Shipping", ""), ("", "CAINIAO_STANDARD"), ("Cainiao", "")])
def test_a_shipment_is_declared_by_the_key_of_its_service(shop, sandbox, carrier, service):
    order = buys(sandbox)
    ALIEXPRESS.perform(shop, ShipParcel(order.id, number="LP00987654321CN", carrier=carrier, service=service))
    assert [(one.number, one.service) for one in order.sent] == [("LP00987654321CN", "CAINIAO_STANDARD")]
    ALIEXPRESS.perform(shop, ShipParcel(order.id, number="LP00987654321CN", carrier=carrier, service=service))
    assert len(order.sent) == 1, "what is declared already is not declared again"


def test_another_carrier_needs_its_website(shop, sandbox):
    order = buys(sandbox)
    with pytest.raises(SendError, match="tracking website"):
        ALIEXPRESS.perform(shop, ShipParcel(order.id, number="XY1", carrier="Carrier Pigeon"))
    ALIEXPRESS.perform(shop, ShipParcel(order.id, number="XY1", carrier="Carrier Pigeon", website="https://pigeon.example/"))
    assert order.sent[0].service == "Other"


def test_a_number_that_does_not_fit_its_service_is_caught_here(shop, sandbox):
    order = buys(sandbox)
    with pytest.raises(SendError, match="does not look like"):
        ALIEXPRESS.perform(shop, ShipParcel(order.id, number="123", carrier="Yanwen"))
    assert not sandbox.do(lambda s: s.aliexpress.calls[acts.SHIP])


def test_a_part_of_an_order_is_declared_as_a_part(shop, sandbox):
    orders = [buys(sandbox, number=f"81000000000000{n:02d}") for n in range(30)]
    order = next(one for one in orders if len(one.lines) == 2)
    ALIEXPRESS.perform(shop, ShipParcel(order.id, number="LP00000000001", service="CAINIAO_STANDARD", lines=((order.lines[0][0], 1),)))
    assert order.left() == [order.lines[1][0]]
    ALIEXPRESS.perform(shop, ShipParcel(order.id, number="LP00000000002", service="CAINIAO_STANDARD", lines=((order.lines[1][0], 1),)))
    assert order.left() == []


@pytest.fixture
def on_its_way(sandbox):
    order = buys(sandbox, ago=timedelta(days=20))
    sandbox.do(lambda s: s.aliexpress.market.send(order, stuck=True, ago=timedelta(days=18)))
    return order


def test_the_time_to_receive_is_extended_to_the_platforms_limit(shop, on_its_way):
    before = on_its_way.receive_by
    ALIEXPRESS.perform(shop, ExtendReceipt(on_its_way.id, 50))
    assert on_its_way.receive_by == before + timedelta(days=50)
    with pytest.raises(SendError, match="201") as caught:
        ALIEXPRESS.perform(shop, ExtendReceipt(on_its_way.id, 50))
    assert (caught.value.permanent, caught.value.code) == (True, "201")
    assert on_its_way.receive_by == before + timedelta(days=50)


def test_what_awaits_no_receipt_is_not_extended(shop, sandbox, on_its_way):
    sandbox.do(lambda s: s.aliexpress.market.dispute(on_its_way))
    for number, code in ((on_its_way.id, "210"), (buys(sandbox).id, "210"), ("42", "100")):
        with pytest.raises(SendError) as caught:
            ALIEXPRESS.perform(shop, ExtendReceipt(number, 5))
        assert caught.value.code == code


def test_an_extension_whose_answer_is_lost_is_in_doubt(shop, sandbox, on_its_way):
    sandbox.fault(acts.EXTEND, "lose_answer")
    with pytest.raises(Uncertain):
        ALIEXPRESS.perform(shop, ExtendReceipt(on_its_way.id, 5))


@pytest.mark.parametrize("agree", [True, False])
def test_a_wish_to_cancel_is_answered_once(shop, sandbox, agree):
    order = buys(sandbox)
    sandbox.do(lambda s: s.aliexpress.market.wish_to_cancel(order))
    ALIEXPRESS.perform(shop, AnswerCancellation(order.id, agree))
    assert bool(order.cancelled_at) == agree
    with pytest.raises(SendError, match="settled"):
        ALIEXPRESS.perform(shop, AnswerCancellation(order.id, agree))


def test_what_has_no_interface_is_done_by_hand(shop):
    with pytest.raises(ByHand):
        ALIEXPRESS.perform(shop, AskReview("1"))
    assert AskReview not in ALIEXPRESS.acts


def test_a_number_of_elsewhere_asks_nobody(shop, sandbox):
    for act in (WriteNote("ABC", "x"), ShipParcel("ABC", number="1"), ExtendReceipt("ABC", 1), ReplyReview("1", "x", "ABC")):
        with pytest.raises(SendError):
            ALIEXPRESS.perform(shop, act)
    assert not sandbox.do(lambda s: s.aliexpress.calls)


def test_a_feed_the_app_may_not_read_says_so(shop, sandbox):
    for feed, method in (("orders", feeds.LIST), ("stock", feeds.PRODUCTS), ("reviews", feeds.REVIEWS), ("returns", feeds.ISSUES)):
        sandbox.do(lambda s, name=method: s.aliexpress.forbidden.add(name))
        with pytest.raises(NotPermitted):
            ALIEXPRESS.fetch(shop, "", feed)


@pytest.mark.parametrize("feed", ["orders", "parcels", "stock", "reviews", "returns"])
@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[1]", '{"since": "x"}', "-5"])
def test_a_cursor_nobody_can_read_begins_anew(shop, feed, cursor):
    assert ALIEXPRESS.fetch(shop, cursor, feed).cursor != cursor or feed == "parcels"


def test_the_doctor_finds_everything_well(shop):
    assert [(check.name, check.ok) for check in ALIEXPRESS.check(shop)] == [
        ("App", True), ("Authorisation", True), ("Orders", True), ("Chat", True), ("Clock", True),
    ]  # fmt: skip


def test_hours_are_told_apart_from_the_pacific_ones(shop, sandbox, later):
    """The sandbox writes its times as the platform does: what is read is the moment itself."""
    order = buys(sandbox, ago=5 * HOUR)
    seen = only(read(shop, "orders")[0], OrderSeen)
    assert abs(seen.placed_at - order.placed) < timedelta(seconds=1)
