"""AliExpress's instant messages as our events. Pure. Source: the types of aliexpress/message/list2 in the official SDK [O].

The names inside a message's content are those that sending uses; what else the platform puts there is unconfirmed [?], so the usual
ways to write them are all tried, and a message of an unknown kind keeps all it came with.
"""

from datetime import datetime

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_values import Json, id_of, load, since_epoch, text_of, told
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Event, File, Ignored, Kind, MessageReceived, MessageSent, OrderSeen, Person

BUYER, SELLER = "11", "12"
SYSTEM = "2"
TEXT, IMAGE = "1", "3"
KINDS: dict[str, Kind] = {TEXT: "text", IMAGE: "image", "10006": "item", "10007": "order"}
"""By template; 21004, a coupon, is told as unsupported with all it holds."""
TEXTS = ("txt", "text", "content")
ADDRESSES = ("img_url", "imgUrl", "imageUrl", "url")
ORDERS, ITEMS = ("order_id", "orderId"), ("item_id", "itemId", "productId")


def message(data: Json, account: Account) -> list[Event]:
    """One message of a conversation. The platform's own words about it open none; an order's card names the order."""
    number, at = id_of(data.get("message_id")), since_epoch(data.get("send_time"))
    buyer = person(data)
    if not number or at is None or not buyer.external_id:
        raise Unparsable(noop("a message without its id, conversation, writer or time"))
    seen = _seen(data)
    order = [OrderSeen(seen["order"], buyer=buyer)] if seen["order"] else []
    return [*order, _said(data, number, at, buyer, seen)]


def _said(data: Json, number: str, at: datetime, buyer: Person, seen: Json) -> Event:
    system = told(data.get("type")) == SYSTEM
    if told(data.get("from_account_type")) == SELLER:
        shown = {name: value for name, value in seen.items() if name != "item"}
        return MessageSent(buyer.external_id, number, buyer, at, automatic=system, **shown)
    if system:
        return Ignored(noop("a message of the platform itself"))
    return MessageReceived(buyer.external_id, number, buyer, at, **seen)


def person(data: Json) -> Person:
    """The buyer's side of a message; where the sides are not told, the buyer whose conversation was asked for."""
    ends = {told(data.get(f"{end}_account_type")): id_of(data.get(f"{end}_account_id")) for end in ("to", "from")}
    login = told(data.get("buyer_login"))
    return Person(ends.get(BUYER) or id_of(data.get("buyer_id")), name=login, login=login)


def _seen(data: Json) -> Json:
    """What an agent sees of it."""
    content, bare = content_of(data)
    kind = KINDS.get(told(data.get("template_id")), "unsupported")
    files = _files(content) if kind == "image" else ()
    text = _first(content, TEXTS) or bare
    if (kind == "text" and not text) or (kind == "image" and not files):
        kind = "unsupported"
    return {
        "text": text,
        "kind": kind,
        "order": order_of(data) or id_of(data.get("about_order")),
        "item": id_of(_first(content, ITEMS)),
        "files": files,
        "meta": {} if kind == "text" else {"template_id": told(data.get("template_id")), "content": content or bare},
    }


def content_of(data: Json) -> tuple[Json, str]:
    """The content as an object, or as the bare text it is."""
    value = data.get("content")
    if isinstance(value, dict):
        return value, ""
    try:
        return load(text_of(value).encode()), ""
    except Unparsable:
        return {}, text_of(value)


def order_of(data: Json) -> str:
    """The order its card names."""
    return id_of(_first(content_of(data)[0], ORDERS))


def _first(content: Json, names: tuple[str, ...]) -> str:
    return next(filter(None, (text_of(content.get(name)) for name in names)), "")


def _files(content: Json) -> tuple[File, ...]:
    url = _first(content, ADDRESSES)
    url = f"https:{url}" if url.startswith("//") else url
    name = url.split("?")[0].rstrip("/").rsplit("/", 1)[-1][:100]
    return (File(name=name or "image", url=url),) if url.startswith(("https://", "http://")) else ()
