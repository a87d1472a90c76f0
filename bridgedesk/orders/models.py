"""Orders as far as messages and pushes name them."""

from django.db import models

from bridgedesk.customers.models import Customer
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, agent: Agent) -> "OrderQuerySet":
        """Orders of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class Order(models.Model):
    """One order. `status` is the platform's own word, "" until the platform told us."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="orders")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="orders")
    external_id = models.CharField(max_length=80)
    status = models.CharField(max_length=40, blank=True)
    status_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="order_once")]

    def __str__(self) -> str:
        return self.external_id
