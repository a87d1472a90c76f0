"""A lamp shop's buyer who writes, and the moments of a day."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from bridgedesk.channels.events import MessageReceived, MessageSent, Person
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent
from tests.conftest import NOON

ANNA = Person("u-anna", name="Anna Kowalska", country="PL")


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def heard(text: str = "Where is my lamp?", *, at: datetime = NOON, thread: str = "t1", id: str = "", **more: object) -> MessageReceived:  # noqa: A002
    more.setdefault("buyer", ANNA)
    return MessageReceived(thread=thread, external_id=id or f"{thread}/{at.isoformat()}/{text}", at=at, text=text, **more)  # type: ignore[arg-type]


def typed(text: str = "It left today.", *, at: datetime = NOON, thread: str = "t1", id: str = "", **more: object) -> MessageSent:  # noqa: A002
    more.setdefault("buyer", ANNA)
    return MessageSent(thread=thread, external_id=id or f"{thread}/{at.isoformat()}/{text}", at=at, text=text, **more)  # type: ignore[arg-type]


@pytest.fixture
def write(shop: Shop) -> Callable[..., Message]:
    """The buyer writes; the clock shows the moment."""

    def make(text: str = "Where is my lamp?", *, at: datetime = NOON, **more: object) -> Message:
        with clock.frozen(at):
            message = actions.receive(shop, heard(text, at=at, **more))  # type: ignore[arg-type]
        assert message
        message.conversation.refresh_from_db()
        return message

    return make


@pytest.fixture
def conversation(write: Callable[..., Message]) -> Conversation:
    """Anna asked where her lamp is, at noon."""
    return write().conversation


_ids = count(1)


def arrives(shop: Shop, text: str = "Where is my parcel?", buyer: str = "zoe", **more: Any) -> Conversation:
    """A buyer of the shop writes; each time a message of its own."""
    event = MessageReceived(f"thread-{buyer}", f"m{next(_ids)}", Person(buyer, name=buyer.title()), clock.now(), text, **more)
    message = actions.receive(shop, event)
    assert message
    return message.conversation


@pytest.fixture
def talk(shop: Shop) -> Conversation:
    """A buyer asks in Alice's and Bob's shop."""
    return arrives(shop)


@pytest.fixture
def shopee_talk(make_shop: Callable[..., Shop], alice: Agent, bob: Agent) -> Conversation:
    """A buyer asks in Alice's and Bob's shop on Shopee."""
    made = make_shop("Lamp Shopee", platform="shopee", region="SG")
    made.agents.set([alice, bob])
    return arrives(made)
