"""Processes, their versions, and the cases that go through them."""

from django.db import models

from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.orders.models import OfShops
from bridgedesk.playbooks.draft_models import Draft, Parted, Simulation  # noqa: F401 (an app's models are found here)
from bridgedesk.playbooks.occasion_models import Occasion  # noqa: F401 (an app's models are found here)
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class Version(models.Model):
    """A playbook as it was published. `data` is the shape of content/playbooks; a run keeps the version it began with.

    `current`: new cases take it. `share` is the part of new cases, in percent, that a version on trial takes in `trial_shops` beside the
    current one, which is `against`; the trial began when it was published.
    """

    key = models.SlugField(max_length=60)
    number = models.PositiveIntegerField(default=1)
    data = models.JSONField()
    topics = models.JSONField(default=list)  # of data, so that the right one is found without reading them all
    current = models.BooleanField(default=True)
    share = models.PositiveSmallIntegerField(default=0)  # 1 to 99: on trial
    trial_shops = models.JSONField(default=list)  # ids
    against = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    trial_ended_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=8, default="shipped")  # shipped, edited
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="playbook_version_once"),
            models.UniqueConstraint(fields=["key"], condition=models.Q(current=True), name="playbook_current_once"),
            models.UniqueConstraint(fields=["key"], condition=models.Q(share__gt=0), name="playbook_trial_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.number}"


class Run(models.Model):
    """One case in a playbook. `step` is the last one chosen ("": none yet); `silent_until` when its branch of silence is due."""

    class State(models.TextChoices):
        OPEN = "open"
        ENDED = "ended"  # at `outcome`
        LEFT = "left"  # an agent took it out, for `reason`

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="runs")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs")
    step = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    by_silence = models.BooleanField(default=False)  # ended because the buyer said nothing; a word of theirs takes it up again
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")  # what began it
    started_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField()
    silent_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = OfShops.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation"], condition=models.Q(state="open"), name="run_open_once")]
        indexes = [
            models.Index(fields=["silent_until"], condition=models.Q(state="open", silent_until__isnull=False), name="run_silent"),
            models.Index(fields=["version", "-started_at"], name="run_of_version"),
            models.Index(fields=["shop", "-started_at"], name="run_of_shop"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Taken(models.Model):
    """One branch that was taken: from where, to a step or an ending, under which condition, by whom, and what was known then."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="taken")
    before = models.CharField(max_length=60, blank=True)
    to = models.CharField(max_length=60)
    when = models.CharField(max_length=400, blank=True)
    silence = models.BooleanField(default=False)
    suggested = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)  # the agent stepped back before anything was sent

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "id"], name="taken_of_run")]
