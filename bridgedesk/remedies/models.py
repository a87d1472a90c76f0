"""Returns, refunds and disputes at the platforms, with their clocks."""

from django.db import models

from bridgedesk.channels.events import RETURN_STATES
from bridgedesk.lib.money import Money
from bridgedesk.orders.models import OfShops, Order
from bridgedesk.shops.models import Shop


class Case(models.Model):
    """One return or refund at the platform. `status` is its word, `state` ours; the three times are the platform's clocks.

    `next_by` is the clock that runs now (`next_clock` names it); None: nothing is waited for, or no time is known.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="cases")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="cases")
    external_id = models.CharField(max_length=80)
    status = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, blank=True, choices=[(name, name) for name in RETURN_STATES])
    status_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)
    refund_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    answer_by = models.DateTimeField(null=True)
    buyer_ships_by = models.DateTimeField(null=True)
    check_by = models.DateTimeField(null=True)
    next_clock = models.CharField(max_length=16, blank=True)
    next_by = models.DateTimeField(null=True)
    goods_come_back = models.BooleanField(null=True)
    lines = models.JSONField(default=list, blank=True)  # item/variation ids
    images = models.JSONField(default=list, blank=True)
    number = models.CharField(max_length=64, blank=True)  # of the parcel coming back
    more = models.JSONField(default=dict, blank=True)  # what else the platform told
    first_seen_at = models.DateTimeField()

    objects = OfShops.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="case_once")]
        indexes = [
            models.Index(fields=["next_by", "id"], condition=~models.Q(state__in=["closed", "withdrawn"]), name="case_open"),
            models.Index(fields=["shop", "-first_seen_at"], name="case_of_shop"),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def refund(self) -> Money | None:
        """What the buyer asks back, if told."""
        return None if self.refund_minor is None else Money(self.refund_minor, self.currency)
