"""Conversations of the pretend Shopee and the shapes they have on its wire (seller chat calls and pushes of code 10)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridgedesk.sandbox.world import World

BUYER_IDS = range(100_000_000, 1_000_000_000)  # who may be written to; other ids do not exist


@dataclass(frozen=True)
class ShopeeShop:
    """A shop of the pretend Shopee. Its owner's user id is apart from the shop id."""

    shop_id: int
    name: str
    region: str

    @property
    def user_id(self) -> int:
        """The id messages of the shop come from."""
        return self.shop_id + 5


@dataclass
class Line:
    """One message of a talk."""

    message_id: str
    from_buyer: bool
    kind: str
    content: dict[str, Any]
    at: datetime
    source: dict[str, str] = field(default_factory=dict)
    status: str = "normal"


@dataclass
class Talk:
    """One buyer with one shop. `buyer_id` is the buyer's user id."""

    shop: ShopeeShop
    buyer_id: int
    buyer_name: str
    lines: list[Line] = field(default_factory=list)
    unread: int = 0
    read_to: str = ""
    pinned: bool = False

    @property
    def conversation_id(self) -> str:
        """The same after a restart: made of both ids."""
        return str(self.shop.shop_id * 1_000_000_000 + self.buyer_id)

    def say(
        self, world: World, kind: str, content: dict[str, Any], *, from_buyer: bool, order_sn: str = "", status: str = "normal"
    ) -> Line:
        """Add a message now."""
        source = {"order_sn": order_sn} if order_sn else {}
        line = Line(str(world.serial()), from_buyer, kind, content, world.now(), source, status)
        self.lines.append(line)
        self.unread = self.unread + 1 if from_buyer else 0
        return line


def buyer_of(conversation_id: str) -> int:
    """The buyer's user id a conversation id was made of."""
    return int(conversation_id) % 1_000_000_000


def ends(talk: Talk, line: Line) -> dict[str, Any]:
    """From whom to whom, as both shapes give it."""
    shop, buyer = (talk.shop.user_id, talk.shop.shop_id), (talk.buyer_id, 0)
    (sender, sender_shop), (receiver, receiver_shop) = (buyer, shop) if line.from_buyer else (shop, buyer)
    return {"from_id": sender, "from_shop_id": sender_shop, "to_id": receiver, "to_shop_id": receiver_shop}


def as_message(talk: Talk, line: Line) -> dict[str, Any]:
    """A message as `get_message` gives it."""
    return {
        "message_id": line.message_id,
        "message_type": line.kind,
        "conversation_id": talk.conversation_id,
        "created_timestamp": int(line.at.timestamp()),
        "region": talk.shop.region,
        "status": line.status,
        "source": "app" if line.from_buyer else "openapi",
        "content": line.content,
        "message_option": 0,
        "source_content": line.source,
        **ends(talk, line),
    }


def as_push(talk: Talk, line: Line) -> dict[str, Any]:
    """The `data` of a push of code 10 about a message."""
    names = (talk.buyer_name, talk.shop.name) if line.from_buyer else (talk.shop.name, talk.buyer_name)
    content = as_message(talk, line) | {
        "shop_id": talk.shop.shop_id,
        "request_id": f"{int(line.message_id):032x}",
        "from_user_name": names[0],
        "to_user_name": names[1],
        "is_in_chatbot_session": False,
        "quoted_msg": {"message_id": ""},
        "business_type": 0,
        "sub_account_id": 0,
        "sub_account_name": 0,
    }
    return {"type": "message", "region": talk.shop.region, "content": content}


def as_conversation(talk: Talk) -> dict[str, Any]:
    """A talk as the conversation list gives it."""
    last = talk.lines[-1]
    return {
        "conversation_id": talk.conversation_id,
        "to_id": talk.buyer_id,
        "to_name": talk.buyer_name,
        "to_avatar": "",
        "shop_id": talk.shop.shop_id,
        "unread_count": talk.unread,
        "pinned": talk.pinned,
        "last_read_message_id": talk.read_to or "0",
        "latest_message_id": last.message_id,
        "latest_message_type": last.kind,
        "latest_message_content": last.content,
        "latest_message_from_id": ends(talk, last)["from_id"],
        "last_message_timestamp": nano(last.at),
        "last_message_option": 0,
        "max_general_option_hide_time": "0",
    }


def nano(at: datetime) -> int:
    """Nanoseconds since 1970, as the conversation list counts."""
    return int(at.timestamp() * 1_000_000) * 1000


def list_page(talks: list[Talk], query: dict[str, str]) -> dict[str, Any]:
    """One page of `get_conversation_list`, newest first: all, or `older` than the edge, or since it (`latest`)."""
    size = min(int(query.get("page_size") or 25), 60)
    edge = int(query.get("next_timestamp_nano") or 0)
    older = query.get("direction", "latest") == "older"
    chosen = sorted((t for t in talks if t.lines and _wanted(t, query.get("type", "all"))), key=lambda t: t.lines[-1].at, reverse=True)
    if edge:
        chosen = [t for t in chosen if nano(t.lines[-1].at) != edge and (nano(t.lines[-1].at) < edge) == older]
    page = chosen[:size]
    cursor = {
        "next_message_time_nano": str(nano(page[-1].lines[-1].at)) if page else "0",
        "conversation_id": page[-1].conversation_id if page else "",
    }
    return {
        "page_result": {"page_size": len(page), "next_cursor": cursor, "more": len(chosen) > size},
        "conversations": [as_conversation(t) for t in page],
    }


def _wanted(talk: Talk, kind: str) -> bool:
    return kind == "all" or (kind == "unread" and talk.unread > 0) or (kind == "pinned" and talk.pinned)


def message_page(talk: Talk, query: dict[str, str]) -> dict[str, Any]:
    """One page of `get_message`: newest first, older than the message `offset` when that is given."""
    size = min(int(query.get("page_size") or 25), 60)
    offset = int(query.get("offset") or 0)
    older = [line for line in reversed(talk.lines) if not offset or int(line.message_id) < offset]
    page = older[:size]
    following = page[-1].message_id if len(older) > size else ""
    return {"messages": [as_message(talk, line) for line in page], "page_result": {"next_offset": following, "page_size": len(page)}}
