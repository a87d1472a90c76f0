"""Our side writes: the gate is asked, the answer queued in parts, taken back, tried again, or settled by an agent who looked.

The clock closes when the platform took the answer (`outcomes.mark_sent`), not here: a queued answer is not an answer.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.conversations import offers, outcomes, rules, search
from bridgedesk.conversations.access import CannotWrite, allow
from bridgedesk.conversations.gate import Ruling
from bridgedesk.conversations.models import Attachment, Conversation, Message, Template
from bridgedesk.conversations.ruling import limits_of, ruling_on
from bridgedesk.conversations.splitting import letters
from bridgedesk.conversations.templates import edited_share
from bridgedesk.conversations.upkeep import bring_back, change, locked, look_again, new_reference, show_last, tell, tell_message
from bridgedesk.lib import clock
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import plain
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

_STANDS = (Message.State.QUEUED, Message.State.SENDING, Message.State.SENT, Message.State.UNSURE)


class Refused(Exception):
    """The gate does not let it through; `ruling` says why, and whether an agent may release it."""

    def __init__(self, ruling: Ruling) -> None:
        super().__init__(ruling.verdict)
        self.ruling = ruling


class JustAnswered(Exception):
    """A colleague answered a moment ago; `message` is theirs. Ask, then reply again with `although_answered`."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message.author or message.sender))
        self.message = message


@transaction.atomic
def reply(
    conversation: Conversation,
    text: str,
    *,
    by: Agent,
    purpose: str = "answer",
    template: Template | None = None,
    rendered: str = "",
    language: str = "",
    files: Sequence[Attachment] = (),
    released: bool = False,
    although_answered: bool = False,
    close: bool = False,
    take: bool = True,
) -> list[Message]:
    """Queue an answer; it leaves after the undo window, in parts where the channel's limit asks for it, in their order.

    `language` is what the text is written in, "" if not known; `rendered` what `template` gave before it was edited;
    `files` the agent's uploads not yet sent; `take`: nobody's conversation becomes theirs.
    Refused, JustAnswered, CannotWrite or PermissionDenied, and then nothing was written.
    """
    allow(by, conversation.shop_id)
    conversation = locked(conversation)
    text = plain(text).strip()
    _may_send(conversation.shop)
    _may_use(files, by)
    ruling = _let_through(conversation, text, purpose=purpose, language=language, files=files, released=released)
    if not although_answered and (theirs := _just_answered(conversation, by)):
        raise JustAnswered(theirs)
    made_from = {"template": template, "edited_share": edited_share(rendered, text) if template else None}
    about = {"author": by, "purpose": purpose, "language": language, "released_by": _releaser(ruling, by)} | made_from
    changed = rendered if made_from["edited_share"] else ""
    messages = queue(conversation, text, files, undo=timedelta(seconds=settings.UNDO_SECONDS), rendered=changed, **about)
    if take and conversation.assignee_id is None:
        change(conversation, assignee=by)
    if close:
        change(conversation, state=Conversation.State.CLOSED, snoozed_until=None)
    tell(conversation, "replied", by=by, message=messages[0].pk, parts=len(messages), purpose=purpose, closed=close)
    if purpose == offers.PURPOSE:
        offers.asked(conversation, text, messages[0], by=by)
    return messages


def _let_through(conversation: Conversation, text: str, **more: Any) -> Ruling:
    """What the gate said of the text, if it lets it through; else Refused."""
    ruling = ruling_on(conversation, text, **more)
    if ruling.verdict != "allowed":
        raise Refused(ruling)
    return ruling


def _releaser(ruling: Ruling, by: Agent) -> Agent | None:
    """Who let it through, where somebody had to."""
    return by if any(finding.verdict == "person" for finding in ruling.findings) else None


def queue(
    conversation: Conversation, text: str, files: Sequence[Attachment], *, undo: timedelta, rendered: str = "", **about: Any
) -> list[Message]:
    """Write the rows of one answer and the jobs that send them. The caller holds the conversation's lock and asked the gate.

    `rendered` is what a template gave, where it was edited: kept with the first part, to be compared.
    """
    pieces = letters(text, files, limits_of(conversation.shop))
    answer = new_reference()
    common = _towards(conversation) | about | {"not_before": clock.now() + undo}
    messages = []
    for part, (piece, its_files) in enumerate(pieces):
        meta = {"answer": answer} | ({"whole": text} if len(pieces) > 1 else {}) | ({"rendered": rendered} if rendered and not part else {})
        message = Message.objects.create(**common, part=part, text=piece, meta=meta, reference=new_reference())
        Attachment.objects.filter(pk__in=[file.pk for file in its_files]).update(message=message, conversation=conversation)
        search.index(message)
        _wake_sender(message)
        messages.append(message)
    show_last(conversation, messages[-1])
    return messages


@transaction.atomic
def withdraw(message: Message, *, by: Agent) -> str:
    """Undo: take back what of the answer has not left yet; its whole text, for the composer. CannotWrite once it is leaving."""
    allow(by, message.shop_id)
    conversation = locked(message.conversation)
    waiting = _same_answer(message).filter(state=Message.State.QUEUED).select_for_update()
    taken = list(waiting.order_by("part"))
    if not any(part.pk == message.pk for part in taken):
        raise CannotWrite(_("It is already on its way."))
    pks = [part.pk for part in taken]
    Message.objects.filter(pk__in=pks).update(state=Message.State.WITHDRAWN)
    Attachment.objects.filter(message__in=pks).update(message=None, conversation=None, uploaded_by=by)
    bring_back(conversation)
    look_again(conversation)
    offers.taken_back(pks, by=by)
    tell_message(message, "withdrew", by=by, parts=len(taken))
    complete = len(taken) == _same_answer(message).count()
    return str(taken[0].meta.get("whole", taken[0].text)) if complete else "\n\n".join(part.text for part in taken)


@transaction.atomic
def retry(message: Message, *, by: Agent) -> None:
    """Send a failed message once more. The worker asks the gate again."""
    allow(by, message.shop_id)
    conversation = locked(message.conversation)
    _send_again(conversation, message, Message.State.FAILED)
    tell_message(message, "retried", by=by)


@transaction.atomic
def settle(message: Message, arrived: bool, *, by: Agent) -> None:
    """The agent looked at the platform: the unsure message is there, or it is not and goes out again."""
    allow(by, message.shop_id)
    conversation = locked(message.conversation)
    if not Message.objects.filter(pk=message.pk, state=Message.State.UNSURE).exists():
        raise CannotWrite(_("This message is not in doubt."))
    if arrived:
        outcomes.mark_sent(message, external_id=None, at=message.first_try_at or message.at, by=by)
    else:
        _send_again(conversation, message, Message.State.UNSURE)
    tell_message(message, "settled", by=by, arrived=arrived)


@transaction.atomic
def not_sent(message: Message, *, by: Agent) -> None:
    """What a person marked as sent was not: it waits for them again, and the answer is owed since when it was.

    CannotWrite where the platform said itself that it has it, or the mark is older than `rules.TAKE_BACK`.
    """
    allow(by, message.shop_id)
    locked(message.conversation)
    message.refresh_from_db()
    if not message.marked_by_hand:
        raise CannotWrite(_("Nobody marked this message as sent by hand."))
    if message.at <= clock.now() - rules.TAKE_BACK:
        raise CannotWrite(_("This was marked too long ago. Answer once more instead."))
    outcomes.doubt(message, "")
    tell_message(message, "not_sent", by=by)


def _send_again(conversation: Conversation, message: Message, state: Message.State) -> None:
    fresh = {"state": Message.State.QUEUED, "attempts": 0, "first_try_at": None, "error": "", "not_before": clock.now()}
    if not Message.objects.filter(pk=message.pk, state=state).update(**fresh):
        raise CannotWrite(_("This message did not fail."))
    message.refresh_from_db()
    look_again(conversation)
    _wake_sender(message)


def _may_send(shop: Shop) -> None:
    if shop.state == Shop.State.PAUSED:
        raise CannotWrite(_("This shop is paused."))
    if shop.state == Shop.State.BROKEN:
        raise CannotWrite(_("This shop has to be connected again before anything can be sent."))


def _may_use(files: Sequence[Attachment], by: Agent) -> None:
    """Only one's own uploads that were not sent yet."""
    if any(file.message_id is not None or file.uploaded_by_id != by.pk for file in files):
        raise CannotWrite(_("This file is not yours to send."))


def _just_answered(conversation: Conversation, by: Agent) -> Message | None:
    """Another person's answer to what the buyer said last, not older than a moment."""
    said = conversation.messages.filter(direction=Message.Direction.IN).order_by("-at", "-pk").values_list("at", flat=True).first()
    answers = conversation.messages.filter(direction=Message.Direction.OUT, automatic=False, state__in=_STANDS).exclude(author=by)
    recent = answers.filter(at__gte=max(filter(None, [said, clock.now() - rules.COLLISION])))
    return recent.select_related("author").order_by("-at", "-pk").first()


def _towards(conversation: Conversation) -> dict[str, Any]:
    """The buyer's last message decides where an answer goes: a merged conversation has several threads and addresses."""
    last = conversation.messages.filter(direction=Message.Direction.IN).order_by("-at", "-pk").first()
    return {
        "conversation": conversation,
        "shop_id": conversation.shop_id,
        "direction": Message.Direction.OUT,
        "state": Message.State.QUEUED,
        "subject": conversation.subject,
        "thread": last.thread if last else "",
        "address": last.address if last else "",
        "in_reply_to": (last.external_id or "") if last else "",
        "at": clock.now(),
        "created_at": clock.now(),
    }


def _same_answer(message: Message) -> Any:
    return Message.objects.filter(conversation=message.conversation_id, meta__answer=message.meta.get("answer"))


def _wake_sender(message: Message) -> None:
    enqueue("send_message", lock=f"conversation:{message.conversation_id}", at=message.not_before, message=message.pk)
