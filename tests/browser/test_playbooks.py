"""A return without a reason, letter by letter, at the workbench."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bridgedesk.assist import actions as assist
from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Message
from bridgedesk.customers.actions import find_or_create
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import actions, publishing
from bridgedesk.playbooks.models import Run
from bridgedesk.shops.models import Shop

MARY = Person("mary@example.com", "email", "Mary Miller", country="US")


@pytest.fixture
def says(transactional_db, alice, bob):
    """Mary writes to the lamp shop, which answers by mail; her lamp came three weeks ago."""
    templates.load_content()
    publishing.load_content()
    now = clock.now()
    shop = Shop.objects.create(name="Lamp house", platform="manual", external_id="lamps", language="en", created_at=now)
    shop.agents.set([alice, bob])
    Order.objects.create(
        shop=shop, customer=find_or_create(shop, MARY), external_id="ORD-1", state="delivered", currency="USD", total_minor=4990,
        country="US", first_seen_at=now, placed_at=now - timedelta(days=35), delivered_at=now - timedelta(days=21),
    )  # fmt: skip

    def say(text):
        at = clock.now()
        message = conversations.receive(shop, MessageReceived("t1", f"m{at.timestamp()}", MARY, at, text, order="ORD-1"))
        assert message
        assist.look(message)
        actions.heard([message])
        return message.conversation

    return say


def branch(page, name):
    return page.locator("#playbook .run-moves").get_by_role("button", name=name)


def send(page):
    """The channel does not send by itself: the agent copies, sends by hand, and says so."""
    page.locator("#send").click()
    page.locator("#byhand [data-sent]").click()
    expect(page.locator("#words")).to_have_value("")


def test_three_letters_one_after_the_other(screen_of, says, bob):
    talk = says("I want to return this item, how do I return it?")
    page = screen_of(bob, f"/conversations/{talk.pk}")
    first = branch(page, "Letter 1")
    expect(first).to_have_class(re.compile("primary"))
    page.locator("#thread").click()
    page.keyboard.press("1")
    expect(page.locator("#words")).to_have_value(re.compile("restocking fee of 15 %"))
    send(page)
    expect(page.locator("#playbook")).to_contain_text("Waits for the buyer")
    says("No, I do not accept that. I want to return it.")
    second = branch(page, "Letter 2")
    expect(second).to_have_class(re.compile("primary"))
    expect(page.locator("#playbook")).to_contain_text("the buyer insists")
    second.click()
    expect(page.locator("#words")).to_have_value(re.compile(r"We waive the restocking fee for order ORD-1.*\$49\.90", re.S))
    send(page)
    says("No, still not acceptable. I want to return it free of charge.")
    third = branch(page, "Letter 3")
    expect(third).to_have_class(re.compile("primary"))
    third.click()
    expect(page.locator("#words")).to_have_value(re.compile("return label"))
    expect(page.locator("#playbook").get_by_role("link", name="Return label")).to_be_visible()
    send(page)
    run = Run.objects.get()
    assert (run.state, run.outcome) == ("ended", "refunded")
    assert [message.template.key for message in Message.objects.filter(direction="out").order_by("pk")] == [
        "return-letter-1", "return-letter-2", "return-letter-3",
    ]  # fmt: skip
    assert page.complaints == []


def test_a_buyer_who_swears_after_the_first_letter_gets_the_return_at_once(screen_of, says, bob):
    talk = says("I want to return this item, how do I return it?")
    page = screen_of(bob, f"/conversations/{talk.pk}")
    branch(page, "Letter 1").click()
    expect(page.locator("#words")).to_have_value(re.compile("15 %"))
    send(page)
    says("You fucking thieves, this is bullshit.")
    at_once = branch(page, "Agree at once")
    expect(at_once).to_have_class(re.compile("primary"))
    at_once.click()
    expect(page.locator("#words")).to_have_value(re.compile("return label"))
    send(page)
    assert Run.objects.get().outcome == "refunded"


def test_an_agent_steps_back_takes_another_branch_and_leaves_with_a_reason(screen_of, says, bob):
    talk = says("I want to return this item, how do I return it?")
    page = screen_of(bob, f"/conversations/{talk.pk}")
    branch(page, "Agree at once").click()
    expect(page.locator("#words")).to_have_value(re.compile("return label"))
    page.locator("#playbook").get_by_role("button", name="Step back").click()
    branch(page, "Letter 1").click()
    expect(page.locator("#words")).to_have_value(re.compile("15 %"))
    page.locator("#playbook").get_by_role("button", name="More about the playbook").click()
    page.get_by_placeholder("Why it does not fit").fill("It is broken after all")
    page.get_by_role("button", name="Leave the playbook").click()
    expect(page.locator("#playbook")).to_contain_text("left: It is broken after all")
    expect(page.locator("#playbook").get_by_role("button", name="Begin a playbook")).to_be_visible()
