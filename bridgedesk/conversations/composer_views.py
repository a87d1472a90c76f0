"""The composer's questions: may this be sent, which phrases fit, send it, keep it as a note."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.channels.policy import PURPOSES
from bridgedesk.conversations import actions, attachments, composing, outcomes
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.models import Attachment, Conversation, Message, Template
from bridgedesk.conversations.replying import JustAnswered, Refused
from bridgedesk.conversations.ruling import ruling_on
from bridgedesk.conversations.views import agent_of, one_of
from bridgedesk.lib import clock
from bridgedesk.lib.storable import number, plain
from bridgedesk.team.models import Agent

MOST_TEXT = 50_000


@login_required
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """What the gate thinks of the draft: verdict, findings with their places, and the parts it would go out in."""
    c, agent = one_of(request, pk), agent_of(request)
    text, template = _text(request), _template(request)
    language = composing.written_in(c, text, template, _rendered(request))
    released = request.POST.get("released") == "1"
    found = ruling_on(c, text, purpose=_purpose(request), language=language, files=_files(request, agent), released=released)
    return JsonResponse(composing.told(found, text, c))


@login_required
@require_GET
def phrases(request: HttpRequest, pk: int) -> HttpResponse:
    """Quick phrases for what was typed after "/", filled in and in the buyer's language."""
    c = one_of(request, pk)
    found = composing.find(c, agent_of(request), request.GET.get("q", "")[:80])
    return JsonResponse({"phrases": [vars(phrase) for phrase in found]})


@login_required
@require_GET
def suggestions(request: HttpRequest, pk: int) -> HttpResponse:
    """Templates that fit, for the composer and beside the conversation; `topic` names what it may be about."""
    c, agent = one_of(request, pk), agent_of(request)
    found = composing.suggested(c, agent, [plain(topic) for topic in request.GET.getlist("topic")[:5]]) if agent.may_write else []
    return render(request, "conversations/suggestions.html", {"suggestions": found, "apart": True})


@login_required
@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue the answer. 201 with ids; 422 with the gate's findings; 409 when a colleague just answered or it cannot be."""
    c, agent = one_of(request, pk), agent_of(request)
    text = _text(request)
    try:
        messages = _reply(c, agent, text, request)
    except Refused as refused:
        return JsonResponse(composing.told(refused.ruling, text, c), status=422)
    except JustAnswered as collision:
        return JsonResponse({"collision": _collision(collision.message)}, status=409)
    except CannotWrite as reason:
        return JsonResponse({"error": str(reason)}, status=409)
    except PermissionDenied:
        return JsonResponse({"error": _("Your role does not permit this.")}, status=403)
    return JsonResponse({"sent": [message.pk for message in messages]}, status=201)


@login_required
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note for colleagues."""
    c = one_of(request, pk)
    try:
        kept = actions.note(c, _text(request), by=agent_of(request))
    except CannotWrite as reason:
        return JsonResponse({"error": str(reason)}, status=409)
    except PermissionDenied:
        return JsonResponse({"error": _("Your role does not permit this.")}, status=403)
    return JsonResponse({"noted": kept.pk}, status=201)


@transaction.atomic
def _reply(c: Conversation, agent: Agent, text: str, request: HttpRequest) -> list[Message]:
    template = _template(request)
    given: dict[str, Any] = {
        "purpose": _purpose(request),
        "template": template,
        "rendered": _rendered(request) if template else "",
        "language": composing.written_in(c, text, template, _rendered(request)),
        "files": _files(request, agent),
        "released": request.POST.get("released") == "1",
        "although_answered": request.POST.get("anyway") == "1",
        "close": request.POST.get("close") == "1",
    }
    messages = actions.reply(c, text, by=agent, **given)
    if not composing.sends(c):
        for message in messages:
            outcomes.mark_sent(message, external_id=None, at=clock.now(), by=agent)
    return messages


def _text(request: HttpRequest) -> str:
    """What was typed. A browser sends line ends as two characters; offsets of findings count one."""
    return plain(request.POST.get("text", ""))[:MOST_TEXT].replace("\r\n", "\n")


def _rendered(request: HttpRequest) -> str:
    """What the template gave before it was edited."""
    return request.POST.get("rendered", "").replace("\r\n", "\n")[:MOST_TEXT]


def _purpose(request: HttpRequest) -> str:
    asked = request.POST.get("purpose", "answer")
    return asked if asked in PURPOSES else "answer"


def _template(request: HttpRequest) -> Template | None:
    return Template.objects.filter(pk=number(request.POST.get("template", ""))).first()


def _files(request: HttpRequest, agent: Agent) -> list[Attachment]:
    return attachments.drafts(request.POST.getlist("files")[:20], by=agent)


def _collision(message: Message) -> dict[str, str]:
    who = str(message.author or message.sender or _("Somebody on the platform"))
    return {"who": who, "text": message.text[:300], "asked": _("%(who)s just answered. Send yours too?") % {"who": who}}
