"""What follows messages once they are safely stored: the first look, the greeting, their files. A fault here loses no message."""

import logging
from collections.abc import Callable, Sequence

from django.db import OperationalError, transaction

from bridgedesk.assist import actions as assist
from bridgedesk.assist.models import Triage
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Attachment, Conversation, Greeting, Message
from bridgedesk.lib.queue import enqueue
from bridgedesk.orders import actions as orders
from bridgedesk.playbooks import actions as playbooks
from bridgedesk.playbooks import automatic, events
from bridgedesk.sync.models import Delivery

log = logging.getLogger(__name__)

Step = Callable[[Sequence[Message]], object]


def greet(messages: Sequence[Message]) -> None:
    """The shops' automatic first words, where the platform permits them."""
    greeting = set(Greeting.objects.filter(shop__in={m.shop_id for m in messages}, enabled=True).values_list("shop", flat=True))
    for message in messages:
        if message.shop_id in greeting:
            conversations.greet(message.conversation)


def question_parcels(messages: Sequence[Message]) -> None:
    """“It never came”, of a parcel that counts as delivered: somebody has to look into it."""
    for message in messages:
        if order := templates.order_of(message.conversation):
            orders.not_received(order)


def catch_cancellations(messages: Sequence[Message]) -> None:
    """A buyer who writes that they want to cancel stops the parcel, before anybody has read the message."""
    meant = {message.pk: message for message in messages if message.conversation.topic == "cancel_order"}
    for seen in Triage.objects.filter(message__in=meant):
        message = meant[seen.message_id]
        if seen.topics and seen.topics[0]["topic"] == "cancel_order":
            orders.said_to_cancel(message.shop, message.conversation.customer_id, message.conversation.order_ref, message.text)


def move_playbooks(messages: Sequence[Message]) -> None:
    """Cases begin and go on: by what was said, by what waited for the buyer's word, and by themselves where a shop lets them."""
    for act in (playbooks.heard, events.heard, automatic.heard):
        act(messages)


STEPS: tuple[Step, ...] = (assist.look_each, catch_cancellations, move_playbooks, greet)
"""Done with the messages buyers sent, each step in a transaction of its own. Each may run twice."""


def follow_up(*deliveries: int) -> None:
    """Run the steps for the messages of applied deliveries, once; a sweep repeats it where a crash came between."""
    waiting = Delivery.objects.filter(pk__in=deliveries, followed_up=False)
    ids = [pk for pks in waiting.order_by("pk").values_list("messages", flat=True) for pk in pks]
    if not ids:
        return
    messages = _messages(ids)
    heard = [message for message in messages if message.direction == Message.Direction.IN]
    for step in STEPS:
        _do(step, heard)
    _do(question_parcels, [message for message in heard if message.conversation.topic == "not_received"])
    for pk in Attachment.objects.filter(message__in=ids, state=Attachment.State.WAITING).values_list("pk", flat=True):
        enqueue("fetch_file", attachment=pk)
    waiting.update(followed_up=True)


def _messages(ids: Sequence[int]) -> list[Message]:
    """Oldest first; those of one conversation share its object."""
    rows = list(Message.objects.filter(pk__in=ids).select_related("shop", "conversation__customer", "conversation__shop").order_by("pk"))
    shared: dict[int, Conversation] = {}
    for row in rows:
        row.conversation = shared.setdefault(row.conversation_id, row.conversation)
    return rows


def _do(step: Step, messages: Sequence[Message]) -> None:
    """The step for all together; if that fails, for each alone, so that one odd message keeps nothing from the others."""
    if not messages:
        return
    try:
        with transaction.atomic():
            step(messages)
    except OperationalError:
        raise
    except Exception:
        if len(messages) == 1:
            log.exception("after message %s: %s failed", messages[0].pk, getattr(step, "__name__", step))
            return
        for message in _messages([message.pk for message in messages]):  # as they stand: what the step had changed is undone
            _do(step, [message])
