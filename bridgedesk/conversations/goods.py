"""The products a conversation is about, beside it: by the order it names, by the listing that was shown, by the buyer's words."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.conversations.templates import buyer_language
from bridgedesk.conversations.views import agent_of, one_of
from bridgedesk.lib.storable import plain
from bridgedesk.orders.models import Line
from bridgedesk.products import knowledge, words

HEARD, MOST = 4, 2000  # messages, characters
KEYS = 9
"""So many facts have a digit of their own."""


@login_required
@require_GET
def beside(request: HttpRequest, pk: int) -> HttpResponse:
    """Products and what may be said of them, each fact one key away; `q` looks for others than the buyer's words name."""
    c, asked = one_of(request, pk), plain(request.GET.get("q", "")).strip()[:200]
    said = [] if asked else list(c.messages.filter(direction=Message.Direction.IN).order_by("-at", "-pk").only("text", "meta")[:HEARD])
    text = asked or "\n".join(message.text for message in said)[:MOST]
    items = {item for message in said for item in _items(message)}
    skus = [] if asked else _bought(c)
    found = knowledge.spoken_of(agent_of(request), c.shop_id, text, skus=skus, items=items, language=buyer_language(c))
    facts = [told for one in found for told in one.facts][:KEYS]
    keys = {told.fact.pk: place for place, told in enumerate(facts, 1)}
    shown = {"c": c, "found": found, "keys": keys, "asked": asked, "kinds": words.KINDS, "may_write": agent_of(request).may_write}
    return render(request, "conversations/goods.html", shown)


def _bought(c: Conversation) -> list[int]:
    if not c.order_ref:
        return []
    lines = Line.objects.filter(order__shop=c.shop_id, order__external_id=c.order_ref, sku__isnull=False)
    return [pk for pk in lines.values_list("sku", flat=True) if pk]


def _items(message: Message) -> list[str]:
    """The listing a buyer showed, as the platforms' cards name it."""
    content = message.meta.get("content")
    named = [part.get("item_id") for part in (message.meta, content) if isinstance(part, dict)]
    return [str(item) for item in named if item]
