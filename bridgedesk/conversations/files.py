"""Attachments over HTTP: nothing a buyer sent can run in an agent's browser, and nobody sees another shop's files."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bridgedesk.conversations import attachments
from bridgedesk.conversations.models import Attachment
from bridgedesk.lib import filetypes
from bridgedesk.team.models import Agent

SANDBOX = "sandbox; default-src 'none'"


@login_required
@require_http_methods(["GET", "HEAD", "DELETE"])
def one(request: HttpRequest, token: str) -> HttpResponse:
    """The file, or (DELETE) throw away one's own unsent upload."""
    if request.method == "DELETE":
        return _discard(request, token)
    found = attachments.visible_to(_agent(request), token)
    if found is None or found.state != Attachment.State.STORED:
        raise Http404
    return _serve(request, found)


@login_required
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the composer's `file` as a draft; answers its token, name, size and type, or 413 with the reason."""
    agent, file = _agent(request), request.FILES.get("file")
    if not agent.may_write:
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    if file is None:
        return JsonResponse({"error": _("No file was sent.")}, status=HTTPStatus.BAD_REQUEST)
    try:
        kept = attachments.draft(file.name or "", file.read(), by=agent)
    except attachments.TooLarge as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    facts = {"token": kept.token, "name": kept.name, "size": kept.size, "type": kept.type}
    return JsonResponse(facts, status=HTTPStatus.CREATED)


def _discard(request: HttpRequest, token: str) -> HttpResponse:
    if not attachments.discard(token, by=_agent(request)):
        raise Http404
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _serve(request: HttpRequest, found: Attachment) -> HttpResponse:
    in_img = found.type in filetypes.RASTER and request.headers.get("Sec-Fetch-Dest") == "image"
    try:
        data = attachments.open_bytes(found)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(data, content_type=found.type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=not in_img, filename=found.name) or "inline"
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Vary"] = "Cookie, Sec-Fetch-Dest"
    return response


def _agent(request: HttpRequest) -> Agent:
    if not isinstance(request.user, Agent):
        raise Http404
    return request.user


urlpatterns = [path("files", upload, name="upload"), path("files/<str:token>", one, name="file")]
