"""One order on Amazon from payment to delivery: no chat, the relay mailbox instead; no notices, for Amazon tells buyers itself."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bridgedesk.orders import following
from bridgedesk.sandbox import amazon_orders, scenery, seed, trackers
from bridgedesk.sandbox.letters import Letter
from bridgedesk.sandbox.trackers import Step
from tests.browser.walking import Walk, card_of, dispatch, fetched, pack, release, send, trouble, walk

__all__ = ["walk"]
JANA = ("Jana Vogel", {"addressLine1": "Lindenweg", "city": "Kassel", "postalCode": "34117", "addressType": "RESIDENTIAL"})
ALIAS = "k3v9q2x7m1c4b8@marketplace.amazon.de"
LAMP, TIMER = "LH-LAMP-01", "LH-TIMER-02"
NUMBER = "LX123456785CN"
WAY = (
    Step(0.2, "InfoReceived", "InfoReceived", "InfoReceived", "Shipment information received", "Shenzhen"),
    Step(1, "InTransit", "InTransit_PickedUp", "InTransit", "Accepted by carrier", "Shenzhen"),
    Step(12, "AvailableForPickup", "AvailableForPickup_Other", "AvailableForPickup", "Available for pickup at parcel shop", "Kassel"),
    Step(15, "Delivered", "Delivered_Other", "Delivered", "Delivered", "Kassel"),
)


@pytest.fixture
def seller(walk, admin, alice, bob):
    """The seller account, the mailbox that relays its buyers' mail, and a tracker: Amazon tells nothing of a parcel's way."""
    port = walk.sandbox.port
    made = seed.open_amazon(port, [admin, alice, bob])
    seed.open_shop(scenery.stage(scenery.AMAZON), port, [admin, alice, bob])
    url = f"http://127.0.0.1:{port}/track/v2.4"
    following.save("17track", key=trackers.KEY, secret="", base_url=url, sign="confirm", enabled=True, by=admin)
    walk.sandbox.servers.trackers.ways[NUMBER] = WAY
    return made


def writes(walk, number, text):
    """The buyer writes by Amazon's relay."""

    def post(servers):
        letter = Letter(JANA[0], ALIAS, scenery.AMAZON, f"Bestellung {number}", text, "de", servers.world.now())
        servers.mail.buyer_writes(letter, relay_order=number)

    walk.sandbox.do(post)


@pytest.mark.slow
def test_an_order_on_amazon_from_payment_to_delivery(screen_of, walk: Walk, seller, bob):
    market = walk.sandbox.servers.amazon

    # paid; the address lacks its house number
    sold = amazon_orders.wanted(market.world.now(), market.random, JANA, {LAMP: 1})
    market.orders[sold.id] = sold
    writes(walk, sold.id, "Guten Tag, wann versenden Sie die Lampe?")
    walk.passes(hours=1)
    page = screen_of(bob, "/orders/check")
    card = card_of(page, sold.id)
    expect(card).to_contain_text("No house number")

    # a question: Amazon has no chat, it goes by the relay mailbox
    card.get_by_role("button", name="Ask the buyer").click()
    expect(page.locator("#purpose")).to_have_value("order_problem")
    send(page, f"Guten Tag Frau Vogel, zu Ihrer Bestellung {sold.id} fehlt uns die Hausnummer. Wie lautet sie bitte?")
    walk.passes(minutes=1)
    assert walk.arrived("fehlt uns die Hausnummer") == 1
    writes(walk, sold.id, "Lindenweg 14, danke!")
    walk.passes(minutes=10)

    # the answer written down for whoever packs
    page.goto("/orders/check")
    card.get_by_role("button", name="Correct the address").click()
    card.locator("textarea[name=lines]").fill("Lindenweg 14")
    card.get_by_role("button", name="Write the address down").click()
    expect(card).not_to_contain_text("No house number")
    card.locator("[name=reason]").fill("the carrier needs no telephone")
    card.get_by_role("button", name="Fine").click()
    expect(card).to_have_count(0)

    # packed and handed over
    pack(page, sold.id, wrong=TIMER, right=[LAMP])
    dispatch(page, NUMBER, mistyped="LX123456784CN", carrier="Post (UPU S10)")
    walk.passes(minutes=1)
    walk.passes(minutes=30)
    (package,) = sold.packages.values()
    assert package.tracking == NUMBER

    # the buyer is not told by us: Amazon does it
    page.goto("/notices?tab=blocked")
    expect(card).to_contain_text("Amazon sends them itself")
    expect(card).to_contain_text("Confirm the shipment with its tracking number in the order; Amazon tells the buyer.")

    # it stands still, and the promised day passes
    package.takes = timedelta(days=15)
    walk.passes(days=2)
    order = seller.orders.get(external_id=sold.id)
    page.goto(f"/orders/{order.pk}")
    expect(page.locator(f"#parcel-{order.parcels.get().pk}")).to_contain_text("the carrier has taken the parcel")
    walk.passes(days=8)
    expect(trouble(page, sold.id, "parcel_still")).to_contain_text("No movement")
    late = trouble(page, sold.id, "parcel_late")
    late.get_by_role("button", name="Done").click()
    expect(late).to_have_count(0)
    expect(page.locator("[data-finding=receipt_ends]")).to_have_count(0)

    # it lies in a shop: one reminder, by the relay mailbox, for which a person answers
    walk.passes(days=3, hours=12)
    expect(trouble(page, sold.id, "parcel_pickup")).to_contain_text("It has been waiting for a day.")
    page.goto("/notices")
    expect(card).to_contain_text(NUMBER)
    expect(card).to_contain_text("Only when a detail is missing")
    assert walk.arrived(NUMBER) == 0
    release(walk, page, sold.id, NUMBER)

    # fetched
    fetched(walk, page, order, complaints=page.complaints)
