"""What every act on a conversation keeps true: one change at a time, what the list shows, who is told."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from secrets import token_hex

from django.db import connection
from django.db.models import QuerySet

from bridgedesk.activity.actions import record, record_each
from bridgedesk.conversations import clocks
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce, announce_each
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

_CHANGED = ("last_at", "last_text", "last_kind", "last_direction", "state", "snoozed_until", "due_at", "risk_at", "subject", "order_ref")
_WRITE = """
update conversations_conversation c set last_at = v.last_at, last_text = v.last_text, last_kind = v.last_kind,
    last_direction = v.last_direction, state = v.state, snoozed_until = v.snoozed_until, due_at = v.due_at, risk_at = v.risk_at,
    subject = v.subject, order_ref = v.order_ref
from unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::timestamptz[], %s::text[], %s::text[])
    v(id, last_at, last_text, last_kind, last_direction, state, snoozed_until, due_at, risk_at, subject, order_ref)
where c.id = v.id
"""
_TROUBLE = (Message.State.FAILED, Message.State.UNSURE)


def new_reference() -> str:
    """Our own name for a message: random, so that nobody guesses another's."""
    return token_hex(16)


def locked(conversation: Conversation) -> Conversation:
    """The conversation that stands (after merges), its row locked until the transaction ends: one change at a time."""
    return _surviving(held().get(pk=conversation.pk))


def held() -> QuerySet[Conversation]:
    """Conversations with their shop and buyer, to be taken under lock."""
    return Conversation.objects.select_for_update(of=("self",)).select_related("shop", "customer")


def _surviving(row: Conversation) -> Conversation:
    return locked(row.merged_into) if row.merged_into else row


def locked_threads(shop: Shop, threads: Collection[str]) -> dict[str, Conversation]:
    """The same for a platform's threads, as far as they are known; threads that were merged share one conversation."""
    rows = [(row.external_id, _surviving(row)) for row in held().filter(shop=shop, external_id__in=threads).order_by("pk")]
    standing = {row.pk: row for _, row in rows}
    return {thread: standing[row.pk] for thread, row in rows}


def change(conversation: Conversation, **fields: object) -> None:
    """Write these columns."""
    for name, value in fields.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(fields))


def write_each(conversations: Iterable[Conversation]) -> None:
    """Write what a message changes of its conversation, for several in one statement."""
    rows = [[getattr(row, name) for name in ("pk", *_CHANGED)] for row in conversations]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])


def tell(conversation: Conversation, verb: str, *, by: Agent | None, actor: str = "", **data: object) -> None:
    """The line in the log, and the word to every open screen."""
    record(verb, conversation, by=by, actor=actor, shop=conversation.shop_id, conversation=conversation.pk, **data)
    announce("conversation", shop=conversation.shop_id, conversation=conversation.pk)


def tell_message(message: Message, verb: str, *, by: Agent | None, actor: str = "", **data: object) -> None:
    """The same for something said."""
    record(verb, message, by=by, actor=actor, shop=message.shop_id, conversation=message.conversation_id, **data)
    announce("message", shop=message.shop_id, conversation=message.conversation_id, message=message.pk)


def tell_each(messages: Sequence[Message], verb: str, *, actor: str) -> None:
    """The same for several, in two statements."""
    record_each(verb, messages, by=None, actor=actor, data={})
    announce_each("message", [{"shop": m.shop_id, "conversation": m.conversation_id, "message": m.pk} for m in messages])


def show_last(conversation: Conversation, message: Message) -> None:
    """Let the list show this message, unless a newer one is there already."""
    if put_last(conversation, message):
        conversation.save(update_fields=["last_at", "last_text", "last_kind", "last_direction"])


def put_last(conversation: Conversation, message: Message) -> bool:
    """The same without writing it; whether anything changed."""
    if message.at < conversation.last_at:
        return False
    conversation.last_at, conversation.last_kind, conversation.last_direction = message.at, message.kind, message.direction
    conversation.last_text = " ".join(message.text[:1000].split())[:200]
    return True


def look_again(conversation: Conversation) -> None:
    """After a message went, moved or changed its state: the list's last line and the trouble flag from the rows."""
    said = conversation.messages.exclude(direction=Message.Direction.NOTE).exclude(state=Message.State.WITHDRAWN)
    change(conversation, trouble=said.filter(state__in=_TROUBLE).exists())
    last = said.order_by("-at", "-pk").first()
    if last:
        conversation.last_at = last.at
        show_last(conversation, last)


def bring_back(conversation: Conversation) -> bool:
    """Open again what was closed or snoozed; whether it was."""
    if not put_back(conversation):
        return False
    conversation.save(update_fields=["state", "snoozed_until"])
    return True


def put_back(conversation: Conversation) -> bool:
    """The same without writing it."""
    if conversation.state == Conversation.State.OPEN:
        return False
    conversation.state, conversation.snoozed_until = Conversation.State.OPEN, None
    return True


def mark(conversation: Conversation, *, at: datetime, by: Agent | None, actor: str = "") -> None:
    """Enter "nothing is owed up to here" in the thread and the ledger."""
    Message.objects.create(
        conversation=conversation,
        shop_id=conversation.shop_id,
        direction=Message.Direction.NOTE,
        kind="mark",
        reference=new_reference(),
        author=by,
        at=at,
        created_at=clock.now(),
    )
    clocks.reckon(conversation, at)
    tell(conversation, "marked_answered", by=by, actor=actor)
