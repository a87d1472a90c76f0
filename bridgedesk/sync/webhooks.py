"""The webhooks page: programs outside that are told what happens, and how the telling went."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bridgedesk.activity import words
from bridgedesk.lib.addresses import Blocked, resolve_public
from bridgedesk.shops.connecting import is_web_address
from bridgedesk.sync import outgoing
from bridgedesk.sync.models import Endpoint
from bridgedesk.sync.pages import agent_of

LOG = 50
STATES = {
    "waiting": pgettext_lazy("notification", "waiting"),
    "done": pgettext_lazy("notification", "taken"),
    "given_up": pgettext_lazy("notification", "given up"),
}
TONES = {"waiting": "info", "done": "ok", "given_up": "bad"}


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """One's own endpoints (an admin: everybody's). POST adds one and shows its secret this once."""
    agent, secret, problem = agent_of(request), "", ""
    _leads(request)
    if request.method == "POST":
        url = request.POST.get("url", "").strip()
        problem = _problem(url)
        if not problem:
            verbs = [verb for verb in request.POST.getlist("verbs") if verb in words.VERBS]
            _endpoint, secret = outgoing.add_endpoint(agent, url, verbs, by=agent)
    rows = (
        _visible(request)
        .select_related("owner")
        .annotate(
            waiting=Count("notifications", filter=Q(notifications__state="waiting")),
            given_up=Count("notifications", filter=Q(notifications__state="given_up")),
        )
    )
    more = {"endpoints": list(rows.order_by("pk")), "secret": secret, "problem": problem, "verbs": words.choices()}
    return render(
        request, "sync/webhooks.html", more | {"typed": request.POST.get("url", "") if problem else ""}, status=422 if problem else 200
    )


@login_required
@require_GET
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint with the last it was told."""
    found = _endpoint(request, pk)
    rows = list(found.notifications.order_by("-pk")[:LOG])
    verbs = dict(outgoing.visible_acts(found.owner).filter(pk__in=[row.activity_id for row in rows]).values_list("pk", "verb"))
    log = [(row, words.label(verbs.get(row.activity_id, ""))) for row in rows]
    more = {"endpoint": found, "log": log, "wanted": [words.label(verb) for verb in found.verbs], "states": STATES, "tones": TONES}
    return render(request, "sync/webhook.html", more)


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Switch on or off, remove, or try it."""
    found, agent = _endpoint(request, pk), agent_of(request)
    if name in ("on", "off"):
        outgoing.set_enabled(found, name == "on", by=agent)
    elif name == "remove":
        outgoing.remove_endpoint(found, by=agent)
        return redirect("webhooks")
    elif name == "ping":
        _say(request, *outgoing.ping(found))
    else:
        raise Http404
    return redirect("webhook", pk)


def _say(request: HttpRequest, status: int | None, reason: str) -> None:
    if status is None:
        messages.error(request, _("No answer: %(reason)s") % {"reason": reason})
    elif 200 <= status < 300:
        messages.success(request, _("It answered %(status)s.") % {"status": status})
    else:
        messages.error(request, _("It answered %(status)s; anything but 2xx counts as not taken.") % {"status": status})


def _problem(url: str) -> str:
    if not is_web_address(url) or len(url) > 400:
        return _("This must be a web address, beginning with https://")
    parts = urlsplit(url)
    try:
        resolve_public(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    except Blocked:
        return _("That address is on a private network. List its host and port in BRIDGEDESK_ALLOW_PRIVATE if that is meant.")
    except (OSError, ValueError):
        return _("No such host is known.")
    return ""


def _visible(request: HttpRequest) -> QuerySet[Endpoint]:
    agent = agent_of(request)
    return Endpoint.objects.all() if agent.administers else Endpoint.objects.filter(owner=agent)


def _endpoint(request: HttpRequest, pk: int) -> Endpoint:
    _leads(request)
    return get_object_or_404(_visible(request).select_related("owner"), pk=pk)


def _leads(request: HttpRequest) -> None:
    if not agent_of(request).leads:
        raise PermissionDenied
