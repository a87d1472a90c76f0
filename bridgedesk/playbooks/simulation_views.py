"""Simulations on screen: what to try the draft on, how far it came, what it says."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.lib import clock
from bridgedesk.playbooks import found, simulation
from bridgedesk.playbooks.draft_models import Draft, Simulation
from bridgedesk.playbooks.editor_views import lead_of
from bridgedesk.playbooks.loading import PlaybookError
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

DAYS = 90
EARLIEST = date(2000, 1, 1)


@login_required
@require_http_methods(["GET", "POST"])
def simulate(request: HttpRequest, key: str) -> HttpResponse:
    """Which shops' cases, of which days; POST begins."""
    agent = lead_of(request)
    draft, shops = get_object_or_404(Draft, key=key), list(Shop.objects.visible_to(agent).order_by("name"))
    today = clock.now().date()
    given: dict[str, Any] = {"shops": [shop.pk for shop in shops], "since": today - timedelta(days=DAYS), "until": today}
    problem = ""
    if request.method == "POST":
        given = {"shops": _chosen(request, shops), "since": _day(request, "since"), "until": _day(request, "until")}
        problem = _wrong(given)
        if not problem:
            try:
                picked = [shop for shop in shops if shop.pk in given["shops"]]
                made = simulation.begin(draft, picked, given["since"], given["until"], by=agent)
                return redirect("simulation", made.pk)
            except PlaybookError:
                problem = _("The draft cannot be read yet. Put right what stands at its steps first.")
    before = Simulation.objects.visible_to(agent).filter(key=key).select_related("by").order_by("-pk")[:10]
    page = {"draft": draft, "shops": shops, "given": given, "problem": problem, "before": before}
    return render(request, "playbooks/simulate.html", page, status=422 if problem else 200)


@login_required
@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says so far; htmx asks again for the inside while it runs."""
    agent, row = _simulation(request, pk)
    page = {"simulation": row, "agent": agent} | found.of(row, agent)
    return render(request, "playbooks/result.html" if request.headers.get("HX-Request") else "playbooks/simulation.html", page)


@login_required
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave it where it is."""
    agent, row = _simulation(request, pk)
    simulation.stop(row, by=agent)
    return redirect("simulation", row.pk)


def _simulation(request: HttpRequest, pk: int) -> tuple[Agent, Simulation]:
    agent = lead_of(request)
    row = get_object_or_404(Simulation.objects.visible_to(agent).select_related("by"), pk=pk)
    return agent, row


def _chosen(request: HttpRequest, shops: list[Shop]) -> list[int]:
    asked = set(request.POST.getlist("shops"))
    return [shop.pk for shop in shops if str(shop.pk) in asked]


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        return None
    return day if EARLIEST <= day <= clock.now().date() else None


def _wrong(given: Mapping[str, Any]) -> str:
    if not given["shops"]:
        return _("Choose a shop at least.")
    if given["since"] is None or given["until"] is None or given["since"] > given["until"]:
        return _("Say from which day until which.")
    return ""
