"""Pictures of articles over HTTP, for who sees the order."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from bridgedesk.lib.pictures import secure
from bridgedesk.orders import pictures, station
from bridgedesk.orders.models import Order
from bridgedesk.orders.picture_models import Picture
from bridgedesk.team.models import Agent

SANDBOX = "sandbox; default-src 'none'"


@login_required
@require_GET
def picture(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The picture of an article of the order; nothing in it can run."""
    order = get_object_or_404(Order.objects.visible_to(cast(Agent, request.user)), pk=pk) if pk < 2**63 else _none()
    named = {*order.lines.values_list("image", flat=True), *(want.image for want in station.all_wants(order))}
    if key not in {pictures.key_of(safe) for url in named if (safe := secure(url))}:
        raise Http404
    row = get_object_or_404(Picture, key=key, state=Picture.State.STORED)
    try:
        response = HttpResponse(pictures.read(row), content_type=row.kind)
    except FileNotFoundError:
        raise Http404 from None
    drawn = request.headers.get("Sec-Fetch-Dest") == "image"
    response["Content-Disposition"] = "inline" if drawn else f'attachment; filename="{key[:12]}.{row.kind.rpartition("/")[2]}"'
    response["Content-Security-Policy"], response["X-Content-Type-Options"] = SANDBOX, "nosniff"
    response["Cross-Origin-Resource-Policy"], response["Cache-Control"] = "same-origin", "private, max-age=86400, immutable"
    response["Vary"] = "Cookie, Sec-Fetch-Dest"
    return response


def _none() -> Order:
    raise Http404
