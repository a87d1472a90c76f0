"""Among ourselves: notes, calls, who looks at what, who was told."""

from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.conversations import rules, search
from bridgedesk.conversations.access import CannotWrite, allow, may_see
from bridgedesk.conversations.models import Conversation, Mention, Message, Presence
from bridgedesk.conversations.upkeep import locked, new_reference, tell_message
from bridgedesk.customers import local_time
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.team import queries as team
from bridgedesk.team.models import Agent

PRESENT_FOR = timedelta(seconds=30)
CallEnd = Literal["reached", "no_answer", "busy", "voicemail", "wrong_number"]


@transaction.atomic
def note(conversation: Conversation, text: str, *, by: Agent) -> Message:
    """Write to colleagues only. Who is named by @ and sees the shop is told."""
    allow(by, conversation.shop_id)
    text = plain(text).strip()
    if not text:
        raise CannotWrite(_("The note is empty."))
    message = _write(locked(conversation), text, by=by, kind="text")
    _mention(message)
    tell_message(message, "noted", by=by)
    return message


@transaction.atomic
def log_call(
    conversation: Conversation,
    *,
    by: Agent,
    direction: Literal["in", "out"] = "out",
    ended: CallEnd = "reached",
    minutes: int = 0,
    text: str = "",
    at: datetime | None = None,
) -> Message:
    """Keep a telephone call with what was said. It stops no platform's clock: those count written answers only."""
    allow(by, conversation.shop_id)
    conversation = locked(conversation)
    meta = {"direction": direction, "ended": ended, "minutes": minutes, "buyer_time": _buyers_time(conversation)}
    message = _write(conversation, plain(text).strip(), by=by, kind="call", meta=meta, at=at)
    tell_message(message, "called", by=by, ended=ended)
    return message


def _buyers_time(conversation: Conversation) -> str:
    return local_time.of(conversation.customer, conversation.shop.timezone).now.isoformat()


def be_present(conversation: Conversation, *, by: Agent, typing: bool = False) -> None:
    """Say that somebody looks or types, for half a minute. Colleagues' screens are told only when something changed."""
    may_see(by, conversation.shop_id)
    rows = Presence.objects.filter(conversation=conversation, agent=by)
    known = rows.filter(until__gt=clock.now(), typing=typing).exists()
    with transaction.atomic():
        Presence.objects.update_or_create(
            conversation=conversation, agent=by, defaults={"typing": typing, "until": clock.now() + PRESENT_FOR}
        )
        if not known:
            announce("presence", shop=conversation.shop_id, conversation=conversation.pk)


@transaction.atomic
def leave(conversation: Conversation, *, by: Agent) -> None:
    """Looks no more."""
    if Presence.objects.filter(conversation=conversation, agent=by).delete()[0]:
        announce("presence", shop=conversation.shop_id, conversation=conversation.pk)


@transaction.atomic
def see(conversation: Conversation, *, by: Agent) -> None:
    """The agent has read what they were told of here."""
    told = Mention.objects.filter(message__conversation=conversation, agent=by, seen_at=None)
    if told.update(seen_at=clock.now()):
        announce("counters", shop=conversation.shop_id)


def _write(conversation: Conversation, text: str, *, by: Agent, kind: str, at: datetime | None = None, meta: object = None) -> Message:
    message = Message.objects.create(
        conversation=conversation,
        shop_id=conversation.shop_id,
        direction=Message.Direction.NOTE,
        kind=kind,
        reference=new_reference(),
        author=by,
        text=text,
        meta=meta or {},
        at=at or clock.now(),
        created_at=clock.now(),
    )
    search.index(message)
    return message


def _mention(message: Message) -> None:
    if "@" not in message.text:
        return
    names = {agent.pk: (agent.username, agent.shown_name) for agent in team.who_see(message.shop_id) if agent != message.author}
    Mention.objects.bulk_create(Mention(message=message, agent_id=key) for key in sorted(rules.mentioned(message.text, names)))
