"""What was fetched from AliExpress, kept as rows in one shape ({feed, data}), and what each says to us. Pure."""

from collections.abc import Callable

from bridgedesk.channels import documents
from bridgedesk.channels.aliexpress_goods import listing, review
from bridgedesk.channels.aliexpress_issues import issue
from bridgedesk.channels.aliexpress_messages import message
from bridgedesk.channels.aliexpress_orders import order
from bridgedesk.channels.aliexpress_parcels import track
from bridgedesk.channels.aliexpress_values import Json, load
from bridgedesk.channels.base import Account
from bridgedesk.channels.events import Event


def events(body: bytes, account: Account) -> list[Event]:
    """Our events; Unparsable for a feed nobody wrote."""
    read, data = documents.reader(load(body), READ)
    return read(data, account)


READ: dict[str, Callable[[Json, Account], list[Event]]] = {
    "message": message,
    "order": order,
    "parcel": track,
    "listing": listing,
    "review": review,
    "issue": issue,
}
