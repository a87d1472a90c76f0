"""What Amazon is asked for: orders changed since the last look. There is no call for messages: those come by the relay mailbox."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from bridgedesk.channels import amazon_reports as reports
from bridgedesk.channels import documents
from bridgedesk.channels.amazon_api import SEARCH_ORDERS, call, moment, stamp
from bridgedesk.channels.amazon_errors import NO_ROLE
from bridgedesk.channels.amazon_places import marketplace
from bridgedesk.channels.base import Account, Fetched, Raw, SendError
from bridgedesk.channels.values import Json, part, rows, told
from bridgedesk.lib import clock

FIRST = timedelta(days=30)
OVERLAP = timedelta(minutes=10)
"""An order shows some minutes after it changed; what is read twice is known."""
PLAIN = ("PROCEEDS", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES")
PERSONAL = ("BUYER", "RECIPIENT", "PAYMENT")
"""Data sets for which the app needs a role of its own."""
ASK_AGAIN = timedelta(days=1)
"""So long after a refusal for want of a role the personal data sets are not asked for."""


@dataclass
class Walk:
    """How far orders have been read. `page` is Amazon's token of the next page, `upto` what the span under way will have covered."""

    since: str
    upto: str = ""
    page: str = ""
    without: str = ""

    @classmethod
    def read(cls, cursor: str) -> "Walk":
        """The walk of a stored cursor, a new one if it is empty or not ours."""
        try:
            kept = cls(**{name: str(value) for name, value in json.loads(cursor).items()})
            if moment(kept.since):
                return kept
        except (ValueError, TypeError, AttributeError):
            pass
        return cls(since=stamp(clock.now() - FIRST))


def orders(account: Account, cursor: str) -> Fetched:
    """A page of the orders changed since the last look. A page token that ended (24 h) starts the span again."""
    walk = Walk.read(cursor)
    try:
        answer = _search(account, walk)
    except SendError as error:
        if not walk.page or not error.permanent or error.code in (NO_ROLE, "reconnect"):
            raise
        walk.page = walk.upto = ""
        answer = _search(account, walk)
    walk.upto = walk.upto or told(answer.get("lastUpdatedBefore")) or stamp(clock.now())
    walk.page = _following(answer, walk.page)
    if not walk.page:
        walk = Walk(since=_next_since(walk), without=walk.without)
    return Fetched([as_raw(row) for row in rows(answer, "orders")], json.dumps(asdict(walk)), more=bool(walk.page))


def _search(account: Account, walk: Walk) -> Json:
    """The personal data sets are left out for a while when Amazon refuses them: an order without a name is better than none."""
    asked: dict[str, str | int | tuple[str, ...]] = {
        "lastUpdatedAfter": walk.since,
        "marketplaceIds": (marketplace(account).id,),
        "maxResultsPerPage": 100,
        "includedData": _wanted(walk),
    }
    if walk.page:
        asked["paginationToken"] = walk.page
    try:
        return call(account, SEARCH_ORDERS, params=asked)
    except SendError as error:
        if error.code != NO_ROLE or asked["includedData"] == PLAIN:
            raise
    walk.without = stamp(clock.now())
    return call(account, SEARCH_ORDERS, params=asked | {"includedData": PLAIN})


def _wanted(walk: Walk) -> tuple[str, ...]:
    refused = moment(walk.without)
    return PLAIN if refused and refused > clock.now() - ASK_AGAIN else (*PERSONAL, *PLAIN)


def _following(answer: Json, page: str) -> str:
    following = told(part(answer, "pagination").get("nextToken"))
    return "" if following == page else following


def _next_since(walk: Walk) -> str:
    """From a little before the end of the span just read, never back behind its beginning."""
    ended, begun = moment(walk.upto), moment(walk.since)
    return stamp(max(ended - OVERLAP, begun)) if ended and begun else walk.since


def as_raw(row: Json) -> Raw:
    """A state of an order."""
    number = told(row.get("orderId"))
    return documents.raw("order", f"{number}:{documents.digest(row)}", row, thread=f"order:{number}")


def nothing(account: Account, cursor: str) -> Fetched:
    """No messages here."""
    return Fetched([], cursor)


Read = Callable[[Account, str], Fetched]
FEEDS: Mapping[str, tuple[timedelta, Read]] = {
    "orders": (timedelta(minutes=5), orders),
    **{name: (timedelta(minutes=10), read) for name, read in reports.FEEDS.items()},
}
"""Each with the pause between two looks. Amazon grants one search of orders in three minutes; a report is asked for far more rarely
than it is looked after."""
