"""The templates page and the editor. Everybody reads; leads write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.channels.policy import PURPOSES
from bridgedesk.conversations import labels, liquid, shelf, templates
from bridgedesk.conversations.composing import name_of
from bridgedesk.conversations.models import Template
from bridgedesk.conversations.views import agent_of
from bridgedesk.lib.storable import number
from bridgedesk.team.models import Agent

LONGEST = 8_000  # characters of one text
NAMES = (("en", "English"), ("zh-Hans", "简体中文"), ("zh-Hant", "繁體中文"))
WORDS = {"topics": labels.TOPICS, "purposes": labels.PURPOSES, "platforms": labels.PLATFORMS}
LANGUAGES = (*templates.LANGUAGES, *shelf.OPTIONAL_LANGUAGES)


@dataclass(frozen=True)
class Draft:
    """A template being written. `version` is the one it was begun from, 0 for a new one."""

    key: str = ""
    version: int = 0
    topic: str = ""
    purpose: str = "answer"
    names: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Template) -> "Draft":
        """The texts of a stored version."""
        return cls(row.key, row.version, row.topic, row.purpose, row.names, {text.language: text.body for text in row.texts.all()})

    @classmethod
    def posted(cls, request: HttpRequest, key: str) -> "Draft":
        """What the editor sent; values that are not known fall back to the plain ones."""
        given = request.POST
        topic, purpose, version = given.get("topic", ""), given.get("purpose", ""), given.get("version", "")
        texts = {language: given.get(f"text-{language}", "").replace("\r\n", "\n").strip()[:LONGEST] for language in LANGUAGES}
        names = {language: given.get(f"name-{language}", "").strip()[:80] for language, _name in NAMES}
        return cls(
            key=key,
            version=number(version),
            topic=topic if topic in labels.TOPICS else "",
            purpose=purpose if purpose in PURPOSES else "answer",
            names={language: name for language, name in names.items() if name},
            texts={language: text for language, text in texts.items() if text},
        )

    def says_the_same_as(self, other: "Draft") -> bool:
        """Whether saving would change nothing."""
        return replace(self, version=other.version, key=other.key) == other


@login_required
@require_GET
def shelf_page(request: HttpRequest) -> HttpResponse:
    """Every template, or for htmx only the lines that fit."""
    agent, asked = agent_of(request), shelf.Asked.parse(request.GET.dict())
    shown = {"lines": shelf.lines(agent, asked), "asked": asked, "agent": agent} | WORDS
    if request.headers.get("HX-Request"):
        return render(request, "templates/lines.html", shown)
    return render(request, "templates/shelf.html", shown | {"fields": _fields()})


@login_required
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, key: str) -> HttpResponse:
    """One template, in its newest version or the one asked for; POST saves the next."""
    rows = shelf.versions(key)
    if not rows:
        return HttpResponse(status=404)
    if request.method == "POST":
        return _save(request, Draft.posted(request, key), rows)
    asked = request.GET.get("version", "")
    shown = next((row for row in rows if str(row.version) == asked), rows[0])
    return _editor(request, replace(Draft.of(shown), version=rows[0].version), rows, shown=shown)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new template, empty or begun as a copy (`from`)."""
    agent = agent_of(request)
    if not agent.leads:
        raise PermissionDenied
    if request.method == "POST":
        return _create(request, Draft.posted(request, request.POST.get("key", "").strip().lower()[:60]))
    source = Template.objects.filter(key=request.GET.get("from", "")[:60]).prefetch_related("texts").order_by("-version").first()
    begun = replace(Draft.of(source), key=f"{source.key}-2"[:60], version=0) if source else Draft()
    return _editor(request, begun, ())


@login_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """What is to be said of the texts being written: preview, faults, gates."""
    draft = Draft.posted(request, "")
    return render(request, "templates/looked.html", _looked(request, draft, request.POST.get("language", "")))


@login_required
@require_POST
def restore(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """Save an old version again as the newest; a retired template is offered again."""
    old = get_object_or_404(Template.objects.prefetch_related("texts"), key=key, version=version)
    draft, agent = Draft.of(old), agent_of(request)
    try:
        made = _store(draft, agent)
        messages.success(request, _("Version %(old)s is back, as version %(new)s.") % {"old": version, "new": made.version})
    except templates.TemplateError as error:
        messages.error(request, str(error))
    return redirect("template", key)


@login_required
@require_POST
def retire(request: HttpRequest, key: str) -> HttpResponse:
    """Offer a template no more."""
    row = get_object_or_404(Template, key=key, current=True)
    templates.retire(row, by=agent_of(request))
    messages.success(request, _("“%(name)s” is offered no more. You find it under “Retired”.") % {"name": name_of(row)})
    return redirect("templates")


def _save(request: HttpRequest, draft: Draft, rows: Sequence[Template]) -> HttpResponse:
    agent, newest = agent_of(request), rows[0]
    if not agent.leads:
        raise PermissionDenied
    if newest.current and draft.says_the_same_as(Draft.of(newest)):
        messages.info(request, _("Nothing was changed, so there is no new version."))
        return redirect("template", draft.key)
    if draft.version != newest.version:
        told = _("%(who)s saved version %(version)s meanwhile. Your words are still here: compare with that version, then save again.")
        said = told % {"who": newest.by or _("Somebody"), "version": newest.version}
        return _editor(request, replace(draft, version=newest.version), rows, problem=said)
    if found := _problem(draft):
        return _editor(request, draft, rows, problem=found)
    made = _store(draft, agent)
    messages.success(request, _("Saved as version %(version)s.") % {"version": made.version})
    return redirect("template", draft.key)


def _create(request: HttpRequest, draft: Draft) -> HttpResponse:
    problem = _problem(draft)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,58}[a-z0-9]", draft.key) or draft.key in ("new", "look", "share"):
        problem = _("The short name must be small letters, digits and hyphens, such as lamp-too-dark.")
    elif Template.objects.filter(key=draft.key).exists():
        problem = _("There is a template with this short name already.")
    if problem:
        return _editor(request, draft, (), problem=problem)
    _store(draft, agent_of(request))
    messages.success(request, _("The template can be used now."))
    return redirect("template", draft.key)


def _problem(draft: Draft) -> str:
    if not draft.texts:
        return _("Write the text in one language at least.")
    if not draft.names:
        return _("Give it a name, so that colleagues find it.")
    return _("It cannot be saved yet. What is wrong stands beside the text.") if templates.faults(draft.texts) else ""


def _store(draft: Draft, agent: Agent) -> Template:
    names = {"en": next(iter(draft.names.values()), draft.key)} | dict(draft.names)
    return templates.save(draft.key, draft.texts, by=agent, topic=draft.topic, purpose=draft.purpose, names=names)


def _editor(
    request: HttpRequest, draft: Draft, rows: Sequence[Template], *, problem: str = "", shown: Template | None = None
) -> HttpResponse:
    newest = rows[0] if rows else None
    page = {
        "draft": draft,
        "newest": newest,
        "shown": shown or newest,
        "rows": rows,
        "changed": shelf.changes(rows),
        "problem": problem,
        "name": name_of(newest) if newest else "",
        "interface": NAMES,
        "offered": templates.LANGUAGES,
        "optional": shelf.OPTIONAL_LANGUAGES,
        "variables": list(liquid.variables().values()),
        "topic_choices": [("", _("Any topic")), *sorted(labels.TOPICS.items(), key=lambda pair: str(pair[1]))],
        "purpose_choices": list(labels.PURPOSES.items()),
        "use": shelf.used_lately(draft.key) if newest else None,
    }
    looked = _looked(request, draft, request.GET.get("language", ""))
    return render(request, "templates/editor.html", page | looked, status=422 if problem else 200)


def _looked(request: HttpRequest, draft: Draft, language: str) -> dict[str, Any]:
    agent = agent_of(request)
    language = language if language in LANGUAGES else _own_language(draft.texts)
    platforms = shelf.platforms_of(agent)
    looked = shelf.look(draft.texts, language, draft.purpose, platforms)
    states = {tongue: "wrong" if tongue in looked.faults else "there" for tongue in draft.texts}
    return {
        "looked": looked,
        "states": states,
        "where": shelf.where(draft.purpose, platforms),
        "platforms": labels.PLATFORMS,
        "agent": agent,
    }


def _own_language(texts: Mapping[str, str]) -> str:
    """The reader's own where there is a text in it, else English, else the first there is."""
    own = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(get_language() or "", "en")
    return next((language for language in (own, "en", *texts) if language in texts), own)


def _fields() -> list[tuple[str, str, list[tuple[str, Any]]]]:
    show = {
        "incomplete": _("A language is missing"),
        "unused": _("Not used for 30 days"),
        "edited": _("Changed by the team"),
        "retired": _("Retired"),
    }
    topics = sorted(labels.TOPICS.items(), key=lambda pair: str(pair[1]))
    return [
        ("topic", _("Any topic"), topics),
        ("purpose", _("Any purpose"), list(labels.PURPOSES.items())),
        ("show", _("All in use"), list(show.items())),
    ]
