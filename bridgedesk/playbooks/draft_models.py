"""Playbooks that are being written."""

from django.db import models

from bridgedesk.shops.models import Shop
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


class SimulationQuerySet(models.QuerySet["Simulation"]):
    def visible_to(self, agent: Agent) -> "SimulationQuerySet":
        """For leads, those of shops they see all of."""
        if not agent.leads:
            return self.none()
        hidden = Shop.objects.exclude(pk__in=Shop.objects.visible_to(agent).values("pk"))
        return self if agent.sees_all_shops else self.exclude(shops__in=hidden)


class Simulation(models.Model):
    """Past cases taken through a draft as it was then (`data`). `after` is the last run that was counted, moved on with what was counted;
    `tally` is tallying.py's, its money in minor units of `currency`."""

    class State(models.TextChoices):
        RUNNING = "running"
        STOPPED = "stopped"
        DONE = "done"

    key = models.SlugField(max_length=60)
    data = models.JSONField()
    revision = models.PositiveIntegerField()  # of the draft
    shops = models.ManyToManyField(Shop, related_name="+")
    since = models.DateField()
    until = models.DateField()  # the last day of it
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    after = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    still_open = models.PositiveIntegerField(default=0)  # cases of the period that are not at their end: left out
    tally = models.JSONField()
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    objects = SimulationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["key", "-id"], name="simulation_of_key"),
            models.Index(fields=["moved_at"], condition=models.Q(state="running"), name="simulation_running"),
        ]

    def __str__(self) -> str:
        return f"simulation {self.pk}"


class Parted(models.Model):
    """A case that goes another way in a simulation, or whose way cannot be known: from which step of the draft, to which end, and why."""

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="parted")
    run = models.ForeignKey("playbooks.Run", on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=60, blank=True)
    end = models.CharField(max_length=16)
    why = models.CharField(max_length=8, blank=True)
    letters = models.PositiveSmallIntegerField(default=0)
    letters_then = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["simulation", "run"], name="parted_once")]
