"""What Shopee hands us, as our events. Pure. Marks: [O] official, [C] third-party code, as researched per field.

Pushes: guide 18 and the push pages [O]. Messages read by polling [C] are put into the shape of a push, so that there is
one parser and one key for each message, whichever way it came.
"""

import hashlib
import json
from typing import Any, Literal

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import shopee_orders as orders
from bridgedesk.channels import shopee_returns as returns
from bridgedesk.channels.base import Account, Raw, Unparsable
from bridgedesk.channels.events import (
    AuthorisationChanged,
    Event,
    File,
    Ignored,
    Kind,
    LookAgain,
    MessageReceived,
    MessageSent,
    OrderSeen,
    Person,
    ThreadAnswered,
)
from bridgedesk.channels.shopee_orders import order_of
from bridgedesk.channels.shopee_values import Json, id_of, is_yes, load, moment, part, text_of

PUSH = noop("push")
NOTIFICATION = noop("webchat notification")
NOT_KNOWN = noop("not known")
OTHER_SHOP = noop("about another shop")
OF_OTHERS = noop("the authorisation of others")

WEBCHAT, PENALTY, RETURN = "10", "28", "29"
AUTHORISATION = ("1", "2", "12")
ORDER_CODES = {
    "3": noop("order status"),
    "4": noop("tracking number"),
    "30": noop("parcel fulfilment"),
    "47": noop("parcel information"),
}
OTHER_CODES = {
    "0": noop("the console's test"),
    "5": noop("platform news"),
    "6": noop("banned item"),
    "7": noop("item promotion"),
    "8": noop("reserved stock"),
    "9": noop("promotion"),
    "11": noop("video upload"),
    "13": noop("brand registration"),
    "15": noop("shipping document"),
    "16": noop("item violation"),
    "18": noop("supplier product"),
    "19": noop("supplier product review"),
    "20": noop("purchase order"),
    "21": noop("inbound status"),
    "22": noop("item price"),
    "23": noop("booking status"),
    "24": noop("booking tracking number"),
    "25": noop("booking document"),
    "27": noop("scheduled listing failed"),
    "31": noop("fulfilment invoice"),
    "33": noop("fulfilment invoice error"),
    "34": noop("fulfilment shop blocked"),
    "35": noop("fulfilment item blocked"),
    "36": noop("fulfilment stock"),
    "37": noop("courier binding"),
    "38": noop("video result"),
}
KINDS: dict[str, Kind] = {
    "text": "text", "faq_liveagent": "text", "image": "image", "image_with_text": "image", "video": "video", "sticker": "sticker",
    "item": "item", "order": "order", "file": "file",
}  # fmt: skip
FILED: dict[str, tuple[str, ...]] = {"image": ("url", "image_url"), "video": ("video_url", "url"), "file": ("url", "file_url")}
AUTOMATIC = {"auto_reply", "offwork_autoreply"}
UNDELIVERED = {"blocked", "censored_blacklist"}


def envelope(push: Json) -> Json:
    """The push with its `data` as an object: it comes as an object or as JSON text [O, both], once or (lost pushes) twice wrapped."""
    data = push.get("data")
    if isinstance(data, str) and data.strip():
        data = load(data.encode())
    if isinstance(data, dict) and "data" in data and "code" in data:
        return envelope(data)
    return {**push, "data": data if isinstance(data, dict) else {}}


def raw_of(push: Json, kind: Literal["push", "poll"], body: bytes, account: Account) -> Raw:
    """The push as a row: a message's key is its id, anything else's its content, so that a repeat is known however it came.

    All shops of an app share one callback and one list of lost pushes: `shop` says whose this one is.
    """
    content = part(push["data"], "content")
    talk, message = text_of(content.get("conversation_id")), text_of(content.get("message_id"))
    order = order_of(push["data"])
    code = text_of(push.get("code"))
    key = f"message:{message}" if message else f"push:{code}:{_digest(push)}"
    named = [id_of(push["data"].get(name)) for name in ("shop_id", "shopid") if code in AUTHORISATION]
    shop = next(filter(None, [*named, id_of(push.get("shop_id"))]), "")
    thread = talk or (f"order:{order}" if order else "")
    return Raw(key=key, body=body, kind=kind, thread=thread, shop="" if shop == account.external_id else shop)


def _digest(push: Json) -> str:
    told = [text_of(push.get("code")), text_of(push.get("shop_id")), text_of(push.get("timestamp")), push["data"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def wrapped(message: Json, shop: str) -> Json:
    """A polled message [C] in the shape of the push about it."""
    told = {"type": "message", "region": message.get("region"), "content": message}
    return {"code": WEBCHAT, "shop_id": shop, "timestamp": message.get("created_timestamp"), "data": told}


def events(push: Json, account: Account) -> list[Event]:
    """What the push says to us."""
    code, shop = text_of(push.get("code")), text_of(push.get("shop_id"))
    if code in AUTHORISATION:
        return [_authorisation(code, push["data"], account)]
    if shop and account.external_id and shop != account.external_id:
        return [Ignored(f"{OTHER_SHOP}: {shop}")]
    if code == WEBCHAT:
        return _chat(push, account)
    if code in ORDER_CODES:
        return orders.pushed(code, push["data"])
    if code == RETURN:
        return returns.pushed(push["data"])
    if code == PENALTY:
        return [LookAgain("health")]
    if code in OTHER_CODES:
        return [Ignored(f"{PUSH} {code}: {OTHER_CODES[code]}")]
    if not code.isdigit():
        raise Unparsable(noop("a push without a code"))
    return [Ignored(f"{PUSH} {code}: {NOT_KNOWN}")]


def _chat(push: Json, account: Account) -> list[Event]:
    data = push["data"]
    content = part(data, "content")
    if data.get("type") == "message":
        return _message(push, content, account)
    if data.get("type") == "notification":
        return [_notification(push, content)]
    raise Unparsable(f"{NOT_KNOWN}: {text_of(data.get('type'))[:40]}")


def _notification(push: Json, content: Json) -> Event:
    if content.get("type") != "mark_as_replied":
        return Ignored(f"{NOTIFICATION}: {text_of(content.get('type'))[:40]}")
    talk = text_of(content.get("conversation_id")) or text_of(part(content, "content").get("conversation_id"))
    at = moment(content.get("timestamp")) or moment(push.get("timestamp"))
    if not talk or at is None:
        raise Unparsable(noop("a conversation marked as replied, without its id or time"))
    return ThreadAnswered(thread=talk, at=at)


def _message(push: Json, content: Json, account: Account) -> list[Event]:
    at = moment(content.get("created_timestamp")) or moment(push.get("timestamp"))
    talk, number = text_of(content.get("conversation_id")), text_of(content.get("message_id"))
    own = is_own(content, account.external_id or text_of(push.get("shop_id")), account.options.get("user_id", ""))
    buyer = _buyer(content, own=own, region=text_of(content.get("region")) or text_of(push["data"].get("region")))
    if not talk or not number or at is None or not buyer.external_id:
        raise Unparsable(noop("a message without its id, conversation, writer or time"))
    shown = _shown(content)
    order = shown["order"]
    said: Event
    if own:
        shown.pop("item"), shown.pop("reply_to")
        sender = text_of(content.get("sub_account_name"))
        said = MessageSent(talk, number, buyer, at, automatic=_automatic(content), sender="" if sender == "0" else sender, **shown)
    else:
        said = MessageReceived(talk, number, buyer, at, **shown)
    return [OrderSeen(order, buyer=buyer), said] if order else [said]


def is_own(content: Json, shop: str, user: str = "") -> bool:
    """Whether the shop's side wrote it. The shop ids decide [C]; without them the shop's own user id, if it is known; in
    doubt the buyer wrote, since a message wrongly taken for ours would never be answered."""
    sender, receiver = id_of(content.get("from_shop_id")), id_of(content.get("to_shop_id"))
    if sender:
        return sender == shop
    if receiver:
        return receiver != shop
    if user:
        return text_of(content.get("from_id")) == user
    return bool(id_of(content.get("sub_account_id"))) or content.get("status") in AUTOMATIC or is_yes(content.get("shopee_chatbot_replied"))


def _automatic(content: Json) -> bool:
    """Answers of no person, and those the buyer never got: neither stops the response clock."""
    bot = is_yes(content.get("shopee_chatbot_replied")) or is_yes(content.get("is_in_chatbot_session"))
    return bot or content.get("status") in AUTOMATIC | UNDELIVERED


def _buyer(content: Json, *, own: bool, region: str) -> Person:
    end = "to" if own else "from"
    name = text_of(content.get(f"{end}_user_name")) or text_of(content.get(f"{end}_name"))
    return Person(id_of(content.get(f"{end}_id")), name=name, country=region)


def _shown(content: Json) -> Json:
    """What an agent sees of a message, whatever its type; an unknown one keeps all it came with in `meta`."""
    said, source = part(content, "content"), part(content, "source_content")
    kind = KINDS.get(text_of(content.get("message_type")), "unsupported")
    files = _files(kind, said)
    if (kind == "text" and not text_of(said.get("text"))) or (kind in FILED and not files):
        kind = "unsupported"
    return {
        "text": text_of(said.get("text")),
        "kind": kind,
        "order": order_of(said) or order_of(source),
        "item": id_of(said.get("item_id")) or id_of(source.get("item_id")),
        "reply_to": id_of(part(content, "quoted_msg").get("message_id")),
        "files": files,
        "meta": _meta(content, said, kind),
    }


def _meta(content: Json, said: Json, kind: Kind) -> Json:
    names = ("message_type", "status", "source", "business_type", "is_in_chatbot_session", "region")
    meta = {name: content[name] for name in names if content.get(name) not in (None, "", "0", False)}
    return meta if kind == "text" else {**meta, "content": said}


def _files(kind: Kind, said: Json) -> tuple[File, ...]:
    """The picture or film, where its address is given; some pushes name only a file of the platform [O]."""
    urls = [url for url in (text_of(said.get(name)) for name in FILED.get(kind, ())) if url.startswith(("https://", "http://"))]
    return tuple(File(name=text_of(said.get("file_name")) or _base(url), url=url) for url in urls[:1])


def _base(url: str) -> str:
    return url.split("?")[0].rstrip("/").rsplit("/", 1)[-1][:100]


def _authorisation(code: str, data: Json, account: Account) -> Event:
    """Pushes 1, 2 and 12 speak of one shop, of a list, of a merchant, or only in a sentence [O, five shapes]."""
    names = ("shop_id", "shopid", "shop_id_list", "shop_expire_soon")
    shops = {text_of(one) for name in names for one in (data[name] if isinstance(data.get(name), list) else [data.get(name)])}
    merchants = {text_of(one) for one in (*_list(data, "merchant_id_list"), *_list(data, "merchant_expire_soon"), data.get("merchant_id"))}
    words = text_of(data.get("extra")).replace("(", " ").replace(")", " ").replace(":", " ").split()
    merchant = account.options.get("merchant_id", "")
    if not (account.external_id in (shops | set(words)) - {""} or (merchant and merchant in merchants)):
        return Ignored(f"{PUSH} {code}: {OF_OTHERS}")
    if code == "12":
        return AuthorisationChanged(granted=True, until=moment(data.get("expire_before")))
    return AuthorisationChanged(granted=code == "1")


def _list(data: Json, name: str) -> list[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else []
