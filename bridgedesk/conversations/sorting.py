"""Whose it is, and whether it is open: assign, snooze, close, reopen, tag, mark, follow."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.conversations import rules
from bridgedesk.conversations.access import CannotWrite, allow
from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.upkeep import bring_back, change, locked, mark, tell
from bridgedesk.lib import clock
from bridgedesk.team import queries as team
from bridgedesk.team.models import Agent

MOST_AT_ONCE = 200


@transaction.atomic
def assign(conversation: Conversation, agent: Agent | None, *, by: Agent | None) -> None:
    """Give it to somebody who sees the shop and may write; None: to nobody."""
    allow(by, conversation.shop_id)
    if agent and not (agent.may_write and team.who_see(conversation.shop_id).filter(pk=agent.pk).exists()):
        raise CannotWrite(_("%(agent)s has no access to this shop.") % {"agent": agent})
    conversation = locked(conversation)
    if conversation.assignee_id != (agent.pk if agent else None):
        change(conversation, assignee=agent)
        tell(conversation, "assigned" if agent else "unassigned", by=by, agent=agent.pk if agent else None, name=str(agent or ""))


@transaction.atomic
def assign_round_robin(conversation: Conversation) -> Agent | None:
    """Give it to the colleague on duty who was served longest ago; None, and unassigned, when nobody is on duty."""
    next_one = team.on_duty(conversation.shop_id, clock.now()).select_for_update(skip_locked=True, of=("self",)).first()
    if next_one is None:
        return None
    Agent.objects.filter(pk=next_one.pk).update(last_assigned_at=clock.now())
    assign(conversation, next_one, by=None)
    conversation.assignee = next_one
    return next_one


@transaction.atomic
def snooze(conversation: Conversation, until: datetime, *, by: Agent) -> datetime:
    """Put it aside until then, or until shortly before an answer is due, whichever is first; when it will wake."""
    allow(by, conversation.shop_id)
    if until <= clock.now():
        raise CannotWrite(_("That time has passed."))
    conversation = locked(conversation)
    wakes = rules.wake_at(until, conversation.due_at, clock.now())
    change(conversation, state=Conversation.State.SNOOZED, snoozed_until=wakes)
    tell(conversation, "snoozed", by=by, until=wakes.isoformat())
    return wakes


@transaction.atomic
def close(conversation: Conversation, *, by: Agent | None) -> None:
    """Done. What was still owed is entered as "no answer needed"; a buyer who writes again brings it back."""
    allow(by, conversation.shop_id)
    conversation = locked(conversation)
    if conversation.due_at:
        mark(conversation, at=clock.now(), by=by)
    if conversation.state != Conversation.State.CLOSED:
        change(conversation, state=Conversation.State.CLOSED, snoozed_until=None)
        tell(conversation, "closed", by=by)


@transaction.atomic
def reopen(conversation: Conversation, *, by: Agent | None) -> None:
    """Back into the open list."""
    allow(by, conversation.shop_id)
    conversation = locked(conversation)
    if bring_back(conversation):
        tell(conversation, "reopened", by=by)


@transaction.atomic
def no_answer_needed(conversation: Conversation, *, by: Agent) -> None:
    """Nothing is owed here ("thanks!"): stops the clock, marked as such in the ledger."""
    allow(by, conversation.shop_id)
    conversation = locked(conversation)
    if conversation.due_at:
        mark(conversation, at=clock.now(), by=by)


@transaction.atomic
def tag(conversation: Conversation, name: str, *, by: Agent | None) -> None:
    """Add a tag (at most 40 characters, 20 of them)."""
    allow(by, conversation.shop_id)
    name = " ".join(name.split())[:40]
    conversation = locked(conversation)
    if not name or name in conversation.tags:
        return
    if len(conversation.tags) >= 20:
        raise CannotWrite(_("A conversation holds at most 20 tags."))
    change(conversation, tags=sorted([*conversation.tags, name]))
    tell(conversation, "tagged", by=by, tag=name)


@transaction.atomic
def untag(conversation: Conversation, name: str, *, by: Agent | None) -> None:
    """Take a tag off."""
    allow(by, conversation.shop_id)
    conversation = locked(conversation)
    if name in conversation.tags:
        change(conversation, tags=[kept for kept in conversation.tags if kept != name])
        tell(conversation, "untagged", by=by, tag=name)


@transaction.atomic
def set_language(conversation: Conversation, language: str, *, by: Agent) -> None:
    """The language answers are written in (BCP 47); also learned for the buyer."""
    allow(by, conversation.shop_id)
    conversation = locked(conversation)
    change(conversation, language=language[:16])
    conversation.customer.language = language[:16]
    conversation.customer.save(update_fields=["language"])
    tell(conversation, "language_set", by=by, language=language[:16])


@transaction.atomic
def follow(conversation: Conversation, *, by: Agent) -> None:
    """Be told of what the buyer writes here."""
    allow(by, conversation.shop_id)
    conversation.followers.add(by)
    tell(conversation, "followed", by=by)


@transaction.atomic
def unfollow(conversation: Conversation, *, by: Agent) -> None:
    """Be told no more."""
    allow(by, conversation.shop_id)
    conversation.followers.remove(by)
    tell(conversation, "unfollowed", by=by)


_BULK: dict[str, Callable[..., Any]] = {
    "assign": assign,
    "snooze": snooze,
    "close": close,
    "reopen": reopen,
    "tag": tag,
    "untag": untag,
    "no_answer_needed": no_answer_needed,
}


@transaction.atomic
def bulk(agent: Agent, ids: Sequence[int], act: str, /, **arguments: Any) -> int:
    """Do one act on many conversations, all or none; those the agent does not see are passed over. How many were done."""
    if act not in _BULK:
        raise CannotWrite(_("There is no such act."))
    if not agent.may_write:
        raise PermissionDenied("An observer only looks.")
    rows = list(Conversation.objects.visible_to(agent).filter(pk__in=list(ids)[:MOST_AT_ONCE]).order_by("pk"))
    for row in rows:
        _BULK[act](row, **arguments, by=agent)
    return len(rows)
