"""Pictures of articles as we keep them, fetched once from where a platform or a table says they are."""

from django.db import models


class Picture(models.Model):
    """What lies behind an address. The bytes are stored by their SHA-256; who sees an order whose article names the address sees it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        STORED = "stored"
        FAILED = "failed"

    url = models.CharField(max_length=500)
    key = models.CharField(max_length=40, unique=True)  # digest of the address
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    sha256 = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=40, blank=True)  # media type, from the bytes
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)
