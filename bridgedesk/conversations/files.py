"""Attachments over HTTP: nothing a buyer sent can run in an agent's browser, and nobody sees another shop's files."""

from http import HTTPStatus
from re import ASCII, fullmatch

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
        response = _bytes(request, found)
    except FileNotFoundError:
        raise Http404 from None
    response["Accept-Ranges"], response["ETag"] = "bytes", _etag(found)
    response["Content-Disposition"] = content_disposition_header(as_attachment=not in_img, filename=found.name) or "inline"
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Vary"] = "Cookie, Sec-Fetch-Dest"
    return response


def _bytes(request: HttpRequest, found: Attachment) -> HttpResponse:
    """All of the file, or the one part asked for (RFC 9110, 14): what jumping in a film does."""
    span = _span(request, found)
    if span is None:
        return HttpResponse(attachments.open_bytes(found), content_type=found.type)
    if not span:
        refused = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, content_type=found.type)
        refused["Content-Range"] = f"bytes */{found.size}"
        return refused
    data = attachments.open_part(found, span.start, len(span))
    response = HttpResponse(data, status=HTTPStatus.PARTIAL_CONTENT, content_type=found.type)
    response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{found.size}"
    return response


def _span(request: HttpRequest, found: Attachment) -> range | None:
    """The bytes asked for, empty where the file has none there; None for the whole file: no or several parts, or of another file."""
    asked = fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", request.headers.get("Range", ""), ASCII)
    if not asked or asked[0] == "bytes=-" or request.headers.get("If-Range", _etag(found)) != _etag(found):
        return None
    first, last = asked[1], asked[2]
    if not first:
        return range(max(found.size - int(last), 0), found.size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1 if last else found.size, found.size))


def _etag(found: Attachment) -> str:
    return f'"{found.sha256}"'


def _agent(request: HttpRequest) -> Agent:
    if not isinstance(request.user, Agent):
        raise Http404
    return request.user


urlpatterns = [path("files", upload, name="upload"), path("files/<str:token>", one, name="file")]
