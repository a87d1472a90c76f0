"""The one log: what happened, to what, by whom. Rows are only ever added."""

from django.conf import settings
from django.db import models


class Activity(models.Model):
    """One act. `verb` is a word of the trade ("replied", "assigned"); `data` holds what a reader of the line needs."""

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.CharField(max_length=16)  # agent, system, buyer, channel, api
    verb = models.CharField(max_length=40)
    shop = models.ForeignKey("shops.Shop", null=True, on_delete=models.CASCADE, related_name="+")
    subject_type = models.CharField(max_length=32)
    subject_id = models.BigIntegerField(null=True)
    conversation_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["conversation_id", "at"], name="activity_conversation"),
            models.Index(fields=["shop", "-at"], name="activity_shop"),
            models.Index(fields=["by", "-at"], name="activity_by"),
            models.Index(fields=["verb", "-at"], name="activity_verb"),
            models.Index(fields=["subject_id", "-id"], condition=models.Q(subject_type="order"), name="activity_order"),
        ]
