"""Buyers of the pretend Shopee, and what our client reads of them."""

from typing import Any

from bridgedesk.channels.base import Account, Outgoing
from bridgedesk.channels.events import MessageReceived, MessageSent
from bridgedesk.channels.shopee import Shopee
from bridgedesk.lib import clock
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import MemoryVault

BUYER = 500_000_001
SEND = "/api/v2/sellerchat/send_message"
UNREAD = "sellerchat/get_unread_conversation_count"


def writes(sandbox: Sandbox, text: str, buyer: int = BUYER, shop: Any = TAIWAN, **more: Any) -> str:
    """A buyer writes; the id of the message."""
    return str(sandbox.do(lambda s: s.shopee.buyer_writes(shop.shop_id, buyer, f"mei{buyer}", text, **more)).message_id)


def talk(buyer: int = BUYER) -> str:
    return str(TAIWAN.shop_id * 1_000_000_000 + buyer)


def answer(text: str = "您好", **more: Any) -> Outgoing:
    return Outgoing(reference="m1", thread=talk(), to=str(BUYER), text=text, since=clock.now(), **more)


def vault(shop: Account) -> MemoryVault:
    assert isinstance(shop.vault, MemoryVault)
    return shop.vault


def read_all(shop: Account, cursor: str = "") -> tuple[list[Any], str]:
    """Everything polling brings until there is no more."""
    raws: list[Any] = []
    for _ in range(100):
        page = Shopee().fetch(shop, cursor)
        raws += page.raws
        cursor = page.cursor
        if not page.more:
            return raws, cursor
    raise AssertionError("polling does not end")


def texts(shop: Account, raws: list[Any]) -> list[str]:
    return [event.text for raw in raws for event in Shopee().parse(shop, raw) if isinstance(event, MessageReceived | MessageSent)]
