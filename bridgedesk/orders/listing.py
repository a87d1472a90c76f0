"""The list of orders: filters that are allow-listed, pages by key, the same number of queries however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from bridgedesk.channels.events import STATES
from bridgedesk.lib import clock
from bridgedesk.lib.storable import number, plain
from bridgedesk.orders.models import Finding, Order
from bridgedesk.team.models import Agent

PAGE = 50
HITS = 500
"""The most orders one search looks through; a number that names more should be typed longer."""
DUE = ("late", "day", "three", "any")
UNSENT = ("to_ship", "part_shipped")


@dataclass(frozen=True)
class Filters:
    """What the list is asked for; anything unknown is no filter. `due` sorts by the time to ship, else the newest come first."""

    state: str = ""
    shop: int = 0
    platform: str = ""
    due: str = ""
    finding: bool = False
    held: bool = False
    q: str = ""

    @classmethod
    def parse(cls, query: QueryDict) -> "Filters":
        """From an address."""
        state, due = query.get("state", ""), query.get("due", "")
        return cls(
            state=state if state in STATES else "",
            shop=number(query.get("shop", "")),
            platform=plain(query.get("platform", ""))[:20],
            due=due if due in DUE else "",
            finding=query.get("finding") == "1",
            held=query.get("held") == "1",
            q=plain(query.get("q", "")).strip()[:80],
        )


@dataclass(frozen=True)
class Page:
    """One page, and the key of the next ("" on the last)."""

    orders: Sequence[Order]
    next: str


def page(agent: Agent, filters: Filters, after: str = "") -> Page:
    """Orders the agent may see with lines, parcels and open findings at hand."""
    rows = _sorted(matching(agent, filters), filters, after)
    open_findings = Finding.objects.filter(state__in=[Finding.State.OPEN, Finding.State.WAITING]).order_by("pk")
    wanted = rows.select_related("shop", "customer").prefetch_related(
        "lines", "parcels", Prefetch("findings", open_findings, "open_findings")
    )
    found = list(wanted[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(found[:PAGE], _key(last, filters) if last else "")


def matching(agent: Agent, filters: Filters) -> QuerySet[Order]:
    """Orders the agent may see under these filters, in no order."""
    rows, now = Order.objects.visible_to(agent), clock.now()
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.shop:
        rows = rows.filter(shop=filters.shop)
    if filters.platform:
        rows = rows.filter(shop__platform=filters.platform)
    if filters.due:
        until = {"late": now, "day": now + timedelta(days=1), "three": now + timedelta(days=3)}.get(filters.due)
        rows = rows.filter(state__in=UNSENT, ship_by__isnull=False, **({"ship_by__lte": until} if until else {}))
    if filters.finding:
        rows = rows.filter(attention__gte=1)
    if filters.held:
        rows = rows.exclude(hold="")
    return rows.filter(pk__in=search(agent, filters.q)) if filters.q else rows


def search(agent: Agent, text: str) -> set[int]:
    """Orders whose number, tracking number, buyer's name or article's code begins so; each looked up in its own index."""
    orders = Order.objects.visible_to(agent)
    ways = (
        orders.filter(external_id__startswith=text),
        orders.filter(parcels__number__startswith=text.upper()),
        orders.filter(lines__code__istartswith=text),
        orders.filter(customer__name__istartswith=text),
    )
    return {pk for way in ways for pk in way.order_by().values_list("pk", flat=True)[:HITS]}


def _sorted(rows: QuerySet[Order], filters: Filters, after: str) -> QuerySet[Order]:
    at, _comma, pk = after.partition(",")
    if not filters.due:
        return rows.filter(pk__lt=number(pk)).order_by("-pk") if number(pk) else rows.order_by("-pk")
    moment = _moment(at)
    if moment:
        rows = rows.filter(Q(ship_by__gt=moment) | Q(ship_by=moment, pk__gt=number(pk)), ship_by__gte=moment)
    return rows.order_by("ship_by", "pk")


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _key(order: Order, filters: Filters) -> str:
    return f"{order.ship_by.isoformat() if filters.due and order.ship_by else ''},{order.pk}"
