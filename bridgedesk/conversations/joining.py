"""Two conversations that are one matter, and one that is two."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.conversations import clocks
from bridgedesk.conversations.access import CannotWrite, allow
from bridgedesk.conversations.models import Attachment, Conversation, Message, SearchEntry, Window
from bridgedesk.conversations.upkeep import bring_back, change, locked, look_again, tell
from bridgedesk.lib import clock
from bridgedesk.team.models import Agent


@transaction.atomic
def merge(into: Conversation, other: Conversation, *, by: Agent) -> Conversation:
    """Put `other`'s messages and windows into `into`, which new messages of both threads then reach.

    From now on they are one talk: an answer in either thread answers both; it goes where the buyer wrote last.
    """
    allow(by, into.shop_id)
    held = {row.pk: locked(row) for row in sorted((into, other), key=lambda row: row.pk)}
    into, other = held[into.pk], held[other.pk]
    if into.pk == other.pk or into.shop_id != other.shop_id:
        raise CannotWrite(_("Only two conversations of the same shop can be merged."))
    _keep_origin(other)
    since = [at for at in (clocks.strike_open(other), _open_since(into)) if at]
    _move(other, into)
    into.followers.add(*other.followers.all())
    change(into, tags=sorted({*into.tags, *other.tags})[:20], order_ref=into.order_ref or other.order_ref)
    Conversation.objects.filter(merged_into=other).update(merged_into=into)
    change(other, merged_into=into, state=Conversation.State.CLOSED, due_at=None, risk_at=None, snoozed_until=None, trouble=False)
    if since:
        clocks.reckon(into, min(since))
    if into.due_at:
        bring_back(into)
    look_again(into)
    tell(other, "merged_away", by=by, into=into.pk)
    tell(into, "merged", by=by, other=other.pk)
    return into


@transaction.atomic
def split(message: Message, *, by: Agent) -> Conversation:
    """Give a buyer's message a conversation of its own; answers there go to the thread it came from. An answer owed goes along."""
    allow(by, message.shop_id)
    old = locked(message.conversation)
    message = Message.objects.get(pk=message.pk)
    if message.direction != Message.Direction.IN or message.conversation_id != old.pk:
        raise CannotWrite(_("Only a buyer's message can be split off."))
    if not old.messages.filter(direction=Message.Direction.IN).exclude(pk=message.pk).exists():
        raise CannotWrite(_("It is the only message of this conversation."))
    owed = Window.objects.filter(conversation=old, outcome=Window.Outcome.OPEN, opened_at__lte=message.at).exists()
    new = _sibling(old, message)
    Message.objects.filter(pk=message.pk).update(
        conversation=new, thread=message.thread or old.external_id, address=message.address or old.address
    )
    Attachment.objects.filter(message=message).update(conversation=new)
    SearchEntry.objects.filter(message=message).update(conversation=new)
    if owed:
        clocks.reckon(old, message.at)
        clocks.reckon(new, message.at)
    look_again(old)
    look_again(new)
    tell(old, "split", by=by, new=new.pk)
    tell(new, "split_off", by=by, old=old.pk)
    return new


def _keep_origin(conversation: Conversation) -> None:
    """Write into the messages which thread and address they belong to, before they move."""
    conversation.messages.filter(thread="").update(thread=conversation.external_id)
    conversation.messages.filter(address="").update(address=conversation.address)


def _move(other: Conversation, into: Conversation) -> None:
    for rows in (Message.objects, Window.objects, Attachment.objects, SearchEntry.objects):
        rows.filter(conversation=other).update(conversation=into)


def _open_since(conversation: Conversation) -> datetime | None:
    return conversation.windows.filter(outcome=Window.Outcome.OPEN).values_list("opened_at", flat=True).first()


def _sibling(old: Conversation, message: Message) -> Conversation:
    return Conversation.objects.create(
        shop=old.shop,
        customer=old.customer,
        external_id=f"split:{message.reference}",
        address=message.address or old.address,
        subject=message.subject or old.subject,
        order_ref=old.order_ref,
        assignee=old.assignee,
        language=message.language or old.language,
        last_at=message.at,
        created_at=clock.now(),
    )
