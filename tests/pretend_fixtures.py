"""Fixtures around the pretend platform; a conftest imports them where they are needed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bridgedesk.channels.base import Raw
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.sync.actions import accept
from bridgedesk.sync.actions import apply as apply_delivery
from bridgedesk.sync.models import Delivery
from bridgedesk.team.models import Agent
from tests.pretend import Pretend, said

OPTIONS = {"callback_url": "https://desk.example/in/typed-at-the-platform", "policy": "manual", "send_per_second": 1000, "send_burst": 1000}


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """The pretend platform, in the registry."""
    made = Pretend()
    monkeypatch.setitem(CHANNELS, "pretend", made)
    return made


@pytest.fixture
def pretend_shop(platform: Pretend, make_our_shop: Callable[..., Shop]) -> Shop:
    """Alice's and Bob's shop on the pretend platform."""
    return make_our_shop("Pretend shop", "pretend", options=dict(OPTIONS))


@pytest.fixture
def say(pretend_shop: Shop) -> Callable[..., Delivery]:
    """A buyer's push, stored but not yet applied."""

    def make(key: str, text: str = "Where is my parcel?", thread: str = "t1", *, apply: bool = False, **more: Any) -> Delivery:
        body = json.dumps(said(key, text, thread, **more)).encode()
        delivery = accept(pretend_shop, Raw(key, body, "push", thread))
        assert delivery
        if apply:
            apply_delivery(delivery.pk)
        return delivery

    return make


@pytest.fixture
def write(pretend_shop: Shop, alice: Agent, say: Callable[..., Delivery]) -> Callable[..., list[Message]]:
    """Alice answers the buyer; the undo time is over."""

    def make(text: str = "It left yesterday.", thread: str = "t1", **more: Any) -> list[Message]:
        if not Conversation.objects.filter(external_id=thread).exists():
            say(f"first of {thread}", thread=thread, apply=True)
        conversation = Conversation.objects.get(external_id=thread)
        messages = actions.reply(conversation, text, by=alice, **{"although_answered": True} | more)
        Message.objects.filter(pk__in=[message.pk for message in messages]).update(not_before=clock.now())
        return messages

    return make
