"""The shelf against the shops: what listings say and what there is, what runs out, and requests to buy more."""

from dataclasses import dataclass
from typing import TypeVar

from django.db import models
from django.db.models import Case, Exists, F, FloatField, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Greatest
from django.http import QueryDict

from bridgedesk.lib import clock
from bridgedesk.lib.storable import number, plain
from bridgedesk.products.models import Listing, Restock, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import targets
from bridgedesk.team.models import Agent

Row = TypeVar("Row", bound=models.Model)
PAGE = 100
TABS = ("over", "under", "low", "all")
COVER = "cover_days"
"""The figure of a shop: so many days of sales should lie on the shelf."""
OPEN = (Restock.State.ASKED, Restock.State.ORDERED)
MOST_COUNTED = 1000
_FREE = F("on_hand") - F("promised") - F("reserve")
_OFFERED = Greatest(Value(0), F("sku__on_hand") - F("sku__promised") - F("sku__reserve"), output_field=IntegerField())


@dataclass(frozen=True)
class Filters:
    """What the page is asked for; anything unknown is no filter."""

    tab: str = "over"
    shop: int = 0
    q: str = ""

    @classmethod
    def parse(cls, query: QueryDict) -> "Filters":
        """From an address."""
        tab = query.get("tab", "")
        return cls(tab if tab in TABS else "over", number(query.get("shop", "")), plain(query.get("q", "")).strip()[:80])


def differences(agent: Agent, filters: Filters) -> QuerySet[Listing]:
    """Listings whose number is not what there is: `offered` is what they may say, `apart` how much more they say. The worst first."""
    rows = Listing.objects.visible_to(agent).filter(on_sale=True, listed__isnull=False, sku__on_hand__isnull=False)
    if filters.shop:
        rows = rows.filter(shop=filters.shop)
    if filters.q:
        rows = rows.filter(Q(sku__code__icontains=filters.q) | Q(title__icontains=filters.q) | Q(sku__barcode=filters.q))
    apart = rows.select_related("shop", "sku__product").annotate(offered=_OFFERED, apart=F("listed") - _OFFERED)
    return (
        apart.filter(apart__gt=0).order_by("-apart", "pk") if filters.tab == "over" else apart.filter(apart__lt=0).order_by("apart", "pk")
    )


def articles(agent: Agent, filters: Filters) -> QuerySet[Sku]:
    """Articles with what is `free` of them and for how many `days` it lasts; of the tab "low" those that run out, soonest first."""
    rows = Sku.objects.visible_to(agent).annotate(free=_FREE, days=_days(), cover=_cover(agent)).select_related("product")
    if filters.q:
        rows = rows.filter(Q(code__icontains=filters.q) | Q(product__name__icontains=filters.q) | Q(barcode=filters.q))
    if filters.shop:
        own = Listing.objects.visible_to(agent).filter(shop=filters.shop, sku__isnull=False).values("sku")
        rows = rows.filter(pk__in=own)
    asked = Restock.objects.filter(state__in=OPEN).order_by("-pk")
    rows = rows.prefetch_related(Prefetch("restocks", asked, "asked"))
    if filters.tab != "low":
        return rows.order_by("code", "pk")
    return rows.filter(_low()).order_by(F("days").asc(nulls_last=True), "free", "pk")


def counts(agent: Agent) -> dict[str, int]:
    """How many stand in each tab that calls for something, to MOST_COUNTED at most."""
    found = {tab: differences(agent, Filters(tab)).order_by()[:MOST_COUNTED].count() for tab in ("over", "under")}
    low = Sku.objects.visible_to(agent).annotate(free=_FREE, days=_days(), cover=_cover(agent)).filter(_low())
    asked = Restock.objects.visible_to(agent).filter(state=Restock.State.ASKED)
    return found | {"low": low[:MOST_COUNTED].count(), "asked": asked[:MOST_COUNTED].count()}


def sliced(rows: QuerySet[Row], after: int) -> tuple[list[Row], int]:
    """One page from that place on, and where the next begins (0: nowhere)."""
    found = list(rows[after : after + PAGE + 1])
    return found[:PAGE], after + PAGE if len(found) > PAGE else 0


def wanted(sku: Sku) -> int:
    """How many to buy so that a month of sales lies there; at least one."""
    free = (sku.on_hand or 0) - sku.promised - sku.reserve
    return max(sku.sold - free, (sku.low_at or 0) - free, 1)


def covers(agent: Agent) -> dict[float, list[int]]:
    """The days of sales that shops the agent may see want to lie on the shelf, each with the shops that say so; the longest first."""
    found: dict[float, list[int]] = {}
    for shop, rule in targets(Shop.objects.visible_to(agent), COVER, clock.now()).items():
        found.setdefault(float(rule.value), []).append(shop)
    return dict(sorted(found.items(), reverse=True))


def _cover(agent: Agent) -> Case:
    """Of the shops that sell an article, the one that wants most of it decides; what no shop sells keeps to the shortest."""
    found = covers(agent) or {0.0: []}
    listed = Listing.objects.filter(sku=OuterRef("pk"))
    whens = [When(Exists(listed.filter(shop__in=shops)), then=Value(days)) for days, shops in list(found.items())[:-1]]
    return Case(*whens, default=Value(min(found)), output_field=FloatField())


def _days() -> Case:
    a_month = Cast(_FREE, FloatField()) * 30.0 / F("sold")
    return Case(When(sold__gt=0, then=Greatest(Value(0.0), a_month)), default=None, output_field=FloatField())


def _low() -> Q:
    return Q(available=True, on_hand__isnull=False) & (Q(low_at__isnull=False, free__lte=F("low_at")) | Q(days__lte=F("cover")))
