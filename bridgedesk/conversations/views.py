"""The inbox: the list, its filters and saved views, acts on many."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import live
from bridgedesk.conversations import actions, labels, queries
from bridgedesk.conversations.answers import done
from bridgedesk.conversations.filters import Filters
from bridgedesk.conversations.models import Conversation, SavedView, Window
from bridgedesk.lib import clock
from bridgedesk.lib.html import language
from bridgedesk.lib.storable import number
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

COUNTER_QUERY = {
    "overdue": "due=overdue",
    "at_risk": "due=risk",
    "due_soon": "due=soon",
    "mine": "assignee=me",
    "unassigned": "assignee=nobody",
}


def agent_of(request: HttpRequest) -> Agent:
    """Who is logged in; only for views behind `login_required`."""
    return cast(Agent, request.user)


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The workbench with no conversation open."""
    return render(request, "conversations/workbench.html", {"c": None} | frame(request))


@login_required
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """Rows of the list: the page after `after`, or those of `ids` that still fit the filters; and the counters."""
    agent, filters = agent_of(request), Filters.parse(request.GET)
    ids, seen = [number(value) for value in request.GET.get("ids", "").split(",")[:100]], queries.seen_by(agent)
    if "ids" in request.GET:
        found = filters.apply(queries.visible(agent, seen), agent, clock.now()).filter(pk__in=ids)
        shown = page_of(request, list(found.select_related("shop", "customer", "assignee")), filters, "")
    else:
        page = queries.inbox(agent, filters, seen=seen)
        shown = page_of(request, page.rows, filters, page.next)
    more = {"later": bool(filters.after or ids), "oob": True, "counters": queries.counters(agent, seen), "counter_query": COUNTER_QUERY}
    return render(request, "conversations/refresh.html", shown | more)


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on the ticked conversations."""
    agent, (act, _sign, whom) = agent_of(request), request.POST.get("act", "").partition(":")
    known: dict[str, Callable[[], dict[str, Any]]] = {
        "assign": lambda: {"act": "assign", "agent": _colleague(agent, whom)},
        "take": lambda: {"act": "assign", "agent": agent},
        "tomorrow": lambda: {"act": "snooze", "until": snoozes(agent)[1][1]},
        "tag": lambda: {"act": "tag", "name": request.POST.get("tag", "")},
        "untag": lambda: {"act": "untag", "name": request.POST.get("tag", "")},
    }
    ids = [number(value) for value in request.POST.getlist("ids")]
    with done() as answer:
        given = known.get(act, lambda: {"act": act})()
        count = actions.bulk(agent, ids, given.pop("act"), **given)
        answer.say(ngettext("%(count)s conversation changed", "%(count)s conversations changed", count) % {"count": count})
    return answer.response


@login_required
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name."""
    given = request.POST
    with done() as answer:
        view = actions.save_view(given.get("name", ""), given.get("query", ""), by=agent_of(request), shared=given.get("everybody") == "1")
        return redirect(f"/?{view.query}")
    return answer.response


@login_required
@require_POST
def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a saved view of one's own."""
    view = get_object_or_404(SavedView, pk=pk, owner=agent_of(request))
    actions.delete_view(view, by=agent_of(request))
    return HttpResponse("")


def frame(request: HttpRequest) -> dict[str, Any]:
    """All that the workbench shows besides the conversation."""
    agent, filters, listen = agent_of(request), Filters.parse(request.GET), live.address()
    shops = list(Shop.objects.visible_to(agent).only("name", "platform").order_by("name"))
    seen = queries.Seen(None if agent.sees_all_shops else [shop.pk for shop in shops])
    page = queries.inbox(agent, filters, seen=seen)
    saved = list(SavedView.objects.filter(Q(owner=agent) | Q(owner=None)))
    known_tags, colleagues = queries.tags(agent, seen), list(_colleagues(shops))
    shown = page_of(request, page.rows, filters, page.next)
    return shown | {
        "later": False,
        "live": listen,
        "saved_views": saved,
        "standard_views": standard_views(),
        "view_name": _view_name(shown["query"], saved),
        "filter_fields": _filter_fields(shops, known_tags, agent, colleagues),
        "assignable": [one for one in colleagues if one.may_write],
        "counters": queries.counters(agent, seen),
        "counter_query": COUNTER_QUERY,
        "known_tags": known_tags,
        "zone": "",
    }


def page_of(request: HttpRequest, shown: Any, filters: Filters, following: str) -> dict[str, Any]:
    """What the rows of one page need."""
    query = filters.query_string()
    more = f"{request.path if request.path.endswith('rows') else '/inbox/rows'}?{query}&after={following}" if following else ""
    return {
        "agent": agent_of(request),
        "rows": shown,
        "windows": open_windows([row.pk for row in shown]),
        "query": f"?{query}" if query else "",
        "filters": {"is_narrow": bool(query)},
        "more": more,
        "topic_names": labels.TOPICS,
        "has_shops": bool(shown) or Shop.objects.visible_to(agent_of(request)).exists(),
    }


def open_windows(ids: list[int]) -> dict[int, Window]:
    """The open answer window of each conversation: its rule, source and how sure."""
    return {
        window.conversation_id: window for window in Window.objects.filter(queries.among("conversation", ids), outcome=Window.Outcome.OPEN)
    }


def snoozes(agent: Agent) -> list[tuple[str, datetime]]:
    """Moments an agent puts things off to, in the agent's own day."""
    local = clock.now().astimezone(ZoneInfo(agent.timezone))
    morning = local.replace(hour=9, minute=0, second=0, microsecond=0)
    return [
        (_("In 3 hours"), local + timedelta(hours=3)),
        (_("Tomorrow morning"), morning + timedelta(days=1)),
        (_("In three days"), morning + timedelta(days=3)),
        (_("Next Monday"), morning + timedelta(days=7 - local.weekday())),
    ]


def standard_views() -> list[tuple[str, str, str]]:
    """Name, query and icon of the views everybody has."""
    return [
        (pgettext("view", "Open"), "", "inbox"),
        (pgettext("view", "Mine"), "?assignee=me", "user-round"),
        (pgettext("view", "Unassigned"), "?assignee=nobody", "user-plus"),
        (pgettext("view", "An answer is owed"), "?due=owed", "clock"),
        (pgettext("view", "I was mentioned"), "?mentioned=1", "at-sign"),
        (pgettext("view", "Followed"), "?following=1", "bell"),
        (pgettext("view", "Not sent"), "?trouble=1", "circle-alert"),
        (pgettext("view", "Snoozed"), "?state=snoozed", "moon-star"),
        (pgettext("view", "Closed"), "?state=closed", "check"),
        (pgettext("view", "Everything"), "?state=all", "archive"),
    ]


def _view_name(query: str, saved: list[SavedView]) -> str:
    named = {f"?{view.query}": view.name for view in saved} | {words: name for name, words, _picture in standard_views()}
    named |= {"?due=soon": _("Due in 3 h"), "?due=risk": _("At risk"), "?due=overdue": _("Overdue")}
    return named.get(query) or pgettext("view", "Filtered")


def _colleagues(shops: Iterable[Shop]) -> QuerySet[Agent]:
    """Who looks after any of these shops, those on duty first."""
    given = Shop.agents.through.objects.filter(queries.among("shop", [shop.pk for shop in shops]))
    return Agent.objects.filter(is_active=True, pk__in=given.values("agent")).order_by("-on_duty", "shown_name", "username")


def _colleague(agent: Agent, key: str) -> Agent | None:
    """Whom an agent gives conversations to; "" is nobody."""
    return get_object_or_404(_colleagues(Shop.objects.visible_to(agent)), pk=number(key)) if key else None


def _filter_fields(
    shops: list[Shop], tags: list[str], agent: Agent, colleagues: Sequence[Agent]
) -> list[tuple[str, str, list[tuple[Any, Any]]]]:
    platforms = sorted({shop.platform for shop in shops})
    return [
        ("state", _("State"), [("open", _("Open")), ("snoozed", _("Snoozed")), ("closed", _("Closed")), ("all", _("All"))]),
        ("shop", _("Shop"), [(shop.pk, shop.name) for shop in shops]),
        ("platform", _("Platform"), [(key, labels.PLATFORMS.get(key, key)) for key in platforms]),
        (
            "assignee",
            _("Assigned to"),
            [("me", _("Me")), ("nobody", _("Nobody")), *((one.pk, str(one)) for one in colleagues if one != agent)],
        ),
        ("topic", _("Topic"), list(labels.TOPICS.items())),
        ("mood", _("Mood"), list(labels.MOODS.items())),
        ("language", _("Language"), [(code, language(code)) for code in labels.LANGUAGES]),
        ("tag", _("Tag"), [(tag, tag) for tag in tags]),
    ]


def one_of(request: HttpRequest, pk: int) -> Conversation:
    """The conversation, if the agent may see it; 404 otherwise."""
    rows = Conversation.objects.visible_to(agent_of(request)).select_related("shop", "customer", "assignee")
    return get_object_or_404(rows, pk=pk)
