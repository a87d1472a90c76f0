"""What feeds fetched, kept as rows in one shape ({feed, shop_id, data}), and what each says to us. Pure."""

import hashlib
import json
from collections.abc import Callable

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, Raw, Unparsable
from bridgedesk.channels.events import Event
from bridgedesk.channels.shopee_comments import review
from bridgedesk.channels.shopee_health import figures, late_orders, penalty
from bridgedesk.channels.shopee_orders import order
from bridgedesk.channels.shopee_parcels import parcel
from bridgedesk.channels.shopee_returns import return_seen
from bridgedesk.channels.shopee_stock import stock
from bridgedesk.channels.shopee_values import Json, text_of

FEED = "feed"


def events(document: Json) -> list[Event]:
    """Our events; Unparsable for a feed nobody wrote."""
    reader, data = READ.get(text_of(document.get(FEED))), document.get("data")
    if reader is None or not isinstance(data, dict):
        raise Unparsable(noop("a document of an unknown feed"))
    return reader(data)


def digest(data: Json) -> str:
    """The same for the same content."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:24]


def raw(account: Account, kind: str, key: str, data: Json, *, thread: str = "") -> Raw:
    """A row: one `key` is one state of one thing, so that what was read before is a repeat."""
    body = json.dumps({FEED: kind, "shop_id": account.external_id, "data": data}, ensure_ascii=False).encode()
    return Raw(key=f"{kind}:{key}"[:250], body=body, kind="poll", thread=thread)


READ: dict[str, Callable[[Json], list[Event]]] = {
    "order": lambda data: [order(data)],
    "parcel": lambda data: [parcel(data)],
    "item": lambda data: list(stock(data)),
    "review": lambda data: [review(data)],
    "return": lambda data: [return_seen(data)],
    "figures": figures,
    "late": late_orders,
    "penalty": lambda data: [penalty(data)],
}
