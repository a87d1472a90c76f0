"""What comes in: a buyer's message, an answer typed elsewhere, the platform's word that a thread is answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from bridgedesk.channels import mail_html
from bridgedesk.channels.events import Bounced, MessageReceived, MessageSent, OrderSeen, ThreadAnswered
from bridgedesk.conversations import attachments, clocks, outcomes, search, sorting
from bridgedesk.conversations.models import Attachment, Conversation, Mention, Message
from bridgedesk.conversations.upkeep import bring_back, change, locked, locked_thread, mark, new_reference, show_last, tell_message
from bridgedesk.customers import actions as customers
from bridgedesk.lib import clock
from bridgedesk.lib.storable import deep, fit, plain
from bridgedesk.orders import actions as orders
from bridgedesk.orders import findings
from bridgedesk.shops.models import Shop
from bridgedesk.team import queries as team

_AHEAD = timedelta(minutes=5)  # as far as a platform's clock may run before ours
_GOING = (Message.State.QUEUED, Message.State.SENDING, Message.State.UNSURE)


@transaction.atomic(savepoint=False)
def receive(shop: Shop, event: MessageReceived) -> Message | None:
    """Store a buyer's message, open the answer window, wake the conversation. None: it was known (a repeat).

    Messages may arrive in any order. An older one never replaces what the list shows, and one that a person
    had already answered by the platform's time does not bring the conversation back.
    """
    conversation = _conversation(shop, event)
    if conversation is None:
        return None
    message = _store(
        conversation,
        event,
        direction=Message.Direction.IN,
        quoted=plain(event.quoted),
        html=_layout(event, ()),
        address=_unless_same(_answer_to(event), conversation.address, 254),
    )
    clocks.heard(message)
    if conversation.due_at:
        bring_back(conversation)
    if conversation.order_ref:
        findings.buyer_wrote(shop.pk, conversation.order_ref)
    _tell_followers(message)
    if conversation.assignee_id is None and shop.options.get("assign") == "round_robin":
        sorting.assign_round_robin(conversation)
    tell_message(message, "received", by=None, actor="buyer")
    return message


@transaction.atomic(savepoint=False)
def record_sent(shop: Shop, event: MessageSent) -> Message | None:
    """Store what the shop's side wrote elsewhere. None: it was known, or it is the echo of one of ours, which it settles."""
    conversation = _conversation(shop, event)
    if conversation is None:
        return None
    if ours := _echoed(conversation, event):
        outcomes.mark_sent(ours, external_id=event.external_id, at=event.at)
        return None
    message = _store(
        conversation,
        event,
        direction=Message.Direction.OUT,
        state=Message.State.SENT,
        automatic=event.automatic,
        sender=plain(event.sender)[:200],
    )
    if not event.automatic:
        clocks.reckon(conversation, message.at)
    tell_message(message, "sent_elsewhere", by=None, actor="channel", automatic=event.automatic)
    return message


@transaction.atomic
def answered_elsewhere(shop: Shop, event: ThreadAnswered) -> None:
    """The platform counts the thread as answered up to `event.at`. An unknown thread, or a repeat, changes nothing."""
    found = Conversation.objects.filter(shop=shop, external_id=fit(event.thread, 255)).first()
    if found is None:
        return
    conversation = locked(found)
    if not conversation.messages.filter(kind="mark", at__gte=event.at).exists():
        mark(conversation, at=event.at, by=None, actor="channel")


@transaction.atomic
def bounced(shop: Shop, event: Bounced) -> Message | None:
    """A mail of ours came back for good: the answer is owed again. A passing delay, or a mail not ours, changes nothing."""
    if not event.permanent or not event.reference:
        return None
    reference = event.reference.strip("<> ")
    ours = Message.objects.filter(shop=shop, direction=Message.Direction.OUT)
    by_id = ours.filter(external_id__in=[fit(reference, 255), fit(f"<{reference}>", 255)]).first()
    message = by_id or ours.filter(reference=reference.partition("@")[0].partition(".")[0]).first()
    if message:
        outcomes.mark_failed(message, event.reason)
    return message


def _known(shop: Shop, external_id: str) -> bool:
    return Message.objects.filter(shop=shop, external_id=fit(external_id, 255)).exists()


def _conversation(shop: Shop, event: MessageReceived | MessageSent) -> Conversation | None:
    """The thread's conversation, or the one it was merged into, locked. None: the message is known."""
    thread = fit(event.thread, 255)
    found = locked_thread(shop, thread)
    if found is None and not _known(shop, event.external_id):
        _open(shop, thread, event)
        found = locked_thread(shop, thread)
    return None if _known(shop, event.external_id) else found


def _open(shop: Shop, thread: str, event: MessageReceived | MessageSent) -> None:
    """A new conversation, unless somebody opens it at this moment."""
    customer = customers.find_or_create(shop, event.buyer)
    fresh = Conversation(
        shop=shop,
        external_id=thread,
        customer=customer,
        address=fit(_answer_to(event), 254),
        subject=plain(event.subject)[:250],
        language=customer.language,
        last_at=_moment(event.at),
        created_at=clock.now(),
    )
    Conversation.objects.bulk_create([fresh], ignore_conflicts=True)


def _store(conversation: Conversation, event: MessageReceived | MessageSent, **more: Any) -> Message:
    known: dict[str, Any] = {
        "conversation": conversation,
        "shop": conversation.shop,
        "external_id": fit(event.external_id, 255),
        "kind": event.kind,
        "reference": new_reference(),
        "sender": plain(event.buyer.name)[:200],
        "subject": plain(event.subject)[:250],
        "text": plain(event.text),
        "meta": deep(event.meta),
        "thread": _unless_same(event.thread, conversation.external_id, 255),
        "at": _moment(event.at),
        "created_at": clock.now(),
    }
    message = Message.objects.create(**known | more)
    _keep_files(message, event)
    _learn(conversation, event)
    search.index(message)
    show_last(conversation, message)
    return message


def _keep_files(message: Message, event: MessageReceived | MessageSent) -> None:
    """Store what came along; a mail's layout shows the pictures embedded in it."""
    files = [attachments.store(message.conversation, message, file) for file in event.files]
    if message.html and isinstance(event, MessageReceived) and any(file.content_id for file in files):
        message.html = _layout(event, files)
        message.save(update_fields=["html"])


def _layout(event: MessageReceived, files: Sequence[Attachment]) -> str:
    """A mail's own layout, cleaned, its embedded pictures pointing at their attachments."""
    if not event.html:
        return ""
    images = {file.content_id: reverse("file", args=[file.token]) for file in files if file.content_id}
    return mail_html.clean(plain(event.html), images, keep_remote=True).html


def _learn(conversation: Conversation, event: MessageReceived | MessageSent) -> None:
    if event.order:
        order = orders.see(conversation.shop, OrderSeen(event.order), conversation.customer)
        change(conversation, order_ref=order.external_id)
    if event.subject and not conversation.subject:
        change(conversation, subject=plain(event.subject)[:250])


def _echoed(conversation: Conversation, event: MessageSent) -> Message | None:
    """Our own message whose sending has not been confirmed yet and which says the same."""
    waiting = conversation.messages.filter(direction=Message.Direction.OUT, state__in=_GOING, attempts__gt=0, external_id=None)
    same = (message for message in waiting.order_by("pk") if message.text.split() == event.text.split())
    return next(same, None)


def _tell_followers(message: Message) -> None:
    followers = message.conversation.followers.filter(pk__in=team.who_see(message.shop_id))
    told = Mention.objects.filter(message__conversation=message.conversation, reason=Mention.Reason.FOLLOWS, seen_at=None)
    Mention.objects.bulk_create(
        Mention(message=message, agent=agent, reason=Mention.Reason.FOLLOWS)
        for agent in followers.exclude(pk__in=told.values("agent"))
    )  # fmt: skip


def _answer_to(event: MessageReceived | MessageSent) -> str:
    given = event.reply_to if isinstance(event, MessageReceived) else ""
    return given or event.buyer.external_id


def _unless_same(value: str, own: str, most: int) -> str:
    fitted = fit(value, most)
    return "" if fitted == own else fitted


def _moment(at: datetime) -> datetime:
    """A time from outside, never in our future: it would stand on top of every list until then."""
    return min(at, clock.now() + _AHEAD)
