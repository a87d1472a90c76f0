"""The way from an order to the conversation about it, with what is to be written at hand."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bridgedesk.conversations import queries
from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib.storable import number, plain
from bridgedesk.orders.places import talks
from bridgedesk.team.models import Agent


@login_required
@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """Open the conversation about `order` in `shop`, else the latest with `customer` there; `template` and `purpose` go along.

    Where there is none yet, back to the order with a word on how to write first.
    """
    asked = {name: plain(request.GET.get(name, ""))[:80] for name in ("shop", "order", "customer", "template", "purpose", "back")}
    found = _of(agent_of(request), number(asked["shop"]), asked["order"], number(asked["customer"]))
    if found:
        more = urlencode({name: asked[name] for name in ("template", "purpose") if asked[name]} | {"about": asked["order"]})
        return HttpResponseRedirect(f"{reverse('conversation', args=[found.pk])}?{more}")
    messages.warning(
        request, _("No conversation with this buyer is here yet. Write to them in the platform's own tool; it shows up here then.")
    )
    if asked["back"] == "stockouts":
        return HttpResponseRedirect(reverse("stockouts"))
    return HttpResponseRedirect(f"{reverse('orders-check')}?{urlencode({'order': number(asked['back'])})}")


def _of(agent: Agent, shop: int, order: str, customer: int) -> Conversation | None:
    rows = queries.visible(agent).order_by("-last_at")
    by_order = rows.filter(talks(shop, order)).first() if order else None
    return by_order or (rows.filter(shop=shop, customer=customer).first() if customer else None)
