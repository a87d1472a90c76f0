"""What buyers wrote in public about an order, and what may still be done about it."""

from datetime import datetime, timedelta

from django.db import models

from bridgedesk.orders.models import OfShops, Order
from bridgedesk.products.models import Listing
from bridgedesk.shops.models import Shop

NEWS = timedelta(days=14)


class Review(models.Model):
    """One rating. `changeable` is the platform's word ("yes", "used", "no", "" where it does not say); `low` is three stars or fewer.

    `change_until` is when the buyer's right to change it ends, told by the platform or reckoned from its dated rule; None: unknown.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="reviews")
    order = models.ForeignKey(Order, null=True, on_delete=models.SET_NULL, related_name="reviews")
    listing = models.ForeignKey(Listing, null=True, on_delete=models.SET_NULL, related_name="reviews")
    external_id = models.CharField(max_length=80)
    item = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=80, blank=True)
    stars = models.PositiveSmallIntegerField(default=0)  # 0: not told
    low = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    buyer = models.CharField(max_length=120, blank=True)
    images = models.JSONField(default=list, blank=True)
    videos = models.JSONField(default=list, blank=True)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    changeable = models.CharField(max_length=4, blank=True)
    change_until = models.DateTimeField(null=True)
    hidden = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True)  # when we saw that the buyer had changed it
    seen_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)  # what follows from it has followed; None: it is to (playbooks.events)

    language = models.CharField(max_length=16, blank=True)  # of its words, "" where there are none
    topics = models.JSONField(null=True)  # what it speaks of (assist.review_topics), [] nothing known; None: nobody has looked

    objects = OfShops.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="review_once")]
        indexes = [
            models.Index(fields=["shop", "-at"], name="review_by_time"),
            models.Index(fields=["-low", "-at", "-id"], name="review_worst_first"),
            models.Index(fields=["shop", "-low", "-at", "-id"], name="review_of_shop"),
            models.Index(fields=["id"], condition=models.Q(looked_at__isnull=True), name="review_news"),
        ]

    @property
    def said(self) -> bool:
        """Whether it says or shows more than its stars."""
        return bool(self.text or self.images or self.videos)

    def is_news(self, now: datetime) -> bool:
        """Whether something follows from it: what is older than that was read in with a shop's history."""
        return self.at > now - NEWS

    def __str__(self) -> str:
        return f"{self.stars} {self.external_id}"
