"""The list of orders, one order's page, and what is done with it there."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import live
from bridgedesk.activity import words as log
from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock
from bridgedesk.lib.storable import number, plain
from bridgedesk.lib.words import told
from bridgedesk.orders import actions, pictures, words
from bridgedesk.orders.address_lines import address_lines
from bridgedesk.orders.cancelling import can, reasons
from bridgedesk.orders.guides import guide
from bridgedesk.orders.holding import obstacles
from bridgedesk.orders.listing import DUE, Filters, page
from bridgedesk.orders.models import Finding, Order, PlatformAct, Remark
from bridgedesk.orders.parcel_labels import FINDINGS as PARCEL_FINDINGS
from bridgedesk.orders.parcel_views import drawn as parcels_drawn
from bridgedesk.shops.models import Shop
from bridgedesk.shops.views import titles
from bridgedesk.team.models import Agent

LOG = 60
CLOCKS = ("cancel_answer_by", "ship_by", "deliver_by", "receive_by")
ENDED = ("completed", "cancelled")


@login_required
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """The orders under a filter."""
    agent, filters, listen = cast(Agent, request.user), Filters.parse(request.GET), live.address()
    found = page(agent, filters, plain(request.GET.get("after", "")))
    shops = list(Shop.objects.visible_to(agent).order_by("name", "pk"))
    return render(request, "orders/list.html", {"found": found, "filters": filters, "fields": _fields(shops), "live": listen} | WORDS)


def _fields(shops: list[Shop]) -> list[tuple[str, Any, list[tuple[Any, Any]]]]:
    platforms = titles()
    due = dict(zip(DUE, (_("Overdue"), _("Within a day"), _("Within three days"), _("Soonest first")), strict=True))
    return [
        ("state", _("Any state"), list(words.STATES.items())),
        ("due", _("Ship by"), list(due.items())),
        ("shop", _("All shops"), [(shop.pk, shop.name) for shop in shops]),
        ("platform", _("All platforms"), sorted({(shop.platform, platforms.get(shop.platform, shop.platform)) for shop in shops})),
        ("finding", _("With or without findings"), [("1", _("Something to look at"))]),
        ("held", _("Held or not"), [("1", _("Held back"))]),
    ]


@login_required
@require_GET
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order with everything that is known of it."""
    listen, found = live.address(), _order(request, pk)
    acts = list(found.acts.select_related("by").order_by("-pk")[:LOG])
    remarks = list(found.remarks.select_related("author", "acknowledged_by").order_by("pk"))
    odd = found.findings.filter(state__in=[Finding.State.OPEN, Finding.State.WAITING]).exclude(code__in=PARCEL_FINDINGS)
    timeline = Activity.objects.filter(subject_type="order", subject_id=found.pk).select_related("by").order_by("-pk")[:LOG]
    lines = list(found.lines.select_related("sku"))
    more = {
        "order": found,
        "lines": lines,
        "pictures": pictures.of(found, [line.image for line in lines]),
        "payments": list(found.payments.all()),
        "photos": list(found.evidence.select_related("by").order_by("pk")),
        "address": address_lines(found.address),
        "remarks": remarks,
        "wish": next((row for row in reversed(remarks) if row.kind == Remark.Kind.CANCEL and not row.withdrawn_at), None),
        "findings": [(row, words.finding(row)) for row in odd.order_by("due_at", "pk")],
        "acts": [(row, words.act(row.kind), guide(found.shop.platform, row.kind)) for row in acts],
        "obstacles": obstacles(found) if found.state not in ENDED else [],
        "clocks": [(name, getattr(found, name)) for name in CLOCKS if getattr(found, name) and found.state not in ENDED],
        "timeline": [(row, log.happened(row.verb, row.data)) for row in timeline],
        "reasons": {reason: words.REASONS[reason] for reason in reasons(found)},
        "able": can(found),
        "by_hand": {kind: words.BY_HAND.get((found.shop.platform, kind), "") for kind in ("price", "merge")},
        "live": listen,
    }
    return render(request, "orders/order.html", more | parcels_drawn(found) | WORDS)


WORDS: dict[str, Any] = {
    "state_of": words.state, "tones": words.TONES, "remark_words": words.REMARKS, "addressees": words.ADDRESSEES,
    "act_states": words.ACT_STATES, "waits": words.WAITS, "gone": words.GONE,
}  # fmt: skip


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do something with an order; what does not fit is said and changes nothing."""
    found, agent = _order(request, pk), cast(Agent, request.user)
    if not agent.may_write:
        raise PermissionDenied
    if name not in DO:
        raise Http404
    try:
        DO[name](found, request.POST, agent)
    except actions.CannotNow as error:
        messages.error(request, told(str(error)))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("order", pk)


def _order(request: HttpRequest, pk: int) -> Order:
    rows = Order.objects.visible_to(cast(Agent, request.user)).select_related("shop", "customer", "held_by")
    return get_object_or_404(rows, pk=pk) if pk < 2**63 else _gone()


def _gone() -> Order:
    raise Http404


def _remark(order: Order, sent: QueryDict, by: Agent) -> object:
    kind = sent.get("kind", "free")
    if kind == Remark.Kind.RESEND:
        raise ValidationError(_("Goods are sent again from a case: open one for this order."))
    return actions.remark(
        order, kind, sent.get("text", ""), by=by, data=actions.meant(order, kind, sent.get("other", ""), sent.get("line", "")),
        addressee=sent.get("addressee", "packing"), due_at=_local(sent.get("due", ""), by),
    )  # fmt: skip


def _local(text: str, by: Agent) -> datetime | None:
    """A moment a person typed, in their zone; None for one far from our time, which another zone could not write."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(by.timezone)) if found and 2000 <= found.year < 2100 else None


def _parcel(order: Order, sent: QueryDict, by: Agent) -> object:
    return actions.add_parcel(order, sent.get("number", ""), sent.get("carrier", ""), left_at=_local(sent.get("left", ""), by), by=by)


def _scan(order: Order, sent: QueryDict, by: Agent) -> object:
    parcel = get_object_or_404(order.parcels, pk=number(sent.get("id", "")))
    at = _local(sent.get("at", ""), by) or clock.now()
    return actions.note_scan(parcel, sent.get("status", ""), sent.get("text", ""), at=at, place=sent.get("place", ""), by=by)


def _split(order: Order, sent: QueryDict, by: Agent) -> object:
    """The form names how many pieces of each line go into a second parcel."""
    second = {line.external_id: number(sent.get(f"second-{line.pk}", "")) for line in order.lines.all()}
    whole = {line.external_id: line.quantity for line in order.lines.all()}
    one = tuple((line, pieces - second[line]) for line, pieces in whole.items() if pieces != second[line])
    two = tuple((line, pieces) for line, pieces in second.items() if pieces)
    return actions.split(order, (one, two), by=by)


def _row(order: Order, sent: QueryDict) -> PlatformAct:
    return get_object_or_404(order.acts, pk=number(sent.get("id", "")))


def _said(order: Order, sent: QueryDict) -> Remark:
    return get_object_or_404(order.remarks, pk=number(sent.get("id", "")))


DO: dict[str, Callable[[Order, QueryDict, Agent], object]] = {
    "hold": lambda order, sent, by: actions.hold(order, sent.get("reason", ""), by=by),
    "release": lambda order, sent, by: actions.release(order, by=by, note=sent.get("note", "")),
    "remark": _remark,
    "acknowledge": lambda order, sent, by: actions.acknowledge(_said(order, sent), by=by),
    "take-back": lambda order, sent, by: actions.take_back(_said(order, sent), by=by),
    "agree": lambda order, sent, by: actions.answer_cancellation(order, agree=True, by=by),
    "refuse": lambda order, sent, by: actions.answer_cancellation(order, agree=False, by=by),
    "cancel": lambda order, sent, by: actions.cancel_at_platform(order, sent.get("reason", ""), by=by),
    "split": _split,
    "parcel": _parcel,
    "scan": _scan,
    "act-retry": lambda order, sent, by: actions.retry_act(_row(order, sent), by=by),
    "act-done": lambda order, sent, by: actions.settle_act(_row(order, sent), done=True, by=by),
    "act-not-done": lambda order, sent, by: actions.settle_act(_row(order, sent), done=False, by=by),
    "act-withdraw": lambda order, sent, by: actions.withdraw_act(_row(order, sent), by=by),
}
