"""Three seconds an order: by keys alone, and by thumb."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions, findings
from bridgedesk.orders.models import Finding, Order, Remark
from bridgedesk.team.models import Agent
from tests.orders.test_findings import BERLIN, PAID

ODD = [
    {"address": replace(BERLIN, lines=("Lange Straße",))},
    {"buyer_note": "Please send the blue one", "shipping_method": "DHL Express"},
    {"address": replace(BERLIN, postcode="1011", phone="")},
    {"total": Money(90_000, "EUR")},
]


@pytest.fixture
def orders(transactional_db, shop):
    templates.load_content()
    anna = Customer.objects.create(name="Anna", country="DE", created_at=clock.now())
    Identity.objects.create(customer=anna, shop=shop, kind="user", external_id="u-anna")
    made = []
    for place, odd in enumerate(ODD):
        told = {"placed_at": clock.now() - timedelta(days=3 * place), "ship_by": clock.now() + timedelta(days=1 + place), "at": clock.now()}
        made.append(actions.see(shop, replace(PAID, external_id=f"ON-{place}", **(told | odd)), anna))
        heard = MessageReceived(f"t{place}", f"m{place}", Person("u-anna", name="Anna"), clock.now(), "Hello", order=f"ON-{place}")
        conversations.receive(shop, heard)
    findings.check_waiting()
    return made


def current(page):
    return page.locator('.check-card[aria-current="true"]')


def test_bob_works_the_list_off_with_keys_alone(screen_of, orders, bob):
    page = screen_of(bob, "/orders/check")
    expect(current(page)).to_contain_text("ON-0")
    page.keyboard.press("j")
    expect(current(page)).to_contain_text("ON-1")
    page.keyboard.press("k")
    expect(current(page)).to_contain_text("ON-0")
    page.keyboard.press("Enter")
    expect(page.locator(f"#check-{orders[0].pk}")).to_have_count(0)
    expect(current(page)).to_contain_text("ON-1")
    page.keyboard.press("h")
    expect(page.locator(f"#check-{orders[1].pk}")).to_have_count(0)
    assert Order.objects.get(pk=orders[1].pk).held_by == bob
    expect(current(page)).to_contain_text("ON-2")
    page.keyboard.press("x")
    expect(page.locator("#words")).not_to_have_value("")
    expect(page.locator("#purpose")).to_have_value("order_problem")
    assert Finding.objects.filter(order=orders[2], state="waiting").exists()


def test_a_key_opens_and_shuts_the_form_and_words_follow_the_hold(screen_of, orders, bob):
    page = screen_of(bob, "/orders/check")
    card = page.locator(f"#check-{orders[0].pk}")
    opener = card.get_by_role("button", name="Correct the address")
    expect(current(page)).to_contain_text("ON-0")
    page.keyboard.press("c")
    expect(card.locator("input[name=name]")).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(card.locator("textarea[name=lines]")).to_be_hidden()
    page.keyboard.press("c")
    expect(card.locator("textarea[name=lines]")).to_be_visible()
    card.locator("input[name=reason]").fill("waits for the house number")
    card.get_by_role("button", name="Hold").click()
    expect(card).to_have_count(0)
    assert Order.objects.get(pk=orders[0].pk).hold == "waits for the house number"


def test_an_address_is_corrected_by_thumb(screen_of, orders, bob):
    page = screen_of(bob, "/orders/check", width=390, height=844)
    card = page.locator(f"#check-{orders[0].pk}")
    card.get_by_role("button", name="Correct the address").click()
    card.locator("textarea[name=lines]").fill("Lange Straße 5")
    card.get_by_role("button", name="Write the address down").click()
    expect(card).to_have_count(0)
    assert Remark.objects.get().data["address"]["lines"] == ["Lange Straße 5"]


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_it_fits_every_screen(screen_of, orders, bob, language):
    Agent.objects.filter(pk=bob.pk).update(language=language)
    for width in (1440, 390):
        page = screen_of(bob, "/orders/check", width=width, height=900)
        page.locator(f"#check-{orders[3].pk}").scroll_into_view_if_needed()
        expect(page.locator(".call-task")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if folder := os.environ.get("BRIDGEDESK_SHOTS"):
            page.screenshot(path=f"{folder}/check-{language}-{width}.png", full_page=True)
        assert page.complaints == []
