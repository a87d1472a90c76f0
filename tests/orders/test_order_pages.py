"""The list of orders and one order's page, as Alice, Bob and Charlie meet them."""

from dataclasses import asdict
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from bridgedesk.channels.acts import WriteNote
from bridgedesk.channels.base import SendError
from bridgedesk.channels.events import Address, OrderSeen, ParcelSeen, TrackEvent
from bridgedesk.conversations.models import Conversation
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.orders import actions, listing, performing, station
from bridgedesk.orders.address_lines import address_lines
from bridgedesk.orders.listing import Filters
from bridgedesk.orders.models import Finding, Line, Order, Parcel, PlatformAct, Remark
from bridgedesk.team.models import Agent
from tests.conftest import NOON


def text(answer) -> str:
    return answer.content.decode()


def numbers(agent, query="", after="") -> list[str]:
    return [order.external_id for order in listing.page(agent, Filters.parse(QueryDict(query)), after).orders]


def test_bob_sees_the_orders_of_his_shop_and_charlie_none(order, bob, charlie, sign_in):
    assert "ON-1" in text(sign_in(bob).get("/orders"))
    page = text(sign_in(charlie).get("/orders"))
    assert "ON-1" not in page
    assert "No orders yet" in page
    assert sign_in(charlie).get(f"/orders/{order.pk}").status_code == 404
    assert sign_in(charlie).post(f"/orders/{order.pk}/do/hold", {"reason": "x"}).status_code == 404


def test_a_page_shows_all_that_is_known(order, bob, sign_in):
    event = TrackEvent(NOON, "Accepted in Shenzhen", "in_transit")
    actions.see_parcel(order.shop, ParcelSeen("ON-1", number="LX123", carrier="yanwen", status="in_transit", at=NOON, events=(event,)))
    Finding.objects.create(order=order, code="address_missing", data={"missing": ["city"]}, created_at=NOON)
    actions.remark(order, "gift", "put a bulb in", by=bob)
    page = text(sign_in(bob).get(f"/orders/{order.pk}"))
    for told in (
        "Desk lamp",
        "Colour: red",
        "$28.00",
        "SEATTLE",
        "98101",
        "LX123",
        "Accepted in Shenzhen",
        "put a bulb in",
        "READY_TO_SHIP",
    ):
        assert told in page
    assert "To be shipped" in page
    assert "of-order?" in page


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_pages_speak_three_languages(order, bob, sign_in, language):
    Agent.objects.filter(pk=bob.pk).update(language=language)
    browser = sign_in(bob)
    word = {"en": "To be shipped", "zh-hans": "待发货", "zh-hant": "待出貨"}[language]
    for address in ("/orders", f"/orders/{order.pk}", f"/orders/card?customer=0&shop={order.shop_id}&order=ON-1"):
        assert word in text(browser.get(address))


def test_an_empty_search_says_so_and_offers_a_way_back(order, bob, sign_in):
    page = text(sign_in(bob).get("/orders?q=nothing-like-it"))
    assert "No order fits" in page


def test_orders_are_found_by_each_of_their_names(order, make_order, bob):
    other = make_order("ZZ-9")
    buyer = Customer.objects.create(name="Émile Zola", created_at=clock.now())
    Order.objects.filter(pk=other.pk).update(customer=buyer)
    Parcel.objects.create(order=other, number="LX999CN")
    Line.objects.filter(order=other).update(code="CHAIR-1")
    for words in ("ZZ", "lx999", "émile", "chair"):
        assert numbers(bob, f"q={words}") == ["ZZ-9"], words
    assert numbers(bob, "q=ON-1") == ["ON-1"]


def test_every_filter_filters_and_nonsense_is_no_filter(order, make_order, bob, alice, make_shop, noon):
    late = make_order("LATE", ship_by=NOON - timedelta(hours=1))
    make_order("SOON", ship_by=NOON + timedelta(hours=9))
    make_order("GONE", state="shipped", ship_by=NOON)
    actions.hold(late, "why", by=alice)
    Order.objects.filter(pk=order.pk).update(attention=2)
    assert numbers(bob, "due=late") == ["LATE"]
    assert numbers(bob, "due=day") == ["LATE", "SOON"]
    assert numbers(bob, "due=any") == ["LATE", "SOON"]
    assert numbers(bob, "state=shipped") == ["GONE"]
    assert numbers(bob, "held=1") == ["LATE"]
    assert numbers(bob, "finding=1") == ["ON-1"]
    assert numbers(bob, f"shop={order.shop_id}&platform=pretend") == ["GONE", "SOON", "LATE", "ON-1"]
    assert numbers(bob, "state=' or 1&due=x&shop=-1&finding=7") == ["GONE", "SOON", "LATE", "ON-1"]
    assert numbers(bob, "", "nonsense,x") == ["GONE", "SOON", "LATE", "ON-1"]


@pytest.mark.parametrize("query", ["", "due=any"])
def test_pages_follow_each_other_without_gap_or_repeat(make_order, bob, monkeypatch, query):
    monkeypatch.setattr(listing, "PAGE", 3)
    made = {make_order(f"N{i}", ship_by=NOON + timedelta(hours=i // 3)).external_id for i in range(8)}
    seen, after = [], ""
    while True:
        page = listing.page(bob, Filters.parse(QueryDict(query)), after)
        seen += [order.external_id for order in page.orders]
        after = page.next
        if not after:
            break
    assert (len(seen), set(seen)) == (8, made)


def test_the_list_asks_a_fixed_number_of_times(make_order, bob, sign_in):
    browser, counts = sign_in(bob), []
    for many in (1, 6):
        for i in range(many):
            make_order(f"N{many}-{i}")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            browser.get("/orders?q=N")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_search_is_made_in_indexes(order, bob):
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain select id from orders_order where external_id like 'ON-1%'")
        assert "Index Cond" in str(cursor.fetchall())
        cursor.execute("explain select id from orders_line where upper(code) like 'LAMP%'")
        assert "line_code" in str(cursor.fetchall())
        cursor.execute("explain select id from customers_customer where upper(name) like 'ANNA%'")
        assert "customer_name" in str(cursor.fetchall())


ADDRESSES = [
    (Address("Jo", "", ("12 Pine St",), "", "Seattle", "WA", "98101", "US"), ["Jo", "12 Pine St", "SEATTLE, WA 98101", "United States"]),
    (Address("Max", "", ("Hauptstr. 5",), "", "Köln", "", "50667", "DE"), ["Max", "Hauptstr. 5", "50667 Köln", "Germany"]),
    (Address("X", "", ("Way 1",), "Old", "Town", "Reg", "1", "QQ"), ["X", "Way 1", "Old", "1 Town", "Reg", "QQ"]),
    (Address(), []),
]  # fmt: skip


@pytest.mark.parametrize(("address", "lines"), ADDRESSES)
def test_an_address_stands_in_the_order_of_its_country(address, lines):
    with translation.override("en"):
        found = address_lines(asdict(address) if address != Address() else {})
    assert [line.casefold() for line in found] == [line.casefold() for line in lines]


def test_an_order_is_held_and_let_go_with_a_reason(order, bob, sign_in):
    browser = sign_in(bob)
    browser.post(f"/orders/{order.pk}/do/hold", {"reason": "the buyer moved"})
    page = text(browser.get(f"/orders/{order.pk}"))
    assert "the buyer moved" in page
    assert "Bob" in page
    browser.post(f"/orders/{order.pk}/do/release", {"note": "new address noted"})
    assert Order.objects.get().hold == ""
    assert "new address noted" in text(browser.get(f"/orders/{order.pk}"))


def test_an_observer_looks_and_does_nothing(order, make_agent, sign_in):
    eve = make_agent("eve", Agent.Role.OBSERVER)
    order.shop.agents.add(eve)
    browser = sign_in(eve)
    assert browser.get(f"/orders/{order.pk}").status_code == 200
    assert browser.post(f"/orders/{order.pk}/do/hold", {"reason": "x"}).status_code == 403


def test_a_remark_names_for_whom_and_until_when_in_the_authors_time(order, bob, sign_in):
    sent = {"kind": "price", "text": "5 less", "addressee": "service", "due": "2026-11-21T09:00", "other": "5 USD"}
    sign_in(bob).post(f"/orders/{order.pk}/do/remark", sent)
    row = Remark.objects.get()
    assert (row.kind, row.addressee, row.data, row.due_at.isoformat()) == (
        "price",
        "service",
        {"other": "5 USD"},
        "2026-11-21T01:00:00+00:00",
    )


def test_a_swap_typed_on_the_page_is_what_the_packing_station_wants(order, bob, sign_in):
    browser = sign_in(bob)
    first, second = order.lines.order_by("pk")
    swap = {"kind": "swap", "text": "red instead", "addressee": "packing", "other": "LAMP-RED"}
    page = text(browser.post(f"/orders/{order.pk}/do/remark", swap, follow=True))
    assert "Say which of the articles is swapped." in page
    assert not Remark.objects.exists()
    browser.post(f"/orders/{order.pk}/do/remark", swap | {"line": second.external_id})
    assert Remark.objects.get().data == {"other": "LAMP-RED", "code": "LAMP-RED", "line": second.external_id}
    assert [(want.code, want.swapped) for want in station.all_wants(order)] == [(first.code, False), ("LAMP-RED", True)]


def test_a_gift_typed_on_the_page_goes_in_too(order, bob, sign_in):
    sign_in(bob).post(f"/orders/{order.pk}/do/remark", {"kind": "gift", "text": "a sticker", "other": "STICKER", "addressee": "packing"})
    assert [want.code for want in station.all_wants(order) if want.gift] == ["STICKER"]


def test_the_wish_to_cancel_stands_on_top_with_its_clock_and_its_answers(order, bob, sign_in, able):
    by = clock.now() + timedelta(days=2)
    actions.see(order.shop, OrderSeen("ON-1", "IN_CANCEL", NOON, state="cancelling", cancel_wish="too slow", cancel_answer_by=by))
    browser = sign_in(bob)
    page = text(browser.get(f"/orders/{order.pk}"))
    assert "too slow" in page
    assert by.isoformat() in page
    browser.post(f"/orders/{order.pk}/do/acknowledge", {"id": Remark.objects.get().pk})
    browser.post(f"/orders/{order.pk}/do/refuse")
    assert PlatformAct.objects.get().data == {"order": "ON-1", "agree": False}
    assert "The warehouse acknowledged" in text(browser.get(f"/orders/{order.pk}"))


def test_a_split_is_typed_as_what_goes_into_the_second_parcel(order, bob, sign_in):
    lamp = order.lines.get(external_id="l1")
    browser = sign_in(bob)
    browser.post(f"/orders/{order.pk}/do/split", {f"second-{lamp.pk}": "1"})
    assert PlatformAct.objects.get().data["parcels"] == [[["l1", 1], ["l2", 1]], [["l1", 1]]]
    answer = browser.post(f"/orders/{order.pk}/do/split", {f"second-{lamp.pk}": "9"}, follow=True)
    assert "Put every piece" in text(answer)


def test_what_has_no_interface_says_where_to_click_and_is_marked_unconfirmed(order, bob, sign_in, able):
    able.acts = frozenset()
    browser = sign_in(bob)
    browser.post(f"/orders/{order.pk}/do/cancel", {"reason": "out_of_stock"})
    page = text(browser.get(f"/orders/{order.pk}"))
    assert "Open the order in the platform" in page
    assert "unconfirmed" in page
    browser.post(f"/orders/{order.pk}/do/act-done", {"id": PlatformAct.objects.get().pk})
    assert PlatformAct.objects.get().state == "done"


def test_a_failed_act_is_shown_with_its_reason_and_tried_again(order, bob, sign_in, able):
    def refuse(act):
        raise SendError("note too long", permanent=True)

    able.on_act = refuse
    row = actions.ask(order.shop, WriteNote("ON-1", "x"), order=order, key="k", by=bob)
    performing.perform(row.pk)
    browser = sign_in(bob)
    assert "note too long" in text(browser.get(f"/orders/{order.pk}"))
    browser.post(f"/orders/{order.pk}/do/act-retry", {"id": row.pk})
    assert PlatformAct.objects.get().state == "queued"
    answer = browser.post(f"/orders/{order.pk}/do/act-retry", {"id": row.pk}, follow=True)
    assert "Only what failed can be tried again" in text(answer)


@pytest.mark.parametrize("name", ["no-such-act", "act-retry", "acknowledge"])
def test_what_does_not_exist_is_not_found(order, bob, sign_in, name):
    assert sign_in(bob).post(f"/orders/{order.pk}/do/{name}", {"id": "7"}).status_code == 404


def test_the_talks_about_an_order_stand_beside_it(order, bob, charlie, sign_in):
    buyer = Customer.objects.create(name="Anna", created_at=clock.now())
    talk = Conversation.objects.create(
        shop=order.shop, customer=buyer, external_id="t1", order_ref="ON-1", created_at=NOON, last_at=NOON, subject="Where is it?"
    )
    address = f"/conversations/of-order?customer={buyer.pk}&shop={order.shop_id}&order=ON-1"
    page = text(sign_in(bob).get(address))
    assert f"/conversations/{talk.pk}" in page
    assert "Write to the buyer" in page
    assert "Where is it?" not in text(sign_in(charlie).get(address))


def test_the_next_page_keeps_the_filters(make_order, bob, sign_in, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 1)
    for i in range(3):
        make_order(f"N{i}")
    page = text(sign_in(bob).get("/orders?state=to_ship"))
    link = next(part for part in page.split('"') if "after=" in part).replace("&amp;", "&")
    assert parse_qs(urlsplit(link).query)["state"] == ["to_ship"]
    assert "N1" in text(sign_in(bob).get(link))
