"""Conversations of the pretend AliExpress and the shapes they have on its wire (aliexpress/message/…)."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridgedesk.sandbox.world import World

TEXT, IMAGE, ITEM, ORDER, COUPON = 1, 3, 10006, 10007, 21004
BUYER_SIDE, SELLER_SIDE = 11, 12


@dataclass
class Line:
    """One message of a talk. `system`: the platform put it there."""

    message_id: str
    from_buyer: bool
    kind: int
    content: dict[str, Any]
    at: datetime
    system: bool = False


@dataclass
class Talk:
    """One buyer with the seller. `buyer_name` is the login name their orders show."""

    seller: int
    buyer_id: int
    buyer_name: str
    lines: list[Line] = field(default_factory=list)
    cards: set[str] = field(default_factory=set)

    def say(self, world: World, kind: int, content: dict[str, Any], *, from_buyer: bool, system: bool = False) -> Line:
        """Add a message now."""
        line = Line(str(world.serial()), from_buyer, kind, content, world.now(), system)
        self.lines.append(line)
        return line


def millis(at: datetime) -> int:
    """As this interface counts time."""
    return int(at.timestamp() * 1000)


def as_message(talk: Talk, line: Line) -> dict[str, Any]:
    """A message as `list2` gives it: its content is JSON text."""
    buyer, seller = (BUYER_SIDE, talk.buyer_id), (SELLER_SIDE, talk.seller)
    (sender, sender_id), (receiver, receiver_id) = (buyer, seller) if line.from_buyer else (seller, buyer)
    return {
        "message_id": line.message_id, "from_account_type": sender, "from_account_id": str(sender_id), "to_account_type": receiver,
        "to_account_id": str(receiver_id), "template_id": line.kind, "type": 2 if line.system else 1,
        "content": json.dumps(line.content, ensure_ascii=False), "send_time": millis(line.at),
    }  # fmt: skip


def message_page(talk: Talk, asked: dict[str, Any]) -> dict[str, Any]:
    """Messages not later than `start_time`, newest first; older than `last_message_id` where that is given."""
    start, last, size = int(asked.get("start_time") or 0), int(asked.get("last_message_id") or 0), int(asked["page_size"])
    found = [line for line in reversed(talk.lines) if millis(line.at) <= start and (not last or int(line.message_id) < last)]
    page = found[:size]
    return {
        "has_more": len(found) > size, "next_start_time": millis(page[-1].at) if page else 0,
        "last_message_id": page[-1].message_id if page else "", "message_list": [as_message(talk, line) for line in page],
    }  # fmt: skip


def buyers_page(talks: list[Talk], asked: dict[str, Any]) -> dict[str, Any]:
    """Buyers whose last message is not later than `start_time`, the latest first."""
    start, last, size = int(asked.get("start_time") or 0), int(asked.get("last_buyer_id") or 0), int(asked.get("page_size") or 20)
    order = sorted((talk for talk in talks if talk.lines), key=lambda talk: (millis(talk.lines[-1].at), talk.buyer_id), reverse=True)
    found = [talk for talk in order if (millis(talk.lines[-1].at), talk.buyer_id) < (start + 1, last or 1 << 62)]
    if last:
        found = [talk for talk in found if (millis(talk.lines[-1].at), talk.buyer_id) < (start, last)]
    page = found[:size]
    return {
        "has_more": len(found) > size, "next_start_time": millis(page[-1].lines[-1].at) if page else 0,
        "last_buyer_id": page[-1].buyer_id if page else 0,
        "buyer_list": [{"buyer_id": talk.buyer_id, "buyer_login_id": talk.buyer_name} for talk in page],
    }  # fmt: skip
