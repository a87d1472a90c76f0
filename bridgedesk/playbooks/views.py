"""The card of a run over the composer, and what its buttons do."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.models import Conversation
from bridgedesk.conversations.views import one_of
from bridgedesk.lib.storable import number, plain
from bridgedesk.playbooks import actions, queries, shown
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.team.models import Agent


@login_required
@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the conversation stands in its playbook; without one, which could be begun."""
    return _card(request, one_of(request, pk))


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The agent begins a playbook."""
    conversation = one_of(request, pk)
    version = get_object_or_404(Version, pk=number(request.POST.get("version", "")), current=True)
    drawn = queries.chosen(version.key, queries.published(), conversation.pk) or version
    return _do(request, conversation, lambda by: actions.start(conversation, drawn, by=by))


@login_required
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """The agent takes a branch: its message goes into the composer."""
    run, to = _run(request, pk), plain(request.POST.get("to", ""))[:60]
    return _do(request, run.conversation, lambda by: actions.take(run, to, by=by), now=True)


@login_required
@require_POST
def step_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The agent undoes the branch taken last."""
    run = _run(request, pk)
    return _do(request, run.conversation, lambda by: actions.step_back(run, by=by))


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """The agent takes the conversation out of its playbook."""
    run, reason = _run(request, pk), request.POST.get("reason", "")
    return _do(request, run.conversation, lambda by: actions.leave(run, reason, by=by))


def _do(request: HttpRequest, conversation: Conversation, act: Callable[[Agent], object], *, now: bool = False) -> HttpResponse:
    said, status = "", 200
    try:
        act(_agent(request))
    except CannotWrite as reason:
        said, status = str(reason), 422
    return _card(request, conversation, said=said, status=status, now=now and not said)


def _card(request: HttpRequest, conversation: Conversation, *, said: str = "", status: int = 200, now: bool = False) -> HttpResponse:
    agent, run = _agent(request), queries.last_run(conversation)
    idle = agent.may_write and (run is None or run.state != Run.State.OPEN)
    page = {
        "c": conversation,
        "card": shown.card(conversation, run, agent) if run else None,
        "startable": shown.startable(conversation) if idle else [],
        "likely": shown.likely(conversation) if idle and run is None else None,
        "agent": agent,
        "said": said,
        "now": now,
    }
    return render(request, "playbooks/card.html", page, status=status)


def _run(request: HttpRequest, pk: int) -> Run:
    rows = Run.objects.visible_to(_agent(request)).select_related("version", "conversation__shop", "conversation__customer")
    return get_object_or_404(rows, pk=pk)


def _agent(request: HttpRequest) -> Agent:
    return cast(Agent, request.user)
