"""Letters that ask a buyer what to do about an article that cannot be had: once one is queued, the order's row knows it."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib.storable import number, plain
from bridgedesk.orders import stockouts
from bridgedesk.orders.stockout_models import ShortLine
from bridgedesk.team.models import Agent

PURPOSE = "order_problem"
SHOWN = 2


def asked(c: Conversation, text: str, message: Message, *, by: Agent) -> None:
    """The buyer's orders the letter names and that wait for such an answer are asked about now; in the caller's transaction."""
    theirs = Q(line__order__customer=c.customer_id) | (Q(line__order__external_id=c.order_ref) if c.order_ref else Q(pk=None))
    rows = ShortLine.objects.filter(theirs, state=ShortLine.State.TO_ASK, line__order__shop=c.shop_id).select_related("line__order")
    for row in rows:
        if row.line.order.external_id in text:
            stockouts.asked(row, by=by, message=message.pk)


def taken_back(messages: Sequence[int], *, by: Agent) -> None:
    """Letters that did not leave asked nobody."""
    for message in messages:
        stockouts.unasked(message, by=by)


@login_required
@require_GET
def said_since(request: HttpRequest) -> HttpResponse:
    """What the `customer` wrote in `shop` after the moment `since`: the newest words, and the way to them."""
    agent = request.user
    asked = {name: plain(request.GET.get(name, "")) for name in ("shop", "customer", "since")}
    rows = Message.objects.visible_to(agent).filter(  # type: ignore[arg-type]
        conversation__customer=number(asked["customer"]), shop=number(asked["shop"]), direction=Message.Direction.IN
    )
    since = _moment(asked["since"])
    found = list(rows.filter(at__gt=since).order_by("-at", "-pk")[:SHOWN]) if since else []
    return render(request, "conversations/said_since.html", {"said": found})


def _moment(text: str) -> object:
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found and found.tzinfo else None
