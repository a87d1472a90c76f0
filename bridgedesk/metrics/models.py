"""What leads enter so that figures can be read: rates of exchange and bands, each from a day on. The figures themselves are counted."""

from django.db import models

from bridgedesk.team.models import Agent


class Dated(models.Model):
    """Holds from a day on, until a later row of the same subject."""

    valid_from = models.DateField()
    source = models.CharField(max_length=200)
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        abstract = True


class Rate(Dated):
    """Units of a currency for one US dollar, as a lead entered them; they win over the shipped round figures."""

    currency = models.CharField(max_length=3)
    per_dollar = models.DecimalField(max_digits=18, decimal_places=8)

    class Meta:
        indexes = [models.Index(fields=["currency", "-valid_from", "-id"], name="rate_lookup")]


class Band(Dated):
    """The return-loss rate a category is held against, in per cent; category "": all goods.

    Above `most` (faults of quality counted in) is too much; `reach` is what is wanted without them.
    """

    category = models.CharField(max_length=120, blank=True)
    most = models.DecimalField(max_digits=7, decimal_places=3)
    reach = models.DecimalField(max_digits=7, decimal_places=3, null=True)

    class Meta:
        indexes = [models.Index(fields=["category", "-valid_from", "-id"], name="band_lookup")]
