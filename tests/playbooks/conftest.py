"""What is said of playbooks is read in English here. A buyer of the lamp shop with an order that arrived three weeks ago."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from bridgedesk.assist import actions as assist
from bridgedesk.channels.events import Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.customers.actions import find_or_create
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import actions, publishing
from bridgedesk.playbooks.models import Run
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.conftest import NOON
from tests.conversations.conftest import heard

BUYER = Person("u-mary", name="Mary Miller", country="US")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def shelf(db: None) -> None:
    """The shipped templates and playbooks."""
    templates.load_content()
    publishing.load_content()


@pytest.fixture
def order(shop: Shop) -> Order:
    """It arrived three weeks ago, for 49.90 USD."""
    return Order.objects.create(
        shop=shop, customer=find_or_create(shop, BUYER), external_id="ORD-1", state="delivered", currency="USD", total_minor=4990,
        country="US", first_seen_at=NOON, placed_at=NOON - timedelta(days=35), shipped_at=NOON - timedelta(days=33),
        delivered_at=NOON - timedelta(days=21),
    )  # fmt: skip


@pytest.fixture
def writes(shop: Shop) -> Callable[..., Conversation]:
    """Mary writes, and what follows a message happens."""

    def make(text: str, *, at: datetime = NOON, thread: str = "t1", **more: object) -> Conversation:
        with clock.frozen(at):
            message = conversations.receive(shop, heard(text, at=at, thread=thread, buyer=BUYER, order="ORD-1", **more))
            assert message
            assist.look(message)
            actions.heard([message])
        message.conversation.refresh_from_db()
        return message.conversation

    return make


@pytest.fixture
def answers() -> Callable[..., list[Message]]:
    """An agent sends something."""

    def make(conversation: Conversation, by: Agent, text: str = "Here is what we can do.", *, at: datetime) -> list[Message]:
        with clock.frozen(at):
            return conversations.reply(conversation, text, by=by, although_answered=True)

    return make


def run_of(conversation: Conversation) -> Run:
    return Run.objects.filter(conversation=conversation).latest("pk")
