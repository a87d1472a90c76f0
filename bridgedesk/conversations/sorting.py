"""Whose it is, and whether it is open: assign, snooze, close, reopen, tag, mark, follow; for one, or for many at once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.conversations import many
from bridgedesk.conversations.access import CannotWrite, allow
from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.upkeep import change, locked, tell
from bridgedesk.lib import clock
from bridgedesk.team import queries as team
from bridgedesk.team.models import Agent

MOST_AT_ONCE = 200


@transaction.atomic
def assign(conversation: Conversation, agent: Agent | None, *, by: Agent | None) -> None:
    """Give it to somebody who sees the shop and may write; None: to nobody."""
    allow(by, conversation.shop_id)
    many.assign([locked(conversation)], agent, by=by)


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
    row = locked(conversation)
    many.snooze([row], until, by=by)
    return row.snoozed_until or until


@transaction.atomic
def close(conversation: Conversation, *, by: Agent | None) -> None:
    """Done. What was still owed is entered as "no answer needed"; a buyer who writes again brings it back."""
    allow(by, conversation.shop_id)
    many.close([locked(conversation)], by=by)


@transaction.atomic
def reopen(conversation: Conversation, *, by: Agent | None) -> None:
    """Back into the open list."""
    allow(by, conversation.shop_id)
    many.reopen([locked(conversation)], by=by)


@transaction.atomic
def no_answer_needed(conversation: Conversation, *, by: Agent) -> None:
    """Nothing is owed here ("thanks!"): stops the clock, marked as such in the ledger."""
    allow(by, conversation.shop_id)
    many.no_answer_needed([locked(conversation)], by=by)


@transaction.atomic
def tag(conversation: Conversation, name: str, *, by: Agent | None) -> None:
    """Add a tag (at most 40 characters, 20 of them)."""
    allow(by, conversation.shop_id)
    many.tag([locked(conversation)], name, by=by)


@transaction.atomic
def untag(conversation: Conversation, name: str, *, by: Agent | None) -> None:
    """Take a tag off."""
    allow(by, conversation.shop_id)
    many.untag([locked(conversation)], name, by=by)


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


_BULK: dict[str, Callable[..., None]] = {
    "assign": many.assign,
    "snooze": many.snooze,
    "close": many.close,
    "reopen": many.reopen,
    "tag": many.tag,
    "untag": many.untag,
    "no_answer_needed": many.no_answer_needed,
}


@transaction.atomic
def bulk(agent: Agent, ids: Sequence[int], act: str, /, **arguments: Any) -> int:
    """Do one act on many conversations, all or none; those the agent does not see are passed over. How many were meant."""
    if act not in _BULK:
        raise CannotWrite(_("There is no such act."))
    if not agent.may_write:
        raise PermissionDenied("An observer only looks.")
    visible = Conversation.objects.visible_to(agent).filter(pk__in=list(ids)[:MOST_AT_ONCE], merged_into=None)
    rows = list(Conversation.objects.select_for_update(of=("self",)).filter(pk__in=visible).order_by("pk"))
    _BULK[act](rows, **arguments, by=agent)
    return len(rows)
