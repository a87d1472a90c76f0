"""What every act on a conversation keeps true: one change at a time, what the list shows, who is told."""

from datetime import datetime
from secrets import token_hex

from django.db.models import QuerySet

from bridgedesk.activity.actions import record
from bridgedesk.conversations import clocks
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

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


def locked_thread(shop: Shop, thread: str) -> Conversation | None:
    """The same for a platform's thread; None: unknown."""
    row = held().filter(shop=shop, external_id=thread).first()
    return _surviving(row) if row else None


def change(conversation: Conversation, **fields: object) -> None:
    """Write these columns."""
    for name, value in fields.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(fields))


def tell(conversation: Conversation, verb: str, *, by: Agent | None, actor: str = "", **data: object) -> None:
    """The line in the log, and the word to every open screen."""
    record(verb, conversation, by=by, actor=actor, shop=conversation.shop_id, conversation=conversation.pk, **data)
    announce("conversation", shop=conversation.shop_id, conversation=conversation.pk)


def tell_message(message: Message, verb: str, *, by: Agent | None, actor: str = "", **data: object) -> None:
    """The same for something said."""
    record(verb, message, by=by, actor=actor, shop=message.shop_id, conversation=message.conversation_id, **data)
    announce("message", shop=message.shop_id, conversation=message.conversation_id, message=message.pk)


def show_last(conversation: Conversation, message: Message) -> None:
    """Let the list show this message, unless a newer one is there already."""
    if message.at >= conversation.last_at:
        change(
            conversation,
            last_at=message.at,
            last_text=" ".join(message.text[:1000].split())[:200],
            last_kind=message.kind,
            last_direction=message.direction,
        )


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
    if conversation.state == Conversation.State.OPEN:
        return False
    change(conversation, state=Conversation.State.OPEN, snoozed_until=None)
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
