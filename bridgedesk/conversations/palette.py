"""The command palette: conversations, views, pages and acts by what is typed."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bridgedesk.conversations import queries, search
from bridgedesk.conversations.models import SavedView
from bridgedesk.conversations.views import agent_of, standard_views
from bridgedesk.lib.storable import plain
from bridgedesk.team.models import Agent

FOUND = 7


@dataclass(frozen=True)
class Entry:
    """One line: an address to go to, or the key of an act to press on the open conversation."""

    icon: str
    label: str
    href: str = ""
    press: str = ""
    key: str = ""
    hint: str = ""


@login_required
@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """What fits the words, by kind; the pages are those of the rail."""
    agent, words = agent_of(request), plain(request.GET.get("q", "")).strip()[:80]
    asked = words.casefold().split()
    groups = [
        (_("Acts"), _fitting(_acts(), asked)[:FOUND]),
        (_("Conversations"), _conversations(agent, words) if words else []),
        (_("Views"), _fitting(_views(agent), asked)[:FOUND]),
    ]
    return render(request, "conversations/palette.html", {"groups": groups, "fits": lambda label: _fits(label, asked)})


def _fitting(entries: list[Entry], asked: list[str]) -> list[Entry]:
    return [entry for entry in entries if _fits(entry.label, asked)]


def _fits(label: str, asked: list[str]) -> bool:
    return all(word in label.casefold() for word in asked)


def _acts() -> list[Entry]:
    return [
        Entry("corner-down-left", _("Answer"), press="r", key="R"),
        Entry("sticky-note", _("Write a note"), press="n", key="N"),
        Entry("user-plus", _("Assign"), press="a", key="A"),
        Entry("alarm-clock", _("Snooze"), press="s", key="S"),
        Entry("tag", _("Tag"), press="l", key="L"),
        Entry("check", _("Close or reopen"), press="e", key="E"),
        Entry("languages", _("Translate the last message"), press="t", key="T"),
        Entry("keyboard", _("Show all keys"), press="?", key="?"),
    ]


def _conversations(agent: Agent, words: str) -> list[Entry]:
    """Those of a buyer, subject or order so called, then those where it was said; whatever their state."""
    named = Q(customer__name__icontains=words) | Q(subject__icontains=words) | Q(order_ref__icontains=words) | Q(address__iexact=words)
    rows = list(queries.visible(agent).filter(named).select_related("customer", "shop").order_by("-last_at")[:FOUND])
    rows = list({c.pk: c for c in [*rows, *search.jump(agent, words, FOUND)]}.values())[:FOUND]
    return [
        Entry(
            "message-square",
            f"{c.customer.name or c.address} · {c.subject or c.last_text}"[:90],
            reverse("conversation", args=[c.pk]),
            hint=c.shop.name,
        )
        for c in rows
    ]


def _views(agent: Agent) -> list[Entry]:
    own = SavedView.objects.filter(Q(owner=agent) | Q(owner=None))
    standard = [Entry(picture, str(name), f"/{query}") for name, query, picture in standard_views()]
    return standard + [Entry("bookmark", view.name, f"/?{view.query}") for view in own]
