"""A lamp shop's buyer who writes, and the moments of a day."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from bridgedesk.channels.events import MessageReceived, MessageSent, Person
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
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
