"""Orders of the pretend Shopee move by themselves once the shop has shipped, and every move is pushed and signed."""

import json
import time
from datetime import timedelta

import httpx
import pytest

from bridgedesk.lib import clock
from bridgedesk.sandbox import history
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.scenery import MALAYSIA, TAIWAN
from bridgedesk.sandbox.servers import Sandbox, Servers
from bridgedesk.sandbox.world import Chaos, World


def pushed(ear, count):
    return [json.loads(body) for _headers, body in ear.wait(count)]


def buys(sandbox, shop=TAIWAN):
    return sandbox.do(lambda s: s.shopee.trade.buy(shop, 500_000_001, "mei"))


def until(found, seconds=20):
    """Wait for something the sandbox does by itself."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@pytest.mark.parametrize("code", [3, 28, 29, 30, 47, 4])
def test_every_push_about_trade_is_signed_and_of_its_shape(code, sandbox, ear):
    sandbox.push_to(ear.url)
    sale = buys(sandbox)
    acts = {
        28: lambda s: s.shopee.trade.punish(TAIWAN.shop_id),
        29: lambda s: s.shopee.trade.send_back(sale),
        47: lambda s: s.shopee.trade.postpone(sale),
        30: lambda s: s.shopee.trade.arrange(sale),
        4: lambda s: s.shopee.trade.arrange(sale),
    }
    if code in acts:
        sandbox.do(acts[code])
    until(lambda: code in [json.loads(body)["code"] for _headers, body in list(ear.heard)])
    headers, body = next((headers, body) for headers, body in ear.heard if json.loads(body)["code"] == code)
    assert headers["authorization"] == keys.push_sign(ear.url, body)
    data = json.loads(body)["data"]
    assert code == 28 or sale.order_sn in (data.get("ordersn"), data.get("order_sn"))


def test_a_shipped_order_travels_arrives_and_is_completed():
    with Sandbox(speed=2_000_000) as sandbox:
        sale = buys(sandbox)
        sandbox.do(lambda s: s.shopee.trade.arrange(sale))
        until(lambda: sandbox.do(lambda s: sale.status) == "COMPLETED")
        texts = [text for _at, _status, text in sale.scans]
    assert texts == ["包裹已由物流收件", "包裹抵達轉運中心", "包裹已配達門市，待取件", "買家已取件"]


def test_an_order_cancelled_on_its_way_moves_no_more():
    with Sandbox(speed=2_000_000) as sandbox:
        sale = buys(sandbox, MALAYSIA)
        sandbox.do(lambda s: (s.shopee.trade.arrange(sale), s.shopee.trade.set_status(sale, "CANCELLED")))
        time.sleep(0.3)
        assert (sale.status, sale.scans) == ("CANCELLED", [])


def test_a_leap_takes_the_parcel_as_far_as_the_time_says_and_no_farther():
    with Sandbox(speed=1) as sandbox:
        sale = buys(sandbox)
        sandbox.do(lambda s: s.shopee.trade.arrange(sale))
        sale.delays[2] = timedelta(days=9)
        sandbox.do(lambda s: s.world.leap(timedelta(days=8)))
        until(lambda: len(sale.scans) == 2)
        left = [at - sale.at for at, _status, _text in sale.scans]
        assert [round(span / timedelta(hours=1)) for span in left] == [5, 25], "a scan bears the hour it was made, not that of the leap"
        sandbox.do(lambda s: s.world.leap(timedelta(days=30)))
        until(lambda: sale.status == "COMPLETED")


def test_who_ships_with_a_carrier_of_their_own_names_the_number(sandbox):
    sale = buys(sandbox)
    sale.own_carrier = True
    assert sandbox.do(lambda s: s.shopee.trade.buy(TAIWAN, 1, "li", wanted={"LAMP-CER-2": 3}).items[0][1].option) == "霧藍"
    assert sale.guaranteed_until is None
    sandbox.do(lambda s: s.shopee.trade.scan(sale, 0, s.world.now()))
    before = sale.guaranteed_until
    sandbox.do(lambda s: s.shopee.trade.prolong(sale))
    assert sale.guaranteed_until - before == timedelta(days=7)


def test_the_demo_s_shops_have_orders_in_every_state():
    world = World(chaos=Chaos(), now=clock.now)
    sales = Servers(world, known=history.known()).shopee.trade.sales
    bought = [buyer.order for place, buyer, _story in history.known().values() if place.kind == "shopee"]
    assert set(bought) <= set(sales)
    assert {sale.status for sale in sales.values()} >= {"READY_TO_SHIP", "IN_CANCEL", "PROCESSED", "SHIPPED", "COMPLETED"}
    assert all(sale.updated <= world.now() + timedelta(seconds=1) for sale in sales.values())


def test_the_control_side_lets_things_happen(sandbox):
    def happen(**said):
        return httpx.post(f"{sandbox.url}/sandbox/shopee/orders", json=said).json()

    number = happen(act="buy", shop_id=TAIWAN.shop_id)["order_sn"]
    assert happen(act="rate", order_sn=number, stars=1)["rating_star"] == 1
    assert happen(act="send_back", order_sn=number)
    happen(act="postpone", order_sn=number)
    happen(act="punish", shop_id=TAIWAN.shop_id, kind=23)
    assert happen(act="cancel", order_sn=number) == {"status": "IN_CANCEL"}
    assert "error" in happen(act="juggle", order_sn=number)
