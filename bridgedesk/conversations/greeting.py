"""The automatic first words, so that a buyer knows somebody is there. They answer nothing: the clock runs on."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from bridgedesk.conversations.models import AddressBudget, Conversation, Greeting, Message
from bridgedesk.conversations.replying import queue
from bridgedesk.conversations.ruling import ruling_on
from bridgedesk.conversations.upkeep import locked, tell_message
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop

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
    if ruling.verdict != "allowed" or not _spend(conversation):
        return None
    about = {"automatic": True, "purpose": "greeting", "language": words.language}
    message = queue(conversation, words.body, (), undo=timedelta(0), **about)[0]
    tell_message(message, "greeted", by=None)
    return message


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


def _spend(conversation: Conversation) -> bool:
    """Take one of the address's automatic messages of the day; False: none is left."""
    budget, _ = AddressBudget.objects.get_or_create(shop=conversation.shop, address=conversation.address.lower(), day=clock.now().date())
    return AddressBudget.objects.filter(pk=budget.pk, used__lt=A_DAY).update(used=F("used") + 1) == 1
