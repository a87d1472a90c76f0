"""A broken lamp, from the photo in the message to the cheapest offer the buyer takes."""

import pytest
from playwright.sync_api import expect

from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.models import Conversation
from bridgedesk.lib import clock
from bridgedesk.orders.models import Line, Order, Payment, PlatformAct
from bridgedesk.products.models import Product, Sku
from bridgedesk.remedies.models import Case, Offer
from tests.remedies.test_case_pages import PICTURE


@pytest.fixture
def order(transactional_db, shop):
    now = clock.now()
    photo = File(name="broken.png", data=PICTURE)
    conversations.receive(
        shop, MessageReceived("t1", "m1", Person("anna", name="Anna"), now, "It came broken.", order="A1", files=(photo,))
    )
    c = Conversation.objects.get()
    told = {"customer": c.customer, "first_seen_at": now, "delivered_at": now, "country": "US", "currency": "USD", "total_minor": 5000}
    made, _new = Order.objects.update_or_create(shop=shop, external_id="A1", defaults=told | {"state": "delivered"})
    sku = Sku.objects.create(
        product=Product.objects.create(name="Lamp", created_at=now),
        code="LAMP",
        cost_minor=2000,
        cost_currency="USD",
        on_hand=9,
        created_at=now,
    )
    Line.objects.create(order=made, external_id="1", sku=sku, title="Lamp", quantity=1, price_minor=5000)
    Payment.objects.create(order=made, kind="payment", minor=5000, currency="USD", at=now)
    return made


def test_damaged_with_a_photo_to_the_cheapest_offer_the_buyer_takes(screen_of, order, bob):
    page = screen_of(bob, f"/conversations/{Conversation.objects.get().pk}")
    page.get_by_role("link", name="Something is wrong with it").click()
    expect(page.get_by_role("heading", name="What went wrong?")).to_be_visible()
    page.get_by_label("What is wrong").select_option("damaged")
    expect(page.get_by_label("broken.png")).to_be_checked()
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_text("Cheapest that satisfies:")).to_be_visible()
    expect(page.get_by_role("img", name="broken.png")).to_be_visible()
    best = page.locator("tr[data-tone=ok]")
    first = best.locator(".strong").first.inner_text()
    best.get_by_role("button", name="Offer").click()
    expect(page.locator("#open-offer")).to_contain_text(first)
    page.get_by_role("button", name="Refuses").click()
    expect(page.locator("#open-offer")).to_have_count(0)
    second = page.locator("tr[data-tone=ok]")
    expect(second).not_to_contain_text(first)
    second.get_by_role("button", name="Offer").click()
    page.get_by_role("button", name="Accepts").click()
    expect(page.locator("#loss")).to_be_visible()
    case = Case.objects.get()
    assert (case.state, [offer.state for offer in case.offers.all()]) == ("closed", ["refused", "accepted"])
    assert Offer.objects.first().suggested
    assert PlatformAct.objects.filter(order=order).exists()
