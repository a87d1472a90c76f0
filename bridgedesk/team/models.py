"""The people: agents with their role, duty times, and tokens for programs that act for them."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Agent(AbstractUser):
    """Somebody who logs in. Roles are cumulative: observer < agent < lead < admin."""

    class Role(models.TextChoices):
        OBSERVER = "observer"  # sees assigned shops, writes nothing
        AGENT = "agent"  # answers in assigned shops
        LEAD = "lead"  # templates, policies, assignments, thresholds, in assigned shops
        ADMIN = "admin"  # shops, people, everything

    class Theme(models.TextChoices):
        SYSTEM = "system"
        LIGHT = "light"
        DARK = "dark"

    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AGENT)
    shown_name = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=12, default="zh-hans")
    timezone = models.CharField(max_length=40, default="Asia/Shanghai")
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    on_duty = models.BooleanField(default=False)
    last_assigned_at = models.DateTimeField(null=True, blank=True)  # round-robin: the longest ago is next

    REQUIRED_FIELDS = []

    def __str__(self) -> str:
        return self.shown_name or self.username

    @property
    def sees_all_shops(self) -> bool:
        """Admins see every shop without being assigned."""
        return self.role == self.Role.ADMIN

    @property
    def may_write(self) -> bool:
        """Observers only look."""
        return self.role != self.Role.OBSERVER

    @property
    def leads(self) -> bool:
        """Leads and admins."""
        return self.role in (self.Role.LEAD, self.Role.ADMIN)

    @property
    def administers(self) -> bool:
        """Admins."""
        return self.role == self.Role.ADMIN


class Shift(models.Model):
    """A planned time on duty, UTC."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]


class Invitation(models.Model):
    """A one-time link for a new colleague or a forgotten password; only the hash is kept."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")


class Attempt(models.Model):
    """A row of Django's database cache (settings.CACHES): how often a log-in was tried, and codes that were used.

    Written by the cache alone; a model, so that `migrate` makes the table.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)


class ApiToken(models.Model):
    """A program acting for an agent, with fewer rights than the agent. Only the hash is kept; `prefix` helps find it."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)  # "read", "write", "admin"
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
