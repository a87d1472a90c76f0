"""What a letter says of an article out of stock, for templates that name one."""

from collections.abc import Callable
from typing import Any

from bridgedesk.conversations import liquid
from bridgedesk.orders import shortages
from bridgedesk.orders.models import Order


def fitting(source: str, find: Callable[[], Order | None]) -> dict[str, Any]:
    """Values of the article and of one to be had in its place, by variable name; `find` gives the order, asked only where named."""
    if not any(name.startswith(("item.", "swap.")) for name in liquid.used(source)):
        return {}
    order = find()
    return {"order.number": order.external_id} | shortages.facts(order) if order else {}
