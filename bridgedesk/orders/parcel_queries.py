"""Reads of parcels for the screens: what is in trouble first, then what is under way. The number of queries does not grow with the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.translation import get_language

from bridgedesk.orders import journeys, parcel_labels, phrases, sentinel, transit
from bridgedesk.orders.carriers import Site, own_page, site_for
from bridgedesk.orders.guides import Guide, guide
from bridgedesk.orders.models import Finding, Order, Parcel, Scan
from bridgedesk.team.models import Agent

PAGE = 50
MOST_PAGES = 200
VIEWS = ("trouble", "way", "all")
OPEN = (Finding.State.OPEN, Finding.State.WAITING)


@dataclass(frozen=True)
class Asked:
    """The filters of the page. `code` one finding, `shop` a shop's number, `q` a tracking or order number."""

    view: str = "trouble"
    code: str = ""
    shop: int = 0
    q: str = ""
    page: int = 1


@dataclass(frozen=True)
class Trouble:
    """A finding as it is shown."""

    finding: Finding
    title: str
    says: str
    then: str
    icon: str
    error: str = ""
    guide: Guide | None = None


@dataclass(frozen=True)
class Shown:
    """A parcel (None: an order without one) as a row: the order, what is wrong, its latest scan in the reader's language."""

    order: Order
    parcel: Parcel | None
    troubles: Sequence[Trouble]
    status: str
    tone: str
    latest: str = ""
    scan: Scan | None = None
    usual: transit.Transit | None = None
    page: Site | None = None


def listed(agent: Agent, asked: Asked) -> tuple[list[Shown], bool]:
    """The rows of a page, and whether there is a next one."""
    start = (min(max(asked.page, 1), MOST_PAGES) - 1) * PAGE
    if asked.view == "trouble":
        rows = _of_findings(list(_findings(agent, asked)[start : start + PAGE + 1]))
    else:
        rows = _of_parcels(list(_parcels(agent, asked)[start : start + PAGE + 1]))
    return rows[:PAGE], len(rows) > PAGE and asked.page < MOST_PAGES


def _findings(agent: Agent, asked: Asked) -> QuerySet[Finding]:
    codes = [asked.code] if asked.code in parcel_labels.FINDINGS else list(parcel_labels.FINDINGS)
    rows = Finding.objects.visible_to(agent).filter(code__in=codes, state__in=OPEN)
    if asked.shop:
        rows = rows.filter(order__shop=asked.shop)
    if asked.q:
        rows = rows.filter(Q(parcel__number=asked.q) | Q(order__external_id=asked.q))
    latest = Prefetch("parcel__scans", Scan.objects.order_by("parcel_id", "-at", "-id").distinct("parcel_id"))
    return rows.select_related("order__shop", "parcel__order__shop").prefetch_related(latest).order_by("due_at", "id")


def _parcels(agent: Agent, asked: Asked) -> QuerySet[Parcel]:
    rows = Parcel.objects.visible_to(agent)
    if asked.view == "way":
        rows = rows.exclude(status__in=journeys.AT_REST)
    if asked.shop:
        rows = rows.filter(order__shop=asked.shop)
    if asked.q:
        rows = rows.filter(Q(number=asked.q) | Q(order__external_id=asked.q))
    latest = Prefetch("scans", Scan.objects.order_by("parcel_id", "-at", "-id").distinct("parcel_id"))
    troubles = Prefetch("findings", Finding.objects.filter(state__in=OPEN, code__in=parcel_labels.FINDINGS))
    rows = rows.select_related("order__shop").prefetch_related(latest, troubles)
    return rows.order_by("-id") if asked.view == "all" else rows.order_by(F("moved_at").asc(nulls_first=True), "id")


def of_order(order: Order) -> list[Shown]:
    """Every parcel of an order with its scans, and what is wrong with the order's deadline."""
    troubles = Prefetch("findings", Finding.objects.filter(state__in=OPEN, code__in=parcel_labels.FINDINGS))
    rows = list(order.parcels.select_related("order__shop").prefetch_related("scans", troubles))
    deadlines = list(order.findings.filter(code=sentinel.CODE, state__in=OPEN).select_related("order__shop"))
    return [_without_parcel(finding) for finding in deadlines] + _of_parcels(rows)


def said(parcel: Parcel, scan: Scan) -> str:
    """A scan in the reader's language."""
    return phrases.said(scan.status, scan.text, _reader())


def _of_findings(findings: Sequence[Finding]) -> list[Shown]:
    lanes = transit.Lanes([finding.parcel for finding in findings if finding.parcel])
    return [
        _shown(finding.parcel, [_trouble(finding)], lanes.of(finding.parcel)) if finding.parcel else _without_parcel(finding)
        for finding in findings
    ]  # fmt: skip


def _of_parcels(parcels: Sequence[Parcel]) -> list[Shown]:
    lanes = transit.Lanes(parcels)
    return [_shown(parcel, [_trouble(finding) for finding in parcel.findings.all()], lanes.of(parcel)) for parcel in parcels]


def _without_parcel(finding: Finding) -> Shown:
    return Shown(finding.order, None, [_trouble(finding)], "", "")


def _shown(parcel: Parcel, troubles: Sequence[Trouble], lane: transit.Transit) -> Shown:
    scan = next(iter(parcel.scans.all()), None)
    page = _page(parcel) if parcel.number else None
    return Shown(
        parcel.order, parcel, troubles, status=str(parcel_labels.STATES.get(parcel.status, parcel.status)),
        tone=parcel_labels.TONES.get(parcel.status, ""), latest=said(parcel, scan) if scan else "", scan=scan, usual=lane, page=page,
    )  # fmt: skip


def _page(parcel: Parcel) -> Site:
    own = own_page(parcel.number, parcel.carrier, parcel.order.country, _reader())
    return own or site_for(parcel.number, parcel.carrier, parcel.order.country, _reader())


def _trouble(finding: Finding) -> Trouble:
    deadline = finding.code == sentinel.CODE
    by_hand = guide(finding.order.shop.platform, "ExtendReceipt") if deadline and not sentinel.can_extend(finding.order.shop) else None
    return Trouble(
        finding, parcel_labels.title(finding), parcel_labels.says(finding), parcel_labels.then(finding),
        parcel_labels.FINDINGS[finding.code].icon, sentinel.trouble(finding) if deadline else "", by_hand,
    )  # fmt: skip


def _reader() -> str:
    return {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get((get_language() or "en").lower(), "en")
