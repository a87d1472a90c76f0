"""One conversation: its messages, its context, who else looks, and every act on it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.activity import words
from bridgedesk.activity.models import Activity
from bridgedesk.conversations import actions, composing, labels, queries, rules
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.answers import done
from bridgedesk.conversations.filters import Filters
from bridgedesk.conversations.models import Conversation, Message, Window
from bridgedesk.conversations.views import agent_of, frame, one_of, snoozes
from bridgedesk.customers import local_time
from bridgedesk.lib import clock
from bridgedesk.lib.html import language, moment
from bridgedesk.lib.storable import number, plain
from bridgedesk.team import queries as team
from bridgedesk.team.models import Agent

TRIAGED = 3  # the newest messages of a buyer that show their chips at once
FRAME_CSP = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'self'; img-src {images}; frame-ancestors 'self'"  # noqa: E501


@login_required
@require_GET
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole workbench, or for htmx only the conversation with its context."""
    c = one_of(request, pk)
    if c.merged_into_id:
        c = one_of(request, c.merged_into_id)
    actions.see(c, by=agent_of(request))
    if request.headers.get("HX-Request"):
        response = render(request, "conversations/opened.html", whole(request, c))
        response["HX-Push-Url"] = request.get_full_path()
        return response
    return render(request, "conversations/workbench.html", frame(request) | whole(request, c))


@login_required
@require_GET
def head(request: HttpRequest, pk: int) -> HttpResponse:
    """Title, state, clock and acts."""
    return render(request, "conversations/head.html", about(request, one_of(request, pk)))


@login_required
@require_GET
def context(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands beside the conversation about the newest message: the clock and the first look."""
    return render(request, "conversations/aside.html", whole(request, one_of(request, pk)))


@login_required
@require_GET
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """The messages: the last ones, those `before` or `after` a message, or those around the message `at`."""
    c = one_of(request, pk)
    return render(request, "conversations/thread.html", about(request, c) | said(request, c))


@login_required
@require_http_methods(["GET", "POST", "DELETE"])
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Who else is here. POST says that one looks, or types; DELETE that one has left."""
    c, agent = one_of(request, pk), agent_of(request)
    if request.method == "DELETE":
        actions.leave(c, by=agent)
        return HttpResponse(status=204)
    if request.method == "POST":
        actions.be_present(c, by=agent, typing=request.POST.get("typing") == "1" and agent.may_write)
        return HttpResponse(status=204)
    return render(request, "conversations/presence.html", {"others": queries.present(c, agent)})


@login_required
@require_GET
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened to it, newest first."""
    c = one_of(request, pk)
    lines = list(Activity.objects.filter(conversation_id=c.pk).select_related("by").order_by("-at", "-pk")[:50])
    told = [{"by": line.by, "at": line.at, "words": words.happened(line.verb, line.data)} for line in lines]
    return render(request, "conversations/timeline.html", {"lines": told})


@login_required
@require_GET
@xframe_options_sameorigin
def html(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail as it was laid out, for a sandboxed frame: no script, and no remote picture unless `images=1`."""
    message = get_object_or_404(Message.objects.visible_to(agent_of(request)), pk=pk)
    response = HttpResponse(render_to_string("conversations/framed.html", {"html": message.html}))
    response["Content-Security-Policy"] = FRAME_CSP.format(
        images="'self' data: https:" if request.GET.get("images") == "1" else "'self' data:"
    )
    return response


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One named act on the conversation."""
    c, agent = one_of(request, pk), agent_of(request)
    known = _ACTS.get(name)
    if known is None:
        return HttpResponse(status=404)
    with done() as answer:
        word = known(c, agent, request)
        if word:
            answer.say(word)
    return answer.response


@login_required
@require_POST
def message_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One named act on a message: withdraw (answers its text), retry, settle, not-sent, split."""
    agent = agent_of(request)
    message = get_object_or_404(Message.objects.visible_to(agent).select_related("conversation__shop"), pk=pk)
    known = _MESSAGE_ACTS.get(name)
    if known is None:
        return HttpResponse(status=404)
    with done() as answer:
        given = known(message, agent, request)
        if isinstance(given, dict):
            answer.response = JsonResponse(given)
        elif given:
            answer.say(given)
    return answer.response


def whole(request: HttpRequest, c: Conversation) -> dict[str, Any]:
    """All that the conversation pane and the context pane show."""
    agent = agent_of(request)
    shown = about(request, c) | said(request, c)
    came = [m for m in reversed(shown["messages_shown"]) if m.direction == Message.Direction.IN]
    more = {
        "others": queries.present(c, agent),
        "last_in": came[0] if came else None,
        "preset": _preset(request, c),
        "history": queries.customer_history(c, agent, seen=queries.Seen([c.shop_id])),
        "call_sides": labels.CALL_SIDES.items(),
        "call_ends": labels.CALL_ENDS.items(),
        "languages": [(code, language(code)) for code in labels.LANGUAGES],
    }
    return shown | more | (composing.offered(c, agent) if agent.may_write else {"suggestions": []})


def _preset(request: HttpRequest, c: Conversation) -> composing.Phrase | None:
    agent, (key, purpose, order) = agent_of(request), (plain(request.GET.get(name, ""))[:80] for name in ("template", "purpose", "about"))
    return composing.preset(c, agent, key, purpose, order) if agent.may_write and (key or purpose) else None


def about(request: HttpRequest, c: Conversation) -> dict[str, Any]:
    """What the head and every message need to know of the conversation."""
    agent = agent_of(request)
    query = Filters.parse(request.GET).query_string()
    local = local_time.of(c.customer, c.shop.timezone)
    colleagues = list(team.who_see(c.shop_id).exclude(role=Agent.Role.OBSERVER).order_by("-on_duty", "shown_name", "username"))
    return {
        "c": c,
        "agent": agent,
        "query": f"?{query}" if query else "",
        "window": Window.objects.filter(conversation=c, outcome=Window.Outcome.OPEN).first(),
        "may_write": agent.may_write,
        "sends": composing.sends(c),
        "colleagues": colleagues,
        "colleague_names": [{"name": str(one), "username": one.username} for one in colleagues if one != agent],
        "follows": c.followers.through.objects.filter(conversation=c, agent=agent).exists(),
        "snoozes": snoozes(agent),
        "local": local,
        "zone": local.zone,
    }


def said(request: HttpRequest, c: Conversation) -> dict[str, Any]:
    """A page of messages by the agent's days."""
    before, after, at = (number(request.GET.get(name, "")) for name in ("before", "after", "at"))
    messages, older, newer = _page_of(c, before, after, at)
    came = [m.pk for m in messages if m.direction == Message.Direction.IN]
    partial = bool(before or after)
    return {
        "messages_shown": messages,
        "days": [(day, list(of_day)) for day, of_day in groupby(messages, key=_local_day)],
        "older": messages[0].pk if older and messages else None,
        "newer": messages[-1].pk if newer and messages else None,
        "at": at if newer and not partial else "",
        "partial": partial,
        "chips_for": set() if partial else set(came[-TRIAGED:]),
        "warnings": lambda m: labels.beside(labels.WARNINGS, m.meta.get("warnings")),
        "name_of": composing.name_of,
        "still_open_to_doubt": lambda m: m.marked_by_hand and m.at > clock.now() - rules.TAKE_BACK,
        "unsure": labels.unsure(c.shop.platform),
        "seen_elsewhere": labels.elsewhere(c.shop.platform),
        "call_of": lambda m: labels.call(m.direction, m.meta),
        "notes": lambda m: labels.beside(labels.NOTES, m.meta.get("notes")),
    }


def _page_of(c: Conversation, before: int, after: int, at: int) -> tuple[list[Message], bool, bool]:
    """The messages asked for, and whether there are older and newer ones beside them."""
    if before:
        return *queries.thread(c, before), False
    if after:
        messages, newer = queries.thread_after(c, after)
        return messages, False, newer
    around, older, newer = queries.thread_around(c, at) if at else ([], False, False)
    return (around, older, newer) if newer else (*queries.thread(c), False)


def _local_day(message: Message) -> date:
    return timezone.localtime(message.at).date()


def _until(request: HttpRequest, agent: Agent) -> datetime:
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None:
        raise CannotWrite(_("Say until when."))
    return until if until.tzinfo else until.replace(tzinfo=ZoneInfo(agent.timezone))


def _assign(c: Conversation, agent: Agent, request: HttpRequest) -> str:
    asked = request.POST.get("agent", "")
    who = get_object_or_404(team.who_see(c.shop_id), pk=number(asked)) if asked else None
    actions.assign(c, who, by=agent)
    return _("Assigned to %(who)s") % {"who": who} if who else _("Assigned to nobody")


def _snooze(c: Conversation, agent: Agent, request: HttpRequest) -> str:
    return _("Snoozed until %(at)s") % {"at": moment(actions.snooze(c, _until(request, agent), by=agent))}


def _merge(c: Conversation, agent: Agent, request: HttpRequest) -> str:
    actions.merge(c, one_of(request, number(request.POST.get("other", ""))), by=agent)
    return _("Merged")


def _log_call(c: Conversation, agent: Agent, request: HttpRequest) -> str:
    given = request.POST
    ended = given.get("ended", "reached")
    minutes = given.get("minutes", "0")
    if ended not in labels.CALL_ENDS:
        raise CannotWrite(_("Say how the call ended."))
    actions.log_call(
        c, by=agent, direction="in" if given.get("direction") == "in" else "out", ended=ended,  # type: ignore[arg-type]
        minutes=min(number(minutes), 600), text=given.get("text", ""),
    )  # fmt: skip
    return _("Noted")


def _plain(do: Callable[..., Any], word: Callable[[], str] = str) -> Callable[[Conversation, Agent, HttpRequest], str]:
    def act_on(c: Conversation, agent: Agent, request: HttpRequest) -> str:
        do(c, by=agent)
        return word()

    return act_on


def _named(do: Callable[..., Any], field: str) -> Callable[[Conversation, Agent, HttpRequest], str]:
    def act_on(c: Conversation, agent: Agent, request: HttpRequest) -> str:
        do(c, request.POST.get(field, ""), by=agent)
        return ""

    return act_on


_ACTS: Mapping[str, Callable[[Conversation, Agent, HttpRequest], str]] = {
    "assign": _assign,
    "snooze": _snooze,
    "close": _plain(actions.close, lambda: _("Closed")),
    "reopen": _plain(actions.reopen, lambda: _("Open again")),
    "no_answer_needed": _plain(actions.no_answer_needed, lambda: _("Marked: no answer needed")),
    "follow": _plain(actions.follow, lambda: _("You follow it")),
    "unfollow": _plain(actions.unfollow, lambda: _("You follow it no more")),
    "tag": _named(actions.tag, "tag"),
    "untag": _named(actions.untag, "tag"),
    "set_language": _named(actions.set_language, "language"),
    "merge": _merge,
    "log_call": _log_call,
}


def _withdraw(message: Message, agent: Agent, request: HttpRequest) -> dict[str, str]:
    return {"text": actions.withdraw(message, by=agent)}


def _retry(message: Message, agent: Agent, request: HttpRequest) -> str:
    actions.retry(message, by=agent)
    return _("It goes out again")


def _settle(message: Message, agent: Agent, request: HttpRequest) -> str:
    actions.settle(message, request.POST.get("arrived") == "1", by=agent)
    return _("Thank you, noted")


def _not_sent(message: Message, agent: Agent, request: HttpRequest) -> str:
    actions.not_sent(message, by=agent)
    return _("It waits to be sent again; the answer is owed as before")


def _split(message: Message, agent: Agent, request: HttpRequest) -> str:
    actions.split(message, by=agent)
    return _("It has a conversation of its own now")


_MESSAGE_ACTS: Mapping[str, Callable[[Message, Agent, HttpRequest], str | dict[str, str]]] = {
    "withdraw": _withdraw,
    "retry": _retry,
    "settle": _settle,
    "not-sent": _not_sent,
    "split": _split,
}
