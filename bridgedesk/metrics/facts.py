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

CARRIER = "coalesce((select p.carrier from orders_parcel p where p.order_id = o.id order by p.id limit 1), '')"
"""Of the order's first parcel."""
OF_ORDER = {
    "shop": "o.shop_id::text", "country": "o.country", "carrier": CARRIER, "sku": "coalesce(s.code, '')",
    "category": "coalesce(g.category, '')",
}  # fmt: skip
OF_LOSS = {axis: axis for axis in AXES} | {"shop": "shop_id::text"}
NOTHING: Mapping[str, str] = {"none": "''"}

_LOSSES = """
with booked as (
  select b.id, b.minor, b.currency, b.at, c.id as case_id, c.shop_id, c.order_id, c.fault, c.lines_picked, o.country,
    {carrier} as carrier, {version} as version
  from remedies_booking b join remedies_case c on c.id = b.case_id join orders_order o on o.id = c.order_id
    left join orders_platformact a on a.id = b.act_id
  where b.at >= %(since)s and b.at < %(until)s and c.shop_id = any(%(shops)s) and (a.id is null or a.state <> 'withdrawn')
), concerned as (
  select k.*, l.id as line, l.price_minor, coalesce(s.code, '') as sku, coalesce(g.category, '') as category,
    case when k.lines_picked = '{{}}' then l.quantity else (k.lines_picked ->> l.id::text)::int end as pieces
  from booked k left join orders_line l on l.order_id = k.order_id and (k.lines_picked = '{{}}' or k.lines_picked ? l.id::text)
    left join products_sku s on s.id = l.sku_id left join products_product g on g.id = s.product_id
), weighed as (
  select *, min(line) over one as first,
    case when bool_and(price_minor is not null) over one and sum(pieces * price_minor) over one > 0 then pieces * price_minor
    else pieces::bigint end as weight
  from concerned window one as (partition by id)
), cut as (
  select *, sum(weight) over (partition by id order by line) as upto, sum(weight) over (partition by id) as whole from weighed
), lost as (
  select *, case when line is null then minor when whole = 0 then case when line = first then minor else 0 end
    else div(minor * upto, whole) - div(minor * (upto - weight), whole) end as part
  from cut
)
"""
_VERSION = """coalesce((select r.version_id::text from playbooks_run r where r.conversation_id = c.conversation_id and r.started_at <= b.at
  order by r.started_at desc, r.id desc limit 1), '')"""
_SHIPPED = """
from orders_order o join orders_line l on l.order_id = o.id join products_sku s on s.id = l.sku_id {goods}
where o.shipped_at >= %(since)s and o.shipped_at < %(until)s and o.shop_id = any(%(shops)s) and s.cost_minor is not null {where}
"""
_GOODS = "left join products_product g on g.id = s.product_id"


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
    """The losses article by article; a carrier or version nobody asks for is not looked up."""
    asked = {*by, *filters.chosen}
    return _LOSSES.format(carrier=CARRIER if "carrier" in asked else "''", version=_VERSION if "version" in asked else "''")


def shipped(scope: Scope, filters: Filters, since: date, until: date, by: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """Rows of the values of `by` (name -> expression over an order and its article), currency of cost, cost, pieces."""
    given = scope.between(since, until)
    where = _where(filters, OF_ORDER, given)
    needs = {*by, *filters.chosen}
    body = _SHIPPED.format(goods=_GOODS if "category" in needs else "", where=where)
    columns = f"{', '.join(by.values())}, s.cost_currency, sum(l.quantity * s.cost_minor), sum(l.quantity)"
    return _rows(f"select {columns} {body} group by {_first(len(by) + 1)}", given)


def unknown(scope: Scope, filters: Filters) -> tuple[int, int]:
    """Orders that left in the period, and those of them of which the cost of an article is not known, or no article is."""
    given = scope.between(filters.since, filters.until)
    where = _where(filters, OF_ORDER, given)
    found = _rows(
        f"""select count(*), count(*) filter (where lacks) from (
          select bool_or(s.cost_minor is null) as lacks from orders_order o left join orders_line l on l.order_id = o.id
            left join products_sku s on s.id = l.sku_id {_GOODS if "category" in filters.chosen else ""}
          where o.shipped_at >= %(since)s and o.shipped_at < %(until)s and o.shop_id = any(%(shops)s) {where} group by o.id) as one""",  # noqa: S608
        given,
    )
    return int(found[0][0]), int(found[0][1])


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
