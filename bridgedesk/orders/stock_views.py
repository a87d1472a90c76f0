"""Telling shops their stock: the act, and what became of it by shop and article."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import live
from bridgedesk.lib.storable import number, plain
from bridgedesk.lib.words import told
from bridgedesk.orders import acting, stocking, words
from bridgedesk.orders.guides import guide
from bridgedesk.orders.models import PlatformAct
from bridgedesk.products.models import Listing
from bridgedesk.team.models import Agent

SHOWN = 30
ACTS: dict[str, Callable[[PlatformAct, Agent], object]] = {
    "retry": lambda act, by: acting.retry(act, by=by),
    "withdraw": lambda act, by: acting.withdraw(act, by=by),
    "done": lambda act, by: acting.settle(act, done=True, by=by),
    "not-done": lambda act, by: acting.settle(act, done=False, by=by),
}


@login_required
@require_POST
def push(request: HttpRequest) -> HttpResponse:
    """Set the chosen listings to what there is."""
    agent, sent = _writer(request), request.POST
    chosen = {number(pk) for pk in sent.getlist("listing")[: stocking.MOST]}
    listings = Listing.objects.visible_to(agent).filter(pk__in=chosen).select_related("shop", "sku").order_by("pk")
    try:
        made = stocking.push(listings, by=agent, key=plain(sent.get("nonce", ""))[:40])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("stock")
    messages.success(request, ngettext("%(n)s shop is told.", "%(n)s shops are told.", len(made)) % {"n": len(made)})
    return redirect("stock-pushes")


@login_required
@require_GET
def pushes(request: HttpRequest) -> HttpResponse:
    """What shops were told last, and what they did not take."""
    listen, agent = live.address(), cast(Agent, request.user)
    rows = PlatformAct.objects.visible_to(agent).filter(kind="PushStock").select_related("shop", "by").order_by("-pk")[:SHOWN]
    shown = [(row, _levels(row), guide(row.shop.platform, row.kind)) for row in rows]
    return render(request, "orders/pushes.html", {"acts": shown, "act_states": words.ACT_STATES, "live": listen})


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Try again, take back, or say what became of it."""
    agent = _writer(request)
    row = get_object_or_404(PlatformAct.objects.visible_to(agent).filter(kind="PushStock"), pk=pk if pk < 2**63 else 0)
    if name not in ACTS:
        raise Http404
    try:
        ACTS[name](row, agent)
    except acting.CannotNow as error:
        messages.error(request, told(str(error)))
    return redirect("stock-pushes")


def _writer(request: HttpRequest) -> Agent:
    agent = cast(Agent, request.user)
    if not agent.may_write:
        raise PermissionDenied
    return agent


def _levels(row: PlatformAct) -> list[dict[str, Any]]:
    """Each article of it with the number that was told, and the reason where the shop did not take it."""
    refused = {tuple(place): reason for place, reason in row.failures}
    return [level | {"reason": refused.get((level["item"], level["model"]), "")} for level in row.data.get("levels", ())]
