"""What Shopee hands us, as our events. Pure. Marks: [O] official, [C] third-party code, as researched per field.

Pushes: guide 18 and the push pages [O]. Messages read by polling [C] are put into the shape of a push, so that there is
one parser and one key for each message, whichever way it came.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Literal

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, Raw, Unparsable
from bridgedesk.channels.events import (
    AuthorisationChanged,
    Event,
    File,
    Ignored,
    Kind,
    MessageReceived,
    MessageSent,
    OrderSeen,
    Person,
    ThreadAnswered,
)

PUSH = noop("push")
NOTIFICATION = noop("webchat notification")
NOT_KNOWN = noop("not known")
OTHER_SHOP = noop("about another shop")
OF_OTHERS = noop("the authorisation of others")
NO_ORDER = noop("no order number")
NOT_JSON = noop("not readable as JSON")

Json = dict[str, Any]

WEBCHAT = "10"
AUTHORISATION = ("1", "2", "12")
ORDER_CODES = {
    "3": noop("order status"),
    "4": noop("tracking number"),
    "29": noop("return"),
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
    "28": noop("penalty points"),
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


def load(body: bytes) -> Json:
    """The JSON object in `body`, every number as the exact text it was written in; Unparsable if there is none."""
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=str)
        cleaned = _storable(value)
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"{NOT_JSON}: {type(error).__name__}") from None
    if not isinstance(cleaned, dict):
        raise Unparsable(noop("a JSON object was expected"))
    return cleaned


def _storable(value: Any) -> Any:
    """Without NUL and half characters, which no database column takes."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def moment(value: object) -> datetime | None:
    """A time in seconds, milli-, micro- or nanoseconds, told apart by its size; None if it is none (0 means unset)."""
    text = str(value).split(".")[0]
    if not text.isascii() or not text.isdigit() or len(text) > 20 or not int(text):
        return None
    seconds = float(text)
    while seconds >= 1e11:
        seconds /= 1000
    return datetime.fromtimestamp(seconds, UTC)


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
    content = _part(push["data"], "content")
    talk, message = _text(content.get("conversation_id")), _text(content.get("message_id"))
    order = _order(push["data"])
    code = _text(push.get("code"))
    key = f"message:{message}" if message else f"push:{code}:{_digest(push)}"
    named = [_id(push["data"].get(name)) for name in ("shop_id", "shopid") if code in AUTHORISATION]
    shop = next(filter(None, [*named, _id(push.get("shop_id"))]), "")
    thread = talk or (f"order:{order}" if order else "")
    return Raw(key=key, body=body, kind=kind, thread=thread, shop="" if shop == account.external_id else shop)


def _digest(push: Json) -> str:
    told = [_text(push.get("code")), _text(push.get("shop_id")), _text(push.get("timestamp")), push["data"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def wrapped(message: Json, shop: str) -> Json:
    """A polled message [C] in the shape of the push about it."""
    told = {"type": "message", "region": message.get("region"), "content": message}
    return {"code": WEBCHAT, "shop_id": shop, "timestamp": message.get("created_timestamp"), "data": told}


def events(push: Json, account: Account) -> list[Event]:
    """What the push says to us."""
    code, shop = _text(push.get("code")), _text(push.get("shop_id"))
    if code in AUTHORISATION:
        return [_authorisation(code, push["data"], account)]
    if shop and account.external_id and shop != account.external_id:
        return [Ignored(f"{OTHER_SHOP}: {shop}")]
    if code == WEBCHAT:
        return _chat(push, account)
    if code in ORDER_CODES:
        return [_order_seen(code, push["data"])]
    if code in OTHER_CODES:
        return [Ignored(f"{PUSH} {code}: {OTHER_CODES[code]}")]
    if not code.isdigit():
        raise Unparsable(noop("a push without a code"))
    return [Ignored(f"{PUSH} {code}: {NOT_KNOWN}")]


def _chat(push: Json, account: Account) -> list[Event]:
    data = push["data"]
    content = _part(data, "content")
    if data.get("type") == "message":
        return _message(push, content, account)
    if data.get("type") == "notification":
        return [_notification(push, content)]
    raise Unparsable(f"{NOT_KNOWN}: {_text(data.get('type'))[:40]}")


def _notification(push: Json, content: Json) -> Event:
    if content.get("type") != "mark_as_replied":
        return Ignored(f"{NOTIFICATION}: {_text(content.get('type'))[:40]}")
    talk = _text(content.get("conversation_id")) or _text(_part(content, "content").get("conversation_id"))
    at = moment(content.get("timestamp")) or moment(push.get("timestamp"))
    if not talk or at is None:
        raise Unparsable(noop("a conversation marked as replied, without its id or time"))
    return ThreadAnswered(thread=talk, at=at)


def _message(push: Json, content: Json, account: Account) -> list[Event]:
    at = moment(content.get("created_timestamp")) or moment(push.get("timestamp"))
    talk, number = _text(content.get("conversation_id")), _text(content.get("message_id"))
    own = is_own(content, account.external_id or _text(push.get("shop_id")), account.options.get("user_id", ""))
    buyer = _buyer(content, own=own, region=_text(content.get("region")) or _text(push["data"].get("region")))
    if not talk or not number or at is None or not buyer.external_id:
        raise Unparsable(noop("a message without its id, conversation, writer or time"))
    shown = _shown(content)
    order = shown["order"]
    said: Event
    if own:
        shown.pop("item"), shown.pop("reply_to")
        sender = _text(content.get("sub_account_name"))
        said = MessageSent(talk, number, buyer, at, automatic=_automatic(content), sender="" if sender == "0" else sender, **shown)
    else:
        said = MessageReceived(talk, number, buyer, at, **shown)
    return [OrderSeen(order, buyer=buyer), said] if order else [said]


def is_own(content: Json, shop: str, user: str = "") -> bool:
    """Whether the shop's side wrote it. The shop ids decide [C]; without them the shop's own user id, if it is known; in
    doubt the buyer wrote, since a message wrongly taken for ours would never be answered."""
    sender, receiver = _id(content.get("from_shop_id")), _id(content.get("to_shop_id"))
    if sender:
        return sender == shop
    if receiver:
        return receiver != shop
    if user:
        return _text(content.get("from_id")) == user
    return bool(_id(content.get("sub_account_id"))) or content.get("status") in AUTOMATIC or is_yes(content.get("shopee_chatbot_replied"))


def _automatic(content: Json) -> bool:
    """Answers of no person, and those the buyer never got: neither stops the response clock."""
    bot = is_yes(content.get("shopee_chatbot_replied")) or is_yes(content.get("is_in_chatbot_session"))
    return bot or content.get("status") in AUTOMATIC | UNDELIVERED


def _buyer(content: Json, *, own: bool, region: str) -> Person:
    end = "to" if own else "from"
    name = _text(content.get(f"{end}_user_name")) or _text(content.get(f"{end}_name"))
    return Person(_id(content.get(f"{end}_id")), name=name, country=region)


def _shown(content: Json) -> Json:
    """What an agent sees of a message, whatever its type; an unknown one keeps all it came with in `meta`."""
    said, source = _part(content, "content"), _part(content, "source_content")
    kind = KINDS.get(_text(content.get("message_type")), "unsupported")
    files = _files(kind, said)
    if (kind == "text" and not _text(said.get("text"))) or (kind in FILED and not files):
        kind = "unsupported"
    return {
        "text": _text(said.get("text")),
        "kind": kind,
        "order": _order(said) or _order(source),
        "item": _id(said.get("item_id")) or _id(source.get("item_id")),
        "reply_to": _id(_part(content, "quoted_msg").get("message_id")),
        "files": files,
        "meta": _meta(content, said, kind),
    }


def _meta(content: Json, said: Json, kind: Kind) -> Json:
    names = ("message_type", "status", "source", "business_type", "is_in_chatbot_session", "region")
    meta = {name: content[name] for name in names if content.get(name) not in (None, "", "0", False)}
    return meta if kind == "text" else {**meta, "content": said}


def _files(kind: Kind, said: Json) -> tuple[File, ...]:
    """The picture or film, where its address is given; some pushes name only a file of the platform [O]."""
    urls = [url for url in (_text(said.get(name)) for name in FILED.get(kind, ())) if url.startswith(("https://", "http://"))]
    return tuple(File(name=_text(said.get("file_name")) or _base(url), url=url) for url in urls[:1])


def _base(url: str) -> str:
    return url.split("?")[0].rstrip("/").rsplit("/", 1)[-1][:100]


def _order_seen(code: str, data: Json) -> Event:
    """Only a change of order status has a time that orders may be put in sequence by."""
    order = _order(data)
    if not order:
        raise Unparsable(f"{PUSH} {code}: {NO_ORDER}")
    if code == "3":
        return OrderSeen(order, status=_text(data.get("status")), at=moment(data.get("update_time")))
    return OrderSeen(order)


def _authorisation(code: str, data: Json, account: Account) -> Event:
    """Pushes 1, 2 and 12 speak of one shop, of a list, of a merchant, or only in a sentence [O, five shapes]."""
    names = ("shop_id", "shopid", "shop_id_list", "shop_expire_soon")
    shops = {_text(one) for name in names for one in (data[name] if isinstance(data.get(name), list) else [data.get(name)])}
    merchants = {_text(one) for one in (*_list(data, "merchant_id_list"), *_list(data, "merchant_expire_soon"), data.get("merchant_id"))}
    words = _text(data.get("extra")).replace("(", " ").replace(")", " ").replace(":", " ").split()
    merchant = account.options.get("merchant_id", "")
    if not (account.external_id in (shops | set(words)) - {""} or (merchant and merchant in merchants)):
        return Ignored(f"{PUSH} {code}: {OF_OTHERS}")
    if code == "12":
        return AuthorisationChanged(granted=True, until=moment(data.get("expire_before")))
    return AuthorisationChanged(granted=code == "1")


def _list(data: Json, name: str) -> list[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else []


def _order(data: Json) -> str:
    """`ordersn` in some pushes, `order_sn` in others [O]."""
    return _id(data.get("order_sn")) or _id(data.get("ordersn"))


def _part(data: Json, name: str) -> Json:
    """An inner object, which may itself come as JSON text [C]; empty if there is none."""
    value = data.get(name)
    if isinstance(value, str) and value.startswith("{"):
        try:
            return load(value.encode())
        except Unparsable:
            return {}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _id(value: object) -> str:
    """An id as text; "0" means there is none."""
    text = _text(value).strip()
    return "" if text == "0" else text


def is_yes(value: object) -> bool:
    """True, however the platform writes it."""
    return value in (True, "1", "true")
