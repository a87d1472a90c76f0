"""What came from outside, byte for byte, and how far each source has been read; what programs outside are told."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bridgedesk.channels.base import MESSAGES
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, agent: Agent) -> "DeliveryQuerySet":
        """Deliveries of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class Delivery(models.Model):
    """Raw bytes from a platform. `key` is unique per shop, so a repeat is a no-op; `thread` keeps order."""

    class State(models.TextChoices):
        NEW = "new"
        APPLIED = "applied"
        IGNORED = "ignored"
        FAILED = "failed"  # will be tried again at `next_try_at`
        STUCK = "stuck"  # tried often enough: shown, blocks nothing, tried once a day in case an upgrade mended it

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=255)
    kind = models.CharField(max_length=8)
    thread = models.CharField(max_length=255, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    result = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    messages = ArrayField(models.BigIntegerField(), default=list)  # what it became
    followed_up = models.BooleanField(default=True)  # False from applying until triage, greeting and file fetching were started

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "key"], name="delivery_once")]
        indexes = [
            models.Index(fields=["shop", "thread", "id"], condition=models.Q(state__in=["new", "failed"]), name="delivery_waiting"),
            models.Index(fields=["shop", "id"], condition=models.Q(state__in=["new", "failed"]), name="delivery_next"),
            models.Index(fields=["next_try_at"], condition=~models.Q(state__in=["applied", "ignored"]), name="delivery_due"),
            models.Index(fields=["applied_at"], condition=models.Q(followed_up=False), name="delivery_follow_up"),
            models.Index(fields=["-received_at"], name="delivery_newest"),
            models.Index(fields=["shop", "state", "-received_at"], name="delivery_state"),
        ]


class Cursor(models.Model):
    """How far one feed of a shop has been read, stored in the transaction that stores what was read."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="cursors")
    feed = models.CharField(max_length=16, default=MESSAGES)  # channels.base.MESSAGES, or one of the channel's `feeds`
    value = models.TextField(blank=True)
    polled_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "feed"], name="cursor_once")]


class Rejection(models.Model):
    """How many hooks did not verify, by shop and day."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="rejections")
    day = models.DateField()
    reason = models.CharField(max_length=80)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "day", "reason"], name="rejection_once")]


class Endpoint(models.Model):
    """A program outside that is told of acts. Signed with `sealed_secret`; only shops of its owner are reported."""

    owner = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="endpoints")
    url = models.URLField(max_length=400)
    verbs = models.JSONField(default=list)  # empty: all
    sealed_secret = models.TextField()
    enabled = models.BooleanField(default=True)
    last_activity_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()


class Notification(models.Model):
    """One act told to one endpoint, retried until it is taken."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="notifications")
    activity_id = models.BigIntegerField()
    state = models.CharField(max_length=8, default="waiting")  # waiting, done, given_up
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "activity_id"], name="notification_once")]
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(state="waiting"), name="notification_waiting")]
