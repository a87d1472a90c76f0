"""The editor of playbooks, for leads: the form, its buttons, the live check with the drawing, the letters, publishing."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bridgedesk.lib.storable import number, plain
from bridgedesk.playbooks import drafts, editing, offered, trials
from bridgedesk.playbooks.draft_models import Draft
from bridgedesk.playbooks.loading import PlaybookError
from bridgedesk.playbooks.models import Version
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

RESERVED = ("new", "of", "runs", "simulations", "trials")


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A playbook there is not yet: its key and name, empty or as a copy."""
    agent = lead_of(request)
    given = {name: plain(request.POST.get(name, "")).strip()[:60] for name in ("key", "name", "source")}
    problem = ""
    if request.method == "POST":
        problem = _wrong_key(given["key"]) or ("" if given["name"] else _("Give it a name, so that colleagues find it."))
        source = Version.objects.filter(key=given["source"], current=True).first()
        data = source.data if source else None
        if not problem and drafts.begin_new(given["key"], _named(given["name"]), by=agent, source=data):
            return redirect("playbook-edit", given["key"])
        problem = problem or _("There is a playbook or a draft with this short name already.")
    page = {"given": given, "problem": problem, "sources": offered.sources()}
    return render(request, "playbooks/new.html", page, status=422 if problem else 200)


@login_required
@require_POST
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Make a draft of the current version, or go to the one there is."""
    get_object_or_404(Version, key=key, current=True)
    try:
        drafts.begin(key, by=lead_of(request))
    except drafts.Gone:
        return _gone(request)
    return redirect("playbook-edit", key)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """The form; POST is one of its buttons: save, publish, or one that changes its shape."""
    agent = lead_of(request)
    if request.method == "GET":
        draft = _draft(key)
        return _editor(request, draft, draft.data)
    try:
        return _pressed(request, _written(key), agent)
    except drafts.Gone:
        return _gone(request)


def _pressed(request: HttpRequest, draft: Draft, agent: Agent) -> HttpResponse:
    """One of the form's buttons."""
    key = draft.key
    data, do = editing.parse(request.POST, draft.data), request.POST.get("do", "save")
    if do not in ("save", "publish", "simulate", "trial"):
        return _shaped(request, draft, data, do)
    try:
        saved = drafts.save(draft, data, revision=number(request.POST.get("revision", "")), by=agent)
        if do == "publish":
            return _publish(request, saved, agent)
        if do == "trial":
            return _try_out(request, saved, data, agent)
    except drafts.Overtaken as overtaken:
        return _editor(request, overtaken.draft, data, problem=_overtaken(overtaken), base=overtaken.published)
    except PlaybookError as error:
        told = _("It was saved, and cannot be published yet. What is wrong stands at its step.")
        return _editor(request, saved, data, problem=told if drafts.faults(data)[1] else str(error))
    messages.success(request, _("Draft saved."))
    return redirect("playbook-simulate" if do == "simulate" else "playbook-edit", key)


@login_required
@require_POST
def look(request: HttpRequest, key: str) -> HttpResponse:
    """What is to be said of the form as it stands: faults at their steps, conditions in words, the drawing."""
    lead_of(request)
    data = editing.parse(request.POST, _draft(key).data)
    return render(request, "playbooks/looked.html", offered.looked(data) | {"live": True})


@login_required
@require_POST
def letter(request: HttpRequest, key: str, line: int) -> HttpResponse:
    """What a step says to a buyer of one language, and what the platforms say to that."""
    agent, data = lead_of(request), editing.parse(request.POST, _draft(key).data)
    wanted = request.POST.get("tongue", "") or {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(get_language() or "", "en")
    return render(request, "playbooks/letter.html", offered.letter(data, line, wanted, agent) | {"place": line, "key": key})


@login_required
@require_POST
def discard(request: HttpRequest, key: str) -> HttpResponse:
    """Throw the draft away."""
    agent = lead_of(request)
    try:
        drafts.discard(_written(key), by=agent)
    except drafts.Gone:
        return _gone(request)
    messages.success(request, _("The draft is gone."))
    return redirect("playbook", key) if Version.objects.filter(key=key).exists() else redirect("playbooks")


def _gone(request: HttpRequest) -> HttpResponse:
    """A sentence instead of the draft that is no more."""
    return render(request, "playbooks/gone.html", status=HTTPStatus.CONFLICT)


def _publish(request: HttpRequest, draft: Draft, agent: Agent) -> HttpResponse:
    made = drafts.publish(draft, note=request.POST.get("note", ""), base=number(request.POST.get("base", "")), by=agent)
    messages.success(request, _("Version %(version)s is in use: new cases take it.") % {"version": made.number})
    return redirect("playbook", made.key)


def _try_out(request: HttpRequest, draft: Draft, data: dict[str, Any], agent: Agent) -> HttpResponse:
    """A share of the new cases of some shops."""
    share, asked = number(request.POST.get("share", "")), set(request.POST.getlist("trial-shops"))
    shops = [shop for shop in Shop.objects.visible_to(agent) if str(shop.pk) in asked]
    if not 1 <= share <= 99 or not shops or not draft.base:
        return _editor(request, draft, data, problem=_("A trial needs a published version, a shop, and a share from 1 to 99 percent."))
    base = number(request.POST.get("base", ""))
    made = trials.begin(draft, share, shops, note=plain(request.POST.get("note", ""))[:300], base=base, by=agent)
    messages.success(request, _("Version %(version)s is on trial.") % {"version": made.number})
    return redirect("playbook-trial", made.key)


def _shaped(request: HttpRequest, draft: Draft, data: dict[str, Any], do: str) -> HttpResponse:
    """The form after one of its buttons; nothing is saved by it."""
    focus = editing.act(data, do)
    posted = request.POST
    page = _page(request, draft, data, number(posted.get("revision", ""))) | {"base": number(posted.get("base", ""))}
    if not request.headers.get("HX-Request"):
        return render(request, "playbooks/editor.html", page)
    answer = render(request, "playbooks/shaped.html", page | {"apart": True})
    answer.headers["HX-Trigger-After-Settle"] = f'{{"focus-on": "{focus}"}}' if re.fullmatch(r"[\w-]+", focus) else "shaped"
    return answer


def _editor(request: HttpRequest, draft: Draft, data: dict[str, Any], *, problem: str = "", base: Version | None = None) -> HttpResponse:
    page = _page(request, draft, data, draft.revision) | {"problem": problem}
    if base:
        page["base"] = base.number
    return render(request, "playbooks/editor.html", page, status=422 if problem else 200)


def _page(request: HttpRequest, draft: Draft, data: Mapping[str, Any], revision: int) -> dict[str, Any]:
    posted, shops = request.POST, Shop.objects.visible_to(lead_of(request)).order_by("name")
    base = draft.base.number if draft.base else 0
    opened = {posted.get(f"s{place}-key") for place in range(len(data["step"]) + 1) if posted.get(f"s{place}-open") == "1"}
    more = {
        "draft": draft,
        "revision": revision,
        "base": base,
        "note": plain(posted.get("note", ""))[:300],
        "opened": opened,
        "problem": "",
        "shops": shops,
    }
    return more | offered.choices() | offered.looked(data)


def _overtaken(overtaken: drafts.Overtaken) -> str:
    if version := overtaken.published:
        told = _("%(who)s published version %(version)s meanwhile. Your draft is saved; look at that version, then publish again.")
        return told % {"who": version.by or _("Somebody"), "version": version.number}
    told = _(
        "%(who)s saved this draft meanwhile. Your words are still here and not saved: look at theirs in another window, then save again."
    )
    return told % {"who": overtaken.draft.by or _("Somebody")}


def _wrong_key(key: str) -> str:
    right = re.fullmatch(r"[a-z][a-z0-9-]{1,59}", key) and key not in RESERVED
    return "" if right else _("The short name must be small letters, digits and hyphens, such as lamp-too-dark.")


def _named(name: str) -> dict[str, str]:
    language = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(get_language() or "", "en")
    return {language: name}


def _draft(key: str) -> Draft:
    return get_object_or_404(Draft.objects.select_related("by", "base"), key=key)


def _written(key: str) -> Draft:
    """The draft a button was pressed for. Gone: its playbook stands, so the draft may have been there when the page was opened."""
    row = Draft.objects.select_related("by", "base").filter(key=key).first()
    if row is None:
        get_object_or_404(Version, key=key, current=True)
        raise drafts.Gone
    return row


def lead_of(request: HttpRequest) -> Agent:
    """Who asks, if they lead."""
    agent = cast(Agent, request.user)
    if not agent.leads:
        raise PermissionDenied
    return agent
