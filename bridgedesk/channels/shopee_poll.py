"""Reading what pushes may have missed: lost pushes [O] and conversations newer than the last look [C].

The cursor is JSON: `since` what has been read up to; `upto` what the walk under way reaches; `page` where the list of
conversations goes on; `talks` those still to be read; `lost` lost pushes stored, to be confirmed before more are asked for.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

from bridgedesk.channels import shopee_parse as parsing
from bridgedesk.channels.base import Account, Fetched, NeedsReconnect, Raw, SendError
from bridgedesk.channels.shopee_api import call
from bridgedesk.channels.shopee_values import Json, is_yes, moment, rows
from bridgedesk.lib import clock

FIRST_LOOK = timedelta(days=7)
OVERLAP = timedelta(minutes=2)
TALKS_AT_ONCE = 10
FAR = float("inf")
PAGE = 50
"""Messages of one call; 60 is the most [C]."""
PAGES_AT_ONCE = 10


@dataclass
class Talk:
    """A conversation still to be read, from the message `offset` backwards."""

    id: str
    buyer: str
    name: str
    offset: str = ""


@dataclass
class Walk:
    """One walk over the conversations, spread over as many calls as it needs."""

    since: float
    upto: float = 0
    page: str = ""
    talks: list[Talk] = field(default_factory=list)
    lost: str = ""

    @classmethod
    def read(cls, cursor: str) -> "Walk":
        """The walk of a stored cursor; a new one from FIRST_LOOK ago if it is empty or not ours."""
        try:
            kept = json.loads(cursor)
            return cls(**{**kept, "since": float(kept["since"]), "talks": [Talk(**talk) for talk in kept["talks"]]})
        except (ValueError, TypeError, KeyError):
            return cls(since=(clock.now() - FIRST_LOOK).timestamp())

    def written(self) -> str:
        """As a cursor."""
        return json.dumps(asdict(self))


def fetch(account: Account, cursor: str) -> Fetched:
    """Lost pushes, and the messages of up to TALKS_AT_ONCE conversations, each oldest first."""
    walk = Walk.read(cursor)
    raws: list[Raw] = []
    if not walk.talks and not walk.page:
        raws += _lost(account, walk)
    if not walk.talks:
        _list_talks(account, walk)
    _read_talks(account, walk, raws)
    more = bool(walk.talks or walk.page)
    if not more:
        walk.since, walk.upto = max(walk.since, walk.upto - OVERLAP.total_seconds()), 0
    return Fetched(raws, walk.written(), more=more)


def _read_talks(account: Account, walk: Walk, raws: list[Raw]) -> None:
    """Add what up to TALKS_AT_ONCE conversations brought. A temporary error keeps what was read before it: the next look
    begins with the conversation it hit."""
    for talk in walk.talks[:TALKS_AT_ONCE]:
        try:
            raws += _read_talk(account, walk, talk)
        except SendError as error:
            if not raws or error.permanent:
                raise
            return
        walk.talks.remove(talk)


def _lost(account: Account, walk: Walk) -> list[Raw]:
    """Pushes that never reached us. They are confirmed a fetch later, when their rows are stored, so that a crash loses none.

    An app without the permission to ask still reads its conversations.
    """
    try:
        if walk.lost:
            call(account, "POST", "push/confirm_consumed_lost_push_message", level="public", body={"last_message_id": int(walk.lost)})
        answer = call(account, "GET", "push/get_lost_push_message", level="public")
    except NeedsReconnect:
        raise
    except SendError:
        return []
    pushes = [parsing.envelope(row) for row in rows(answer, "push_message_list")]
    last = str(answer.get("last_message_id"))
    walk.lost = last if pushes and last.isascii() and last.isdigit() else ""
    return [_as_raw(push, account) for push in pushes]


def _list_talks(account: Account, walk: Walk) -> None:
    """Queue the conversations of the next page that changed since the last look."""
    asked = {"direction": "older" if walk.page else "latest", "type": "all", "page_size": 25}
    answer = call(
        account, "GET", "sellerchat/get_conversation_list", params=asked | ({"next_timestamp_nano": walk.page} if walk.page else {})
    )
    found = rows(answer, "conversations")
    changed = [talk for talk in found if _at(talk, "last_message_timestamp") > walk.since]
    walk.talks = [Talk(str(t.get("conversation_id")), str(t.get("to_id")), str(t.get("to_name") or "")) for t in changed]
    walk.upto = max([walk.upto, *(_at(talk, "last_message_timestamp") for talk in changed if _at(talk, "last_message_timestamp") < FAR)])
    page = answer.get("page_result")
    following = page.get("next_cursor") if isinstance(page, dict) and is_yes(page.get("more")) else None
    nano = str(following.get("next_message_time_nano") or "") if isinstance(following, dict) else ""
    walk.page = nano if found and found[-1] in changed and nano != walk.page else ""


def _read_talk(account: Account, walk: Walk, talk: Talk) -> list[Raw]:
    """A conversation's messages since the last look, oldest first; one that cannot be read is shown, not skipped."""
    found: list[Json] = []
    try:
        for _ in range(PAGES_AT_ONCE):
            page, following = message_page(account, talk.id, talk.offset)
            found += [message for message in page if _at(message, "created_timestamp") > walk.since]
            if not following or following == talk.offset or not page or _at(page[-1], "created_timestamp") <= walk.since:
                break
            talk.offset = following
        else:
            walk.talks.append(replace(talk))
    except SendError as error:
        if not error.permanent or isinstance(error, NeedsReconnect):
            raise
        return [_unreadable(talk, str(error))]
    found.sort(key=lambda message: _at(message, "created_timestamp"))
    return [_as_raw(parsing.wrapped(_named(message, talk, account), account.external_id), account) for message in found]


def message_page(account: Account, talk: str, offset: str = "") -> tuple[list[Json], str]:
    """One page of a conversation, newest first [C], and where the next begins ("" at the end)."""
    asked = {"conversation_id": talk, "page_size": PAGE} | ({"offset": offset} if offset else {})
    answer = call(account, "GET", "sellerchat/get_message", params=asked)
    page = answer.get("page_result")
    following = str(page.get("next_offset") or "") if isinstance(page, dict) else ""
    return rows(answer, "messages"), "" if following == "0" else following


def _named(message: Json, talk: Talk, account: Account) -> Json:
    """The message with what a push would say and this call leaves out: names, and whose side wrote."""
    bought = str(message.get("from_id")) == talk.buyer
    end, other = ("from", "to") if bought else ("to", "from")
    known = {f"{end}_user_name": talk.name, f"{other}_shop_id": account.external_id}
    return {**known, **{name: value for name, value in message.items() if value not in (None, "", "0") or name not in known}}


def _unreadable(talk: Talk, error: str) -> Raw:
    told = {"code": parsing.WEBCHAT, "data": {"type": "unreadable conversation", "conversation_id": talk.id, "error": error}}
    return Raw(f"unreadable:{talk.id}:{clock.now():%Y-%m-%d}", json.dumps(told).encode(), "poll", thread=talk.id)


def _at(row: Json, name: str) -> float:
    """A row's time in seconds; one without a time is always new."""
    at = moment(row.get(name))
    return at.timestamp() if at else FAR


def _as_raw(push: Json, account: Account) -> Raw:
    return parsing.raw_of(push, "poll", json.dumps(push, ensure_ascii=False).encode(), account)
