"""Chips of a message, their correction by one click, translations, and the settings of the translation service."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.assist import actions, labels, topics, translate
from bridgedesk.assist.models import Engine
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import languages
from bridgedesk.lib.storable import number
from bridgedesk.team.models import Agent

CORRECTIONS = {"topic": actions.correct_topic, "language": actions.correct_language, "mood": actions.correct_mood}


@login_required
@require_GET
def chips(request: HttpRequest, pk: int) -> HttpResponse:
    """What was seen in a message; with `edit=1` each chip opens its correction."""
    message = _message(request, pk)
    return _chips(request, message, edit=request.GET.get("edit") == "1")


@login_required
@require_POST
def correct(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """One click: the agent names topic, language or mood."""
    message = _message(request, pk)
    if what not in CORRECTIONS:
        raise Http404
    try:
        CORRECTIONS[what](message, request.POST.get("value", ""), by=_agent(request))
    except actions.UnknownValue:
        return HttpResponse(_("This value does not exist."), status=400)
    return _chips(request, message, edit=True)


@login_required
@require_GET
def translation(request: HttpRequest, pk: int) -> HttpResponse:
    """A message in the reader's language (or `to`), to stand beside the original."""
    message = _message(request, pk)
    target = languages.canonical(request.GET.get("to", "") or get_language() or "en")
    page: dict[str, Any] = {"target": target, "made": None, "error": ""}
    try:
        page["made"] = translate.translate(message.text, target, message.language, [message.conversation.customer.name])
    except translate.NoEngine:
        page["error"] = "none"
    except translate.TranslationFailed as error:
        page["error"] = str(error)
    return render(request, "assist/translation.html", page | {"agent": _agent(request), "name": _name})


@login_required
@require_POST
def translate_draft(request: HttpRequest) -> JsonResponse:
    """What the agent typed, in the buyer's language: {text, warning} or {error}."""
    agent = _agent(request)
    conversation = _conversation(agent, request.POST.get("conversation", ""))
    target = request.POST.get("target") or conversation.language or conversation.shop.language
    try:
        made = translate.translate(request.POST.get("text", ""), target, names=[conversation.customer.name])
    except translate.NoEngine:
        return JsonResponse({"error": _("No translation service is set up. Templates still speak the buyer's language.")}, status=409)
    except translate.TranslationFailed as error:
        return JsonResponse({"error": _(str(error))}, status=502)
    warning = _("Check: %(what)s did not survive the translation.") % {"what": ", ".join(made.flawed)} if made.flawed else ""
    return JsonResponse({"text": made.text, "language": made.target, "warning": warning})


@login_required
@require_http_methods(["GET", "POST"])
def engine(request: HttpRequest) -> HttpResponse:
    """The settings page of the translation service, for admins."""
    agent = _agent(request)
    if not agent.administers:
        raise PermissionDenied
    error = ""
    if request.method == "POST":
        try:
            _save_engine(request, agent)
            return redirect("engine")
        except actions.Incomplete as problem:
            error = _(str(problem))
    row = Engine.objects.first() or Engine(name="deepl", enabled=True)
    shown = {"row": row, "error": error, "agent": agent, "services": labels.services()}
    return render(request, "assist/engine.html", shown, status=422 if error else 200)


@login_required
@require_POST
def test_engine(request: HttpRequest) -> HttpResponse:
    """Ask the stored service for one made-up sentence and show what came back, or why nothing did."""
    if not _agent(request).administers:
        raise PermissionDenied
    try:
        tried = translate.attempt(get_language() or "en")
    except translate.TranslationFailed as error:
        return render(request, "assist/tested.html", {"tried": None, "error": _(str(error))})
    return render(request, "assist/tested.html", {"tried": tried, "error": ""})


def _save_engine(request: HttpRequest, agent: Agent) -> None:
    posted = request.POST
    actions.save_engine(
        name=posted.get("name", ""),
        base_url=posted.get("base_url", "").strip().rstrip("/")[:200],
        model=posted.get("model", "").strip()[:80],
        key=posted.get("key", "").strip(),
        options={"json_mode": posted.get("json_mode") == "1"},
        enabled=posted.get("enabled") == "1",
        by=agent,
    )


def _chips(request: HttpRequest, message: Message, *, edit: bool) -> HttpResponse:
    agent, reader = _agent(request), get_language() or "en"
    row = labels.triage_of(message)
    page = {
        "m": message,
        "agent": agent,
        "edit": edit and agent.may_write,
        "seen": labels.shown(row, reader) if row else None,
        "moods": labels.moods(),
        "topics": sorted(((name, topic.title(reader)) for name, topic in topics.topics().items()), key=lambda pair: pair[1]),
        "languages": sorted(((tag, languages.name(tag, reader)) for tag in languages.RECOGNISED), key=lambda pair: pair[1]),
    }
    return render(request, "assist/chips.html", page)


def _name(tag: str) -> str:
    return languages.name(tag, get_language() or "en")


def _message(request: HttpRequest, pk: int) -> Message:
    seen = Message.objects.visible_to(_agent(request)).select_related("conversation__customer", "shop")
    return get_object_or_404(seen, pk=pk)


def _conversation(agent: Agent, pk: str) -> Conversation:
    return get_object_or_404(Conversation.objects.visible_to(agent).select_related("shop", "customer"), pk=number(pk))


def _agent(request: HttpRequest) -> Agent:
    return cast(Agent, request.user)
