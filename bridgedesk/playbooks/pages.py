"""The pages of playbooks: the list, and each with its drawing, its steps in words, its figures and versions."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity.coded import topic
from bridgedesk.lib.storable import number
from bridgedesk.playbooks import loading, publishing, queries
from bridgedesk.playbooks.draft_models import Draft
from bridgedesk.playbooks.expressions import in_words, parse
from bridgedesk.playbooks.graph import draw
from bridgedesk.playbooks.labels import DOES_WORDS, EVENT_WORDS, OUTCOME_WORDS, STRATEGY_WORDS
from bridgedesk.playbooks.loading import PlaybookError
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.playbooks.rules import Branch, Playbook, Step
from bridgedesk.team.models import Agent


@login_required
@require_GET
def playbooks(request: HttpRequest) -> HttpResponse:
    """Every playbook with what begins it and how many cases are in it now."""
    agent = cast(Agent, request.user)
    running = Run.objects.visible_to(agent).filter(state=Run.State.OPEN).values_list("version__key").annotate(Count("pk"))
    open_now = dict(running.order_by())
    rows = [(version, queries.playbook_of(version)) for version in Version.objects.filter(current=True)]
    lines = [(version, playbook, _begins(playbook), open_now.get(version.key, 0)) for version, playbook in rows]
    lines.sort(key=lambda line: str(line[1].names))
    return render(request, "playbooks/list.html", {"lines": lines, "agent": agent, "drafts": _drafts(agent)})


@login_required
@require_GET
def playbook(request: HttpRequest, key: str) -> HttpResponse:
    """One playbook."""
    agent = cast(Agent, request.user)
    versions = list(Version.objects.filter(key=key).select_related("by").order_by("-number"))
    shown = get_object_or_404(Version, key=key, current=True)
    read = queries.playbook_of(shown)
    more = {
        "agent": agent,
        "version": shown,
        "playbook": read,
        "draft": Draft.objects.filter(key=key).first() if agent.leads else None,
        "topics": _begins(read),
        "drawing": draw(read),
        "name": lambda to: queries.name_of(read, to),
        "begin": [_branch(read, branch) for branch in read.begin],
        "steps": [_step(read, step) for step in read.steps],
        "figures": _figures(agent, key),
        "ended": _ended(agent, key),
        "versions": versions,
    }
    return render(request, "playbooks/playbook.html", more)


@login_required
@require_POST
def restore(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """A lead brings an older version back, as a new one. What no longer makes sense, or is not over the version that was looked at, is
    refused with its reasons."""
    old, base = get_object_or_404(Version, key=key, number=version), number(request.POST.get("base", ""))
    try:
        publishing.restore(old, base=base, by=cast(Agent, request.user))
    except publishing.Newer as newer:
        told = _("%(who)s published version %(version)s meanwhile. Look at it first; then you may still bring the older one back.")
        made = newer.version
        messages.error(request, told % {"who": (made and made.by) or _("Somebody"), "version": made.number if made else "–"})
    except PlaybookError as error:
        for problem in error.problems:
            messages.error(request, problem)
    return redirect("playbook", key)


def _drafts(agent: Agent) -> list[tuple[Draft, str]]:
    """What leads are writing."""
    rows = Draft.objects.select_related("by").order_by("-changed_at") if agent.leads else ()
    return [(row, str(loading.take_apart(row.data)[0].names) or row.key) for row in rows]


def _begins(playbook: Playbook) -> list[str]:
    return [topic(each) for each in playbook.topics] + [str(EVENT_WORDS[event]) for event in playbook.events]


def _step(playbook: Playbook, step: Step) -> dict[str, Any]:
    return {
        "step": step,
        "strategy": STRATEGY_WORDS[step.strategy],
        "does": DOES_WORDS[step.does] if step.does != "reply" else "",
        "branches": [_branch(playbook, branch) for branch in step.branches],
        "silence": queries.name_of(playbook, step.timeout_to) if step.timeout_to else "",
        "ends": OUTCOME_WORDS.get(step.ends, ""),
    }


def _branch(playbook: Playbook, branch: Branch) -> tuple[str, str, str]:
    return (in_words(parse(branch.when)) if branch.when else _("in every other case"), queries.name_of(playbook, branch.to), branch.when)


def _figures(agent: Agent, key: str) -> Mapping[str, Mapping[str, int]]:
    """How often each step was taken, and how often it was the suggested one, in the shops the agent sees."""
    taken = Taken.objects.filter(run__in=Run.objects.visible_to(agent).filter(version__key=key), undone_at=None).order_by()
    rows = taken.values("to").annotate(times=Count("pk"), followed=Count("pk", filter=Q(suggested=True)))
    return {row["to"]: {"times": row["times"], "followed": row["followed"]} for row in rows}


def _ended(agent: Agent, key: str) -> list[tuple[str, int]]:
    """How cases ended, the commonest first; those that were left among them."""
    runs = Run.objects.visible_to(agent).filter(version__key=key).exclude(state=Run.State.OPEN).order_by()
    rows = runs.values_list("outcome").annotate(times=Count("pk")).order_by("-times")
    return [(str(OUTCOME_WORDS.get(outcome, _("Left by an agent"))), times) for outcome, times in rows]
