"""The page of parcels, the parcels of one order, and what people do about them."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.lib.storable import number, plain
from bridgedesk.orders import parcel_labels, parcel_queries, parcels, sentinel
from bridgedesk.orders.models import Finding, Order
from bridgedesk.orders.parcel_queries import Asked
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Parcels, those in trouble first."""
    agent, asked = _agent(request), _asked(request)
    rows, more = parcel_queries.listed(agent, asked)
    shown = {
        "rows": rows,
        "more": more,
        "asked": asked,
        "agent": agent,
        "views": _views(),
        "codes": [("", _("Every trouble")), *((code, label.title) for code, label in parcel_labels.FINDINGS.items())],
        "shops": [("", _("Every shop")), *Shop.objects.visible_to(agent).values_list("pk", "name")],
    }  # fmt: skip
    return render(request, "orders/parcels.html", shown)


@login_required
@require_GET
def of_order(request: HttpRequest, pk: int) -> HttpResponse:
    """The parcels of one order with their scans, to stand on its page."""
    order = get_object_or_404(Order.objects.visible_to(_agent(request)).select_related("shop"), pk=pk)
    return render(request, "orders/parcels_of_order.html", drawn(order) | {"agent": _agent(request)})


def drawn(order: Order) -> dict[str, Any]:
    """What the list of an order's parcels is drawn from, wherever it stands."""
    states = [(name, word) for name, word in parcel_labels.STATES.items() if name != "unknown"]
    return {"order": order, "rows": parcel_queries.of_order(order), "said": parcel_queries.said, "scan_states": states}


@login_required
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody dealt with a trouble, or says that it is nothing (`dismiss`)."""
    finding = _finding(request, pk)
    parcels.close(finding, by=_agent(request), note=plain(request.POST.get("note", "")), dismiss=request.POST.get("dismiss") == "1")
    return _back(request)


@login_required
@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the buyer's time to confirm receipt extended."""
    days = number(request.POST.get("days", "")) or 15
    act = sentinel.extend(_finding(request, pk), days, by=_agent(request))
    if act is None:
        messages.info(request, _("This deadline is settled already."))
    elif act.state == "by_hand":
        messages.info(request, _("It has to be done by hand; the order shows where to click."))
    else:
        messages.success(request, _("The platform is being asked to extend it."))
    return _back(request)


def _views() -> list[tuple[str, str]]:
    return [("trouble", pgettext("parcels", "To look at")), ("way", pgettext("parcels", "On the way")), ("all", pgettext("parcels", "All"))]


def _finding(request: HttpRequest, pk: int) -> Finding:
    agent = _agent(request)
    finding = get_object_or_404(Finding.objects.visible_to(agent).filter(code__in=parcel_labels.FINDINGS).select_related("order"), pk=pk)
    if not agent.may_write:
        raise PermissionDenied
    return finding


def _asked(request: HttpRequest) -> Asked:
    get = request.GET
    view = get.get("view", "")
    return Asked(
        view=view if view in parcel_queries.VIEWS else "trouble", code=plain(get.get("code", ""))[:32], shop=number(get.get("shop", "")),
        q=plain(get.get("q", "")).strip()[:80], page=max(1, min(number(get.get("page", "")), parcel_queries.MOST_PAGES)),
    )  # fmt: skip


def _back(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("back", "")
    return redirect(wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else "parcels")


def _agent(request: HttpRequest) -> Agent:
    return cast(Agent, request.user)
