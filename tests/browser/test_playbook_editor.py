"""A lead changes a playbook: the form, what is wrong said at its step, past cases tried, and a new version in use."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bridgedesk.assist import actions as assist
from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.customers.actions import find_or_create
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import actions, publishing, queries, simulation
from bridgedesk.playbooks.draft_models import Draft, Simulation
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.shops.models import Shop

EDITOR = "/playbooks/return-without-reason/edit"
WAY = [("I want to return this item, how do I return it?", "conditions"), ("No, I do not accept that. I want to return it.", "fee-waived"),
       ("No, still not acceptable. I want to return it free of charge.", "label-and-refund")]  # fmt: skip


@pytest.fixture
def shelf(transactional_db, alice, bob):
    """The shipped playbooks, and the lamp shop."""
    templates.load_content()
    publishing.load_content()
    shop = Shop.objects.create(name="Lamp house", platform="manual", external_id="lamps", language="en", created_at=clock.now())
    shop.agents.set([alice, bob])
    return shop


@pytest.fixture
def refunded(shelf, bob):
    """Three weeks ago Mary got all three letters."""
    begun = clock.now() - timedelta(days=21)
    mary = Person("mary@example.com", "email", "Mary Miller", country="US")
    Order.objects.create(
        shop=shelf, customer=find_or_create(shelf, mary), external_id="ORD-1", state="delivered", currency="USD", total_minor=4990,
        country="US", first_seen_at=begun, placed_at=begun - timedelta(days=35), delivered_at=begun - timedelta(days=21),
    )  # fmt: skip
    for day, (said, to) in enumerate(WAY):
        with clock.frozen(begun + timedelta(days=day)):
            message = conversations.receive(shelf, MessageReceived("t1", f"m{day}", mary, clock.now(), said, order="ORD-1"))
            assist.look(message)
            actions.heard([message])
            actions.take(Run.objects.get(), to, by=bob)
        with clock.frozen(begun + timedelta(days=day, hours=1)):
            conversations.reply(message.conversation, "Here is what we can do.", by=bob)
    assert Run.objects.get().outcome == "refunded"


def look(page):
    """Wait until the check has seen what was written."""
    return page.expect_response(re.compile("/look$"))


def test_publish_a_new_version_after_a_simulation(screen_of, refunded, alice):
    page = screen_of(alice, "/playbooks/return-without-reason")
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_text("It makes sense: it can be published.")).to_be_visible()
    page.locator("#step-1 > summary > b").click()
    condition = page.locator("#when-1-2")
    expect(condition).to_have_value("insists")
    with look(page):
        condition.fill("insits")
    expect(page.locator("#wrong-1")).to_contain_text("There is no fact “insits”. Did you mean insists?")
    with look(page):
        condition.fill("insists")
    expect(page.locator("#wrong-1")).to_be_empty()
    with look(page):
        page.locator("#branch-1").get_by_label("Leads to").nth(2).select_option("label-at-once")
    expect(page.locator("#looked")).to_contain_text("It makes sense")
    page.get_by_role("button", name="Try on past cases").click()
    expect(page.get_by_label("Lamp house")).to_be_checked()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#result progress")).to_be_visible()
    simulation.run(Simulation.objects.get().pk)
    expect(page.locator("#result")).to_contain_text("Would go another way")
    expect(page.locator("#result")).to_contain_text("Mary Miller")
    expect(page.locator("#result")).to_contain_text("3 → 2")
    page.get_by_role("link", name="Back to the draft").click()
    page.get_by_label("Note for the version").fill("Who insists gets the label at once")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page).to_have_url(re.compile("/playbooks/return-without-reason$"))
    expect(page.get_by_text("Version 2 is in use")).to_be_visible()
    expect(page.get_by_text("Who insists gets the label at once")).to_be_visible()
    version = Version.objects.get(key="return-without-reason", current=True)
    assert [branch.to for branch in queries.playbook_of(version).steps[1].branches] == ["accepted", "label-at-once", "label-at-once"]
    assert page.complaints == []


def test_steps_are_moved_by_keys_and_letters_read_in_each_language(screen_of, shelf, alice):
    page = screen_of(alice, "/playbooks/return-without-reason")
    page.get_by_role("button", name="Edit").click()
    page.locator("#step-1 > summary").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#step-2 [name=s2-was]")).to_have_value("conditions")
    expect(page.locator("#down-2")).to_be_focused()
    page.locator("#step-2 > summary > b").click()
    page.locator("#letter-of-2 > summary").click()
    page.locator("#letter-2").get_by_role("button", name="es", exact=True).click()
    expect(page.locator("#letter-2 .preview")).to_contain_text("15 %")
    page.locator("#branch-2").get_by_role("button", name="Add a branch").click()
    expect(page.locator("#when-2-3")).to_be_focused()
    page.get_by_text("What a condition may ask").click()
    with look(page):
        page.get_by_role("button", name="rude", exact=True).click()
    expect(page.locator("#when-2-3")).to_have_value("rude")
    expect(page.locator("#words-2-3")).to_have_text("the buyer swears")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert [step["key"] for step in Draft.objects.get().data["step"]][:3] == ["which-order", "fee-waived", "conditions"]
    assert page.complaints == []


def test_on_a_phone_nothing_is_wider_than_the_screen(screen_of, shelf, alice):
    page = screen_of(alice, "/playbooks/return-without-reason", width=390, height=844)
    page.get_by_role("button", name="Edit").click()
    page.locator("#step-1 > summary > b").click()
    expect(page.locator("#when-1-0")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
