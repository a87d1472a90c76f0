"""The conversations beside an order."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib.storable import number, plain
from bridgedesk.orders.places import talks

SHOWN = 8


@login_required
@require_GET
def of_order(request: HttpRequest) -> HttpResponse:
    """Talks that name the `order` in its `shop`, then others with its `customer` there; those first that may be written in."""
    customer, shop, named = (plain(request.GET.get(name, ""))[:80] for name in ("customer", "shop", "order"))
    wanted = Q(customer=number(customer), shop=number(shop)) | (talks(number(shop), named) if named else Q(pk=None))
    rows = Conversation.objects.visible_to(agent_of(request)).filter(wanted).order_by("-last_at")[:SHOWN]
    found = sorted(rows, key=lambda row: row.order_ref != named)
    return render(request, "conversations/of_order.html", {"conversations": found, "named": named})
