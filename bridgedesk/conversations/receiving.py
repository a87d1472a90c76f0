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
from bridgedesk.conversations.upkeep import (
    locked,
    locked_threads,
    mark,
    new_reference,
    put_back,
    put_last,
    tell_each,
    tell_message,
    write_each,
)
from bridgedesk.customers import actions as customers
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.lib.storable import deep, fit, plain
from bridgedesk.orders import actions as orders
from bridgedesk.orders import findings
from bridgedesk.shops.models import Shop
from bridgedesk.team import queries as team

_AHEAD = timedelta(minutes=5)  # as far as a platform's clock may run before ours
_GOING = (Message.State.QUEUED, Message.State.SENDING, Message.State.UNSURE)


def receive(shop: Shop, event: MessageReceived) -> Message | None:
    """Store a buyer's message, open the answer window, wake the conversation. None: it was known (a repeat)."""
    return receive_each(shop, [event])[0]


@transaction.atomic(savepoint=False)
def receive_each(shop: Shop, events: Sequence[MessageReceived]) -> list[Message | None]:
    """The same for several, in that order and in a fixed number of statements.

    Messages may arrive in any order. An older one never replaces what the list shows, and one that a person
    had already answered by the platform's time does not bring the conversation back.
    """
    found = list(zip(events, _conversations(shop, events), strict=True))
    made = {_id(event): _heard(event, conversation) for event, conversation in found if conversation}
    if made:
        _take_in(shop, list(made.values()), [event for event, conversation in found if conversation])
    return [made.get(_id(event)) if conversation else None for event, conversation in found]


def _take_in(shop: Shop, messages: list[Message], events: Sequence[MessageReceived]) -> None:
    _store_each(messages, events)
    clocks.heard_each(messages)
    conversations = list({message.conversation_id: message.conversation for message in messages}.values())
    for conversation in conversations:
        if conversation.due_at:
            put_back(conversation)
        if conversation.order_ref:
            findings.buyer_wrote(shop, conversation.order_ref, conversation.address)
    write_each(conversations)
    _tell_followers(messages)
    if shop.options.get("assign") == "round_robin":
        for conversation in conversations:
            if conversation.assignee_id is None:
                sorting.assign_round_robin(conversation)
    tell_each(messages, "received", actor="buyer")


@transaction.atomic(savepoint=False)
def record_sent(shop: Shop, event: MessageSent) -> Message | None:
    """Store what the shop's side wrote elsewhere. None: it was known, or it is the echo of one of ours, which it settles."""
    conversation = _conversations(shop, [event])[0]
    if conversation is None:
        return None
    if ours := _echoed(conversation, event):
        outcomes.mark_sent(ours, external_id=event.external_id, at=event.at)
        return None
    message = _message(
        conversation,
        event,
        direction=Message.Direction.OUT,
        state=Message.State.SENT,
        automatic=event.automatic,
        sender=plain(event.sender)[:200],
    )
    _store_each([message], [event])
    write_each([conversation])
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


Said = MessageReceived | MessageSent


def _id(event: Said) -> str:
    return fit(event.external_id, 255)


def _known(shop: Shop, events: Sequence[Said]) -> set[str]:
    rows = Message.objects.filter(shop=shop, external_id__in=[_id(event) for event in events])
    return {str(known) for known in rows.values_list("external_id", flat=True)}


def _conversations(shop: Shop, events: Sequence[Said]) -> list[Conversation | None]:
    """Each event's conversation, or the one it was merged into, locked. None: the message is known, or stands here twice."""
    found = locked_threads(shop, {fit(event.thread, 255) for event in events})
    unknown = [event for event in events if fit(event.thread, 255) not in found]
    if unknown:
        _open_each(shop, unknown)
        found |= locked_threads(shop, {fit(event.thread, 255) for event in unknown})
    seen, chosen = _known(shop, events), []
    for event in events:
        chosen.append(None if _id(event) in seen else found.get(fit(event.thread, 255)))
        seen.add(_id(event))
    return chosen


def _open_each(shop: Shop, events: Sequence[Said]) -> None:
    """New conversations, unless somebody opens them at this moment, or their message is known elsewhere."""
    known = _known(shop, events)
    threads = {fit(event.thread, 255): event for event in reversed(events) if _id(event) not in known}
    if not threads:
        return
    buyers = customers.find_or_create_each(shop, [event.buyer for event in threads.values()])
    Conversation.objects.bulk_create(
        (_opened(shop, thread, event, buyer) for (thread, event), buyer in zip(threads.items(), buyers, strict=True)),
        ignore_conflicts=True,
    )


def _opened(shop: Shop, thread: str, event: Said, customer: Customer) -> Conversation:
    return Conversation(
        shop=shop,
        external_id=thread,
        customer=customer,
        address=fit(_answer_to(event), 254),
        subject=plain(event.subject)[:250],
        language=customer.language,
        last_at=_moment(event.at),
        created_at=clock.now(),
    )


def _heard(event: MessageReceived, conversation: Conversation) -> Message:
    return _message(
        conversation,
        event,
        direction=Message.Direction.IN,
        quoted=plain(event.quoted),
        html=_layout(event, ()),
        address=_unless_same(_answer_to(event), conversation.address, 254),
    )


def _message(conversation: Conversation, event: Said, **more: Any) -> Message:
    known: dict[str, Any] = {
        "conversation": conversation,
        "shop": conversation.shop,
        "external_id": _id(event),
        "kind": event.kind,
        "reference": new_reference(),
        "sender": plain(event.buyer.name)[:200],
        "subject": plain(event.subject)[:250],
        "text": plain(event.text),
        "meta": deep(event.meta | _shown(event)),
        "thread": _unless_same(event.thread, conversation.external_id, 255),
        "at": _moment(event.at),
        "created_at": clock.now(),
    }
    return Message(**known | more)


def _store_each(messages: Sequence[Message], events: Sequence[Said]) -> None:
    """Write the messages, with what comes along; what they change of their conversations is left to `write_each`."""
    Message.objects.bulk_create(messages)
    for message, event in zip(messages, events, strict=True):
        _keep_files(message, event)
        _learn(message.conversation, event)
        put_last(message.conversation, message)
    search.index_each(messages)


def _keep_files(message: Message, event: Said) -> None:
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


def _learn(conversation: Conversation, event: Said) -> None:
    if event.order:
        conversation.order_ref = orders.see(conversation.shop, OrderSeen(event.order), conversation.customer).external_id
    conversation.subject = conversation.subject or plain(event.subject)[:250]


def _echoed(conversation: Conversation, event: MessageSent) -> Message | None:
    """Our own message whose sending has not been confirmed yet and which says the same."""
    waiting = conversation.messages.filter(direction=Message.Direction.OUT, state__in=_GOING, attempts__gt=0, external_id=None)
    same = (message for message in waiting.order_by("pk") if message.text.split() == event.text.split())
    return next(same, None)


def _tell_followers(messages: Sequence[Message]) -> None:
    followed = Conversation.followers.through.objects.filter(conversation__in={m.conversation_id for m in messages})
    watched = set(followed.values_list("conversation_id", flat=True))
    for message in messages:
        if message.conversation_id in watched:
            _tell_followers_of(message)


def _tell_followers_of(message: Message) -> None:
    followers = message.conversation.followers.filter(pk__in=team.who_see(message.shop_id))
    told = Mention.objects.filter(message__conversation=message.conversation, reason=Mention.Reason.FOLLOWS, seen_at=None)
    Mention.objects.bulk_create(
        Mention(message=message, agent=agent, reason=Mention.Reason.FOLLOWS)
        for agent in followers.exclude(pk__in=told.values("agent"))
    )  # fmt: skip


def _answer_to(event: Said) -> str:
    given = event.reply_to if isinstance(event, MessageReceived) else ""
    return given or event.buyer.external_id


def _unless_same(value: str, own: str, most: int) -> str:
    fitted = fit(value, most)
    return "" if fitted == own else fitted


def _shown(event: MessageReceived | MessageSent) -> dict[str, object]:
    """The listing the buyer wrote from, or showed."""
    item = getattr(event, "item", "")
    return {"item_id": item} if item else {}


def _moment(at: datetime) -> datetime:
    """A time from outside, never in our future: it would stand on top of every list until then."""
    return min(at, clock.now() + _AHEAD)
