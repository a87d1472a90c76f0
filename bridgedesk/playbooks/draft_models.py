"""Playbooks that are being written."""

from django.db import models

from bridgedesk.team.models import Agent


class Draft(models.Model):
    """What leads write together until it is published, one for each key. `data` is what the form held, finished or not.

    `revision` counts what was saved, so that nobody writes over a colleague's words. `base` is the version it began from; None: a new one.
    """

    key = models.SlugField(max_length=60, unique=True)
    base = models.ForeignKey("playbooks.Version", null=True, on_delete=models.SET_NULL, related_name="+")
    data = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")  # who saved last
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of {self.key}"
