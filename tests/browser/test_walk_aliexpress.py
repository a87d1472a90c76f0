"""One order on AliExpress from payment to delivery: buyers may be written to, and the time to confirm is extended by the interface."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bridgedesk.sandbox import aliexpress
from bridgedesk.sandbox.aliexpress_trade import Person
from tests.browser.walking import Walk, card_of, dispatch, fetched, opened, order_of, pack, release, send, trouble, walk

__all__ = ["walk"]
ANA = Person(500_000_077, "es500000077", "Ana Ruiz", "ES", street="Calle de la Luna")
WHITE, BLUE = "LAMP-CER-1", "LAMP-CER-2"
NUMBER = "LX123456785CN"


@pytest.fixture
def shop(walk, admin, alice, bob):
    return opened(walk, str(aliexpress.SELLER), [admin, bob, alice])


@pytest.mark.slow
def test_an_order_on_aliexpress_from_payment_to_delivery(screen_of, walk: Walk, shop, alice, bob):
    # whatever goes to buyers, this shop wants a person to have read it
    lead = screen_of(alice, f"/shops/{shop.pk}")
    lead.get_by_role("button", name="Leave every notice to a person").click()
    expect(lead.get_by_role("button", name="Let them go by themselves again")).to_be_visible()

    # paid; the address lacks its house number
    sold = walk.sandbox.do(lambda s: s.aliexpress.market.buy(ANA, wanted={BLUE: 2}))
    walk.sandbox.do(lambda s: s.aliexpress.buyer_writes(ANA.buyer_id, ANA.login, "Hola, ¿cuándo lo envían?", order=sold.id))
    walk.passes(hours=2)
    page = screen_of(bob, "/orders/check")
    card = card_of(page, sold.id)
    expect(card).to_contain_text("No house number")

    # a question, and the answer written down for whoever packs
    card.get_by_role("button", name="Ask the buyer").click()
    expect(page.locator("#purpose")).to_have_value("order_problem")
    send(page, "Hola, Ana: ¿nos dice el número de la casa, por favor?")
    walk.passes(minutes=1)
    assert walk.arrived("el número de la casa") == 1
    walk.sandbox.do(lambda s: s.aliexpress.buyer_writes(ANA.buyer_id, ANA.login, "Es el 14, segundo B", order=sold.id))
    walk.passes(minutes=10)
    page.goto("/orders/check")
    card.get_by_role("button", name="Correct the address").click()
    card.locator("textarea[name=lines]").fill("Calle de la Luna 14, 2B")
    card.get_by_role("button", name="Write the address down").click()
    expect(card).to_have_count(0)
    walk.passes(minutes=1)
    assert "Calle de la Luna 14, 2B" in sold.remark

    # packed and handed over
    pack(page, sold.id, wrong=WHITE, right=[BLUE, BLUE])
    dispatch(page, NUMBER, mistyped="LX123456784CN", carrier="Post (UPU S10)")
    walk.passes(minutes=1)
    assert [parcel.number for parcel in sold.sent] == [NUMBER]

    # the notice waits for a person, in the buyer's language
    page.goto("/notices")
    expect(card).to_contain_text("Shipping notice")
    expect(card.locator("blockquote")).to_have_attribute("lang", "es")
    assert walk.arrived(NUMBER) == 0
    release(walk, page, sold.id, NUMBER)

    # it stands still on its way, and the time to confirm runs out
    sold.sent[0].delays = {3: timedelta(days=20), 7: timedelta(days=2)}
    walk.passes(days=5)
    order = order_of(sold.id)
    page.goto(f"/orders/{order.pk}")
    expect(page.locator(".page-head")).to_contain_text("On its way")
    walk.passes(days=9)
    expect(trouble(page, sold.id, "parcel_still")).to_contain_text("No movement")
    walk.passes(days=9)
    before = sold.receive_by
    ends = trouble(page, sold.id, "receipt_ends")
    ends.locator("[name=days]").fill("20")
    ends.get_by_role("button", name="Extend").click()
    expect(page.get_by_text("The platform is being asked to extend it.")).to_be_visible()
    walk.passes(minutes=1)
    assert sold.receive_by - before == timedelta(days=20)
    page.goto("/parcels")
    expect(page.locator("[data-finding=receipt_ends]")).to_have_count(0)

    # it lies in a shop: one reminder
    walk.passes(days=11, hours=12)
    expect(trouble(page, sold.id, "parcel_pickup")).to_contain_text("Waiting for pickup")
    page.goto("/notices")
    expect(card).to_contain_text("Pickup reminder")
    release(walk, page, sold.id, NUMBER)

    # fetched
    fetched(walk, page, order, complaints=page.complaints + lead.complaints)
