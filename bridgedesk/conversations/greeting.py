"""The automatic first words, so that a buyer knows somebody is there. They answer nothing: the clock runs on."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from bridgedesk.activity.actions import record
from bridgedesk.channels.policy import policy, policy_name
from bridgedesk.conversations.access import may_see
from bridgedesk.conversations.gate import Ruling, examine
from bridgedesk.conversations.models import AddressBudget, Conversation, Greeting, Message
from bridgedesk.conversations.replying import Refused, queue
from bridgedesk.conversations.ruling import limits_of, ruling_on
from bridgedesk.conversations.upkeep import locked, tell_message
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

A_DAY = 3  # automatic messages to one address; more would be two robots talking
FRESH = timedelta(minutes=30)  # an older message is history being read in


@transaction.atomic(savepoint=False)
def greet(conversation: Conversation) -> Message | None:
    """Send the shop's greeting in the buyer's language, once a conversation, where the platform permits it. None: no greeting."""
    words = _words(conversation)
    if words is None:
        return None
    conversation = locked(conversation)
    if not _is_first_word(conversation) or conversation.shop.state != Shop.State.CONNECTED:
        return None
    ruling = ruling_on(conversation, words.body, purpose="greeting", language=words.language, automatic=True)
    if ruling.verdict != "allowed" or not spend(conversation):
        return None
    about: dict[str, Any] = {"automatic": True, "purpose": "greeting", "language": words.language}
    message = queue(conversation, words.body, (), undo=timedelta(0), **about)[0]
    tell_message(message, "greeted", by=None)
    return message


def ruling_for(shop: Shop, body: str, language: str) -> Ruling:
    """Whether this may greet the shop's buyers by itself today."""
    return examine(
        body,
        purpose="greeting",
        policy=policy(policy_name(shop)),
        limits=limits_of(shop),
        on=clock.now().date(),
        automatic=True,
        language=language,
    )


@transaction.atomic
def save_greeting(shop: Shop, language: str, body: str, *, enabled: bool, by: Agent) -> None:
    """The shop's greeting in one language; an empty text takes it away. Refused: what the gate does not let pass cannot be switched on."""
    if not by.leads:
        raise PermissionDenied("Only leads change greetings.")
    may_see(by, shop.pk)
    body = plain(body).strip()
    if enabled and body and (ruling := ruling_for(shop, body, language)).verdict != "allowed":
        raise Refused(ruling)
    if body:
        Greeting.objects.update_or_create(shop=shop, language=language, defaults={"body": body, "enabled": enabled})
    else:
        Greeting.objects.filter(shop=shop, language=language).delete()
    record("changed_greeting", shop, by=by, shop=shop.pk, language=language, enabled=enabled and bool(body))


def _words(conversation: Conversation) -> Greeting | None:
    """The greeting in the buyer's language ("pt" serves "pt-BR"); in the shop's while the buyer's is unknown."""
    shop = conversation.shop
    ready = {greeting.language.lower(): greeting for greeting in shop.greetings.filter(enabled=True) if greeting.body.strip()}
    wanted = (conversation.language or shop.language).lower()
    return ready.get(wanted) or ready.get(wanted.partition("-")[0])


def _is_first_word(conversation: Conversation) -> bool:
    """The buyer wrote just now and nobody has said anything yet."""
    said = conversation.messages.exclude(direction=Message.Direction.NOTE).values_list("direction", "at").order_by("-at")
    directions = {direction for direction, _ in said[:5]}
    return directions == {"in"} and said[0][1] > clock.now() - FRESH


def spend(conversation: Conversation) -> bool:
    """Take one of the address's automatic messages of the day; False: none is left."""
    budget, _ = AddressBudget.objects.get_or_create(shop=conversation.shop, address=conversation.address.lower(), day=clock.now().date())
    return AddressBudget.objects.filter(pk=budget.pk, used__lt=A_DAY).update(used=F("used") + 1) == 1
