"""The search page: every message that holds the words, by conversation, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from bridgedesk.conversations import search
from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.search import Hit, Question
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

DAYS = (7, 30, 90, 365)


@dataclass(frozen=True)
class Group:
    """A conversation with its hits, newest first."""

    conversation: Conversation
    hits: Sequence[Hit]


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The whole page, or for htmx only what was found."""
    agent, question = agent_of(request), _question(request.GET, agent_of(request))
    found = search.find(agent, question)
    shown = {"question": question, "groups": _groups(found.hits), "hits": len(found.hits), "more": found.more, "wider": _wider(request.GET)}
    if request.headers.get("HX-Request"):
        return render(request, "conversations/found.html", shown)
    return render(request, "conversations/search.html", shown | {"fields": _fields(agent)})


def _question(query: QueryDict, agent: Agent) -> Question:
    """As asked; `days` counts back from today in the agent's zone and yields to `since`."""
    question, days = Question.parse(query), query.get("days", "")
    if question.since or days not in map(str, DAYS):
        return question
    today = clock.now().astimezone(ZoneInfo(agent.timezone)).date()
    return replace(question, since=today - timedelta(days=int(days)))


def _groups(hits: Sequence[Hit]) -> list[Group]:
    """The hits by conversation, in the order of each one's newest hit."""
    order = list(dict.fromkeys(hit.message.conversation_id for hit in hits))
    together = sorted(hits, key=lambda hit: order.index(hit.message.conversation_id))
    by_conversation = groupby(together, key=lambda hit: hit.message.conversation_id)
    return [Group(group[0].message.conversation, group) for group in (list(found) for _key, found in by_conversation)]


def _wider(query: QueryDict) -> str:
    """The same words without any filter; "" when there is none to take off."""
    if not any(query.get(name) for name in ("shop", "direction", "days", "since", "until")):
        return ""
    plain = QueryDict(mutable=True)
    plain["q"] = query.get("q", "")
    return plain.urlencode()


def _fields(agent: Agent) -> list[tuple[str, str, list[tuple[Any, str]]]]:
    shops = Shop.objects.visible_to(agent).order_by("name").values_list("pk", "name")
    said_by = [("in", pgettext("who wrote", "The buyer")), ("out", pgettext("who wrote", "Us")), ("note", pgettext("who wrote", "Notes"))]
    spans = [(str(days), _("Last %(days)s days") % {"days": days}) for days in DAYS]
    return [("shop", _("All shops"), list(shops)), ("direction", _("Written by anybody"), said_by), ("days", _("Any time"), spans)]
