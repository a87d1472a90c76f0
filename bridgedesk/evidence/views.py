"""The page of an order's evidence: what will be in the pack, what the platform's form takes, which packs were made; and the pack itself."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity.models import Activity
from bridgedesk.evidence import gathering, packs, pictures, words
from bridgedesk.lib.storable import fit
from bridgedesk.orders.models import Order
from bridgedesk.remedies.models import Case
from bridgedesk.team.models import Agent

SHOWN = 20
"""Packs of one order that are listed."""


@login_required
@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What is on file about the order."""
    order = _order(request, pk)
    events = gathering.timeline(order, "")
    made = Activity.objects.filter(subject_type="order", subject_id=order.pk, verb="made_pack").select_related("by").order_by("-id")
    found = {
        "order": order, "counts": _counts(events), "form": pictures.form(order.shop.platform), "fingerprint": packs.key_word(),
        "made": made[:SHOWN], "most": pictures.MOST, "files": sum(len(event.files) for event in events),
        "case": Case.objects.filter(order=order).order_by("-pk").first(), "first": events[0].at if events else None,
        "last": events[-1].at if events else None,
    }  # fmt: skip
    return render(request, "evidence/order.html", found)


@login_required
@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether this server can set the PDF: it is tried with the words, without the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        tried = packs.tried(_order(request, pk), Path(folder), by=cast(Agent, request.user))
    return render(request, "evidence/document.html", {"tried": tried})


@login_required
@require_POST
def pack(request: HttpRequest, pk: int) -> FileResponse:
    """Everything about the order as one signed ZIP."""
    order = _order(request, pk)
    target = packs.make(order, by=cast(Agent, request.user))
    return FileResponse(target, as_attachment=True, filename=f"evidence-{fit(order.external_id, 60)}.zip", content_type="application/zip")


def _order(request: HttpRequest, pk: int) -> Order:
    seen = Order.objects.visible_to(cast(Agent, request.user)).select_related("shop", "customer")
    return get_object_or_404(seen, pk=pk if pk < 2**63 else 0)


def _counts(events: list[gathering.Happened]) -> list[tuple[str, int]]:
    counted = Counter(words.said(event.kind, event.data) for event in events)
    return list(counted.items())
