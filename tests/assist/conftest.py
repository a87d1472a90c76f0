"""A buyer who writes to Alice's shop."""

from collections.abc import Callable
from itertools import count

import pytest

from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop

_numbers = count(1)


@pytest.fixture
def conversation(shop: Shop) -> Conversation:
    buyer = Customer.objects.create(name="Ana", created_at=clock.now())
    return Conversation.objects.create(
        shop=shop, customer=buyer, external_id="thread-1", address="ana", last_at=clock.now(), created_at=clock.now()
    )


@pytest.fixture
def writes(conversation: Conversation) -> Callable[..., Message]:
    """Ana writes."""

    def write(text: str, **more: object) -> Message:
        number = next(_numbers)
        return Message.objects.create(
            conversation=conversation,
            shop=conversation.shop,
            direction="in",
            external_id=f"m{number}",
            reference=f"ref-{number}",
            text=text,
            at=clock.now(),
            created_at=clock.now(),
            **more,
        )

    return write
