"""Reading what changed since the last look, where Shopee asks for a span of at most fifteen days [O].

The cursor is JSON: `since` what has been read up to, `upto` the end of the span under way, `page` where its list goes on.
A span ends before the look began, so what changes while it is read falls into the next; spans overlap, and a repeat is known.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from bridgedesk.channels.base import Account, Fetched, Raw
from bridgedesk.channels.shopee_api import on_server_clock
from bridgedesk.channels.shopee_values import Json
from bridgedesk.lib import clock

SPAN = timedelta(days=15)
OVERLAP = timedelta(minutes=10)
"""An order shows in the list some time after it changed."""

Page = tuple[list[Raw], str]
"""What a page brought, and where the next begins ("" at the end of the span)."""


@dataclass
class Window:
    """How far a feed has been read, in seconds of the platform's clock."""

    since: int
    upto: int = 0
    page: str = ""

    @property
    def span(self) -> Json:
        """The span under way as calls about changes want it."""
        return {"update_time_from": self.since, "update_time_to": self.upto}


def fetch(account: Account, cursor: str, first: timedelta, read: Callable[[Window], Page]) -> Fetched:
    """One page of the span under way, or of the next. `first` is how far back the very first look goes."""
    now = int(on_server_clock(account, clock.now()).timestamp())
    window = _read(cursor) or Window(since=now - int(first.total_seconds()))
    if not window.upto:
        window.upto = min(now, window.since + int(SPAN.total_seconds()))
    raws, window.page = read(window)
    if window.page:
        return Fetched(raws, json.dumps(asdict(window)), more=True)
    more = now - window.upto > OVERLAP.total_seconds()
    following = Window(since=window.upto if more else max(window.since, window.upto - int(OVERLAP.total_seconds())))
    return Fetched(raws, json.dumps(asdict(following)), more=more)


def _read(cursor: str) -> Window | None:
    """The window of a stored cursor; None if it is empty or not ours."""
    try:
        kept = json.loads(cursor)
        return Window(int(kept["since"]), int(kept["upto"]), str(kept["page"]))
    except (ValueError, TypeError, KeyError):
        return None
