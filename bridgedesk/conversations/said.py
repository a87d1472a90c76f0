"""What buyers wrote about their orders, for those who look at orders."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import Q

from bridgedesk.conversations.models import Message
from bridgedesk.orders.models import Order
from bridgedesk.orders.places import AMAZON

_BEFORE = timedelta(hours=12)  # a wish is often told just before one buys
_MOST = 20  # messages of an order


def about_orders(orders: Sequence[Order]) -> Mapping[int, Sequence[str]]:
    """The buyers' latest words in the conversations that name these orders, since about when they bought. One query."""
    by_name = {(order.shop_id, order.external_id): order for order in orders}
    relayed = {order.external_id: order for order in orders if order.shop.platform == AMAZON}
    where = Q(conversation__order_ref__in={name for _shop, name in by_name}, conversation__shop__in={order.shop_id for order in orders})
    if relayed:
        where |= Q(conversation__order_ref__in=relayed.keys(), conversation__shop__platform="email")
    rows = Message.objects.filter(where, direction="in", kind="text")
    found: dict[int, list[str]] = defaultdict(list)
    for shop, name, at, text in rows.order_by("-at").values_list("conversation__shop", "conversation__order_ref", "at", "text")[
        : _MOST * len(orders)
    ]:
        order = by_name.get((shop, name)) or relayed.get(name)
        if order and at >= (order.placed_at or order.first_seen_at) - _BEFORE and len(found[order.pk]) < _MOST:
            found[order.pk].append(text)
    return found
