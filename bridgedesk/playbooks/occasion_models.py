"""What happened and begins a playbook without a word of the buyer: a review, an article that cannot be had."""

from django.db import models

from bridgedesk.conversations.models import Conversation
from bridgedesk.orders.models import OfShops, Order
from bridgedesk.orders.stockout_models import ShortLine
from bridgedesk.reviews.models import Review
from bridgedesk.shops.models import Shop


class Occasion(models.Model):
    """One event (labels.EVENT_WORDS), once for each review or order line.

    `run` None: nobody can be written to yet, or another playbook runs. It begins when the buyer writes or the other one ends.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=24)
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="occasions")
    review = models.ForeignKey(Review, null=True, on_delete=models.CASCADE, related_name="occasions")
    short = models.ForeignKey(ShortLine, null=True, on_delete=models.CASCADE, related_name="occasions")
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="occasions")
    run = models.ForeignKey("playbooks.Run", null=True, on_delete=models.SET_NULL, related_name="occasions")
    at = models.DateTimeField()

    objects = OfShops.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "review"], condition=models.Q(review__isnull=False), name="occasion_review_once"),
            models.UniqueConstraint(fields=["event", "short"], condition=models.Q(short__isnull=False), name="occasion_short_once"),
        ]
        indexes = [
            models.Index(fields=["conversation", "at"], condition=models.Q(run__isnull=True), name="occasion_waiting"),
            models.Index(fields=["order"], condition=models.Q(run__isnull=True), name="occasion_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.review_id or self.short_id}"
