"""One order on Shopee from payment to delivery. What Shopee forbids the screen refuses, and offers what is permitted."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bridgedesk.sandbox.scenery import TAIWAN
from tests.browser.walking import Walk, card_of, dispatch, fetched, leave_remark, order_of, pack, release, send, taiwan, trouble, walk

__all__ = ["taiwan", "walk"]
MEI = 500_000_001
WHITE, BLUE = "LAMP-CER-1", "LAMP-CER-2"
NUMBER = "LX123456785CN"


@pytest.mark.slow
def test_an_order_on_shopee_from_payment_to_delivery(screen_of, walk: Walk, taiwan, bob):
    market = walk.sandbox.servers.shopee.trade

    # paid; the buyer's words and the order differ
    sale = walk.sandbox.do(lambda s: s.shopee.trade.buy(TAIWAN, MEI, "mei", wanted={WHITE: 1}))
    sale.own_carrier = True
    walk.sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, MEI, "mei", "已付款，我要霧藍色的喔", order_sn=sale.order_sn))
    walk.passes(minutes=10)
    page = screen_of(bob, "/orders/check")
    card = card_of(page, sale.order_sn)
    expect(card).to_contain_text("Colour differs from what was written")

    # a question: to confirm orders by chat is forbidden, to ask about a problem of this one is not
    expect(card).to_contain_text("Proactive order updates through the chat interface are a prohibited use")
    expect(card).to_contain_text("use “order problem”")
    card.get_by_role("button", name="Ask the buyer").click()
    expect(page.locator("#purpose")).to_have_value("order_problem")
    send(page, "您好，訂單是白色，請問您要白色還是霧藍色呢？", released=True)
    walk.passes(minutes=1)
    assert walk.arrived("白色還是霧藍色") == 1
    walk.sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, MEI, "mei", "霧藍色，謝謝", order_sn=sale.order_sn))
    walk.passes(minutes=10)

    # a remark for whoever packs, also in the platform's note
    order = order_of(sale.order_sn)
    page.goto(f"/orders/{order.pk}")
    leave_remark(page, "swap", "買家要霧藍色", other=BLUE)
    page.goto("/orders/check")
    card.locator("[name=reason]").fill("asked: blue")
    card.get_by_role("button", name="Fine").click()
    expect(card).to_have_count(0)
    walk.passes(minutes=1)
    assert "買家要霧藍色" in sale.note

    # packed and handed over
    pack(page, sale.order_sn, wrong=WHITE, right=[BLUE])
    dispatch(page, NUMBER, mistyped="LX123456784CN", carrier="Post (UPU S10)")
    walk.passes(minutes=1)
    assert (sale.number, sale.status) == (NUMBER, "PROCESSED")

    # the buyer is not told by us: Shopee does it
    page.goto("/notices?tab=blocked")
    expect(card).to_contain_text("Shipping notice")
    expect(card).to_contain_text("Shopee tells buyers itself")

    # the carrier loses sight of it
    sale.delays = {2: timedelta(days=16), 3: timedelta(days=3)}
    walk.passes(days=2)
    page.goto(f"/orders/{order.pk}")
    expect(page.locator(".page-head")).to_contain_text("On its way")
    walk.passes(days=7)
    expect(trouble(page, sale.order_sn, "parcel_still")).to_contain_text("No movement")

    # the guarantee runs out meanwhile: Shopee has no interface to extend it, only the buyer can
    walk.passes(days=5)
    ends = trouble(page, sale.order_sn, "receipt_ends")
    expect(ends).to_contain_text("Shopee gives sellers no way to do this")
    ends.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("It has to be done by hand")).to_be_visible()
    page.goto(f"/orders/{order.pk}")
    walk.sandbox.do(lambda _s: market.prolong(sale))
    page.get_by_role("button", name="It is done").click()
    expect(page.get_by_role("button", name="It is done")).to_have_count(0)
    walk.passes(hours=1)
    page.goto("/parcels")
    expect(page.locator("[data-finding=receipt_ends]")).to_have_count(0)

    # it lies in a shop, unfetched: one reminder, released by a person
    walk.passes(days=5)
    expect(trouble(page, sale.order_sn, "parcel_pickup")).to_contain_text("It has been waiting since today.")
    walk.passes(days=1)
    page.goto("/notices")
    expect(card).to_contain_text(NUMBER)
    assert walk.arrived(NUMBER) == 0
    release(walk, page, sale.order_sn, NUMBER)

    # fetched
    fetched(walk, page, order, complaints=page.complaints)
    page.goto(f"/orders/{order.pk}")
    expect(page.locator(".page-head")).to_contain_text("Arrived, not confirmed")
