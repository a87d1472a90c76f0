"""Stock on screen: what listings say against what there is, the count sheet, the history of an article, requests to buy more."""

from secrets import token_hex
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.lib.storable import number, plain
from bridgedesk.products import counting, restocking, shelf, words
from bridgedesk.products.models import Listing, Movement, Restock, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

HISTORY = 100
SHEET = 40
MOVES = (Movement.Kind.IN, Movement.Kind.OUT, Movement.Kind.BACK, Movement.Kind.WRITTEN_OFF)


@login_required
@require_GET
def stock(request: HttpRequest) -> HttpResponse:
    """Where shelf and shops differ, what runs out, or every article."""
    agent, filters = cast(Agent, request.user), shelf.Filters.parse(request.GET)
    after = min(number(request.GET.get("after", "")), 100_000)
    shown: dict[str, Any] = {
        "filters": filters,
        "counts": shelf.counts(agent),
        "shops": list(Shop.objects.visible_to(agent).order_by("name", "pk")),
        "nonce": token_hex(8),
        "cover": "–".join(f"{days:g}" for days in sorted(shelf.covers(agent))),
    }
    if filters.tab in ("over", "under"):
        shown["listings"], shown["next"] = shelf.sliced(shelf.differences(agent, filters), after)
    else:
        found, shown["next"] = shelf.sliced(shelf.articles(agent, filters), after)
        shown["articles"] = [(sku, shelf.wanted(sku)) for sku in found]
    return render(request, "products/stock.html", shown | {"restocks": words.RESTOCKS})


@login_required
@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """The count sheet for a phone: scan or look for an article, step to what lies there, keep it."""
    agent, asked = cast(Agent, request.user), plain(request.GET.get("q", "")).strip()[:120]
    rows = shelf.articles(agent, shelf.Filters("all", number(request.GET.get("shop", "")), asked))
    found = list(rows[:SHEET]) if asked else list(rows.order_by("counted_at", "pk")[:SHEET])
    return render(request, "products/count.html", {"articles": found, "asked": asked, "may_write": agent.may_write})


@login_required
@require_GET
def scanned(request: HttpRequest) -> HttpResponse:
    """The line of the sheet for a scanned barcode or code; 404 for one that is no article's."""
    code = plain(request.GET.get("code", "")).strip()[:120]
    rows = Sku.objects.visible_to(cast(Agent, request.user)).select_related("product")
    found = (rows.filter(barcode=code).first() or rows.filter(code__iexact=code).first()) if code else None
    if found is None:
        raise Http404
    return render(request, "products/count_line.html", {"sku": found, "fresh": True})


@login_required
@require_POST
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a count; answers the line. 422 with what is wrong."""
    sku, agent = _sku(request, pk), cast(Agent, request.user)
    pieces = request.POST.get("pieces", "").strip()
    try:
        if not (pieces.isascii() and pieces.isdecimal() and len(pieces) < 9):
            raise ValidationError(_("“%(text)s” is no whole number.") % {"text": pieces[:20]})
        counting.count(sku, int(pieces), by=agent, note=request.POST.get("note", ""))
    except ValidationError as error:
        return render(request, "products/count_line.html", {"sku": sku, "error": " ".join(error.messages)}, status=422)
    sku.refresh_from_db()
    return render(request, "products/count_line.html", {"sku": sku, "kept": True})


@login_required
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Who counted what, what came and went, and the shops' numbers beside it."""
    sku, agent = _sku(request, pk), cast(Agent, request.user)
    listings = Listing.objects.visible_to(agent).filter(sku=sku).select_related("shop").order_by("shop__name", "pk")
    shown = {
        "sku": sku,
        "offered": max((sku.on_hand or 0) - sku.promised - sku.reserve, 0),
        "movements": list(sku.movements.select_related("by")[:HISTORY]),
        "listings": list(listings),
        "restocks": list(sku.restocks.select_related("asked_by", "answered_by").order_by("-pk")[:20]),
        "wanted": shelf.wanted(sku),
        "words": words.MOVEMENTS,
        "moves": [(kind, words.MOVEMENTS[kind]) for kind in MOVES],
        "restock_words": words.RESTOCKS,
    }
    return render(request, "products/shelf.html", shown)


@login_required
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Goods came or went; what does not fit is said and changes nothing."""
    sku, sent = _sku(request, pk), request.POST
    try:
        if sent.get("kind") not in MOVES:
            raise ValidationError(_("Say how many pieces, and whether they came or went."))
        counting.move(sku, sent["kind"], number(sent.get("pieces", "")), by=cast(Agent, request.user), note=sent.get("note", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("sku-shelf", sku.pk)


@login_required
@require_GET
def restocks(request: HttpRequest) -> HttpResponse:
    """What is to be bought: open requests, what was answered lately below."""
    rows = Restock.objects.visible_to(cast(Agent, request.user)).select_related("sku__product", "asked_by", "answered_by")
    waiting = list(rows.filter(state__in=shelf.OPEN).order_by("asked_at", "pk")[:200])
    ended = list(rows.exclude(state__in=shelf.OPEN).order_by("-changed_at", "-pk")[:30])
    return render(request, "products/restocks.html", {"waiting": waiting, "ended": ended, "words": words.RESTOCKS})


@login_required
@require_POST
def restock(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for more of an article."""
    sku = _sku(request, pk)
    try:
        restocking.ask(sku, number(request.POST.get("quantity", "")), by=cast(Agent, request.user), note=request.POST.get("note", ""))
        messages.success(request, _("Purchasing was asked for %(code)s.") % {"code": sku.code})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(back(request, "stock"))


@login_required
@require_POST
def answer(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    """Purchasing answers a request."""
    agent, sent = cast(Agent, request.user), request.POST
    row = get_object_or_404(Restock.objects.visible_to(agent), pk=pk if pk < 2**63 else 0)
    if state not in Restock.State.values:
        raise Http404
    try:
        day = parse_date(sent.get("expected_on", "")) if sent.get("expected_on") else None
        restocking.answer(row, state, by=agent, expected_on=day, quantity=number(sent.get("quantity", "")), note=sent.get("note", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ValueError:
        messages.error(request, _("There is no such day."))
    return redirect("restocks")


def back(request: HttpRequest, otherwise: str) -> str:
    """Where the form was sent from, if that is a page of ours."""
    asked = request.POST.get("back", "")
    return asked if asked.startswith("/") and url_has_allowed_host_and_scheme(asked, None) else otherwise


def _sku(request: HttpRequest, pk: int) -> Sku:
    agent = cast(Agent, request.user)
    if request.method == "POST" and not agent.may_write:
        raise PermissionDenied
    return get_object_or_404(Sku.objects.visible_to(agent).select_related("product"), pk=pk if pk < 2**63 else 0)
