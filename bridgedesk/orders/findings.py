"""Findings of orders before they are packed: computed, opened once, closed when their cause is gone, dismissed by people for good."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from bridgedesk.activity.models import Activity
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import deep
from bridgedesk.orders import gathering, rules
from bridgedesk.orders.addressing import Found
from bridgedesk.orders.models import Finding, Order
from bridgedesk.orders.places import lies
from bridgedesk.shops.models import Shop

BATCH = 250
Said = Callable[[Sequence[Order]], Mapping[int, Sequence[str]]]
State = Finding.State
NOBODY, ASKED, LOOK, STOP = 0, 1, 2, 3
"""Order.attention."""


def check(order: Order, said: Sequence[str] = ()) -> list[Finding]:
    """Compute what is odd about the order now; `said` is what the buyer wrote in conversations. The findings it has afterwards."""
    check_batch([order.pk], lambda orders: {order.pk: said})
    order.refresh_from_db()
    return list(of(order))


def of(order: Order) -> QuerySet[Finding]:
    """Its findings, the open ones and the heaviest first."""
    return order.findings.filter(code__in=rules.CODES).order_by("state", "-weight", "pk")


def check_waiting(said: Said | None = None, *, batches: int = 20) -> int:
    """Check what news or time made due, in batches of one transaction each; how many. Call again while it gives BATCH × `batches`."""
    done = 0
    for _ in range(batches):
        keys = waiting(BATCH)
        checked = check_batch(keys, said)
        done += checked
        if checked < BATCH:
            break
    return done


def buyer_wrote(shop: Shop, number: str, address: str = "") -> None:
    """The buyer wrote in a conversation about that order: what waited for an answer is open again, and the words are looked at."""
    orders = Order.objects.filter(lies(shop, number, address), state__in=rules.OPEN_STATES)
    if orders.update(checked_at=None):
        Finding.objects.filter(order__in=orders, state=State.WAITING, code__in=rules.CODES).update(state=State.OPEN)


def waiting(limit: int) -> list[int]:
    """Orders to check: those with news, then those whose time came."""
    fresh = list(Order.objects.filter(checked_at=None).order_by("pk").values_list("pk", flat=True)[:limit])
    due = Order.objects.filter(recheck_at__lte=clock.now()).order_by("recheck_at").values_list("pk", flat=True)
    return fresh or list(due[:limit])


@transaction.atomic
def check_batch(keys: Sequence[int], said: Said | None = None) -> int:
    """Check these orders; those somebody else holds are left for the next time. How many were checked."""
    orders = list(
        Order.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .filter(pk__in=keys)
        .select_related("shop")
        .order_by("pk")
    )
    if not orders:
        return 0
    now = clock.now()
    facts = gathering.facts(orders, said(orders) if said else {}, now)
    known: dict[int, dict[tuple[str, str], Finding]] = defaultdict(dict)
    for finding in Finding.objects.filter(order__in=orders, code__in=rules.CODES):
        known[finding.order_id][finding.code, finding.key] = finding
    plan = Plan(now)
    for order in orders:
        plan.settle(order, rules.look(facts[order.pk]), known[order.pk])
        order.checked_at, order.recheck_at = now, _earliest(rules.look_again_at(facts[order.pk]), order.recheck_at)
        order.phone_key, order.address_key = gathering.keys(order)
    plan.write(orders)
    return len(orders)


class Plan:
    """What a batch changes, gathered first and written in a few statements."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.new: list[Finding] = []
        self.changed: list[Finding] = []
        self.log: list[Activity] = []

    def settle(self, order: Order, found: Iterable[Found], known: Mapping[tuple[str, str], Finding]) -> None:
        """Hold what was found against what is known, and say on the order whether somebody must look."""
        wanted = {(one.code, one.key): one for one in found}
        before = order.attention
        opened = [self._open(order, one) for key, one in wanted.items() if key not in known]
        for key, finding in known.items():
            self._keep(order, finding, wanted.get(key))
        rows = [*opened, *known.values()]
        order.attention = attention(rows)
        order.recheck_at = min((row.due_at for row in rows if row.state == State.WAITING and row.due_at), default=None)
        if order.attention >= LOOK > before:
            codes = sorted({row.code for row in rows if row.state == State.OPEN and row.weight != "hint"})
            self._tell("order_questioned", order, codes)

    def write(self, orders: Sequence[Order]) -> None:
        """Everything, and a word to open screens of each shop."""
        Finding.objects.bulk_create(self.new, ignore_conflicts=True)
        Finding.objects.bulk_update(self.changed, ["state", "weight", "data", "due_at", "closed_at"], batch_size=BATCH)
        _note(orders, self.now)
        Activity.objects.bulk_create(self.log)
        for shop in {order.shop_id for order in orders}:
            announce("orders", shop=shop)

    def _open(self, order: Order, found: Found) -> Finding:
        self.new.append(
            Finding(
                order=order,
                code=found.code,
                key=found.key,
                weight=found.weight,
                data=deep(found.data),
                due_at=order.ship_by,
                created_at=self.now,
            )
        )
        return self.new[-1]

    def _keep(self, order: Order, finding: Finding, found: Found | None) -> None:
        """A person's word stands; what a rule closed, a rule opens again."""
        before = (finding.state, finding.weight, finding.data, finding.due_at)
        if found is None:
            self._close(finding)
        elif finding.state in (State.OPEN, State.WAITING) or (finding.state == State.DONE and finding.closed_by_id is None):
            finding.weight, finding.data = found.weight, deep(found.data)
            asked = finding.state == State.WAITING and (finding.due_at is None or finding.due_at > self.now)
            finding.state = State.WAITING if asked else State.OPEN
            finding.due_at = finding.due_at if asked else order.ship_by
            finding.closed_at = None
        if before != (finding.state, finding.weight, finding.data, finding.due_at):
            self.changed.append(finding)

    def _close(self, finding: Finding) -> None:
        if finding.state in (State.OPEN, State.WAITING):
            finding.state, finding.closed_at = State.DONE, self.now

    def _tell(self, verb: str, order: Order, codes: list[str]) -> None:
        line = Activity(at=self.now, actor="system", verb=verb, shop_id=order.shop_id, subject_type="order", subject_id=order.pk)
        line.data = {"codes": codes, "order": order.external_id}
        self.log.append(line)


_NOTE = """
update orders_order o set checked_at = %s, recheck_at = v.recheck, attention = v.attention, phone_key = v.phone, address_key = v.address
from unnest(%s::bigint[], %s::timestamptz[], %s::smallint[], %s::text[], %s::text[]) v(id, recheck, attention, phone, address)
where o.id = v.id
"""


def _note(orders: Sequence[Order], now: datetime) -> None:
    """What was found on the orders themselves; many times cheaper than a CASE for every column."""
    rows = [(order.pk, order.recheck_at, order.attention, order.phone_key, order.address_key) for order in orders]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [now, *(list(column) for column in zip(*rows, strict=True))])


def attention(findings: Iterable[Finding]) -> int:
    """What an order asks for, by the findings it has; hints ask for nothing."""
    rows = [row for row in findings if row.weight != "hint" and row.code in rules.CODES]
    if heavy := {row.weight for row in rows if row.state == State.OPEN}:
        return STOP if "stop" in heavy else LOOK
    return ASKED if any(row.state == State.WAITING for row in rows) else NOBODY


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
