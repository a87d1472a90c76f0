"""What orders say of stock, reckoned every few minutes: pieces promised, pieces sold in a month, pieces that left the shelf."""

from datetime import timedelta
from typing import Any

from django.db import connection

from bridgedesk.lib import clock
from bridgedesk.orders.models import Line
from bridgedesk.products import counting
from bridgedesk.products.models import Movement

SALES = timedelta(days=30)
RECENT = timedelta(days=60)
"""Orders placed longer ago than this and not open any more are not looked at."""
OPEN = ("held", "to_ship", "part_shipped", "cancelling")
MOST_LEFT = 500

_LINK = """
update orders_line l set sku_id = p.sku_id from orders_order o, products_listing p
where l.sku_id is null and o.id = l.order_id and p.shop_id = o.shop_id and p.item = l.item and p.model = l.model and p.sku_id is not null
  and (o.state = any(%(open)s) or o.placed_at >= %(recent)s)
"""
_SUMS = """
with told as (
  select l.sku_id,
    coalesce(sum(l.quantity) filter (where o.state = any(%(open)s) and o.fulfilled_by <> 'platform'), 0) as promised,
    coalesce(sum(l.quantity) filter (where o.placed_at >= %(month)s and o.state not in ('unpaid', 'cancelled')), 0) as sold
  from orders_order o join orders_line l on l.order_id = o.id
  where l.sku_id is not null and (o.state = any(%(open)s) or o.placed_at >= %(month)s) group by l.sku_id)
update products_sku s set promised = coalesce(t.promised, 0), sold = coalesce(t.sold, 0)
from products_sku k left join told t on t.sku_id = k.id
where s.id = k.id and (s.promised <> coalesce(t.promised, 0) or s.sold <> coalesce(t.sold, 0))
"""


def reckon() -> int:
    """Link lines to articles that became known, book what left, sum up what is promised and sold. How many articles changed."""
    now = clock.now()
    given: dict[str, Any] = {"open": list(OPEN), "recent": now - RECENT, "month": now - SALES}
    with connection.cursor() as cursor:
        cursor.execute(_LINK, given)
    book()
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, given)
        return int(cursor.rowcount)


def book() -> int:
    """Take off the shelf what left since its article was counted, each line once. How many lines.

    Of an order whose day of leaving nobody told, only this is sure: it left after it was placed.
    """
    rows = Line.objects.raw(
        """select l.* from orders_line l join orders_order o on o.id = l.order_id join products_sku s on s.id = l.sku_id
        where o.placed_at >= %(recent)s and coalesce(o.shipped_at, o.placed_at) >= s.counted_at
          and o.state in ('shipped', 'delivered', 'completed') and o.fulfilled_by <> 'platform' and s.on_hand is not null and l.quantity > 0
          and not exists (select from products_movement m where m.sku_id = s.id and m.kind = 'out' and m.reference = 'line:' || l.id)
        order by coalesce(o.shipped_at, o.placed_at), l.id limit %(most)s""",
        {"recent": clock.now() - RECENT, "most": MOST_LEFT},
    )
    left = list(rows.prefetch_related("sku", "order"))
    for line in left:
        if line.sku:
            counting.move(line.sku, Movement.Kind.OUT, line.quantity, by=None, reference=f"line:{line.pk}", note=line.order.external_id)
    return len(left)
