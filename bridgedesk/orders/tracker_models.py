"""Tracking services set up for this installation, and what their hooks brought."""

from django.db import models


class Tracker(models.Model):
    """A tracking service set up for this installation. Key and secret are encrypted."""

    name = models.CharField(max_length=16, unique=True)  # of channels.trackers
    sealed_key = models.TextField(blank=True)
    sealed_secret = models.TextField(blank=True)  # of its hooks
    base_url = models.CharField(max_length=200, blank=True)
    sign = models.CharField(max_length=12, default="confirm")  # how hooks are believed (17TRACK)
    enabled = models.BooleanField(default=True)
    left = models.IntegerField(null=True)  # of its quota, when last asked
    total = models.IntegerField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    next_try_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)


class TrackerNews(models.Model):
    """A hook of a tracker as it came, kept before anyone reads it; applied again at will."""

    tracker = models.ForeignKey(Tracker, on_delete=models.CASCADE, related_name="news")
    key = models.CharField(max_length=64)  # SHA-256 of the body: a repeat is one row
    body = models.BinaryField()
    verified = models.BooleanField()
    state = models.CharField(max_length=8, default="new")  # new, applied, failed
    error = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tracker", "key"], name="tracker_news_once")]
        indexes = [models.Index(fields=["received_at"], condition=~models.Q(state="applied"), name="tracker_news_open")]
