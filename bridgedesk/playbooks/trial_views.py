"""Trials on screen: how the two versions do, and the choice between them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.playbooks import comparing, history, queries, trials
from bridgedesk.playbooks.comparing import Side
from bridgedesk.playbooks.editor_views import lead_of
from bridgedesk.playbooks.labels import OUTCOME_WORDS
from bridgedesk.shops.models import Shop


@login_required
@require_GET
def trial(request: HttpRequest, key: str) -> HttpResponse:
    """The trial that runs, else the last one."""
    agent = lead_of(request)
    version = trials.latest(key)
    if version is None:
        raise Http404
    shops = list(Shop.objects.visible_to(agent).filter(pk__in=version.trial_shops).order_by("name"))
    currency = history.currency_of(shops)
    found = trials.compare(version, agent, currency)
    page = {
        "found": found,
        "playbook": queries.playbook_of(version),
        "shops": shops,
        "currency": currency,
        "enough": comparing.enough(found.trial, found.current),
        "needed": comparing.ENOUGH,
        "lines": _lines(found.trial, found.current),
        "means": _means(found.trial, found.current),
    }
    return render(request, "playbooks/trial.html", page)


@login_required
@require_POST
def end(request: HttpRequest, key: str) -> HttpResponse:
    """A lead chooses one of the two."""
    agent, version, keep = lead_of(request), trials.latest(key), request.POST.get("keep") == "1"
    if version is None:
        raise Http404
    trials.end(version, keep=keep, by=agent)
    messages.success(request, _("Version %(version)s is in use: new cases take it.") % {
        "version": version.number if keep or version.against is None else version.against.number})  # fmt: skip
    return redirect("playbook", key)


def _lines(one: Side, other: Side) -> list[dict[str, Any]]:
    """Each ending: how often on both sides, and the difference of the shares."""
    ends = [end for end in (*OUTCOME_WORDS, "left") if one.ends.get(end) or other.ends.get(end)]
    return [
        {
            "word": OUTCOME_WORDS.get(end, _("Left by an agent")),
            "trial": one.ends.get(end, 0),
            "current": other.ends.get(end, 0),
            "gap": comparing.of_shares(one.ends.get(end, 0), one.cases, other.ends.get(end, 0), other.cases),
        }
        for end in ends
    ]


def _means(one: Side, other: Side) -> dict[str, Any]:
    """Letters and cost for a case on both sides, with the difference where there are two of each."""
    if min(one.cases, other.cases) < 2:
        return {}
    pairs = {"letters": (one.letters, other.letters), "costs": (one.costs, other.costs)}
    return {name: {"trial": sum(a) / len(a), "current": sum(b) / len(b), "gap": comparing.of_means(a, b)} for name, (a, b) in pairs.items()}
