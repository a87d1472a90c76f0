"""Amazon's mail comes through a mailbox, its orders through the seller account: two shops, one order."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bridgedesk.channels.events import MessageReceived, OrderSeen, ParcelSeen, Person
from bridgedesk.conversations import actions, said, templates
from bridgedesk.conversations.models import Conversation
from bridgedesk.orders import actions as orders
from bridgedesk.orders import findings
from bridgedesk.orders.models import Order
from tests.conftest import NOON

NUMBER = "303-1234567-7654321"
ALIAS = "abc123@marketplace.amazon.de"


@pytest.fixture
def mailbox(make_our_shop):
    return make_our_shop("Relay mailbox", "email", options={"relay": "amazon"})


@pytest.fixture
def account(make_shop, alice):
    """The seller account, which only Alice sees."""
    made = make_shop("Seller account", "amazon")
    made.agents.set([alice])
    return made


@pytest.fixture
def order(account, noon):
    parcel = ParcelSeen(NUMBER, number="LP00012345678912", status="in_transit", at=NOON - timedelta(days=1))
    return orders.see(account, OrderSeen(NUMBER, state="shipped", at=NOON, placed_at=NOON - timedelta(days=3), parcels=(parcel,)))


def writes(shop, text="Where is my parcel?", number=NUMBER, address=ALIAS):
    heard = MessageReceived(f"amazon-{number}", f"m-{text}", Person(address, name="Ana", email=address), NOON, text, order=number)
    return actions.receive(shop, heard).conversation


def card(browser, talk):
    asked = {"customer": talk.customer_id, "shop": talk.shop_id, "order": talk.order_ref, "address": talk.address}
    return browser.get(reverse("orders-card"), asked).content.decode()


def test_the_order_stands_beside_the_mail_for_who_sees_both_shops(mailbox, order, alice, bob, sign_in):
    talk = writes(mailbox)
    beside = card(sign_in(alice), talk)
    assert "LP00012345678912" in beside
    assert beside.count(f'data-copy="{NUMBER}"') == 1, "the mailbox's bare number is not shown beside it"
    assert "LP00012345678912" not in card(sign_in(bob), talk)


def test_the_three_facts_are_those_of_the_order(mailbox, order, alice, bob):
    talk = writes(mailbox)
    assert templates.order_of(talk) == order
    assert templates.order_of(talk, alice) == order
    assert templates.order_of(talk, bob).shop == mailbox, "Bob does not see the seller account"


def test_the_mail_stands_beside_the_order(mailbox, order, alice, sign_in):
    talk = writes(mailbox)
    beside = sign_in(alice).get(reverse("conversations-of-order"), {"shop": order.shop_id, "order": NUMBER}).content.decode()
    assert reverse("conversation", args=[talk.pk]) in beside
    opened = sign_in(alice).get(reverse("conversation-about"), {"shop": order.shop_id, "order": NUMBER})
    assert reverse("conversation", args=[talk.pk]) in opened["Location"]


def test_a_wish_to_cancel_by_mail_stops_the_order_of_the_account(mailbox, account, noon):
    orders.see(account, OrderSeen(NUMBER, state="to_ship", at=NOON))
    talk = writes(mailbox, "Please cancel")
    assert orders.said_to_cancel(mailbox, talk.customer_id, NUMBER, "Please cancel").shop == account
    assert Order.objects.get(shop=account).hold


def test_what_was_written_by_mail_is_held_against_the_order(mailbox, account, noon):
    order = orders.see(account, OrderSeen(NUMBER, state="to_ship", at=NOON, placed_at=NOON))
    findings.check_waiting()
    writes(mailbox, "The blue one please")
    order.refresh_from_db()
    assert order.checked_at is None
    assert said.about_orders([Order.objects.select_related("shop").get(pk=order.pk)]) == {order.pk: ["The blue one please"]}


def test_a_stranger_who_names_the_number_to_another_mailbox_learns_and_stops_nothing(make_shop, account, order, noon):
    own = make_shop("Own site", "email")
    talk = writes(own, "Please cancel", address="stranger@example.com")
    assert templates.order_of(talk).shop == own
    assert orders.said_to_cancel(own, talk.customer_id, NUMBER, "Please cancel").shop == own
    assert not Order.objects.get(shop=account).hold


def test_a_pasted_thread_and_a_mail_without_number_change_nothing(mailbox, order, alice, sign_in):
    talk = writes(mailbox, "Hello", number="")
    Conversation.objects.filter(pk=talk.pk).update(order_ref="")
    talk.refresh_from_db()
    assert templates.order_of(talk) is None
    assert "LP00012345678912" not in card(sign_in(alice), talk)
