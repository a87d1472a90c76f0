"""What was scanned at the packing station. The parcel it belongs to stands in orders.models."""

from django.db import models

from bridgedesk.team.models import Agent


class PackScan(models.Model):
    """One scan at the packing station, right or wrong. `key` is the station's own: sent twice it is one row."""

    parcel = models.ForeignKey("orders.Parcel", on_delete=models.CASCADE, related_name="pack_scans")
    key = models.CharField(max_length=40)
    code = models.CharField(max_length=120, blank=True)
    verdict = models.CharField(max_length=12)  # orders.packing.KINDS
    want = models.CharField(max_length=32, blank=True)  # the key in Parcel.packed it counts for
    pieces = models.SmallIntegerField(default=0)  # 1 in, -1 out again
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "key"], name="pack_scan_once")]
