"""Findings of parcels: opened once an episode, closed when the parcel moves on, or by a person for good."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from bridgedesk.activity.actions import record
from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.orders import journeys, transit
from bridgedesk.orders.journeys import Journey, Wrong
from bridgedesk.orders.models import Finding, Order, Parcel
from bridgedesk.team.models import Agent

BATCH = 500
OLDEST = timedelta(days=200)
"""A parcel sent longer ago is watched no more."""
CLOSED_ORDERS = ("cancelled", "completed")


@transaction.atomic
def check(parcels: Sequence[Parcel]) -> int:
    """Look at these parcels (with `order__shop` at hand) and hold what is found against what is known; how many new findings."""
    lanes = transit.Lanes(parcels)
    known: dict[int, dict[tuple[str, str], Finding]] = defaultdict(dict)
    for finding in Finding.objects.filter(parcel__in=parcels, code__in=journeys.COMPUTED):
        known[finding.parcel_id or 0][finding.code, finding.key] = finding
    new, changed = [], []
    for parcel in parcels:
        fresh, moved = _settle(parcel, lanes.of(parcel), known[parcel.pk])
        new += fresh
        changed += moved
    _remind([*new, *changed])
    Finding.objects.bulk_create(new, ignore_conflicts=True)
    Finding.objects.bulk_update(changed, ["state", "data", "due_at", "closed_at"])
    _tell(new)
    return len(new)


def watch(after: int = 0) -> None:
    """Check the parcels under way whose pk follows `after`, one batch; the next batch is queued."""
    since = clock.now() - OLDEST
    untold = Q(shipped_at=None, order__shipped_at=None, order__first_seen_at__gte=since) & ~Q(status__in=journeys.WAITING)
    sent = Q(shipped_at__gte=since) | Q(shipped_at=None, order__shipped_at__gte=since) | untold
    rows = Parcel.objects.filter(sent, pk__gt=after).exclude(status__in=journeys.AT_REST).exclude(order__state__in=CLOSED_ORDERS)
    parcels = list(rows.select_related("order__shop").order_by("pk")[:BATCH])
    check(parcels)
    if len(parcels) == BATCH:
        enqueue("watch_parcels", once=f"watch:{parcels[-1].pk}", after=parcels[-1].pk)


@transaction.atomic
def not_received(order: Order, *, by: Agent | None = None) -> Finding | None:
    """The buyer says that a delivered parcel never came; None where none counts as delivered."""
    parcel = order.parcels.filter(status="delivered").order_by("-delivered_at").first()
    if parcel is None:
        return None
    due = clock.now() + timedelta(hours=transit.patience()["trouble_hours"])
    finding, new = Finding.objects.get_or_create(
        order=order, code=journeys.MISSING, key=str(parcel.pk), defaults={"parcel": parcel, "created_at": clock.now(), "due_at": due}
    )
    if new:
        record("parcel_questioned", order, by=by, shop=order.shop_id, code=finding.code, parcel=parcel.number)
        announce("order", shop=order.shop_id, order=order.pk)
    return finding


@transaction.atomic
def close(finding: Finding, *, by: Agent, note: str = "", dismiss: bool = False) -> None:
    """Somebody dealt with it, or says that it is nothing. It does not open again for the same episode."""
    row = Finding.objects.select_for_update().get(pk=finding.pk)
    if row.state in (Finding.State.DONE, Finding.State.DISMISSED):
        return
    row.state = Finding.State.DISMISSED if dismiss else Finding.State.DONE
    row.note, row.closed_by, row.closed_at = note[:300], by, clock.now()
    row.save()
    record("parcel_settled", row.order, by=by, shop=row.order.shop_id, code=row.code)
    announce("order", shop=row.order.shop_id, order=row.order_id)


def journey(parcel: Parcel, lane: transit.Transit) -> Journey:
    """What the decisions ask of a parcel."""
    patience = transit.patience()
    return Journey(
        status=parcel.status, since=parcel.status_at, left=parcel.shipped_at or parcel.order.shipped_at,
        moved=parcel.moved_at, promised=transit.eta(parcel, lane), lane=lane, customs_days=patience["customs_days"],
        pickup_days=patience["pickup_days"], trouble_hours=patience["trouble_hours"],
    )  # fmt: skip


def _settle(parcel: Parcel, lane: transit.Transit, known: Mapping[tuple[str, str], Finding]) -> tuple[list[Finding], list[Finding]]:
    """Findings to add, findings to change."""
    quiet = parcel.order.state in CLOSED_ORDERS
    wanted = {(one.code, key_of(parcel, one)): one for one in ([] if quiet else journeys.look(journey(parcel, lane), clock.now()))}
    new = [_opened(parcel, key, one) for key, one in wanted.items() if key not in known]
    changed = [finding for key, finding in known.items() if _kept(finding, wanted.get(key))]
    return new, changed


def key_of(parcel: Parcel, wrong: Wrong) -> str:
    """One row for each episode of each parcel."""
    return f"{parcel.pk}:{wrong.episode:%Y%m%d%H%M}"


def _opened(parcel: Parcel, key: tuple[str, str], one: Wrong) -> Finding:
    return Finding(
        order=parcel.order, parcel=parcel, code=one.code, key=key[1], data=one.data | {"number": parcel.number}, due_at=one.due,
        created_at=clock.now(),
    )  # fmt: skip


def _kept(finding: Finding, wanted: Wrong | None) -> bool:
    """Bring a known finding up to date; whether anything changed. What a person closed stays closed."""
    open_now = finding.state in (Finding.State.OPEN, Finding.State.WAITING)
    if wanted is None and open_now:
        finding.state, finding.closed_at = Finding.State.DONE, clock.now()
        return True
    if wanted and not open_now and finding.state == Finding.State.DONE and finding.closed_by_id is None:
        finding.state, finding.closed_at = Finding.State.OPEN, None
        return True
    if wanted and open_now and any(finding.data.get(name) != value for name, value in wanted.data.items()):
        finding.data, finding.due_at = finding.data | wanted.data, finding.due_at or wanted.due
        return True
    return False


def _remind(findings: Sequence[Finding]) -> None:
    """The buyer of a parcel that is not fetched is reminded once an episode, as the platform permits (conversations.notices)."""
    after = transit.patience()["remind_days"]
    for finding in findings:
        waits = finding.code == journeys.PICKUP and finding.state == Finding.State.OPEN and finding.data.get("days", 0) >= after
        if waits and not finding.data.get("reminded"):
            finding.data["reminded"] = True
            enqueue("queue_notice", order=finding.order_id, purpose="pickup_reminder", key=finding.key)


def _tell(new: Sequence[Finding]) -> None:
    """One line in the log for each, and a word to open screens of each shop."""
    Activity.objects.bulk_create(
        Activity(at=clock.now(), actor="system", verb="parcel_questioned", shop_id=finding.order.shop_id, subject_type="order",
                 subject_id=finding.order_id, data={"code": finding.code, "parcel": finding.data.get("number", "")})
        for finding in new
    )  # fmt: skip
    for shop in {finding.order.shop_id for finding in new}:
        announce("parcels", shop=shop)
