"""Cases: what went wrong with an order, what was offered, what it cost; returns at the platforms with their clocks."""

from django.db import models

from bridgedesk.channels.events import RETURN_STATES
from bridgedesk.conversations.models import Conversation
from bridgedesk.lib.money import Money
from bridgedesk.orders.models import OfShops, Order, PlatformAct
from bridgedesk.remedies.rulebook import FAULTS, TONES
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class Case(models.Model):
    """One case: the platform's return (`external_id`, its word in `status`), one we opened ourselves ("" there), or both in one.

    `state` is ours; the three times are the platform's clocks. `fault` (rulebook.FAULTS) is "" until somebody looked at it. `stakes` are
    the sums the ladder reckons with, in minor units of `currency` (stakes.py); `lines_picked` what they are about: {line id: pieces}.
    `next_by` is the clock that runs now (`next_clock` names it); None: nothing is waited for, or no time is known.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="cases")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="cases")
    external_id = models.CharField(max_length=80, blank=True)  # the platform's; "" where it knows of none
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
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="cases")
    fault = models.CharField(max_length=20, blank=True, choices=[(name, name) for name in FAULTS])
    wants = models.CharField(max_length=12, blank=True)  # labels.WANTS
    tone = models.CharField(max_length=10, default="calm", choices=[(name, name) for name in TONES])
    lines_picked = models.JSONField(default=dict, blank=True)
    stakes = models.JSONField(default=dict, blank=True)
    evidence = models.JSONField(default=list, blank=True)  # ids of the conversation's files
    carrier = models.CharField(max_length=64, blank=True)  # who brought it, for figures
    opened_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(null=True)  # when somebody looked at it; None: only the platform told of it
    closed_at = models.DateTimeField(null=True)

    objects = OfShops.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], condition=~models.Q(external_id=""), name="case_once")]
        indexes = [
            models.Index(fields=["next_by", "id"], condition=~models.Q(state__in=["closed", "withdrawn"]), name="case_open"),
            models.Index(fields=["shop", "-first_seen_at"], name="case_of_shop"),
            models.Index(fields=["shop", "fault", "-id"], condition=~models.Q(fault=""), name="case_by_fault"),
        ]

    def __str__(self) -> str:
        return self.external_id or f"#{self.pk}"

    @property
    def refund(self) -> Money | None:
        """What the buyer asks back, if told."""
        return None if self.refund_minor is None else Money(self.refund_minor, self.currency)


class OfCases(models.QuerySet["Offer"]):
    """Rows with a `case`."""

    def visible_to(self, agent: Agent) -> "OfCases":
        """Those of cases of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(case__shop__in=Shop.objects.visible_to(agent))


class Offer(models.Model):
    """One option offered in a case, with what it was reckoned to cost then (minor units of the case's currency). One at a time is open."""

    class State(models.TextChoices):
        WAITING = "waiting"  # a lead must release it
        MADE = "made"  # to be told, or told; the buyer has not answered
        ACCEPTED = "accepted"
        REFUSED = "refused"
        SILENT = "silent"
        ESCALATED = "escalated"
        WITHDRAWN = "withdrawn"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="offers")
    option = models.CharField(max_length=20)
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=State.choices)
    refund_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    cost_minor = models.BigIntegerField()
    parts = models.JSONField(default=list)  # [name, minor units]
    accept = models.FloatField()  # the chance it was given
    suggested = models.BooleanField(default=False)  # it was the first step of the best ladder
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    released_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = OfCases.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(state__in=["waiting", "made"]), name="offer_open_once"),
        ]


class Booking(models.Model):
    """What a case cost or brought back (below 0), in minor units of its currency. With an `act` it counts once that is asked for,
    and has moved when that is done; without one it moved when it was booked."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="bookings")
    kind = models.CharField(max_length=16)  # labels.PARTS
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    act = models.ForeignKey(PlatformAct, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=60)  # the same decision books once
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="booking_once")]
        indexes = [models.Index(fields=["at"], name="booking_at")]
