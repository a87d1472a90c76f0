"""How the sending of a message ended. Called by the worker that sent it, by an echo, or by an agent who looked."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.conversations import clocks
from bridgedesk.conversations.models import Conversation, Message, Window
from bridgedesk.conversations.upkeep import bring_back, locked, look_again, tell_message
from bridgedesk.lib.storable import fit, plain
from bridgedesk.team.models import Agent


@transaction.atomic
def mark_sent(message: Message, *, external_id: str | None, at: datetime, by: Agent | None = None) -> None:
    """The platform took it at `at` (its time): from then on a person's answer closes the clock. A repeat changes nothing."""
    conversation, message = _held(message)
    if message.state == Message.State.SENT:
        return
    if external_id:
        _absorb_echo(message, fit(external_id, 255))
        message.external_id = fit(external_id, 255)
    message.state, message.at, message.error, message.lease_until = Message.State.SENT, at, "", None
    message.save(update_fields=["external_id", "state", "at", "error", "lease_until"])
    _settle(conversation, message)
    tell_message(message, "sent", by=by)


@transaction.atomic
def mark_failed(message: Message, reason: str, *, by: Agent | None = None) -> None:
    """It will not arrive without a person: the bubble turns red, the conversation comes back, the answer is still owed."""
    conversation, message = _held(message)
    message.state, message.error, message.lease_until = Message.State.FAILED, plain(reason)[:500], None
    message.save(update_fields=["state", "error", "lease_until"])
    bring_back(conversation)
    _settle(conversation, message)
    tell_message(message, "sending_failed", by=by, reason=message.error)


@transaction.atomic
def mark_unsure(message: Message, reason: str) -> None:
    """It may have arrived and the platform cannot say: an agent has to look (`replying.settle`)."""
    doubt(message, reason)
    tell_message(message, "sending_unsure", by=None, reason=plain(reason)[:500])


def doubt(message: Message, reason: str) -> None:
    """It does not count as an answer until an agent has settled it; the conversation comes back. Within a transaction."""
    conversation, message = _held(message)
    message.state, message.error, message.lease_until = Message.State.UNSURE, plain(reason)[:500], None
    message.save(update_fields=["state", "error", "lease_until"])
    bring_back(conversation)
    _settle(conversation, message)


def _held(message: Message) -> tuple[Conversation, Message]:
    conversation = locked(message.conversation)
    fresh = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    return conversation, fresh


def _settle(conversation: Conversation, message: Message) -> None:
    look_again(conversation)
    if not message.automatic:
        clocks.reckon(conversation, message.at)


def _absorb_echo(message: Message, external_id: str) -> None:
    """The platform's echo came before our own word and was taken for an answer typed elsewhere: it is this message.

    Taken for another message of ours that says the same, that one is in doubt again.
    """
    echo = Message.objects.filter(shop=message.shop_id, external_id=external_id).exclude(pk=message.pk).first()
    if echo and echo.first_try_at:
        Message.objects.filter(pk=echo.pk).update(external_id=None)
        mark_unsure(echo, _("Another message with the same words arrived; whether this one did is not known. Please look."))
    elif echo:
        Window.objects.filter(closed_by=echo).update(closed_by=message, agent=message.author)
        echo.delete()
