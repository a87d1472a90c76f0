"""The worklist "three seconds each": every order on which something is to be settled before it is packed."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import live
from bridgedesk.lib.html import cldr
from bridgedesk.lib.storable import number, plain
from bridgedesk.orders import labels, worklist
from bridgedesk.orders.holding import hold, release
from bridgedesk.orders.models import Order
from bridgedesk.orders.settling import PARTS, ask, correct_address, dismiss
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@login_required
@require_GET
def check_page(request: HttpRequest) -> HttpResponse:
    """What is to be looked at, what waits for the buyer, what is held; `order` shows one of them alone."""
    address = live.address()
    agent, tab = cast(Agent, request.user), request.GET.get("tab", "")
    tab = tab if tab in worklist.TABS else "look"
    shop, after = number(request.GET.get("shop", "")), number(request.GET.get("after", ""))
    alone = worklist.one(agent, number(request.GET["order"])) if "order" in request.GET else None
    cards, following = ([alone], 0) if alone else worklist.page(agent, tab, shop, min(after, 10_000))
    shown = _words(agent) | {
        "cards": cards,
        "alone": alone,
        "tab": tab,
        "counts": worklist.counts(agent, shop),
        "shops": list(Shop.objects.visible_to(agent)[:200]),
        "shop": shop,
        "next": following,
        "live": address,
    }
    return render(request, "orders/check.html", shown)


@login_required
@require_POST
def check_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One act on one order; answers its card as it is then, or nothing when it is settled."""
    agent = cast(Agent, request.user)
    order = get_object_or_404(Order.objects.visible_to(agent), pk=pk)
    if name not in ACTS:
        raise Http404
    if not agent.may_write:
        raise PermissionDenied
    return ACTS[name](request, order, agent)


@login_required
@require_GET
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that writes another address down, fetched when somebody wants it: a list of fifty orders carries none."""
    agent = cast(Agent, request.user)
    card = worklist.one(agent, pk)
    if card is None:
        raise Http404
    if not agent.may_write:
        raise PermissionDenied
    tab = request.GET.get("tab", "")
    shown = {"order": card.order, "where": card.address, "fields": labels.FIELDS, "tab": tab if tab in worklist.TABS else "look"}
    return render(request, "orders/correct.html", shown)


def _fine(request: HttpRequest, order: Order, agent: Agent) -> HttpResponse:
    dismiss(order, by=agent, reason=request.POST.get("reason", ""))
    return _answer(request, order, agent)


def _hold(request: HttpRequest, order: Order, agent: Agent) -> HttpResponse:
    hold(order, request.POST.get("reason", "") or _("To be settled first"), by=agent)
    return _answer(request, order, agent)


def _release(request: HttpRequest, order: Order, agent: Agent) -> HttpResponse:
    release(order, by=agent, note=request.POST.get("reason", ""))
    return _answer(request, order, agent)


def _correct(request: HttpRequest, order: Order, agent: Agent) -> HttpResponse:
    given = {part: plain(request.POST[part]) for part in PARTS if part in request.POST}
    if not any(value.strip() for value in given.values()):
        return HttpResponse(_("Nothing was written down."), status=422, content_type="text/plain; charset=utf-8")
    correct_address(order, given, by=agent)
    return _answer(request, order, agent)


def _ask(request: HttpRequest, order: Order, agent: Agent) -> HttpResponse:
    """Wait for the buyer, and open the conversation with what fits."""
    card = worklist.one(agent, order.pk)
    asking = card.asking if card else None
    if asking is None or asking.forbidden:
        return HttpResponse(str(asking.rule.reason) if asking and asking.rule else "", status=409, content_type="text/plain; charset=utf-8")
    ask(order, by=agent)
    query = {"shop": order.shop_id, "order": order.external_id, "customer": order.customer_id or "", "back": order.pk}
    query |= {"template": asking.template, "purpose": asking.purpose}
    address = f"{reverse('conversation-about')}?{urlencode({key: value for key, value in query.items() if value})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _answer(request: HttpRequest, order: Order, agent: Agent) -> HttpResponse:
    """The card, while it still belongs to the tab it was in; nothing else."""
    card = worklist.one(agent, order.pk)
    tab = request.POST.get("tab", "look")
    fits = card and {
        "look": card.order.attention >= 2 and not card.order.hold,
        "asked": card.order.attention == 1,
        "held": bool(card.order.hold),
    }
    if not (card and fits and fits.get(tab, False)):
        return HttpResponse("", headers={"HX-Trigger-After-Swap": "settled"})
    return render(request, "orders/check_card.html", _words(agent) | {"card": card, "tab": tab})


def _words(agent: Agent) -> dict[str, Any]:
    """Looked up once a page: a list of fifty cards says the same words fifty times."""
    words = {
        "to_copy": _("Copy"),
        "why": _("Why (if you like)"),
        "fine": pgettext("check", "Fine"),
        "ask": _("Ask the buyer"),
        "correct": _("Correct the address"),
        "hold": pgettext("check", "Hold"),
        "release": _("Let it go"),
    }
    return {"fields": labels.FIELDS, "may_write": agent.may_write, "locale": cldr(), "words": words}


ACTS: dict[str, Callable[[HttpRequest, Order, Agent], HttpResponse]] = {
    "fine": _fine, "hold": _hold, "release": _release, "correct": _correct, "ask": _ask,
}  # fmt: skip
