"""The packing station: find the order, scan what goes in, photograph, close; the list that goes with it."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity.live import address as live_address
from bridgedesk.lib import clock, languages
from bridgedesk.lib.storable import number, plain
from bridgedesk.lib.words import told
from bridgedesk.orders import dispatch, evidence, labels, packing, packing_list, packing_words, pictures, remarks, resending, station
from bridgedesk.orders.holding import Blocked
from bridgedesk.orders.models import Evidence, Finding, Order, Parcel, Remark
from bridgedesk.orders.packing_models import PackScan
from bridgedesk.orders.station import CannotClose
from bridgedesk.team.models import Agent

SHOWN = 50
SANDBOX = "sandbox; default-src 'none'"
View = Callable[..., HttpResponse]


def _packer(view: View) -> View:
    """A POST of somebody who may write."""

    @login_required
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not _agent(request).may_write:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@login_required
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Where a number is scanned, and the orders that wait, the most urgent first."""
    asked = plain(request.GET.get("number", "")).strip()[:80]
    found = list(_marked(station.found(_agent(request), asked))[:SHOWN]) if asked else []
    found = [order for order in found if order.count] or found  # beside the order itself, a mailbox may have noted its bare number
    if len(found) == 1:
        return redirect(_station(found[0], asked))
    orders = found or list(_waiting(_agent(request))[:SHOWN])
    shown = {"orders": orders, "asked": asked, "several": bool(found), "live": live_address(), "unlabelled": _unlabelled(_agent(request))}
    return render(request, "orders/packing.html", shown)


@login_required
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One order at the station; for a refresh only the part that changes."""
    order = _order(request, pk)
    page = "orders/station.html" if request.headers.get("X-Station") else "orders/packing_order.html"
    return render(request, page, _state(request, order) | {"live": live_address()})


@_packer
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """A code, or (`want`, `act` "in" or "out") a piece by hand. `key` tells it from every other scan, so it may be sent again."""
    order, agent, post = _order(request, pk), _agent(request), request.POST
    key, parcel = post.get("key") or uuid4().hex, number(post.get("parcel", ""))
    try:
        if want := plain(post.get("want", ""))[:32]:
            act = station.take_out if post.get("act") == "out" else station.put_in
            act(order, want, key=key, by=agent, parcel=parcel)
        elif code := post.get("code", "").strip():
            station.scan(order, code, key=key, by=agent, parcel=parcel)
    except Blocked:
        return _answer(request, order, status=HTTPStatus.CONFLICT)
    return _answer(request, order)


@_packer
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The packer has read a remark."""
    order = _order(request, pk)
    remark = get_object_or_404(Remark, order=order, pk=number(request.POST.get("remark", "")))
    remarks.acknowledge(remark, by=_agent(request))
    return _answer(request, order)


@_packer
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The parcel is packed, or the screen says why it is not."""
    order, post = _order(request, pk), request.POST
    try:
        station.close(order, by=_agent(request), parcel=number(post.get("parcel", "")), partly=post.get("partly") == "1")
    except Blocked:
        return _answer(request, order, status=HTTPStatus.CONFLICT)
    except CannotClose as error:
        return _answer(request, order, status=HTTPStatus.CONFLICT, problem=str(error))
    return _answer(request, order)


@_packer
def ship(request: HttpRequest, pk: int) -> HttpResponse:
    """The packed parcel leaves under the number on its label, or the screen says what is wrong with it."""
    order, post = _order(request, pk), request.POST
    try:
        insist = post.get("insist") == "1"
        dispatch.ship(order, post.get("number", ""), by=_agent(request), carrier=post.get("carrier", ""), insist=insist)
    except Blocked:
        return _answer(request, order, status=HTTPStatus.CONFLICT)
    except dispatch.CannotShip as error:
        return _answer(request, order, status=HTTPStatus.CONFLICT, problem=str(error), doubt=error.doubt)
    return _answer(request, order)


@_packer
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the parcel packed last again."""
    order = _order(request, pk)
    opened = station.reopen(order, by=_agent(request))
    return _answer(request, order, problem="" if opened else _("It is on its way, or announced to the platform already."))


@_packer
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """A photo or a film of packing."""
    order, file = _order(request, pk), request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("No file was sent.")}, status=HTTPStatus.BAD_REQUEST)
    try:
        evidence.keep(order, file.read(), by=_agent(request))
    except evidence.NoEvidence as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _answer(request, order)


@login_required
@require_GET
def proof(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The bytes of a photo or film of the order; nothing in them can run."""
    row = get_object_or_404(Evidence, order=_order(request, pk), sha256=plain(name))
    try:
        response = HttpResponse(evidence.read(row), content_type=row.kind)
    except FileNotFoundError:
        raise Http404 from None
    embedded = row.kind in evidence.SHOWN and request.headers.get("Sec-Fetch-Dest") in ("image", "video")
    ending = row.kind.rpartition("/")[2]
    response["Content-Disposition"] = "inline" if embedded else f'attachment; filename="{row.order_id}-{row.sha256[:12]}.{ending}"'
    response["Content-Security-Policy"], response["X-Content-Type-Options"] = SANDBOX, "nosniff"
    response["Cross-Origin-Resource-Policy"], response["Cache-Control"] = "same-origin", "private, max-age=86400, immutable"
    response["Vary"] = "Cookie, Sec-Fetch-Dest"
    return response


@login_required
@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The list that goes into the parcel, in the buyer's language or the one chosen, ready to print."""
    order = _order(request, pk)
    box = order.parcels.filter(packed_at__isnull=False).order_by("packed_at").last() or station.open_parcel(order)
    language = packing_list.language(order, plain(request.GET.get("language", ""))[:16])
    wants = {want.key: want for want in station.all_wants(order)}
    rows = [(wants[key], pieces) for key, pieces in box.packed.items() if key in wants] if box and box.packed else []
    rows = rows or [(want, want.pieces) for want in station.wants_of(order, box)]
    shown = {"order": order, "rows": rows, "words": packing_list.words(language), "language": language, "today": clock.now()}
    return render(request, "orders/packing_list.html", shown | {"rtl": languages.is_rtl(language), "known": packing_list.known()})


def _state(request: HttpRequest, order: Order, problem: str = "", *, doubt: bool = False) -> dict[str, Any]:
    """Everything the station shows of one order."""
    parcel = number(request.POST.get("parcel") or request.GET.get("parcel", ""))
    box = station.open_parcel(order, parcel)
    wants, packed = station.wants_of(order, box), station.contents(box)
    last = box.pack_scans.select_related("by").order_by("-pk").first() if box else None
    stops = station.reasons(order)
    before = list(order.parcels.filter(packed_at__isnull=False).select_related("packed_by"))
    ready = dispatch.ready(order) if before else None
    return {
        "order": order, "box": box, "wants": wants, "pictures": pictures.of(order, [want.image for want in wants]),
        "packed": packed, "gaps": packing.missing(wants, packed), "last": last, "stops": stops,
        "said": _said(stops, wants, packed, last, bool(before), ready is not None, problem), "ready": ready, "words": packing_words,
        "problem": problem, "doubt": doubt, "typed": request.POST.get("number", "")[:64], "carrier": request.POST.get("carrier", "")[:64],
        "key": uuid4().hex,
        "remarks": list(order.remarks.filter(withdrawn_at=None).select_related("author", "acknowledged_by")),
        "findings": [(labels.title(one), labels.says(one), one.weight) for one in _open_findings(order)],
        "photos": list(order.evidence.select_related("by").order_by("pk")), "photo_why": evidence.reasons(order),
        "known_article": station.article(last.code) if last and last.verdict == "wrong" else None,
        "packed_before": before, "label": dispatch.read(before[-1].number, before[-1].carrier) if before else None,
        "gives_number": dispatch.gives_number(order),
        "may_write": _agent(request).may_write,
    }  # fmt: skip


def _said(
    stops: list[str], wants: list[packing.Want], packed: dict[str, int], last: PackScan | None, closed: bool, ready: bool, problem: str
) -> str:
    """Which of packing_words.VERDICTS is loud now; "" before the first scan."""
    if stops and (wants or not closed or ready):
        return "stop"
    if closed and not wants:
        return ("not_label" if problem else "closed") if ready else "gone"
    if last and last.verdict in packing.IN and not packing.missing(wants, packed):
        return "complete"
    return last.verdict if last else ""


def _open_findings(order: Order) -> list[Finding]:
    return list(order.findings.filter(state__in=[Finding.State.OPEN, Finding.State.WAITING], weight__in=["stop", "warn"]).order_by("pk"))


def _unlabelled(agent: Agent) -> list[Order]:
    """Orders with a packed parcel that waits for its number, by the platform's clock."""
    rows = Order.objects.visible_to(agent).filter(_to_leave()).select_related("shop")
    return list(dispatch.unlabelled(rows).order_by("ship_by", "pk")[:SHOWN])


def _waiting(agent: Agent) -> Any:
    """Orders to pack, by the platform's clock. Those its own warehouse packs are left out."""
    again = resending.waiting()
    rows = Order.objects.visible_to(agent).filter(_to_leave(again)).exclude(fulfilled_by="platform")
    return _marked(rows).filter(Q(packed=False) | Q(begun=True) | Q(pk__in=again)).select_related("shop").order_by("ship_by", "pk")


def _to_leave(again: list[int] | None = None) -> Q:
    """Orders that have to leave, and those of which something is sent `again`."""
    return Q(state__in=["to_ship", "part_shipped"]) | Q(pk__in=resending.waiting() if again is None else again)


def _marked(rows: Any) -> Any:
    """Orders with what the list says of each."""
    unread = Remark.objects.filter(order=OuterRef("pk"), addressee="packing", acknowledged_at=None, withdrawn_at=None)
    stop = Finding.objects.filter(order=OuterRef("pk"), weight="stop", state__in=[Finding.State.OPEN, Finding.State.WAITING])
    packed = Parcel.objects.filter(order=OuterRef("pk"), packed_at__isnull=False)
    begun = PackScan.objects.filter(parcel__order=OuterRef("pk"), parcel__packed_at=None)
    return rows.annotate(unread=Exists(unread), stopped=Exists(stop), packed=Exists(packed), begun=Exists(begun), count=Count("lines"))


def _answer(request: HttpRequest, order: Order, *, status: int = HTTPStatus.OK, problem: str = "", doubt: bool = False) -> HttpResponse:
    """The station as it is now; without script, the page again."""
    if not request.headers.get("X-Station"):
        if problem:
            messages.error(request, told(problem))
        return redirect(_station(order))
    return render(request, "orders/station.html", _state(request, _order(request, order.pk), problem, doubt=doubt), status=status)


def _station(order: Order, asked: str = "") -> str:
    """The order's page, with the parcel that was asked for by its own number."""
    box = order.parcels.filter(Q(number=asked) | Q(external_id=asked)).first() if asked else None
    return reverse("order-packing", args=[order.pk]) + (f"?parcel={box.pk}" if box else "")


def _order(request: HttpRequest, pk: int) -> Order:
    return get_object_or_404(Order.objects.visible_to(_agent(request)).select_related("shop", "customer"), pk=pk)


def _agent(request: HttpRequest) -> Agent:
    return cast(Agent, request.user)
