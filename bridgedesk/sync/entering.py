"""Entering messages by hand: one pasted, or a table looked through before it is taken."""

import base64
import binascii
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bridgedesk.channels import manual, manual_csv
from bridgedesk.channels.base import Raw
from bridgedesk.channels.by_hand import read
from bridgedesk.channels.manual_csv import Imported
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop
from bridgedesk.sync import actions
from bridgedesk.sync.pages import agent_of, shop_of

MOST_BYTES = 5_000_000
SHOWN = 20
COLUMNS = {
    "buyer": gettext_lazy("Buyer"),
    "text": gettext_lazy("Text"),
    "at": gettext_lazy("Time"),
    "order": gettext_lazy("Order"),
    "thread": gettext_lazy("Conversation"),
    "side": gettext_lazy("Buyer or shop"),
    "number": gettext_lazy("Number of the message"),
}


@login_required
@require_POST
def paste(request: HttpRequest, pk: int) -> HttpResponse:
    """One message, of the buyer or of the shop."""
    shop, post = _by_hand(request, pk), request.POST
    try:
        side = "shop" if post.get("side") == "shop" else "buyer"
        at = _moment(post.get("at", ""), agent_of(request).timezone)
        raw = manual.paste(post.get("buyer", "")[:250], post.get("text", ""), at=at, order=post.get("order", "")[:80], side=side)
    except ValueError:
        messages.error(request, _("A message needs a buyer and a text, and a time that can be read."))
        return redirect("shop", pk)
    if actions.enter(shop, [raw], by=agent_of(request)):
        messages.success(request, _("Entered. It shows in the inbox in a moment."))
    else:
        messages.info(request, _("This message is here already."))
    return redirect("shop", pk)


@login_required
@require_POST
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """A table of messages: looked through first, taken with `accept`."""
    shop = _by_hand(request, pk)
    data = _data(request)
    if data is None:
        messages.error(request, _("Choose a table (CSV) of at most 5 MB."))
        return redirect("shop", pk)
    try:
        now = _moment(request.POST.get("now", ""), "UTC")
    except ValueError:
        now = clock.now()
    found = manual_csv.read_table(data, timezone=shop.timezone, now=now, columns=_columns(request))
    if "accept" in request.POST and found.raws:
        new = actions.enter(shop, found.raws, by=agent_of(request))
        messages.success(request, ngettext("%(count)s message was new", "%(count)s messages were new", new) % {"count": new})
        return redirect("shop", pk)
    return _preview(request, shop, data, now, found)


def _preview(request: HttpRequest, shop: Shop, data: bytes, now: datetime, found: Imported) -> HttpResponse:
    more = {
        "shop": shop,
        "data": base64.b64encode(data).decode(),
        "now_": now.isoformat(),
        "found": found,
        "rows": [_row(raw) for raw in found.raws[:SHOWN]],
        "errors": [(error.line, _(error.word)) for error in found.errors[:200]],
        "headings": [("", "–")] + [(name, name) for name in manual_csv.headings(data)[:60] if name],
        "columns": COLUMNS,
    }
    return render(request, "sync/table.html", more)


def _row(raw: Raw) -> dict[str, object]:
    said = read(raw)
    return {**{name: said.get(name, "") for name in ("buyer", "text", "order", "side")}, "at": datetime.fromisoformat(said["at"])}


def _by_hand(request: HttpRequest, pk: int) -> Shop:
    shop = shop_of(request, pk)
    if shop.platform != "manual":
        raise Http404
    return shop


def _data(request: HttpRequest) -> bytes | None:
    """The table from the upload, or from the page that showed it; None if there is none or it is too long."""
    file = request.FILES.get("table")
    if file is not None:
        return file.read() if 0 < (file.size or 0) <= MOST_BYTES else None
    try:
        data = base64.b64decode(request.POST.get("data", ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if 0 < len(data) <= MOST_BYTES else None


def _columns(request: HttpRequest) -> dict[str, str] | None:
    """Which heading a person took for what; None: guess."""
    if "column-buyer" not in request.POST:
        return None
    return {name: heading for name in COLUMNS if (heading := request.POST.get(f"column-{name}", ""))}


def _moment(text: str, zone: str) -> datetime:
    """A moment as the browser sends it; now for none. ValueError for anything else."""
    if not text:
        return clock.now()
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
