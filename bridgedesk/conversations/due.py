"""What time makes happen to conversations. Called every minute; each call does a bounded batch and may run in several processes."""

from datetime import timedelta

from django.db import transaction

from bridgedesk.conversations.models import AddressBudget, Conversation, Presence
from bridgedesk.conversations.upkeep import bring_back, tell
from bridgedesk.lib import clock

BATCH = 200
_KEEP_BUDGETS = timedelta(days=7)


@transaction.atomic
def wake_snoozed() -> int:
    """Bring back what was put aside until now; how many. Call again while it gives `BATCH`."""
    asleep = Conversation.objects.filter(state=Conversation.State.SNOOZED, snoozed_until__lte=clock.now())
    rows = list(asleep.order_by("snoozed_until").select_for_update(skip_locked=True)[:BATCH])
    for row in rows:
        bring_back(row)
        tell(row, "woke", by=None)
    return len(rows)


def tidy() -> None:
    """Forget who looked at what, and the budgets of days gone by."""
    Presence.objects.filter(until__lt=clock.now()).delete()
    AddressBudget.objects.filter(day__lt=(clock.now() - _KEEP_BUDGETS).date()).delete()
