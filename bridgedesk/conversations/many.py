"""The acts of sorting, on locked conversations: one or two hundred, in a number of statements that does not grow with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record_each
from bridgedesk.conversations import clocks, rules
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.conversations.upkeep import new_reference
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce_each
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

Rows = Sequence[Conversation]
State = Conversation.State
MOST_TAGS = 20


def assign(rows: Rows, agent: Agent | None, *, by: Agent | None) -> None:
    """Give them to somebody who sees their shops and may write; None: to nobody."""
    if agent and not _may_answer(agent, {row.shop_id for row in rows}):
        raise CannotWrite(_("%(agent)s has no access to this shop.") % {"agent": agent})
    key = agent.pk if agent else None
    moved = [row for row in rows if row.assignee_id != key]
    _write(moved, "assigned" if agent else "unassigned", by, {"assignee_id": key}, agent=key, name=str(agent or ""))


def snooze(rows: Rows, until: datetime, *, by: Agent) -> None:
    """Put them aside until then, each at most until shortly before its answer is due."""
    now = clock.now()
    if until <= now:
        raise CannotWrite(_("That time has passed."))
    for row in rows:
        row.snoozed_until = rules.wake_at(until, row.due_at, row.risk_at, now)
    _write(rows, "snoozed", by, {"state": State.SNOOZED, "snoozed_until": ...}, until=until.isoformat())


def close(rows: Rows, *, by: Agent | None) -> None:
    """Done. What was still owed is entered as "no answer needed"."""
    no_answer_needed(rows, by=by)
    _write([row for row in rows if row.state != State.CLOSED], "closed", by, {"state": State.CLOSED, "snoozed_until": None})


def reopen(rows: Rows, *, by: Agent | None) -> None:
    """Back into the open list."""
    _write([row for row in rows if row.state != State.OPEN], "reopened", by, {"state": State.OPEN, "snoozed_until": None})


def tag(rows: Rows, name: str, *, by: Agent | None) -> None:
    """Add a tag (at most 40 characters, 20 of them)."""
    name = " ".join(name.replace("\x00", "").split())[:40]
    bare = [row for row in rows if name and name not in row.tags]
    if any(len(row.tags) >= MOST_TAGS for row in bare):
        raise CannotWrite(_("A conversation holds at most 20 tags."))
    for row in bare:
        row.tags = sorted([*row.tags, name])
    _write(bare, "tagged", by, {"tags": ...}, tag=name)


def untag(rows: Rows, name: str, *, by: Agent | None) -> None:
    """Take a tag off."""
    tagged = [row for row in rows if name in row.tags]
    for row in tagged:
        row.tags = [kept for kept in row.tags if kept != name]
    _write(tagged, "untagged", by, {"tags": ...}, tag=name)


def no_answer_needed(rows: Rows, *, by: Agent | None) -> None:
    """Nothing is owed here ("thanks!"): stops the clock, marked as such in the ledger."""
    owed = [row for row in rows if row.due_at]
    now = clock.now()
    Message.objects.bulk_create(_mark(row, now, by) for row in owed)
    clocks.reckon_each(owed, now)
    _write(owed, "marked_answered", by, {})


def _mark(conversation: Conversation, at: datetime, by: Agent | None) -> Message:
    return Message(
        conversation=conversation,
        shop_id=conversation.shop_id,
        direction=Message.Direction.NOTE,
        kind="mark",
        reference=new_reference(),
        author=by,
        at=at,
        created_at=at,
    )


def _may_answer(agent: Agent, shops: set[int]) -> bool:
    return agent.may_write and agent.is_active and Shop.objects.visible_to(agent).filter(pk__in=shops).count() == len(shops)


def _write(rows: Rows, verb: str, by: Agent | None, columns: Mapping[str, Any], **data: Any) -> None:
    """Store these columns in every row (a value of `...`: as the row has it), with its line in the log and the word to open screens."""
    for row in rows:
        for name, value in columns.items():
            if value is not ...:
                setattr(row, name, value)
    if rows and columns:
        Conversation.objects.bulk_update(rows, [name.removesuffix("_id") for name in columns])
    record_each(verb, rows, by=by, data=data)
    announce_each("conversation", [{"shop": row.shop_id, "conversation": row.pk} for row in rows])
