"""What feeds fetched, kept as rows in one shape ({feed, shop_id, data}), and what each says to us. Pure."""

from collections.abc import Callable

from bridgedesk.channels import documents
from bridgedesk.channels.base import Account, Raw
from bridgedesk.channels.events import Event
from bridgedesk.channels.shopee_comments import review
from bridgedesk.channels.shopee_health import figures, late_orders, penalty
from bridgedesk.channels.shopee_orders import order
from bridgedesk.channels.shopee_parcels import parcel
from bridgedesk.channels.shopee_returns import return_seen
from bridgedesk.channels.shopee_stock import stock
from bridgedesk.channels.shopee_values import Json


def events(document: Json) -> list[Event]:
    """Our events; Unparsable for a feed nobody wrote."""
    read, data = documents.reader(document, READ)
    return read(data)


def raw(account: Account, feed: str, key: str, data: Json, *, thread: str = "") -> Raw:
    """A row that names its shop, as pushes do."""
    return documents.raw(feed, key, data, thread=thread, shop_id=account.external_id)


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
