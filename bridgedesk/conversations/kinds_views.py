"""The card of an order's kinds of message, fetched by the order's page: what may be written now, what not and why."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from bridgedesk.channels.amazon_messaging import KINDS
from bridgedesk.channels.base import SendError
from bridgedesk.conversations import kinds
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.gate import Finding
from bridgedesk.conversations.replying import Refused
from bridgedesk.conversations.views import agent_of
from bridgedesk.orders.models import Order


@dataclass
class Tried:
    """What an agent tried to write and what became of it. `problem` in words, `findings` of the gate."""

    kind: str = ""
    text: str = ""
    problem: str = ""
    findings: tuple[Finding, ...] = field(default=())
    done: bool = False


@login_required
@require_http_methods(["GET", "POST"])
def of_order(request: HttpRequest, pk: int) -> HttpResponse:
    """What the platform offers for the order now; POST writes one kind."""
    agent = agent_of(request)
    order = get_object_or_404(Order.objects.visible_to(agent).select_related("shop"), pk=pk)
    if not kinds.has(order.shop):
        raise Http404
    if request.method == "POST" and not agent.may_write:
        raise PermissionDenied
    tried = _write(request, order) if request.method == "POST" else Tried()
    shown: dict[str, Any] = {"order": order, "tried": tried, "may_write": agent.may_write, "problem": "", "offered": [], "closed": []}
    try:
        found = kinds.offers(order)
    except SendError as error:
        shown["problem"] = str(error)
    else:
        shown |= {"offered": [one for one in found if not one.reason], "closed": [one for one in found if one.reason]}
    return render(request, "conversations/kinds.html", shown)


def _write(request: HttpRequest, order: Order) -> Tried:
    agent, tried = agent_of(request), Tried(request.POST.get("kind", ""), request.POST.get("text", "").replace("\r\n", "\n"))
    if tried.kind not in KINDS and tried.kind != kinds.REVIEW.name:
        raise Http404
    try:
        if tried.kind == kinds.REVIEW.name:
            kinds.ask_review(order, by=agent)
        else:
            kinds.write(order, KINDS[tried.kind], tried.text, by=agent)
        tried.done, tried.text = True, ""
    except Refused as refused:
        tried.findings = refused.ruling.findings
    except (SendError, CannotWrite) as error:
        tried.problem = str(error)
    return tried
