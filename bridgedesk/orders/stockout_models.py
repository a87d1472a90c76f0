"""An article that cannot be had, and what comes of it for each order that waits for it. Purchasing and service work on the same rows."""

from typing import Self

from django.db import models

from bridgedesk.products.models import Sku, in_sight
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class StockoutQuerySet(models.QuerySet["Stockout"]):
    def visible_to(self, agent: Agent) -> "Self":
        """Of articles the agent may see."""
        return self if agent.sees_all_shops else self.filter(in_sight(agent, "sku__product"))


class Stockout(models.Model):
    """Purchasing says that an article cannot be had. Open until purchasing ends it; orders that come meanwhile are added."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="stockouts")
    swap = models.ForeignKey(Sku, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")  # what is offered instead
    back_on = models.DateField(null=True)  # when it can be had again; None: nobody knows, or never
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    ended_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = StockoutQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku"], condition=models.Q(ended_at=None), name="stockout_once")]


class ShortLineQuerySet(models.QuerySet["ShortLine"]):
    def visible_to(self, agent: Agent) -> "Self":
        """Of orders of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(line__order__shop__in=Shop.objects.visible_to(agent))


class ShortLine(models.Model):
    """A line of an order that waits for what cannot be had: the buyer is asked, the answer goes back to purchasing, it ends.

    `due_at` is when it is taken to a lead if it has not ended; `message` the id of the letter that asked (conversations).
    """

    class State(models.TextChoices):
        TO_ASK = "to_ask"
        ASKED = "asked"
        ANSWERED = "answered"  # purchasing acts on it
        DONE = "done"

    class Answer(models.TextChoices):
        SWAP = "swap"
        WAIT = "wait"
        CANCEL = "cancel"  # the buyer wants the money back
        OTHER = "other"
        GONE = "gone"  # the order was cancelled or left without it

    stockout = models.ForeignKey(Stockout, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.Line", on_delete=models.CASCADE, related_name="shortages")
    state = models.CharField(max_length=10, choices=State.choices, default=State.TO_ASK)
    swap = models.ForeignKey(Sku, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True)
    message = models.BigIntegerField(null=True)
    asked_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ShortLineQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stockout", "line"], name="short_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=~models.Q(state="done"), name="short_open"),
            models.Index(fields=["message"], condition=models.Q(message__isnull=False), name="short_message"),
        ]
