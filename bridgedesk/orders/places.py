"""Where the order of a number lies. Amazon's mail comes through a mailbox, its orders through the seller account: two shops, one number."""

from django.db.models import Q

from bridgedesk.channels.mail_relay import ORDER
from bridgedesk.channels.policy import policy_name
from bridgedesk.orders.models import Order
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

AMAZON = "amazon"


def lies(shop: Shop, number: str, address: str = "") -> Q:
    """Orders of that number in the shop, and in seller accounts of Amazon where the shop (or the `address` written to) relays its mail."""
    here = Q(shop=shop.pk)
    if shop.platform != AMAZON and policy_name(shop, address) == AMAZON:
        here |= Q(shop__platform=AMAZON)
    return here & Q(external_id=number)


def named(shop: Shop, number: str, address: str = "", agent: Agent | None = None) -> Order | None:
    """The order itself, before the bare number that a mailbox noted; for an `agent` only in shops they see."""
    rows = Order.objects.filter(lies(shop, number, address)).select_related("shop")
    found = rows.visible_to(agent) if agent else rows
    return min(found, key=lambda order: (order.shop.platform != AMAZON, order.pk), default=None)


def talks(shop: int, number: str) -> Q:
    """Conversations that name the order: in its shop, and for an order of Amazon in the mailboxes that relay its mail."""
    here = Q(shop=shop)
    if ORDER.fullmatch(number):
        here |= Q(shop__platform="email")
    return here & Q(order_ref=number)
