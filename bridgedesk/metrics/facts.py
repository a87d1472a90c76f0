"""The two facts every figure of losses is made of, summed where they lie: what was lost, article by article, and what was shipped.

Each is a statement of fixed parts; what a reader chose goes in as parameters only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from bridgedesk.metrics.filters import AXES, OF_LOSSES, Filters, moment

OF_ORDER = {
    "shop": "o.shop_id::text", "country": "o.country", "carrier": "coalesce(b.carrier, '')", "sku": "coalesce(s.code, '')",
    "category": "coalesce(g.category, '')",
}  # fmt: skip
OF_LOSS = {axis: axis for axis in AXES} | {"shop": "shop_id::text"}
NOTHING: Mapping[str, str] = {"none": "''"}

_BOOKED = """
with booked as (
  select b.minor, b.currency, b.at, c.id as case_id, c.shop_id, c.fault, o.country, {carrier} as carrier, {version} as version
  from remedies_booking b join remedies_case c on c.id = b.case_id join orders_order o on o.id = c.order_id
    left join orders_platformact a on a.id = b.act_id
  where b.at >= %(since)s and b.at < %(until)s and c.shop_id = any(%(shops)s) and (a.id is null or a.state <> 'withdrawn')
)"""
_CARRIER = "coalesce((select p.carrier from orders_parcel p where p.order_id = o.id order by p.id limit 1), '')"
"""Of the order's first parcel."""
_VERSION = """coalesce((select r.version_id::text from playbooks_run r where r.conversation_id = c.conversation_id and r.started_at <= b.at
  order by r.started_at desc, r.id desc limit 1), '')"""
_WHOLE = ", lost as (select *, minor as part from booked)"
_BY_ARTICLE = """, concerned as (
  select c.id as case_id, l.id as line, l.price_minor, coalesce(s.code, '') as sku, coalesce(g.category, '') as category,
    case when c.lines_picked = '{}' then l.quantity else (c.lines_picked ->> l.id::text)::int end as pieces
  from remedies_case c join orders_line l on l.order_id = c.order_id and (c.lines_picked = '{}' or c.lines_picked ? l.id::text)
    left join products_sku s on s.id = l.sku_id left join products_product g on g.id = s.product_id
  where c.id in (select case_id from booked)
), weighed as (
  select *, case when bool_and(price_minor is not null) over one and sum(pieces * price_minor) over one > 0 then pieces * price_minor
    else pieces::bigint end as weight
  from concerned window one as (partition by case_id)
), cut as (
  select case_id, line, sku, category, weight, line = min(line) over one as first, sum(weight) over one as whole,
    sum(weight) over (one order by line) as upto
  from weighed window one as (partition by case_id)
), lost as (
  select b.*, coalesce(sku, '') as sku, coalesce(category, '') as category,
    case when line is null then minor when whole = 0 then case when first then minor else 0 end
    else div(minor * upto, whole) - div(minor * (upto - weight), whole) end as part
  from booked b left join cut using (case_id)
)"""
_SENT = """
with sent as materialized (
  select o.id, o.shop_id, o.country, width_bucket(o.shipped_at, %(cuts)s) as cell, o.shipped_at >= %(since)s as within
  from orders_order o where o.shipped_at >= %(first)s and o.shipped_at < %(until)s and o.shop_id = any(%(shops)s)
)"""
_BROUGHT = """, brought as (
  select p.order_id, p.carrier from sent o join orders_parcel p on p.order_id = o.id
  where not exists (select from orders_parcel e where e.order_id = p.order_id and e.id < p.id)
)"""
_PIECES = """, pieces as materialized (
  select o.id, o.cell, o.within, {value} as value, s.cost_currency as currency, l.quantity * s.cost_minor as minor
  from sent o left join orders_line l on l.order_id = o.id left join products_sku s on s.id = l.sku_id {joins} where true {where}
)
select grouping(cell), cell, value, currency, sum(minor), 0 from pieces where minor is not null
group by grouping sets ((cell, currency), (within, value, currency)) having grouping(cell) = 0 or within
union all select 2, null, null, null, count(distinct id), count(distinct id) filter (where minor is null) from pieces where within"""


@dataclass(frozen=True)
class Scope:
    """Whose figures: shops the reader leads, days of the reader's zone, faults that are of quality."""

    shops: Sequence[int]
    zone: ZoneInfo
    quality: Sequence[str]

    def between(self, since: date, until: date) -> dict[str, Any]:
        """Parameters of every statement."""
        given = {"since": moment(since, self.zone), "until": moment(until, self.zone), "shops": list(self.shops)}
        return given | {"zone": self.zone.key, "quality": list(self.quality)}


@dataclass(frozen=True)
class Goods:
    """What left: its cost by the day a part of the time begins (day, currency, cost) and by the value of the axis, of the period only
    (value, currency, cost); orders of the period, and those of them of which the cost of an article is not known, or no article is.
    """

    by_day: Sequence[tuple[date, str, int]]
    by_value: Sequence[tuple[str, str, int]]
    sent: int
    unknown: int

    def cost(self, since: date, until: date) -> list[tuple[str, int]]:
        """Of the parts that begin on these days."""
        return [(currency, minor) for day, currency, minor in self.by_day if since <= day < until]


def losses(scope: Scope, filters: Filters, since: date, until: date, by: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """Rows of the values of `by` (name -> expression over a loss), currency, all, that of quality, cases."""
    given = scope.between(since, until)
    where = _where(filters, OF_LOSS, given, of_losses=True)
    return _rows(
        f"""{lost(filters, by)} select {", ".join(by.values())}, currency, sum(part),
        coalesce(sum(part) filter (where fault = any(%(quality)s)), 0), count(distinct case_id)
        from lost where true {where} group by {_first(len(by) + 1)}""",  # noqa: S608 (parts of this file)
        given,
    )


def lost(filters: Filters, by: Iterable[str]) -> str:
    """The losses. What nobody asks for is not looked up: carrier, version, the articles a sum is split over."""
    asked = {*by, *filters.chosen}
    booked = _BOOKED.format(carrier=_CARRIER if "carrier" in asked else "''", version=_VERSION if "version" in asked else "''")
    return booked + (_BY_ARTICLE if asked & {"sku", "category"} else _WHOLE)


def goods(scope: Scope, filters: Filters, begins: Sequence[date]) -> Goods:
    """What left, in one pass over the orders from the first of `begins` on, or from the period before where that is earlier."""
    days = sorted({*begins, filters.before, filters.since})
    given = scope.between(filters.since, filters.until)
    given |= {"cuts": [moment(day, scope.zone) for day in days], "first": moment(days[0], scope.zone)}
    where = _where(filters, OF_ORDER, given)
    needs = {filters.by, *filters.chosen}
    joins = "left join products_product g on g.id = s.product_id " if "category" in needs else ""
    joins += "left join brought b on b.order_id = o.id" if "carrier" in needs else ""
    pieces = _PIECES.format(value=OF_ORDER.get(filters.by, "''"), joins=joins, where=where)
    rows = _rows(_SENT + (_BROUGHT if "carrier" in needs else "") + pieces, given)
    return Goods(
        [(days[cell - 1], currency, int(minor)) for kind, cell, _value, currency, minor, _lacks in rows if kind == 0],
        [(value, currency, int(minor)) for kind, _cell, value, currency, minor, _lacks in rows if kind == 1],
        *next((int(count), int(lacks)) for kind, *_more, count, lacks in rows if kind == 2),
    )


def _where(filters: Filters, columns: Mapping[str, str], given: dict[str, Any], *, of_losses: bool = False) -> str:
    """The filters as conditions; their values are added to `given`."""
    asked = {axis: value for axis, value in filters.chosen.items() if axis in columns and (of_losses or axis not in OF_LOSSES)}
    given |= {f"is_{axis}": value for axis, value in asked.items()}
    found = [f"and {columns[axis]} = %(is_{axis})s" for axis in asked]
    if of_losses and filters.quality:
        found.append("and fault = any(%(quality)s)" if filters.quality == "only" else "and not fault = any(%(quality)s)")
    return " ".join(found)


def _first(columns: int) -> str:
    """The first columns, by their place."""
    return ", ".join(str(place) for place in range(1, columns + 1))


def _rows(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())
