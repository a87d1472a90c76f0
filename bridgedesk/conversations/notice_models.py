"""What we want to tell buyers of our own accord. A conversation and its messages stand in conversations.models."""

from django.db import models

from bridgedesk.orders.models import OfShops, Order
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class Notice(models.Model):
    """Something to tell a buyer about an order, once for each purpose and `key`: sent by itself, released by a person, or not permitted.

    `text` is what the person sees and what is sent; "" while nobody can be written to. Settled once, for good.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"  # queued as a message: from there on that row says how it went
        BLOCKED = "blocked"  # the platform forbids it
        DISMISSED = "dismissed"  # by a person, or by events (settled_by None)

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="notices")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notices")
    purpose = models.CharField(max_length=24)
    key = models.CharField(max_length=80, blank=True)
    template = models.CharField(max_length=60, blank=True)
    conversation = models.ForeignKey("conversations.Conversation", null=True, on_delete=models.SET_NULL, related_name="notices")
    text = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    message = models.ForeignKey("conversations.Message", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")  # who wanted it; None: a rule
    created_at = models.DateTimeField()
    settled_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = OfShops.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "purpose", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="waiting"), name="notice_waiting"),
            models.Index(fields=["state", "-id"], condition=~models.Q(state="waiting"), name="notice_settled"),
        ]
