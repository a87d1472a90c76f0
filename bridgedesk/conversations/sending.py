"""Sending what was queued: never twice, never lost, in order.

The row is the truth. A try claims it with a lease in a short transaction, talks to the platform outside any transaction, and
writes the outcome down. A lease that ran out (a crashed worker) and an answer that never came are the same doubt: the platform
is asked what it has before anything is sent again, and where it cannot say, an agent is asked.
"""

import random
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bridgedesk.channels.base import Account, CannotTell, Channel, NeedsReconnect, Outgoing, SendError, Sent, Uncertain
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import attachments, outcomes
from bridgedesk.conversations.models import Message
from bridgedesk.conversations.ruling import ruling_of
from bridgedesk.conversations.upkeep import locked
from bridgedesk.lib import clock
from bridgedesk.lib.database import patiently
from bridgedesk.lib.keeping import kept
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import mask
from bridgedesk.shops import buckets, connection
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of

LEASE = timedelta(seconds=20)
"""How long a claim stands when its process says nothing more (wall time); a living one keeps extending it."""
PAUSES = tuple(timedelta(seconds=s) for s in (2, 5, 15, 60, 180, 600, 1800))
"""Waits after temporary errors (wall time, plus up to a quarter); then the message has failed."""
RATE, BURST = 1.0, 5.0
"""Messages a second and at once per shop, unless its options `send_per_second` and `send_burst` say otherwise."""

REFERENCES, KNOWN = 20, 200
"""How many earlier messages a mail names as its References, and a search for a lost answer must not take for it."""

_UNDER_WAY = (Message.State.QUEUED, Message.State.SENDING)
_IN_TROUBLE = (Message.State.FAILED, Message.State.UNSURE)


def send(message_id: int) -> None:
    """Send this message if its time has come and nothing goes before it; else nothing happens."""
    claimed = _claim(message_id)
    if claimed is None:
        return
    message, doubtful = claimed
    channel, account = CHANNELS[message.shop.platform], account_of(message.shop)
    with _held(message):
        outcome = _attempt(channel, account, message, doubtful)
    patiently(lambda: _write_down(message, outcome))


def due(limit: int = 200) -> list[int]:
    """Messages whose try is due now: queued ones whose undo time is over, and those whose lease ran out."""
    now = clock.now()
    ready = Q(state=Message.State.QUEUED, not_before__lte=now) | Q(state=Message.State.SENDING, lease_until__lte=now)
    rows = Message.objects.filter(ready, not_before__isnull=False, shop__state=Shop.State.CONNECTED)
    return list(rows.order_by("not_before").values_list("pk", flat=True)[:limit])


def _claim(message_id: int) -> tuple[Message, bool] | None:
    """The message under a new lease, and whether an earlier try may have arrived; None when it is not to be sent now."""
    with transaction.atomic():
        message = _locked(message_id)
        now = clock.now()
        if message is None or not _its_turn(message, now) or message.shop.state != Shop.State.CONNECTED:
            return None
        doubtful = message.state == Message.State.SENDING
        if not doubtful and not _may_leave(message):
            return None
        message.state, message.attempts, message.lease_until = Message.State.SENDING, message.attempts + 1, now + clock.real(LEASE)
        message.first_try_at = message.first_try_at or now
        message.save(update_fields=["state", "attempts", "lease_until", "first_try_at"])
    return message, doubtful


def _locked(message_id: int) -> Message | None:
    """The message while it is under way, after its conversation: everybody locks in that order."""
    found = Message.objects.select_related("conversation").filter(pk=message_id, state__in=_UNDER_WAY).first()
    if found is None:
        return None
    locked(found.conversation)
    rows = Message.objects.select_for_update(of=("self",)).select_related("shop", "conversation__customer")
    return rows.filter(pk=message_id, direction=Message.Direction.OUT, state__in=_UNDER_WAY).first()


def _may_leave(message: Message) -> bool:
    """Whether gate and rate let it go now; else it has failed, or waits its turn."""
    if refusal := _refusal(message):
        outcomes.mark_failed(message, refusal)
        return False
    if wait := _rate(message.shop):
        _later(message, wait)
        return False
    return True


def _its_turn(message: Message, now: datetime) -> bool:
    if message.state == Message.State.SENDING:
        return message.lease_until is None or message.lease_until <= now
    return (message.not_before is None or message.not_before <= now) and not _goes_before(message)


def _goes_before(message: Message) -> bool:
    """Whether an earlier message of the conversation is still under way, or an earlier part of the same answer is in trouble."""
    earlier = Message.objects.filter(conversation=message.conversation_id, direction=Message.Direction.OUT, pk__lt=message.pk)
    held_up = Q(state__in=_UNDER_WAY)
    if message.part and (answer := message.meta.get("answer")):
        held_up |= Q(state__in=_IN_TROUBLE, meta__answer=answer)
    return earlier.filter(held_up).exists()


def _refusal(message: Message) -> str:
    """Why it may not leave after all; "" if it may. The policy may have changed since it was queued."""
    ruling = ruling_of(message)
    if ruling.verdict == "allowed":
        return ""
    reasons = [str(finding.reason) for finding in ruling.findings if finding.verdict != "allowed"]
    return " ".join(reasons) or _("The platform's policy does not permit this message.")


def _rate(shop: Shop) -> timedelta | None:
    rate, burst = _figure(shop.options.get("send_per_second"), RATE), _figure(shop.options.get("send_burst"), BURST)
    return buckets.take(shop, "send", rate, max(burst, 1.0))


def _figure(value: Any, default: float) -> float:
    try:
        figure = float(value)
    except (TypeError, ValueError):
        return default
    return figure if 0 < figure < 1e6 else default


def _held(message: Message) -> AbstractContextManager[None]:
    """Extend the lease as long as the block runs, so that a slow platform is not taken for a crash."""
    mine = Message.objects.filter(pk=message.pk, state=Message.State.SENDING, attempts=message.attempts)

    def extend() -> None:
        mine.update(lease_until=clock.now() + clock.real(LEASE))

    return kept(extend, LEASE.total_seconds() / 4, f"lease of message {message.pk}")


def _attempt(channel: Channel, account: Account, message: Message, doubtful: bool) -> "Sent | Exception":
    """Talk to the platform; what came of it. An error nobody foresaw leaves open whether the message arrived."""
    try:
        outgoing = _outgoing(message)
    except Exception as error:
        return _unreadable(error, doubtful)
    try:
        if doubtful:
            found = channel.find_sent(account, outgoing)
            if found and _is_anothers(message, found):
                return CannotTell(_("The same words were sent twice and the platform does not say which of them arrived."))
            if found:
                return found
    except Exception as error:
        return error if isinstance(error, CannotTell | NeedsReconnect) else Uncertain(_words(error))
    try:
        return channel.send(account, outgoing)
    except SendError as error:
        return error
    except Exception as error:
        return Uncertain(_words(error))


def _unreadable(error: Exception, doubtful: bool) -> SendError:
    """A file of the message cannot be read: lost for good, or its storage is away for now."""
    if doubtful:
        return Uncertain(_words(error))
    if isinstance(error, FileNotFoundError):
        return SendError(_("An attached file is no longer there. Attach it again."), permanent=True, code="file")
    return SendError(_words(error), permanent=False, code="file")


def _is_anothers(message: Message, found: Sent) -> bool:
    """Whether what the platform has is another message of ours that says the same."""
    others = Message.objects.filter(shop=message.shop_id, external_id=found.external_id, first_try_at__isnull=False)
    return others.exclude(pk=message.pk).exists()


def _outgoing(message: Message) -> Outgoing:
    conversation = message.conversation
    return Outgoing(
        reference=message.reference,
        thread=message.thread or conversation.external_id,
        to=message.address or conversation.address,
        text=message.text,
        subject=message.subject,
        order=conversation.order_ref,
        in_reply_to=message.in_reply_to,
        references=_said_before(message),
        known=_known(message),
        files=attachments.as_files(message),
        since=message.first_try_at,
        purpose=message.purpose,
    )


def _said_before(message: Message) -> tuple[str, ...]:
    """Outside ids of what was said before, oldest first: the References of a mail."""
    return _ids(message, Q(pk__lt=message.pk), REFERENCES)


def _known(message: Message) -> tuple[str, ...]:
    """Outside ids of other messages sent from here. One typed elsewhere is not among them: it may be this one's own echo."""
    return _ids(message, Q(first_try_at__isnull=False), KNOWN)


def _ids(message: Message, which: Q, most: int) -> tuple[str, ...]:
    rows = Message.objects.filter(which, conversation=message.conversation_id, external_id__isnull=False).exclude(pk=message.pk)
    newest = rows.exclude(direction=Message.Direction.NOTE).order_by("-pk").values_list("external_id", flat=True)[:most]
    return tuple(str(one) for one in reversed(newest))


def _write_down(message: Message, outcome: "Sent | Exception") -> None:
    with transaction.atomic():
        row = _locked(message.pk)
        if row is None or row.state != Message.State.SENDING or row.attempts != message.attempts:
            return  # an echo settled it, or another process took over
        if isinstance(outcome, Sent):
            outcomes.mark_sent(row, external_id=outcome.external_id, at=outcome.at)
        else:
            _not_sent(row, outcome)
        _wake_next(row)


def _not_sent(message: Message, error: Exception) -> None:
    if isinstance(error, NeedsReconnect):
        connection.break_off(message.shop, str(error))
    if isinstance(error, CannotTell):
        outcomes.mark_unsure(message, str(error) or _("It may have arrived, and the platform cannot say. Please look."))
    elif isinstance(error, Uncertain):
        _ask_later(message, error)
    elif not isinstance(error, SendError) or error.permanent or message.attempts > len(PAUSES):
        outcomes.mark_failed(message, str(error))
    else:
        pause = PAUSES[message.attempts - 1] * (1 + random.random() / 4)  # noqa: S311 (spreads load, guards nothing)
        _later(message, clock.real(max(pause, error.retry_after or pause)), error=str(error))


def _ask_later(message: Message, error: Exception) -> None:
    """Stay "sending": the next try begins by asking the platform; after as many as there are pauses an agent is asked."""
    if message.attempts > len(PAUSES):
        outcomes.mark_unsure(message, str(error))
        return
    message.lease_until, message.error = clock.now() + clock.real(PAUSES[message.attempts - 1]), str(error)[:500]
    message.save(update_fields=["lease_until", "error"])
    enqueue("send_message", at=message.lease_until, message=message.pk)


def _later(message: Message, wait: timedelta, *, error: str = "") -> None:
    message.state, message.lease_until, message.error = Message.State.QUEUED, None, error[:500]
    message.not_before = clock.now() + wait
    message.save(update_fields=["state", "lease_until", "error", "not_before"])
    enqueue("send_message", at=message.not_before, message=message.pk)


def _wake_next(message: Message) -> None:
    """Whatever waited behind this one."""
    waiting = Message.objects.filter(conversation=message.conversation_id, state=Message.State.QUEUED, pk__gt=message.pk)
    following = waiting.order_by("pk").values("pk", "not_before").first()
    if following:
        enqueue("send_message", at=following["not_before"], message=following["pk"])


def _words(error: Exception) -> str:
    return mask(f"{type(error).__name__}: {error}")[:500]
