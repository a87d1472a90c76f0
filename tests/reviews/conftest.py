"""Shops on four platforms that Alice and Bob share, and orders that arrived some days ago."""

from datetime import timedelta

import pytest

from bridgedesk.channels.events import OrderSeen, Person, ReviewSeen
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.customers.actions import find_or_create
from bridgedesk.orders import actions as orders
from bridgedesk.orders.models import Order
from bridgedesk.reviews import actions
from tests.conftest import NOON
from tests.conversations.conftest import heard

MARY = Person("u-mary", name="Mary Miller", country="PT")


@pytest.fixture
def shops(make_shop, alice, bob):
    """By platform."""
    made = {name: make_shop(f"{name} shop", name) for name in ("amazon", "shopee", "aliexpress", "email")}
    for shop in made.values():
        shop.agents.set([alice, bob])
    return made


@pytest.fixture
def letters(db):
    """The shipped templates."""
    templates.load_content()


@pytest.fixture
def arrived(noon):
    """An order of Mary's that arrived so many days ago; she has written about it where `wrote`."""

    def make(shop, number="A1", days=10.0, *, state="delivered", wrote=True, language="pt"):
        customer = find_or_create(shop, MARY)
        orders.see(shop, OrderSeen(number, state.upper(), NOON, state=state, buyer=MARY), customer)
        Order.objects.filter(shop=shop, external_id=number).update(delivered_at=NOON - timedelta(days=days))
        if wrote:
            message = conversations.receive(shop, heard("Olá", buyer=MARY, order=number, thread=f"t-{number}", at=NOON - timedelta(days=9)))
            message.conversation.language = language
            message.conversation.save(update_fields=["language"])
            customer.language = language
            customer.save(update_fields=["language"])
        return Order.objects.get(shop=shop, external_id=number)

    return make


@pytest.fixture
def rated(noon):
    def make(shop, number="r1", stars=5, text="Lovely!", **more):
        return actions.see(shop, ReviewSeen(number, **{"order": "A1", "stars": stars, "text": text, "at": NOON} | more))

    return make
