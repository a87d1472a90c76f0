"""Reads of buyers that more than one screen needs."""

from bridgedesk.customers.models import Customer, Identity
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


def identities(customer: Customer, agent: Agent) -> list[Identity]:
    """The buyer's ids in the shops the agent sees."""
    shops = Shop.objects.visible_to(agent).order_by()
    return list(customer.identities.filter(shop__in=shops).select_related("shop").order_by("shop", "kind", "pk"))
