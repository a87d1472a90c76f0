"""What follows a message once it is safely stored: the first look, the greeting, its files. A fault here loses no message."""

import logging
from collections.abc import Callable

from django.db import OperationalError, transaction

from bridgedesk.assist import actions as assist
from bridgedesk.assist.models import Triage
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.conversations.models import Attachment, Message
from bridgedesk.lib.queue import enqueue
from bridgedesk.orders import actions as orders
from bridgedesk.sync.models import Delivery

log = logging.getLogger(__name__)


def greet(message: Message) -> None:
    """The shop's automatic first words, where the platform permits them."""
    conversations.greet(message.conversation)


def question_parcel(message: Message) -> None:
    """“It never came”, of a parcel that counts as delivered: somebody has to look into it."""
    if order := templates.order_of(message.conversation):
        orders.not_received(order)


def catch_cancellation(message: Message) -> None:
    """A buyer who writes that they want to cancel stops the parcel, before anybody has read the message."""
    conversation = message.conversation
    topics = Triage.objects.filter(message=message).values_list("topics", flat=True).first() or []
    if topics and topics[0]["topic"] == "cancel_order" and conversation.topic == "cancel_order":
        orders.said_to_cancel(message.shop, conversation.customer_id, conversation.order_ref, message.text)


STEPS: tuple[Callable[[Message], object], ...] = (assist.look, catch_cancellation, greet)
"""Done with each message a buyer sent, each in a transaction of its own. Each may run twice."""


def follow_up(delivery_id: int) -> None:
    """Run the steps for the messages of an applied delivery, once; a sweep repeats it where a crash came between."""
    ids = Delivery.objects.filter(pk=delivery_id, followed_up=False).values_list("messages", flat=True).first()
    if not ids:
        return
    for message in Message.objects.filter(pk__in=ids).select_related("conversation__customer", "shop").order_by("pk"):
        if message.direction == Message.Direction.IN:
            _steps(message)
        _fetch_files(message)
    Delivery.objects.filter(pk=delivery_id).update(followed_up=True)


def _steps(message: Message) -> None:
    for step in STEPS:
        _try(step, message)
    if message.conversation.topic == "not_received":
        _try(question_parcel, message)


def _try(step: Callable[[Message], object], message: Message) -> None:
    try:
        with transaction.atomic():
            step(message)
    except OperationalError:
        raise
    except Exception:
        log.exception("after message %s: %s failed", message.pk, step.__name__)


def _fetch_files(message: Message) -> None:
    for pk in message.attachments.filter(state=Attachment.State.WAITING).values_list("pk", flat=True):
        enqueue("fetch_file", attachment=pk)
