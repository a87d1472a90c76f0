"""Every write on orders."""

from datetime import datetime

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.lib.storable import fit, plain
from bridgedesk.orders.models import Order
from bridgedesk.shops.models import Shop


@transaction.atomic
def see(shop: Shop, external_id: str, *, customer: Customer | None = None, status: str = "", at: datetime | None = None) -> Order:
    """Note that an order was named or changed. News older than what is known changes nothing; a buyer once known stays."""
    order, new = Order.objects.select_for_update().get_or_create(
        shop=shop, external_id=fit(external_id, 80), defaults={"customer": customer, "first_seen_at": clock.now()}
    )
    if customer and order.customer_id is None:
        order.customer = customer
        order.save(update_fields=["customer"])
    if new:
        record("order_seen", order, by=None, actor="channel", shop=shop.pk)
    if status:
        _change_status(order, plain(status)[:40], at or clock.now())
    return order


def _change_status(order: Order, status: str, at: datetime) -> None:
    if order.status_at and order.status_at >= at:
        return
    before, order.status, order.status_at = order.status, status, at
    order.save(update_fields=["status", "status_at"])
    if before != status:
        record("order_status", order, by=None, actor="channel", shop=order.shop_id, before=before, after=status)
