"""The conversation in which a buyer is written to about an order: the one about it, else the latest; by mail a new one is begun."""

from bridgedesk.conversations.models import Conversation
from bridgedesk.lib import clock
from bridgedesk.lib.storable import fit
from bridgedesk.orders.models import Order
from bridgedesk.orders.places import talks


def about(order: Order) -> Conversation | None:
    """None where nobody can be written to: the buyer has not written yet, and the channel lets only them begin."""
    rows = Conversation.objects.filter(merged_into=None).select_related("shop", "customer").order_by("-last_at")
    named = rows.filter(talks(order.shop_id, order.external_id)).first()
    same = rows.filter(shop=order.shop_id, customer=order.customer_id) if order.customer_id else rows.none()
    return named or same.first() or _begun(order)


def _begun(order: Order) -> Conversation | None:
    """A mail may be written to whoever left an address: our Message-ID carries the thread, so that the answer finds it."""
    if order.shop.platform != "email" or order.customer is None:
        return None
    address = order.customer.identities.filter(shop=order.shop_id, kind="email").values_list("external_id", flat=True).first()
    if not address:
        return None
    found, _new = Conversation.objects.get_or_create(
        shop=order.shop, external_id=fit(f"order:{order.external_id}", 255),
        defaults={
            "customer": order.customer, "address": fit(address, 254), "subject": f"{order.shop.name}: {order.external_id}"[:250],
            "order_ref": order.external_id, "language": order.customer.language, "state": Conversation.State.CLOSED,
            "last_at": clock.now(), "created_at": clock.now(),
        },
    )  # fmt: skip
    return found
