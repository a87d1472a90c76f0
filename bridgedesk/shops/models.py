"""Shops, their secrets, their dated thresholds and their rate limits."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from bridgedesk.team.models import Agent


class ShopQuerySet(models.QuerySet["Shop"]):
    def visible_to(self, agent: "Agent") -> "ShopQuerySet":
        """The shops this agent may see: all for admins, else those assigned."""
        return self if agent.sees_all_shops else self.filter(agents=agent)


class Shop(models.Model):
    """One shop on one platform. `options` hold what is not secret; `external_id` is the platform's id of the shop."""

    class State(models.TextChoices):
        CONNECTED = "connected"
        PAUSED = "paused"
        BROKEN = "broken"  # authorisation gone: a person must reconnect

    name = models.CharField(max_length=80)
    platform = models.CharField(max_length=16)
    external_id = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=8, blank=True)
    base_url = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=16, default="en")  # of most buyers: the prior of language detection
    timezone = models.CharField(max_length=40, default="UTC")
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CONNECTED)
    trouble = models.TextField(blank=True)
    color = models.CharField(max_length=16, default="slate")
    agents = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="shops")
    created_at = models.DateTimeField()

    objects = ShopQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["platform", "external_id", "region"], condition=~models.Q(external_id=""), name="shop_once")
        ]

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """One secret of a shop, encrypted. Read and written through shops.vault only."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=40)
    sealed = models.TextField()
    expires_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "name"], name="credential_once")]

    def __repr__(self) -> str:
        return f"<Credential {self.shop_id}/{self.name} ••••>"


class Threshold(models.Model):
    """A platform's figure as a lead changed it: from `valid_from` on, for one shop or for a platform and region.

    What ships is in content/policies; rows here win over it, a shop's over its platform's, later over earlier.
    """

    class Sure(models.TextChoices):
        OFFICIAL = "official"
        THIRD_PARTY = "third_party"
        UNCONFIRMED = "unconfirmed"
        OWN = "own"

    shop = models.ForeignKey(Shop, null=True, on_delete=models.CASCADE, related_name="thresholds")
    platform = models.CharField(max_length=16)
    region = models.CharField(max_length=8, blank=True)
    name = models.CharField(max_length=40)  # response_hours, warn_hours, response_rate …
    value = models.DecimalField(max_digits=12, decimal_places=4)
    valid_from = models.DateTimeField()
    source = models.CharField(max_length=200)
    sure = models.CharField(max_length=16, choices=Sure.choices)

    class Meta:
        indexes = [models.Index(fields=["platform", "name", "valid_from"], name="threshold_lookup")]


class Bucket(models.Model):
    """A token bucket: how many calls a shop may still make now. Changed under a row lock only."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="buckets")
    name = models.CharField(max_length=40)
    tokens = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "name"], name="bucket_once")]


class Lease(models.Model):
    """One process holds `name` of a shop until `until`. Taken and given back through shops.leases only."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="leases")
    name = models.CharField(max_length=40)
    holder = models.CharField(max_length=16, blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "name"], name="lease_once")]


class HealthFigure(models.Model):
    """A figure by which the platform measures the shop, as it last stood on a day. `target` and `comparator` are the platform's."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="health")
    name = models.CharField(max_length=40)
    day = models.DateField()  # UTC
    at = models.DateTimeField()
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    unit = models.CharField(max_length=8)
    target = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    comparator = models.CharField(max_length=2, blank=True)
    title = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "name", "day"], name="health_once_a_day")]


class Penalty(models.Model):
    """Points the platform gave the shop, as they stand now. `kind` is the platform's own number or word for the breach."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="penalties")
    external_id = models.CharField(max_length=80)
    points = models.IntegerField()
    kind = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="penalty_once")]
        indexes = [models.Index(fields=["shop", "-at"], name="penalty_newest")]
