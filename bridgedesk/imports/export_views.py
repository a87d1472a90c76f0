"""Exports: a page to choose from, and the files, written while they are read. Who only looks carries nothing away."""

from collections.abc import Iterator
from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bridgedesk.activity.actions import record
from bridgedesk.imports import exporting
from bridgedesk.imports.downloads import FORMS, download
from bridgedesk.imports.exporting import Reader
from bridgedesk.team.models import Agent


@login_required
@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """What can be exported."""
    agent = cast(Agent, request.user)
    if not agent.may_write:
        raise PermissionDenied
    return render(request, "imports/export.html", {"choices": exporting.choices(agent)})


@login_required
@require_GET
async def export(request: HttpRequest, what: str, form: str) -> StreamingHttpResponse:
    """One table, under the filters of the list it was asked from."""
    agent = cast(Agent, await request.auser())
    if form not in FORMS or what not in dict(exporting.choices(agent)):
        raise Http404
    if not agent.may_write:
        raise PermissionDenied
    headings, batches = await sync_to_async(_begun)(agent, request.GET, what)
    return download(what, form, headings, batches)


def _begun(agent: Agent, query: QueryDict, what: str) -> tuple[list[str], Iterator[list[list[object]]]]:
    record("exported_table", None, by=agent, what=what)
    return exporting.all_of(what, Reader(agent, query))
