"""Who may act on an order."""

from django.core.exceptions import PermissionDenied

from bridgedesk.channels.policy import policy_name
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.orders.terms import FIGURES, OWN, Terms
from bridgedesk.shops.models import Shop
from bridgedesk.shops.queries import thresholds
from bridgedesk.team.models import Agent


def allow(by: Agent, shop_id: int) -> None:
    """Pass if the person may write and sees the shop; PermissionDenied otherwise."""
    if not by.may_write:
        raise PermissionDenied("An observer only looks.")
    if not Shop.objects.visible_to(by).filter(pk=shop_id).exists():
        raise PermissionDenied("This shop is not assigned to you.")


def is_own(order: Order) -> bool:
    """Whether the seller keeps the order, no platform."""
    return policy_name(order.shop) in OWN


def terms_of(shop: Shop) -> Terms:
    """What the shop grants of its own accord today."""
    return Terms.of(rule.value for rule in thresholds(shop, FIGURES, clock.now()))


def locked(order: Order, by: Agent | None) -> Order:
    """The order as it stands now, locked until the transaction ends; for a person who may act on it, or for ourselves (None)."""
    if by is not None:
        allow(by, order.shop_id)
    return Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=order.pk)
