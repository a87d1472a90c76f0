"""The deadline sentinel: before the buyer's protection or the time to confirm receipt ends with the parcel still moving, have it extended.

By the platform's interface where it has one, automatically only where the shop wants that; else a task that says where to click.
The same deadline is extended once: the act's key and the finding's key are the deadline itself.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from bridgedesk.activity.actions import record
from bridgedesk.channels.acts import ExtendReceipt
from bridgedesk.channels.policy import PolicyError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.words import told
from bridgedesk.orders import acting, journeys, transit
from bridgedesk.orders.models import Finding, Order, PlatformAct
from bridgedesk.shops.actions import set_switch
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import threshold
from bridgedesk.team.models import Agent

CODE = "receipt_ends"
OPTION = "extend_receipt"
MOST = "extend_receipt_most_days"
"""Of a shop: "auto" lets the sentinel extend by itself."""
BATCH = 200
_OPEN = (Finding.State.OPEN, Finding.State.WAITING)
REFUSED: Mapping[str, str | Promise] = {
    "100": gettext_lazy("The platform does not know this order."),
    "200": gettext_lazy("The platform has nothing to extend for this order."),
    "201": gettext_lazy("It was extended as far as the platform allows. Settle with the buyer before it ends: send again or refund."),
    "210": gettext_lazy("The order is not in a state to be extended: it must await receipt, without dispute or freeze."),
    "601": gettext_lazy("This account may not extend it. Somebody with the right has to do it on the platform."),
}
"""AliExpress's words by its code, source: its interface's table of sub_error_code."""


def watch() -> int:
    """Look at every deadline that ends soon, and close what is settled; how many were acted on or became a task. One batch a call."""
    _settle()
    now = clock.now()
    until = now + timedelta(days=transit.patience()["receipt_warn_days"])
    ending = (
        Order.objects.filter(state="shipped", receive_by__gt=now, receive_by__lte=until).select_related("shop").prefetch_related("parcels")
    )
    known = set(Finding.objects.filter(code=CODE, order__in=ending).values_list("order_id", "key"))
    rows = [order for order in ending.order_by("receive_by")[: BATCH * 5] if (order.pk, key_of(order)) not in known]
    return sum(1 for order in rows[:BATCH] if still_moving(order) and _open(order))


def still_moving(order: Order) -> bool:
    """Whether anything of it may still be on its way: a parcel neither delivered nor back, or none that we know of."""
    states = [parcel.status for parcel in order.parcels.all()]
    return not states or any(status not in journeys.AT_REST for status in states)


def key_of(order: Order) -> str:
    """The deadline as rows are told apart by it."""
    return f"{order.receive_by:%Y%m%d%H%M}" if order.receive_by else ""


@transaction.atomic
def _open(order: Order) -> Finding | None:
    """A task for this deadline, or the act at once where the shop lets us; None where the order changed meanwhile."""
    fresh = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=order.pk)
    if fresh.state != "shipped" or key_of(fresh) != key_of(order):
        return None
    data = {"ends": fresh.receive_by.isoformat() if fresh.receive_by else ""}
    finding, new = Finding.objects.get_or_create(
        order=fresh, code=CODE, key=key_of(fresh), defaults={"created_at": clock.now(), "due_at": fresh.receive_by, "data": data}
    )
    if new:
        record("receipt_ends", fresh, by=None, shop=fresh.shop_id, ends=finding.data["ends"])
        announce("parcels", shop=fresh.shop_id)
        if automatic(fresh.shop):
            _ask(finding, fresh, transit.patience()["extend_days"], by=None)
    return finding


@transaction.atomic
def extend(finding: Finding, days: int, *, by: Agent) -> PlatformAct | None:
    """Have the receipt time of the finding's order extended; by hand where the platform has no interface. None: already settled."""
    row = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    order = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=row.order_id)
    if row.state not in _OPEN or key_of(order) != row.key or order.state != "shipped":
        return None
    return _ask(row, order, min(max(days, 1), longest(order.shop)), by=by)


def longest(shop: Shop) -> int:
    """Days by which receipt is extended at most at once: the lead's or the platform's figure, a year where neither is known."""
    try:
        return int(threshold(shop, MOST, clock.now()).value)
    except (KeyError, PolicyError):
        return 366


def can_extend(shop: Shop) -> bool:
    """Whether the platform has an interface for it."""
    return shop.platform in CHANNELS and ExtendReceipt in CHANNELS[shop.platform].acts


def automatic(shop: Shop) -> bool:
    """Whether the sentinel may extend by itself in that shop."""
    return can_extend(shop) and shop.options.get(OPTION) == "auto"


def set_automatic(shop: Shop, *, on: bool, by: Agent) -> None:
    """Let the sentinel extend by itself in that shop, or leave it to people."""
    set_switch(shop, OPTION, "auto" if on else "", by=by, extend_receipt=on)


def trouble(finding: Finding) -> str:
    """Why the extension did not come about, in the reader's words; "" where nothing went wrong."""
    error = str(finding.data.get("error", ""))
    code = re.search(r"\b(100|200|201|210|601)\b", f"{finding.data.get('code', '')} {error}")
    return str(REFUSED[code[1]]) if code and error else told(error)


def _ask(finding: Finding, order: Order, days: int, *, by: Agent | None) -> PlatformAct:
    act = acting.ask(order.shop, ExtendReceipt(order.external_id, days), order=order, key=f"{order.external_id}:{finding.key}", by=by)
    finding.state, finding.data = Finding.State.WAITING, {**finding.data, "act": act.pk, "days": days, "error": ""}
    finding.save()
    return act


def _settle() -> None:
    """Close what was extended or needs it no more; bring what the platform refused back to people."""
    for finding in Finding.objects.filter(code=CODE, state__in=_OPEN).select_related("order").order_by("pk")[: BATCH * 5]:
        with transaction.atomic():
            row = Finding.objects.select_for_update(of=("self",), skip_locked=True).select_related("order").filter(pk=finding.pk).first()
            if row and row.state in _OPEN:
                _settle_one(row)


def _settle_one(row: Finding) -> None:
    act = PlatformAct.objects.filter(pk=row.data.get("act") or 0).first()
    gone = row.order.state != "shipped" or key_of(row.order) != row.key or (row.due_at is not None and row.due_at <= clock.now())
    extended = act is not None and act.state == PlatformAct.State.DONE
    if extended or gone:
        row.state, row.closed_at = Finding.State.DONE, clock.now()
        row.save()
        if extended:
            record("receipt_extended", row.order, by=None, shop=row.order.shop_id, days=row.data.get("days"), ends=row.data.get("ends"))
    elif act and act.state in (PlatformAct.State.FAILED, PlatformAct.State.UNSURE, PlatformAct.State.WITHDRAWN) and row.state == "waiting":
        row.state = Finding.State.OPEN
        row.data = {**row.data, "error": act.error, "code": str(act.told.get("code", ""))}
        row.save()
        announce("parcels", shop=row.order.shop_id)
