"""The first look at a message is written here, and what agents correct; a corrected topic is learnt at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.activity import actions as activity
from bridgedesk.activity.models import Activity
from bridgedesk.assist import engines, learning, topics, triage
from bridgedesk.assist.models import Engine, Example, Triage
from bridgedesk.conversations import templates
from bridgedesk.conversations.access import allow
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock, languages, live, secrets
from bridgedesk.orders import actions as orders
from bridgedesk.team.models import Agent

MOODS = ("", "accusing", "rude", "shouting")
LONGEST_EXAMPLE = 400  # characters; a whole essay is no example of one topic


class UnknownValue(ValueError):
    """A topic, language or mood that does not exist."""


def look(message: Message) -> Triage:
    """Look at a buyer's message and keep what was seen; the conversation takes over what no person has named."""
    return look_each([message])[0]


@transaction.atomic(savepoint=False)
def look_each(messages: Sequence[Message]) -> list[Triage]:
    """The same for several, oldest first, in a fixed number of statements; messages of one conversation share its object."""
    heard = [message for message in messages if message.direction == Message.Direction.IN]
    index, named, seen = learning.index(), _named_by_people({m.conversation_id for m in heard}), []
    with _kept({message.conversation for message in heard}, ("language", "topic", "mood")), _kept(heard, ("language",)):
        for message in messages:
            seen.append(_seen(message, index))
            if message.direction == Message.Direction.IN:
                _carry_over(message, seen[-1], named.get(message.conversation_id, set()))
    rows = [Triage(message=message, **_fields(each)) for message, each in zip(messages, seen, strict=True)]
    Triage.objects.bulk_create(rows, update_conflicts=True, unique_fields=["message"], update_fields=list(_fields(seen[0])))
    shops = {message.conversation_id: message.shop_id for message in heard}
    live.announce_each("conversation", [{"shop": shop, "conversation": pk} for pk, shop in shops.items()])
    return rows


@contextmanager
def _kept(rows: Collection[Any], names: Sequence[str]) -> Iterator[None]:
    """Write what the block changes of these columns, a statement for each."""
    before = [(row, name, getattr(row, name)) for row in rows for name in names]
    yield
    for name in names:
        changed = [row for row, which, was in before if which == name and getattr(row, name) != was]
        if changed:
            type(changed[0]).objects.bulk_update(changed, [name])


def _seen(message: Message, index: topics.Index) -> triage.Seen:
    conversation = message.conversation
    return triage.look(
        message.text or message.subject,
        shop_language=message.shop.language,
        thread_language=conversation.language,
        platform=message.shop.platform,
        country=conversation.customer.country,
        index=index,
    )


def look_back(messages: Sequence[Message]) -> int:
    """The same for buyers' messages written in bulk, in order of time, each conversation's own among them; how many there were.

    What a conversation carries it keeps; where it has nothing yet, and for its mood, the last message decides.
    """
    index = learning.index()
    seen = {message.pk: _seen(message, index) for message in messages}
    Triage.objects.bulk_create([Triage(message=message, **_fields(seen[message.pk])) for message in messages])
    last = {message.conversation_id: message for message in messages}
    for message in last.values():
        conversation, found = message.conversation, seen[message.pk]
        conversation.mood = found.manner.mood
        conversation.topic = conversation.topic or found.topic
        conversation.language = conversation.language or found.language.language
    Conversation.objects.bulk_update([message.conversation for message in last.values()], ["mood", "topic", "language"])
    return len(seen)


def _fields(seen: triage.Seen) -> dict[str, object]:
    return {
        "language": seen.language.language,
        "language_sure": seen.language.probability,
        "language_because": [seen.language.because, *seen.language.words],
        "topics": [vars(each) for each in seen.topics],
        "rude": seen.manner.rude,
        "shouting": bool(seen.manner.shouting),
        "evidence": [list(each) for each in seen.manner.evidence],
        "entities": [each.as_json() for each in seen.entities],
    }


def _carry_over(message: Message, seen: triage.Seen, named: set[str]) -> None:
    conversation = message.conversation
    language = seen.language.language if seen.language.probability >= triage.SURE_LANGUAGE else ""
    for name, value in {"language": language, "topic": seen.topic}.items():
        if value and name not in named:
            setattr(conversation, name, value)
    conversation.mood = seen.manner.mood
    message.language = message.language or language


def _named_by_people(conversations: set[int]) -> dict[int, set[str]]:
    """What agents have named on any message of each conversation: it stands."""
    named: dict[int, set[str]] = defaultdict(set)
    rows = Triage.objects.filter(message__conversation__in=conversations, corrected_by__isnull=False)
    for conversation, corrected in rows.values_list("message__conversation", "corrected"):
        named[conversation] |= set(corrected) - {"mood"}  # a mood is of one message
    set_by_hand = Activity.objects.filter(conversation_id__in=conversations, verb="language_set")
    for pk in set_by_hand.values_list("conversation_id", flat=True).distinct():
        named[pk or 0].add("language")
    return named


@transaction.atomic
def correct_topic(message: Message, topic: str, *, by: Agent) -> Triage:
    """The agent names the topic: the conversation carries it, and the message becomes an example. UnknownValue if there "
    "is none such."""
    if topic not in topics.topics():
        raise UnknownValue(topic)
    allow(by, message.shop_id)
    row = _correct(message, "topic", topic, by=by)
    Example.objects.filter(message=message).delete()
    text = message.text.strip()[:LONGEST_EXAMPLE]
    if text:
        Example.objects.create(topic=topic, language=row.language, text=text, message=message, by=by, created_at=clock.now())
    _stop_parcel(message, topic, by=by)
    return row


def _stop_parcel(message: Message, topic: str, *, by: Agent) -> None:
    """What a person reads as a wish to cancel, or as a parcel that never came, counts like what the first look reads so."""
    conversation = message.conversation
    if topic == "cancel_order":
        orders.said_to_cancel(message.shop, conversation.customer_id, conversation.order_ref, message.text, by=by)
    elif topic == "not_received" and (order := templates.order_of(conversation)):
        orders.not_received(order, by=by)


@transaction.atomic
def correct_language(message: Message, language: str, *, by: Agent) -> Triage:
    """The agent names the language of the message, and with it the conversation's and the buyer's: the next talk begins in it."""
    known = languages.canonical(language)
    if not known:
        raise UnknownValue(language)
    row = _correct(message, "language", known, by=by)
    row.language, row.language_sure, row.language_because = known, 1.0, ["person"]
    row.save(update_fields=["language", "language_sure", "language_because"])
    message.language = known
    message.save(update_fields=["language"])
    customer = message.conversation.customer
    customer.language = known
    customer.save(update_fields=["language"])
    return row


@transaction.atomic
def correct_mood(message: Message, mood: str, *, by: Agent) -> Triage:
    """The agent names the mood; "" says that nobody is angry here."""
    if mood not in MOODS:
        raise UnknownValue(mood)
    return _correct(message, "mood", mood, by=by)


def _correct(message: Message, name: str, value: str, *, by: Agent) -> Triage:
    allow(by, message.shop_id)
    row = Triage.objects.select_for_update().filter(message=message).first() or look(message)
    before = getattr(message.conversation, name)
    row.corrected = {**row.corrected, name: value}
    row.corrected_by = by
    row.save(update_fields=["corrected", "corrected_by"])
    setattr(message.conversation, name, value)
    message.conversation.save(update_fields=[name])
    activity.record(
        f"{name}_corrected", message, by=by, shop=message.shop_id, conversation=message.conversation_id, before=before, after=value
    )
    live.announce("conversation", shop=message.shop_id, conversation=message.conversation_id)
    return row


class Incomplete(ValueError):
    """The settings of a translation service lack something; the message says what."""


@transaction.atomic
def save_engine(*, name: str, base_url: str, model: str, key: str, options: dict[str, object], enabled: bool, by: Agent) -> Engine:
    """Set up the translation service. An empty `key` keeps the stored one, unless service or address change: a key never goes elsewhere."""
    if not by.administers:
        raise PermissionDenied("Only an admin sets up the translation service.")
    row = Engine.objects.select_for_update().first() or Engine()
    moved = (row.name, row.base_url) != (name, base_url)
    sealed = secrets.seal(key, settings.SECRET_KEY) if key else "" if moved else row.sealed_key
    _check_engine(name, base_url, model, has_key=bool(sealed))
    row.name, row.base_url, row.model, row.sealed_key = name, base_url, model, sealed
    row.options, row.enabled = options, enabled
    row.save()
    activity.record("translation_set_up", row, by=by, service=name, base_url=base_url, model=model, enabled=enabled)
    return row


def _check_engine(name: str, base_url: str, model: str, *, has_key: bool) -> None:
    if name not in engines.ENGINES:
        raise Incomplete(_("Choose a service."))
    if base_url and not base_url.startswith(("https://", "http://")):
        raise Incomplete(_("The address must begin with https://."))
    if name == "libretranslate" and not base_url:
        raise Incomplete(_("LibreTranslate needs the address of its server."))
    if name == "openai" and not model:
        raise Incomplete(_("Name the model."))
    if (name == "deepl" or (name == "openai" and not base_url)) and not has_key:
        raise Incomplete(_("This service needs a key."))
