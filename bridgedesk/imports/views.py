"""Uploading tables, saying what their columns are, watching them being taken, mending what was left over."""

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import live
from bridgedesk.imports import actions, queries, running, uploading, words
from bridgedesk.imports.downloads import FORMS, download
from bridgedesk.imports.kinds import KINDS
from bridgedesk.imports.models import Table
from bridgedesk.imports.workbooks import Refused
from bridgedesk.lib.html import zones
from bridgedesk.lib.storable import number
from bridgedesk.lib.words import told
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

MOST_FIELDS = 60
WORDS: dict[str, Any] = {"states": words.STATES, "tones": words.TONES, "kinds": {name: KINDS[name] for name in running.TAKERS}}


def agent_of(request: HttpRequest) -> Agent:
    """Who is logged in; only for views behind `login_required`."""
    return cast(Agent, request.user)


@login_required
def imports(request: HttpRequest) -> HttpResponse:
    """The tables there were, and a new one."""
    agent = agent_of(request)
    if not agent.leads:
        raise PermissionDenied
    if request.method == "POST":
        return _upload(request, agent)
    listen = live.address()
    more = {"tables": queries.tables(agent), "shops": list(Shop.objects.visible_to(agent).order_by("name", "pk")), "live": listen}
    return render(request, "imports/list.html", more | {"chosen": request.GET.get("shop", "")} | WORDS)


def _upload(request: HttpRequest, agent: Agent) -> HttpResponse:
    repairs = _table(request, number(request.POST["repairs"])) if request.POST.get("repairs") else None
    shop = repairs.shop if repairs else get_object_or_404(Shop.objects.visible_to(agent), pk=number(request.POST.get("shop", "")))
    back = redirect("import", repairs.pk) if repairs else redirect("imports")
    file = request.FILES.get("table")
    if file is None or not 0 < (file.size or 0) <= uploading.MOST_BYTES or file.file is None:
        messages.error(request, _("Choose a table (CSV or a workbook) of at most 50 MB."))
        return back
    kind = repairs.kind if repairs else request.POST.get("kind", "")
    kind = kind if kind in running.TAKERS else ""
    try:
        made = actions.upload(shop, cast(BinaryIO, file.file), file.name or "", kind=kind, by=agent, repairs=repairs)
    except Refused as error:
        messages.error(request, told(str(error)))
        return back
    return redirect("import", made.pk)


@login_required
@require_GET
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """One table: to be described, on its way, or done with what is left over."""
    listen, found = live.address(), _table(request, pk)
    more: dict[str, Any] = {
        "table": found,
        "live": listen,
        "read_as": words.read_as(found.reading),
        "ready": not actions.lacks(found),
    } | WORDS
    if found.state == Table.State.OPEN:
        look = {
            "columns": queries.columns_of(found),
            "preview": queries.preview(found),
            "shown": words.shown,
            "zones": zones(found.options["zone"]),
        }
        missing = [str(KINDS[found.kind].fields[group[0]].label) for group in actions.lacks(found)]
        return render(request, "imports/describe.html", more | look | {"kind": KINDS[found.kind], "missing": ", ".join(missing)})
    rows, after = queries.bad_rows(found, number(request.GET.get("after", "")))
    left = [(row, _fields(found, row.errors), [words.why(found.kind, *error) for error in row.errors]) for row in rows]
    return render(
        request,
        "imports/table.html",
        more | {"left": left, "next": after, "after": request.GET.get("after"), "headings": list(enumerate(found.headings))[:MOST_FIELDS]},
    )


def _fields(table: Table, errors: list[tuple[str, str]]) -> list[int]:
    """The places of the cells something is wrong with."""
    return sorted({table.columns[field] for field, _reason in errors if field in table.columns})


@login_required
@require_POST
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """What its columns are; and start, where that was pressed."""
    found, agent, sent = _table(request, pk), agent_of(request), request.POST
    columns = {field: place for place in reversed(range(len(found.headings))) if (field := sent.get(f"column-{place}", ""))}
    options = {name: sent[f"option-{name}"] for name in found.options if f"option-{name}" in sent and _fits(name, sent[f"option-{name}"])}
    kind = sent.get("kind", "")
    try:
        row = actions.describe(
            found,
            kind=kind if kind in running.TAKERS else "",
            sheet=number(sent.get("sheet", "0")),
            columns=columns,
            options=options,
            by=agent,
        )
        if "start" in sent and (row.kind, row.sheet) == (found.kind, found.sheet):
            actions.start(row, by=agent)
    except actions.CannotNow:
        messages.error(request, _("Say first which columns hold what no row can be without."))
    return redirect("import", pk)


def _fits(name: str, value: str) -> bool:
    """Whether somebody may say that for the whole table."""
    if name == "zone":
        return value in dict(zones())
    if name == "currency":
        return value == "" or (len(value) == 3 and value.isascii() and value.isupper())
    return value in {"weight": ("g", "kg", "oz", "lb"), "length": ("mm", "cm", "in"), "dates": ("", "day", "month")}.get(name, ())


DO: dict[str, Callable[..., object]] = {
    "start": actions.start,
    "stop": actions.stop,
    "forget": actions.forget_bad,
    "discard": actions.discard,
}


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Start, stop, give up the rest, throw away."""
    found = _table(request, pk)
    if name not in DO:
        raise Http404
    try:
        DO[name](found, by=agent_of(request))
    except actions.CannotNow:
        messages.error(request, _("That cannot be done with the table now."))
    return redirect("imports") if name == "discard" else redirect("import", pk)


@login_required
@require_POST
def mend(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Take a row with some of its cells corrected."""
    found = _table(request, pk)
    row = get_object_or_404(found.bad_rows.select_related("table"), line=line) if line < 2**31 else _gone()
    try:
        if actions.mend(row, _cells(request.POST), by=agent_of(request)):
            messages.success(request, _("Row %(line)s was taken.") % {"line": line})
        else:
            messages.error(request, _("Row %(line)s cannot be taken yet.") % {"line": line})
    except actions.CannotNow:
        messages.error(request, _("Row %(line)s is not left over any more.") % {"line": line})
    return redirect("import", pk)


def _cells(sent: QueryDict) -> dict[int, str]:
    named = ((name.removeprefix("cell-"), str(sent[name])) for name in sent if name.startswith("cell-"))
    return {int(place): text for place, text in named if place.isdecimal() and len(place) < 4}


@login_required
@require_GET
async def bad_rows(request: HttpRequest, pk: int, form: str) -> StreamingHttpResponse:
    """The rows left over, to be mended in a spreadsheet program: CSV or workbook, with what is wrong and where it was."""
    if form not in FORMS:
        raise Http404
    found = await sync_to_async(_table)(request, pk)
    return download(f"repair-{pk}", form, queries.bad_headings(found), queries.bad_table(found))


def _table(request: HttpRequest, pk: int) -> Table:
    rows = Table.objects.visible_to(agent_of(request)).select_related("shop", "by")
    return get_object_or_404(rows, pk=pk) if pk < 2**63 else _gone()


def _gone() -> Any:
    raise Http404
