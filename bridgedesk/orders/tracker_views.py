"""The page of tracking services, for admins, and the address their hooks come to."""

from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.orders import following, sentinel
from bridgedesk.orders.tracker_models import Tracker, TrackerNews
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@csrf_exempt
@require_POST
def hook(request: HttpRequest, name: str) -> HttpResponse:
    """200 when kept (or here already), 401 when it is not proved, 404 for a service not in use, 413 when too large; never a body."""
    row = Tracker.objects.filter(name=name, enabled=True).first() if name in following.TRACKERS else None
    if row is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    body = bytes(request.read(settings.MAX_PUSH_BYTES + 1))
    if len(body) > settings.MAX_PUSH_BYTES:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    headers = {key.lower(): value for key, value in request.headers.items()}
    return HttpResponse(status=HTTPStatus.OK if following.hear(row, headers, body) else HTTPStatus.UNAUTHORIZED)


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Which services follow parcels, how they stand, and which shops extend receipt by themselves."""
    agent = _admin(request)
    known = {row.name: row for row in Tracker.objects.all()}
    shown = {
        "agent": agent,
        "services": [(tracker, known.get(name) or Tracker(name=name, enabled=False)) for name, tracker in following.TRACKERS.items()],
        "hooks": f"{settings.PUBLIC_URL}/in/tracker/",
        "signs": [("confirm", _("ask for the number again")), ("body_key", _("SHA-256 of body and key (unconfirmed)"))],
        "failed": TrackerNews.objects.filter(state="failed").select_related("tracker").order_by("-received_at")[:20],
        "extending": [(shop, sentinel.automatic(shop)) for shop in Shop.objects.visible_to(agent) if sentinel.can_extend(shop)],
    }
    return render(request, "orders/trackers.html", shown)


@login_required
@require_POST
def save(request: HttpRequest, name: str) -> HttpResponse:
    """Set a service up."""
    agent, post = _admin(request), request.POST
    try:
        following.save(
            name, key=post.get("key", "").strip()[:400], secret=post.get("secret", "").strip()[:400],
            base_url=post.get("base_url", "").strip().rstrip("/")[:200], sign=post.get("sign") or "confirm",
            enabled=post.get("enabled") == "1", by=agent,
        )  # fmt: skip
    except ValueError:
        if name not in following.TRACKERS:
            raise Http404 from None
        messages.error(request, _("The address must begin with https://."))
    return redirect("trackers")


@login_required
@require_POST
def test(request: HttpRequest, name: str) -> HttpResponse:
    """Ask the service with the stored key."""
    agent = _admin(request)
    row = get_object_or_404(Tracker, name=name)
    if trouble := following.test(row, by=agent):
        messages.error(request, _(trouble))
    else:
        messages.success(request, _("The service answers and takes the key."))
    return redirect("trackers")


@login_required
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a hook again from its bytes."""
    agent = _admin(request)
    following.replay(get_object_or_404(TrackerNews, pk=pk), by=agent)
    return redirect("trackers")


@login_required
@require_POST
def extending(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the sentinel extend receipt by itself in a shop, or not."""
    agent = _admin(request)
    shop = get_object_or_404(Shop.objects.visible_to(agent), pk=pk)
    sentinel.set_automatic(shop, on=request.POST.get("on") == "1", by=agent)
    return redirect("trackers")


def _admin(request: HttpRequest) -> Agent:
    agent = cast(Agent, request.user)
    if not agent.administers:
        raise PermissionDenied
    return agent
