"""What was fetched from AliExpress, kept as rows in one shape ({feed, data}), and what each says to us. Pure."""

import hashlib
import json
from collections.abc import Callable

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_goods import listing, review
from bridgedesk.channels.aliexpress_issues import issue
from bridgedesk.channels.aliexpress_messages import message
from bridgedesk.channels.aliexpress_orders import order
from bridgedesk.channels.aliexpress_parcels import track
from bridgedesk.channels.aliexpress_values import Json, load, text_of
from bridgedesk.channels.base import Account, Raw, Unparsable
from bridgedesk.channels.events import Event


def events(body: bytes, account: Account) -> list[Event]:
    """Our events; Unparsable for a feed nobody wrote."""
    document = load(body)
    reader, data = READ.get(text_of(document.get("feed"))), document.get("data")
    if reader is None or not isinstance(data, dict):
        raise Unparsable(noop("a document of an unknown feed"))
    return reader(data, account)


def digest(data: object) -> str:
    """The same for the same content."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:24]


def raw(kind: str, key: str, data: Json, *, thread: str = "") -> Raw:
    """A row: one `key` is one state of one thing, so that what was read before is a repeat."""
    body = json.dumps({"feed": kind, "data": data}, ensure_ascii=False).encode()
    return Raw(key=f"{kind}:{key}"[:250], body=body, kind="poll", thread=thread)


READ: dict[str, Callable[[Json, Account], list[Event]]] = {
    "message": message,
    "order": order,
    "parcel": track,
    "listing": listing,
    "review": review,
    "issue": issue,
}
