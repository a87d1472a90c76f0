"""The sync page: what came from outside, byte for byte, and how each source stands."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from bridgedesk.activity import live
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib.secrets import MASK, mask
from bridgedesk.shops.models import Shop
from bridgedesk.sync import actions, polling, queries
from bridgedesk.sync.models import Delivery
from bridgedesk.team.models import Agent

STATES = {
    Delivery.State.NEW: pgettext_lazy("delivery", "new"),
    Delivery.State.FAILED: pgettext_lazy("delivery", "will be tried again"),
    Delivery.State.STUCK: pgettext_lazy("delivery", "stuck"),
    Delivery.State.APPLIED: pgettext_lazy("delivery", "applied"),
    Delivery.State.IGNORED: pgettext_lazy("delivery", "of no use"),
}
TONES = {Delivery.State.NEW: "info", Delivery.State.FAILED: "warn", Delivery.State.STUCK: "bad", Delivery.State.APPLIED: "ok"}
KINDS = {
    "push": pgettext_lazy("delivery", "pushed"),
    "poll": pgettext_lazy("delivery", "fetched"),
    "mail": pgettext_lazy("delivery", "mail"),
    "manual": pgettext_lazy("delivery", "entered"),
}
FEEDS = {
    "messages": pgettext_lazy("feed", "Messages"),
    "orders": pgettext_lazy("feed", "Orders"),
    "parcels": pgettext_lazy("feed", "Parcels"),
    "arrivals": pgettext_lazy("feed", "Parcels that arrived"),
    "stock": pgettext_lazy("feed", "Stock"),
    "reviews": pgettext_lazy("feed", "Reviews"),
    "returns": pgettext_lazy("feed", "Returns"),
    "health": pgettext_lazy("feed", "Account health"),
}
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-twilio-signature"})


def agent_of(request: HttpRequest) -> Agent:
    """Who is logged in; only for views behind `login_required`."""
    return cast(Agent, request.user)


def shop_of(request: HttpRequest, pk: int) -> Shop:
    """The shop, if the agent sees it."""
    return get_object_or_404(Shop.objects.visible_to(agent_of(request)), pk=pk)


def number_in(request: HttpRequest, name: str) -> int | None:
    """A row's number in the query; None for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@login_required
@require_GET
def sync(request: HttpRequest) -> HttpResponse:
    """The newest deliveries under a filter, the sources, what did not verify."""
    agent, state, shop, before = agent_of(request), request.GET.get("state", ""), number_in(request, "shop"), number_in(request, "before")
    listen = live.address()
    rows = queries.deliveries(agent, state=state, shop=shop, before=before, size=queries.PAGE + 1)
    counts = queries.counts(agent, shop)
    words = [("", pgettext("delivery", "All"), 0)] + [(key, word, counts.get(key, 0)) for key, word in STATES.items()]
    more = {
        "rows": rows[: queries.PAGE],
        "next": rows[queries.PAGE - 1].pk if len(rows) > queries.PAGE else None,
        "state": state if state in Delivery.State.values else "",
        "shop": shop,
        "before": before,
        "filters": words,
        "sources": queries.sources(agent),
        "rejections": queries.rejections(agent),
        "live": listen,
    }
    return render(request, "sync/sync.html", more | _words())


@login_required
@require_GET
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery with its bytes."""
    found = _delivery(request, pk)
    body = bytes(found.body)
    more = {
        "found": found,
        "size": len(body),
        "shown": queries.shown(body),
        "headers": [(name, _masked(name, value)) for name, value in sorted(found.headers.items())],
        "became": queries.messages_of(found, agent_of(request)),
        "error": mask(found.error),
    }
    return render(request, "sync/delivery.html", more | _words())


@login_required
@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, as a file nothing opens by itself."""
    found = _delivery(request, pk)
    disposition = f'attachment; filename="delivery-{found.pk}.bin"'
    return HttpResponse(bytes(found.body), content_type="application/octet-stream", headers={"Content-Disposition": disposition})


@login_required
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply it again from its bytes."""
    found = _delivery(request, pk)
    _leads(request)
    try:
        actions.replay(found, by=agent_of(request))
        messages.success(request, _("It is applied again, in a moment."))
    except actions.Gone:
        messages.error(request, _("Its bytes were forgotten when their time was over."))
    return redirect("delivery", pk)


@login_required
@require_POST
def replay_stuck(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply again whatever of the shop is stuck."""
    shop = shop_of(request, pk)
    _leads(request)
    count = actions.replay_stuck(shop, by=agent_of(request))
    messages.success(request, ngettext("%(count)s is applied again", "%(count)s are applied again", count) % {"count": count})
    return redirect("sync")


@login_required
@require_GET
def inflow(request: HttpRequest, pk: int) -> HttpResponse:
    """A card of the shop's page: how its messages come in."""
    shop = shop_of(request, pk)
    more = {
        "shop": shop,
        "feeds": queries.feeds(shop),
        "counts": queries.counts(agent_of(request), pk),
        "by_hand": shop.platform == "manual",
    }
    return render(request, "sync/inflow.html", more | _words())


@login_required
@require_POST
def poll(request: HttpRequest, pk: int) -> HttpResponse:
    """Fetch now."""
    shop = shop_of(request, pk)
    _leads(request)
    channel = CHANNELS.get(shop.platform)
    if not polling.feeds_of(channel):
        raise Http404
    if shop.state == Shop.State.CONNECTED:
        polling.poll_now(shop, by=agent_of(request))
        messages.success(request, _("It is fetched now. What is new shows on this page and on the sync page."))
    else:
        messages.error(request, _("The shop is not connected: resume or reconnect it first."))
    return redirect("shop", pk)


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    found = queries.delivery(agent_of(request), pk)
    if found is None:
        raise Http404
    return found


def _leads(request: HttpRequest) -> None:
    if not agent_of(request).leads:
        raise PermissionDenied


def _masked(name: str, value: str) -> str:
    return (
        MASK
        if name.lower() in SECRET_HEADERS or "signature" in name.lower() or "token" in name.lower()
        else mask(f"{name}: {value}")[len(name) + 2 :]
    )


def _words() -> dict[str, object]:
    return {"state_words": STATES, "tones": TONES, "kinds": KINDS, "feed_words": FEEDS}
