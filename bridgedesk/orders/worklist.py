"""The worklist of orders to look at before packing: a page of it, and how many wait. A fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet

from bridgedesk.channels.events import Address
from bridgedesk.channels.policy import PolicyError, Rule, policy, policy_name
from bridgedesk.lib import clock
from bridgedesk.orders import labels, rules
from bridgedesk.orders.models import Finding, Line, Order, Remark
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

PAGE = 25
NOWHERE = asdict(Address())
"""What an address says before anybody told one: platforms hide it, or have none yet."""
MOST_COUNTED = 1000
TABS = ("look", "asked", "held")
_TAB = {"look": "attention >= 2 and hold = ''", "asked": "attention = 1 and hold = ''", "held": "hold <> ''"}
_COUNTED = "(select count(*) from (select 1 from orders_order where {where}{within} limit {most}) w)"
ADDRESS_CODES = frozenset({
    "address_missing", "country_unknown", "postcode_format", "postcode_region", "house_number", "po_box", "script", "address_changed",
    "phone_missing", "phone_impossible", "phone_invalid", "phone_not_mobile",
})  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A finding in the reader's words; `tone` colours it."""

    title: str
    says: str
    then: str
    icon: str
    tone: str
    source: str
    sure: str


@dataclass(frozen=True)
class Asking:
    """How the buyer may be asked: under which purpose, with which template ("" none fits), and what the platform says of it."""

    purpose: str
    template: str
    rule: Rule | None
    instead_of: Rule | None

    @property
    def forbidden(self) -> bool:
        """Whether nobody may ask."""
        return self.rule is not None and self.rule.verdict == "forbidden"


@dataclass(frozen=True)
class Card:
    """An order with what is odd about it; `marked` names the parts of the address and the ids of the lines that are meant."""

    order: Order
    findings: Sequence[Said]
    address: Mapping[str, Any]
    marked: frozenset[Any]
    asking: Asking
    corrected: bool
    call: bool


def page(agent: Agent, tab: str, shop: int = 0, after: int = 0) -> tuple[list[Card], int]:
    """Cards of that tab, what leaves first on top; and where the next page begins (0: nowhere)."""
    rows = _rows(agent, tab, shop).order_by("ship_by", "pk")
    found = list(_full(rows)[after : after + PAGE + 1])
    return [card(order) for order in found[:PAGE]], after + PAGE if len(found) > PAGE else 0


def one(agent: Agent, pk: int) -> Card | None:
    """The card of one order; None where it is not theirs to see."""
    found = _full(Order.objects.visible_to(agent).filter(pk=pk)).first()
    return card(found) if found else None


def counts(agent: Agent, shop: int = 0) -> dict[str, int]:
    """How many wait in each tab, counted to MOST_COUNTED at most; one statement."""
    shops = (
        [shop] if shop else None if agent.sees_all_shops else list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True))
    )
    within = "" if shops is None else " and shop_id = any(%(shops)s)"
    what = (_COUNTED.format(where=where, within=within, most=MOST_COUNTED) for where in _TAB.values())
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(what), {"shops": shops})
        return dict(zip(_TAB, cursor.fetchone(), strict=True))


def card(order: Order) -> Card:
    """The order as the worklist shows it. Its findings, lines and remarks are at hand."""
    rows = sorted(order.findings.all(), key=lambda row: (rules.WEIGHTS.index(row.weight), row.pk))
    corrections = [remark.data.get("address", {}) for remark in order.remarks.all()]
    marked = {name for row in rows for name in row.data.get("fields", ())} | {pk for row in rows for pk in row.data.get("lines", ())}
    return Card(
        order=order,
        findings=[said(row) for row in rows],
        address={**NOWHERE, **order.address, **(corrections[-1] if corrections else {})},
        marked=frozenset(marked),
        asking=asking(order, [row.code for row in rows]),
        corrected=bool(corrections),
        call=any(row.code in ("large_order", "large_cash_on_delivery", "pickup_poor") for row in rows),
    )


def said(row: Finding) -> Said:
    """A finding in the reader's words."""
    tone = labels.TONES.get(row.weight, "warn")
    source, sure = str(row.data.get("source", "")), str(row.data.get("sure", ""))
    return Said(labels.title(row), labels.says(row), labels.then(row), labels.picture(row), tone, source, sure)


def asking(order: Order, codes: Sequence[str]) -> Asking:
    """An unclear address is a problem of this one order; anything else is confirming it, which some platforms forbid."""
    problem, confirm = _rule(order, "order_problem"), _rule(order, "confirm_order")
    if ADDRESS_CODES & set(codes):
        return Asking("order_problem", "address-unclear", problem, None)
    if confirm is not None and confirm.verdict == "forbidden":
        return Asking("order_problem", "", problem, confirm)
    return Asking("confirm_order", "confirm-order", confirm, None)


def _rule(order: Order, purpose: str) -> Rule | None:
    try:
        return policy(policy_name(order.shop)).rule(purpose, clock.now(), order.country)
    except PolicyError:
        return None


def _rows(agent: Agent, tab: str, shop: int) -> QuerySet[Order]:
    rows = Order.objects.all()
    if not agent.sees_all_shops:
        rows = rows.filter(shop__in=list(Shop.objects.visible_to(agent).order_by().values_list("pk", flat=True)))
    if shop:
        rows = rows.filter(shop=shop)
    return {"look": rows.filter(attention__gte=2, hold=""), "asked": rows.filter(attention=1, hold=""), "held": rows.exclude(hold="")}[tab]


def _full(rows: QuerySet[Order]) -> QuerySet[Order]:
    open_ = Finding.objects.filter(code__in=rules.CODES, state__in=[Finding.State.OPEN, Finding.State.WAITING])
    notes = Remark.objects.filter(kind=Remark.Kind.ADDRESS, withdrawn_at=None)
    near = rows.select_related("shop", "customer", "held_by").prefetch_related(Prefetch("lines", Line.objects.order_by("pk")))
    return near.prefetch_related(Prefetch("findings", open_)).prefetch_related(Prefetch("remarks", notes))
