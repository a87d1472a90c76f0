"""How long parcels take: learnt from our own that arrived, by country and service; shipped figures where too few have."""

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bridgedesk.lib import clock
from bridgedesk.orders.models import Lane, Order, Parcel

ENOUGH = 20
"""Parcels that must have arrived before a lane's own figures are believed."""
REMEMBERED = timedelta(days=365)
ORIGIN = "CN"
"""Where parcels leave unless the shop's option `ships_from` names another country."""

_LEARN = """
with arrived as (
  select coalesce(nullif(upper(shop.options->>'ships_from'), ''), %(origin)s) as origin, upper(o.country) as country,
    left(lower(trim(coalesce(nullif(p.service, ''), nullif(o.shipping_method, ''), p.carrier))), 80) as service,
    extract(epoch from p.delivered_at - coalesce(p.shipped_at, o.shipped_at)) / 86400 as days,
    (select max(gap) from (select extract(epoch from s.at - lag(s.at) over (order by s.at)) / 86400 as gap
                           from orders_scan s where s.parcel_id = p.id) gaps) as gap
  from orders_parcel p join orders_order o on o.id = p.order_id join shops_shop shop on shop.id = o.shop_id
  where p.delivered_at >= %(since)s and p.status = 'delivered' and length(o.country) = 2
    and p.delivered_at > coalesce(p.shipped_at, o.shipped_at)
)
select left(origin, 2), country, case when grouping(service) = 1 then '' else service end, count(*),
  percentile_cont(0.1) within group (order by days), percentile_cont(0.5) within group (order by days),
  percentile_cont(0.9) within group (order by days), percentile_cont(0.9) within group (order by gap)
from arrived group by grouping sets ((origin, country, service), (origin, country))
having count(*) >= %(enough)s and (grouping(service) = 1 or service <> '')
"""


@dataclass(frozen=True)
class Transit:
    """Days on the way. `count` parcels of ours say so, 0: a shipped figure with its source."""

    low: int
    high: int
    quiet: int
    count: int
    sure: str
    source: str
    as_of: date

    def __str__(self) -> str:
        """As an agent reads it."""
        days = _("usually %(low)s–%(high)s days") % {"low": self.low, "high": self.high}
        if not self.count:
            return days
        rests = ngettext("from %(count)s parcel", "from %(count)s parcels", self.count) % {"count": self.count}
        return _("%(days)s (%(rests)s)") % {"days": days, "rests": rests}


@transaction.atomic
def learn() -> int:
    """Compute every lane anew from the parcels of a year; how many there are."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_LEARN, {"origin": ORIGIN, "since": now - REMEMBERED, "enough": ENOUGH})
        rows = [_lane(row, now) for row in cursor.fetchall()]
    Lane.objects.all().delete()
    Lane.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _lane(row: tuple[Any, ...], now: datetime) -> Lane:
    origin, country, service, count, low, usual, high, quiet = row
    return Lane(
        origin=origin, country=country, service=service, count=count, low=low, usual=usual, high=high, quiet=quiet, learnt_at=now
    )  # fmt: skip


class Lanes:
    """The lanes of some parcels, read with one query."""

    def __init__(self, parcels: Iterable[Parcel]) -> None:
        countries = {parcel.order.country.upper() for parcel in parcels}
        rows = Lane.objects.filter(country__in=countries, count__gte=ENOUGH)
        self._known = {(row.origin, row.country, row.service): row for row in rows}

    def of(self, parcel: Parcel) -> Transit:
        """Our own figures of its service, else of any service on that way, else the shipped ones."""
        order, service = parcel.order, service_of(parcel)
        origin = origin_of(order)
        for key in ((origin, order.country.upper(), service), (origin, order.country.upper(), "")):
            if key in self._known:
                return _learnt(self._known[key])
        return shipped_figures(origin, order.country.upper(), service)


def transit(parcel: Parcel) -> Transit:
    """How long this parcel may take. For several use Lanes."""
    return Lanes([parcel]).of(parcel)


def eta(parcel: Parcel, lane: Transit) -> datetime | None:
    """The day by which it should be there: what the platform promised, else nine in ten of such parcels."""
    left = parcel.shipped_at or parcel.order.shipped_at
    return parcel.order.deliver_by or (left + timedelta(days=lane.high) if left else None)


def origin_of(order: Order) -> str:
    """The country its shop sends from."""
    return (str(order.shop.options.get("ships_from") or "") or ORIGIN).upper()[:2]


def service_of(parcel: Parcel) -> str:
    """The service's name as lanes are told apart by it."""
    return (parcel.service or parcel.order.shipping_method or parcel.carrier).strip().lower()[:80]


def _learnt(row: Lane) -> Transit:
    low, high = max(1, math.floor(row.low)), max(1, math.ceil(row.high))
    quiet = math.ceil(row.quiet) + 1 if row.quiet is not None else math.ceil(high / 2)
    return Transit(low, high, max(2, quiet), row.count, "own", "", row.learnt_at.date())


def shipped_figures(origin: str, country: str, service: str) -> Transit:
    """What ships with the program for that way: the nearest entry."""
    fitting = [entry for entry in _shipped() if _fits(entry, origin, country, service)]
    best = max(fitting, key=lambda e: (bool(e.get("origin")), bool(e.get("services")), country in e["countries"]))
    return Transit(best["low"], best["high"], best["quiet"], 0, best["sure"], best["source"], best["as_of"])


def _fits(entry: dict[str, Any], origin: str, country: str, service: str) -> bool:
    there = country in entry["countries"] or "" in entry["countries"]
    return there and entry["origin"] in ("", origin) and ("services" not in entry or any(part in service for part in entry["services"]))


@cache
def patience() -> dict[str, Any]:
    """Days in customs and in a shop before somebody looks, with source and date."""
    return dict(_content()["patience"])


@cache
def _shipped() -> list[dict[str, Any]]:
    return list(_content()["lane"])


def _content() -> dict[str, Any]:
    return tomllib.loads((settings.CONTENT / "lanes.toml").read_text("utf-8"))
