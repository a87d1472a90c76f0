"""What people do about findings: call an order fine, write down another address, ask the buyer, hold it, let it go."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.orders import findings, rules
from bridgedesk.orders.access import locked
from bridgedesk.orders.models import Finding, Order, Remark
from bridgedesk.orders.remarks import remark, take_back
from bridgedesk.shops.queries import thresholds
from bridgedesk.team.models import Agent

State = Finding.State
FIGURES = ("buyer_answer_hours", "buyer_answer_before_shipping")
"""Of a shop: the buyer has so long to answer, and never longer than until so much before the order has to leave."""
PARTS = ("name", "phone", "lines", "district", "city", "region", "postcode", "country")


@transaction.atomic
def dismiss(order: Order, *, by: Agent, reason: str = "") -> int:
    """Everything found is fine; it stays so. How many findings that were."""
    held = locked(order, by)
    rows = _open(held)
    for row in rows:
        row.state, row.closed_by, row.closed_at, row.note = State.DISMISSED, by, clock.now(), plain(reason)[:300]
    Finding.objects.bulk_update(rows, ["state", "closed_by", "closed_at", "note"])
    return _tell("findings_dismissed", held, rows, by=by, reason=plain(reason)[:300])


@transaction.atomic
def ask(order: Order, *, by: Agent) -> int:
    """The buyer is being asked: it waits for the answer, and comes back with it or when the time is up. How many findings."""
    held = locked(order, by)
    rows = [row for row in _open(held) if row.weight != "hint"]
    until = answer_by(held, clock.now())
    for row in rows:
        row.state, row.due_at, row.assignee = State.WAITING, until, by
    Finding.objects.bulk_update(rows, ["state", "due_at", "assignee"])
    held.recheck_at = until if rows else held.recheck_at
    held.save(update_fields=["recheck_at"])
    return _tell("findings_asked", held, rows, by=by)


@transaction.atomic
def correct_address(order: Order, parts: Mapping[str, str], *, by: Agent) -> Remark:
    """Write another address down for whoever packs, and look at it at once; an earlier correction is taken back. `parts` by PARTS."""
    held = locked(order, by)
    address: dict[str, Any] = {name: plain(parts[name]).strip()[:200] for name in PARTS if name in parts}
    if "lines" in parts:
        address["lines"] = [line.strip()[:200] for line in plain(parts["lines"]).splitlines() if line.strip()][:6]
    for earlier in held.remarks.filter(kind=Remark.Kind.ADDRESS, withdrawn_at=None):
        take_back(earlier, by=by)
    text = ", ".join(part for name in PARTS for part in (address.get(name) if name == "lines" else [address.get(name)]) or [] if part)
    made = remark(held, Remark.Kind.ADDRESS, text, by=by, data={"address": address}, due_at=held.ship_by)
    findings.check_batch([held.pk])
    return made


def answer_by(order: Order, now: datetime) -> datetime:
    """Until when the buyer may think about it."""
    within, before = (timedelta(hours=float(rule.value)) for rule in thresholds(order.shop, FIGURES, now))
    latest = now + within
    return max(now, min(latest, order.ship_by - before)) if order.ship_by else latest


def _open(order: Order) -> list[Finding]:
    return list(order.findings.filter(code__in=rules.CODES, state__in=[State.OPEN, State.WAITING]))


def _tell(verb: str, order: Order, rows: Iterable[Finding], *, by: Agent, reason: str = "") -> int:
    rows = list(rows)
    order.attention = findings.attention(order.findings.all())
    order.save(update_fields=["attention"])
    if rows:
        record(verb, order, by=by, shop=order.shop_id, order=order.external_id, codes=sorted({row.code for row in rows}), reason=reason)
    announce("orders", shop=order.shop_id)
    return len(rows)
