"""Shelf against shops, the count sheet, requests to buy more: as Alice, Bob and Charlie meet them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bridgedesk.lib import clock
from bridgedesk.products import actions, shelf
from bridgedesk.products.models import Movement, Restock, Sku
from bridgedesk.shops.actions import set_threshold
from bridgedesk.team.models import Agent


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def white(lamp):
    return lamp.skus.get(code="LAMP-1")


@pytest.fixture
def blue(lamp):
    return lamp.skus.get(code="LAMP-2")


def shown(agent, tab="over", **more):
    return [(row.sku.code, row.listed, row.offered, row.apart) for row in shelf.differences(agent, shelf.Filters(tab, **more))]


def test_what_a_shop_offers_too_many_or_too_few_of(white, blue, bob):
    assert shown(bob) == shown(bob, "under") == []
    actions.count(white, 4, by=bob)
    actions.count(blue, 26, by=bob)
    assert shown(bob) == [("LAMP-1", 10, 4, 6)]
    assert shown(bob, "under") == [("LAMP-2", 20, 26, -6)]
    Sku.objects.filter(pk=white.pk).update(promised=3, reserve=5)
    assert shown(bob) == [("LAMP-1", 10, 0, 10)]
    assert shelf.counts(bob) == {"over": 1, "under": 1, "low": 0, "asked": 0}


def test_the_page_shows_differences_to_bob_and_nothing_to_charlie(white, bob, charlie, sign_in):
    actions.count(white, 4, by=bob)
    assert "LAMP-1" in text(sign_in(bob).get("/stock"))
    page = text(sign_in(charlie).get("/stock"))
    assert "LAMP-1" not in page
    assert "No shop offers what is not there" in page
    for address in (f"/stock/articles/{white.pk}", "/stock/count/scanned?code=LAMP-1"):
        assert sign_in(charlie).get(address).status_code == 404
    for act in ("count", "move", "restock"):
        assert sign_in(charlie).post(f"/stock/articles/{white.pk}/{act}", {"pieces": "1"}).status_code == 404
    assert not Movement.objects.filter(by=charlie).exists()


def test_what_runs_out_by_its_mark_or_by_its_pace(white, blue, lamp, alice, bob, sign_in):
    third = actions.add_sku(lamp, "LAMP-3", by=alice)
    for sku, shelf_has, sold, mark in ((white, 20, 60, None), (blue, 5, 0, 5), (third, 20, 10, None)):
        actions.count(sku, shelf_has, by=bob)
        Sku.objects.filter(pk=sku.pk).update(sold=sold, low_at=mark)
    low = list(shelf.articles(bob, shelf.Filters("low")))
    assert [(sku.code, sku.free, sku.days) for sku in low] == [("LAMP-1", 20, 10.0), ("LAMP-2", 5, None)]
    assert shelf.wanted(low[0]) == 40
    page = text(sign_in(bob).get("/stock?tab=low"))
    assert "10 days" in page
    assert "LAMP-3" not in page
    assert "Nothing runs out" in text(sign_in(bob).get("/stock?tab=low&q=zzz"))


def test_how_long_the_shelf_should_last_is_the_shops_own_figure(white, shop, alice, bob, sign_in):
    actions.count(white, 20, by=bob)
    Sku.objects.filter(pk=white.pk).update(sold=20)
    assert not shelf.articles(bob, shelf.Filters("low")).exists()
    set_threshold(shop, "cover_days", Decimal(45), valid_from=clock.now(), source="by sea", by=alice)
    assert [sku.days for sku in shelf.articles(bob, shelf.Filters("low"))] == [30.0]
    assert "sold out within 45 days" in text(sign_in(bob).get("/stock?tab=low"))


def test_of_two_shops_the_one_that_wants_more_on_the_shelf_decides(white, blue, shop, make_shop, make_listing, alice, bob):
    other = make_shop("Second shop")
    other.agents.set([alice, bob])
    make_listing(other, "7", sku=white, listed=9)
    for sku in (white, blue):
        actions.count(sku, 20, by=bob)
        Sku.objects.filter(pk=sku.pk).update(sold=20)
    set_threshold(other, "cover_days", Decimal(45), valid_from=clock.now(), source="by sea", by=alice)
    assert [sku.code for sku in shelf.articles(bob, shelf.Filters("low"))] == ["LAMP-1"]
    assert shelf.counts(bob)["low"] == 1


def test_the_lists_ask_a_fixed_number_of_times(shop, lamp, alice, bob, make_listing, sign_in):
    browser, counts = sign_in(bob), {"over": [], "all": []}
    for many in (1, 5):
        for place in range(many):
            sku = actions.add_sku(lamp, f"N{many}-{place}", by=alice)
            make_listing(shop, f"{many}{place}", sku=sku, listed=9)
            actions.count(sku, 1, by=bob)
        for tab, found in counts.items():
            with CaptureQueriesContext(connection) as asked:
                browser.get(f"/stock?tab={tab}")
            found.append(len(asked))
    assert all(first == last for first, last in counts.values())


def test_a_count_on_the_phone_is_kept_line_by_line(white, bob, sign_in):
    browser = sign_in(bob)
    assert "LAMP-1" in text(browser.get("/stock/count"))
    answer = browser.post(f"/stock/articles/{white.pk}/count", {"pieces": "7"})
    assert "kept" in text(answer)
    assert Sku.objects.get(pk=white.pk).on_hand == 7
    for wrong in ("", "-1", "1.5", "many", "9" * 12):
        answer = browser.post(f"/stock/articles/{white.pk}/count", {"pieces": wrong})
        assert (answer.status_code, "no whole number" in text(answer)) == (422, True)
    assert Movement.objects.count() == 1
    page = text(browser.get(f"/stock/articles/{white.pk}"))
    assert "Bob" in page
    assert "counted" in page


@pytest.mark.parametrize("code", ["LAMP-1", "lamp-1", "4006381333931"])
def test_a_scan_brings_up_the_line(white, bob, sign_in, code):
    Sku.objects.filter(pk=white.pk).update(barcode="4006381333931")
    assert f"count-{white.pk}" in text(sign_in(bob).get("/stock/count/scanned", {"code": code}))
    assert sign_in(bob).get("/stock/count/scanned?code=").status_code == 404


def test_an_observer_only_looks(white, shop, make_agent, sign_in):
    eve = make_agent("eve", Agent.Role.OBSERVER)
    shop.agents.add(eve)
    browser = sign_in(eve)
    for address in ("/stock", "/stock?tab=all", "/stock/count", f"/stock/articles/{white.pk}", "/restocks", "/stock/pushes"):
        assert browser.get(address).status_code == 200
    for act in ("count", "move", "restock"):
        assert browser.post(f"/stock/articles/{white.pk}/{act}", {"pieces": "1", "kind": "in", "quantity": "1"}).status_code == 403


def test_goods_that_came_are_written_down(white, bob, sign_in):
    browser = sign_in(bob)
    page = text(browser.post(f"/stock/articles/{white.pk}/move", {"kind": "in", "pieces": "5"}, follow=True))
    assert "Count it first" in page
    actions.count(white, 2, by=bob)
    browser.post(f"/stock/articles/{white.pk}/move", {"kind": "in", "pieces": "5", "note": "from Yiwu"})
    page = text(browser.get(f"/stock/articles/{white.pk}"))
    assert "from Yiwu" in page
    assert Sku.objects.get(pk=white.pk).on_hand == 7
    assert "whether they came or went" in text(browser.post(f"/stock/articles/{white.pk}/move", {"kind": "x"}, follow=True))


def test_a_request_goes_its_way_to_the_shelf(white, bob, alice, charlie, sign_in):
    actions.count(white, 1, by=bob)
    browser = sign_in(bob)
    browser.post(f"/stock/articles/{white.pk}/restock", {"quantity": "30", "back": "/stock?tab=low"})
    row = Restock.objects.get()
    assert (row.state, row.quantity, row.asked_by) == ("asked", 30, bob)
    assert "LAMP-1" in text(browser.get("/restocks"))
    assert "LAMP-1" not in text(sign_in(charlie).get("/restocks"))
    assert sign_in(charlie).post(f"/restocks/{row.pk}/ordered").status_code == 404
    purchaser = sign_in(alice)
    purchaser.post(f"/restocks/{row.pk}/ordered", {"expected_on": "2026-12-01"})
    row.refresh_from_db()
    assert (row.state, row.expected_on, row.answered_by) == ("ordered", date(2026, 12, 1), alice)
    purchaser.post(f"/restocks/{row.pk}/arrived", {"quantity": "28"})
    assert Sku.objects.get(pk=white.pk).on_hand == 29
    assert "answered already" in text(purchaser.post(f"/restocks/{row.pk}/ordered", follow=True))
    assert purchaser.post(f"/restocks/{row.pk}/no-such").status_code == 404


def test_two_who_ask_make_one_request_of_the_larger_number(white, bob, alice):
    for quantity in (10, 30, 20):
        actions.ask_restock(white, quantity, by=bob)
    assert Restock.objects.get().quantity == 30
    with pytest.raises(ValidationError):
        actions.ask_restock(white, 0, by=bob)


def test_an_observer_asks_for_nothing(white, make_agent):
    with pytest.raises(PermissionDenied):
        actions.ask_restock(white, 1, by=make_agent("eve", Agent.Role.OBSERVER))


def test_the_day_of_the_warehouse_shows_what_runs_out(white, bob, sign_in):
    actions.count(white, 4, by=bob)
    Sku.objects.filter(pk=white.pk).update(sold=90)
    actions.ask_restock(white, 90, by=bob)
    page = text(sign_in(bob).get("/today/stock"))
    assert "LAMP-1" in page
    assert "listed too many" in page
    assert "/today/stock" in text(sign_in(bob).get("/today?desk=warehouse"))


@pytest.mark.parametrize("asked", ["//evil.example/x", "https://evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(white, bob, sign_in, asked):
    answer = sign_in(bob).post(f"/stock/articles/{white.pk}/restock", {"quantity": "1", "back": asked})
    assert answer["location"] == "/stock"
