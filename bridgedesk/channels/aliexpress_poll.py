"""Reading instant messages: the list of buyers, newest conversation first, then what each wrote since the last look.

Requests are as the SDK has them [O]; the shape of the buyers' list and that it is ordered by the last message are not told [?]: a list
is taken for what it is wherever it lies, and the walk ends only after several quiet conversations in a row.
The cursor is JSON: `since` and `begun` in milliseconds of the platform's clock; `start` and `last` where the list of buyers goes on;
`quiet` conversations in a row with nothing new; `talks` those still to be read.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from bridgedesk.channels import documents
from bridgedesk.channels.aliexpress_api import call, result, server_now
from bridgedesk.channels.aliexpress_messages import SYSTEM, order_of
from bridgedesk.channels.aliexpress_values import Json, id_of, is_yes, millis, part, rows, told
from bridgedesk.channels.base import Account, Fetched, NeedsReconnect, NotPermitted, Raw, SendError
from bridgedesk.lib import clock

BUYERS, MESSAGES = "aliexpress/message/history/buyer/list", "aliexpress/message/list2"
FIRST_LOOK = timedelta(days=7)
OVERLAP = timedelta(minutes=2)
PAGE = 20
"""The most of one call [O]."""
AHEAD = 60_000
"""Milliseconds asked for beyond the platform's clock, which we know by the Date of slow answers only."""
PAGES_AT_ONCE = 10
QUIET = 3
TALKS_AT_ONCE = 10
LONGEST_WALK = 500
"""Conversations of one walk; a list that never ends is not followed for ever."""


@dataclass
class Talk:
    """A conversation still to be read, from `start` and the message `last` backwards."""

    buyer: str
    login: str = ""
    start: str = ""
    last: str = ""


@dataclass
class Walk:
    """One walk over the conversations, spread over as many calls as it needs."""

    since: int
    begun: int = 0
    start: str = ""
    last: str = ""
    quiet: int = 0
    read: int = 0
    talks: list[Talk] = field(default_factory=list)

    @classmethod
    def of(cls, cursor: str, now: int) -> "Walk":
        """The walk of a stored cursor; a new one from FIRST_LOOK ago if it is empty or not ours."""
        try:
            kept = json.loads(cursor)
            return cls(**{**kept, "since": int(kept["since"]), "talks": [Talk(**talk) for talk in kept["talks"]]})
        except (ValueError, TypeError, KeyError):
            return cls(since=now - int(FIRST_LOOK.total_seconds() * 1000))


def fetch(account: Account, cursor: str) -> Fetched:
    """The new messages of up to TALKS_AT_ONCE conversations, each oldest first."""
    now = millis(server_now(account))
    walk = Walk.of(cursor, now)
    walk.begun = walk.begun or now
    if not walk.talks:
        _list_talks(account, walk)
    raws = _read_talks(account, walk)
    more = bool(walk.talks or walk.start)
    if not more:
        walk = Walk(since=max(walk.since, walk.begun - int(OVERLAP.total_seconds() * 1000)))
    return Fetched(raws, json.dumps(asdict(walk)), more=more)


def _list_talks(account: Account, walk: Walk) -> None:
    """Queue the conversations of the next page of buyers."""
    asked: Json = {"start_time": int(walk.start or walk.begun + AHEAD), "page_size": PAGE}
    if walk.last:
        asked["last_buyer_id"] = int(walk.last)
    data = _data(call(account, BUYERS, {"ae_im_query_session_dto": asked}))
    walk.talks = [Talk(buyer, login) for buyer, login in buyers(data)]
    walk.read += len(walk.talks)
    start, last = told(data.get("next_start_time")), id_of(data.get("last_buyer_id"))
    goes_on = is_yes(data.get("has_more")) and start.isdigit() and (start, last) != (walk.start, walk.last)
    old = goes_on and int(start) < walk.since
    walk.start, walk.last = (start, last if last.isdigit() else "") if goes_on and not old and walk.read < LONGEST_WALK else ("", "")


def _data(answer: Json) -> Json:
    inner = result(answer)
    return part(inner, "data") or inner


def buyers(data: Json) -> Iterator[tuple[str, str]]:
    """Id and login name of every buyer of a page, whether its list holds objects or bare ids."""
    for name, value in data.items():
        found = rows(data, name) if isinstance(value, list | dict) else []
        for row in found:
            ids = (id_of(row.get(one)) for one in ("buyer_id", "account_id", "user_id"))
            if (buyer := next(filter(None, ids), "")).isdigit():
                yield buyer, told(row.get("buyer_login_id"))
        if isinstance(value, list) and not found:
            yield from ((told(one), "") for one in value if told(one).isdigit())


def _read_talks(account: Account, walk: Walk) -> list[Raw]:
    """What up to TALKS_AT_ONCE conversations brought. A temporary error keeps what was read before it."""
    raws: list[Raw] = []
    for talk in walk.talks[:TALKS_AT_ONCE]:
        try:
            found = _read_talk(account, walk, talk)
        except SendError as error:
            if not raws or error.permanent:
                raise
            return raws
        raws += found
        walk.talks.remove(talk)
        walk.quiet = 0 if found else walk.quiet + 1
        if walk.quiet >= QUIET:
            walk.talks, walk.start, walk.last = [], "", ""
            return raws
    return raws


def _read_talk(account: Account, walk: Walk, talk: Talk) -> list[Raw]:
    """A conversation's messages since the last look, oldest first; one that cannot be read is shown, not skipped."""
    found: list[Json] = []
    try:
        for _ in range(PAGES_AT_ONCE):
            page, start, last = message_page(account, talk.buyer, talk.start or str(walk.begun + AHEAD), talk.last)
            found += [row for row in page if sent_at(row) > walk.since]
            if not start or (start, last) == (talk.start, talk.last) or not page or sent_at(page[-1]) <= walk.since:
                break
            talk.start, talk.last = start, last
        else:
            walk.talks.append(Talk(talk.buyer, talk.login, talk.start, talk.last))
    except SendError as error:
        if not error.permanent or isinstance(error, NeedsReconnect | NotPermitted) or error.code in ("blocked", "no_app"):
            raise
        return [_unreadable(talk, str(error))]
    found.reverse()
    found.sort(key=sent_at)
    return [as_raw(row, talk) for row in _about(found)]


def _about(found: list[Json]) -> Iterator[Json]:
    """The messages; the first after an order's card, which the platform puts there itself, says which order it is about."""
    order = ""
    for row in found:
        if told(row.get("type")) == SYSTEM:
            order = order_of(row) or order
            yield row
        else:
            yield {**row, "about_order": order} if order else row
            order = ""


def message_page(account: Account, buyer: str, start: str, last: str = "") -> tuple[list[Json], str, str]:
    """One page of a conversation, newest first, from `start` (milliseconds) backwards; and where the next begins ("" at the end)."""
    asked: Json = {"buyer_id": int(buyer), "start_time": int(start), "page_size": PAGE}
    data = _data(call(account, MESSAGES, {"im_query_message_dto": asked | ({"last_message_id": last} if last else {})}))
    following = told(data.get("next_start_time")) if is_yes(data.get("has_more")) else ""
    page = sorted(rows(data, "message_list"), key=sent_at, reverse=True)
    return page, following if following.isdigit() else "", id_of(data.get("last_message_id"))


def sent_at(row: Json) -> int:
    """When it was sent, in milliseconds; one without a time is always new."""
    at = told(row.get("send_time"))
    return int(at) if at.isascii() and at.isdigit() else 1 << 60


def as_raw(row: Json, talk: Talk) -> Raw:
    """A message with what its own row leaves out: whose conversation it is."""
    data = {**row, "buyer_id": talk.buyer} | ({"buyer_login": talk.login} if talk.login else {})
    key = id_of(row.get("message_id")) or documents.digest(row)
    return documents.raw("message", key, data, thread=talk.buyer)


def _unreadable(talk: Talk, error: str) -> Raw:
    data = {"buyer_id": talk.buyer, "error": error}
    return documents.raw("message", f"unreadable:{talk.buyer}:{clock.now():%Y-%m-%d}", data, thread=talk.buyer)
