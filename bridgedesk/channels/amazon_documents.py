"""What feeds fetched from Amazon, kept as rows in one shape ({feed, data}), and what each says to us. Pure."""

from collections.abc import Callable

from bridgedesk.channels import amazon_told as told
from bridgedesk.channels import documents
from bridgedesk.channels.amazon_orders import order
from bridgedesk.channels.base import Account
from bridgedesk.channels.events import Event
from bridgedesk.channels.values import Json, load


def events(body: bytes, account: Account) -> list[Event]:
    """Our events; Unparsable for a feed nobody wrote."""
    read, data = documents.reader(load(body), READ)
    return read(data, account)


READ: dict[str, Callable[[Json, Account], list[Event]]] = {
    "order": lambda data, account: [order(data, account)],
    "figures": told.figures,
    "feedback": told.feedback,
    "return": told.returned,
    "fba_return": told.returned_to_amazon,
    "listings": told.listings,
    "fba": told.amazons_stock,
}
