"""What time makes happen: the sweep that finds whatever no job woke, and the nightly tidying."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from bridgedesk.conversations import attachments, sending
from bridgedesk.conversations.models import Attachment
from bridgedesk.lib import clock
from bridgedesk.lib.queue import enqueue
from bridgedesk.sync import polling
from bridgedesk.sync.models import Delivery
from bridgedesk.sync.waking import wake

BATCH = 200
_GRACE = timedelta(seconds=3)  # a row this young has a job of its own on the way
_FOLLOW_UP_GRACE = timedelta(seconds=30)
_DRAFTS_KEPT = timedelta(days=2)


def sweep() -> None:
    """Queue what is due and was left by a crash, a lost job or a fast clock; each row at most once."""
    for pk in shops():
        enqueue("apply_deliveries", once=f"apply:{pk}", shop=pk)
    for pk in stuck():
        enqueue("apply_delivery", once=f"stuck:{pk}", delivery=pk)
    for pk in unfollowed():
        enqueue("follow_up", once=f"follow:{pk}", delivery=pk)
    for pk in sending.due(BATCH):
        enqueue("send_message", once=f"send:{pk}", message=pk)
    for pk in files():
        enqueue("fetch_file", once=f"file:{pk}", attachment=pk)
    for shop, feed in polling.due(BATCH):
        wake(shop, feed)


def shops() -> list[int]:
    """Shops in which deliveries wait whose try is due."""
    return list(_late().exclude(state="stuck").order_by().values_list("shop", flat=True).distinct()[:BATCH])


def stuck() -> list[int]:
    """Stuck deliveries whose daily try is due, the oldest first."""
    return list(_late().filter(state="stuck").order_by("pk").values_list("pk", flat=True)[:BATCH])


def _late() -> QuerySet[Delivery]:
    return Delivery.objects.filter(~Q(state__in=["applied", "ignored"]), next_try_at__lte=clock.now() - clock.real(_GRACE))


def unfollowed() -> list[int]:
    """Applied deliveries whose follow-up a crash cut off."""
    late = clock.now() - clock.real(_FOLLOW_UP_GRACE)
    rows = Delivery.objects.filter(followed_up=False, applied_at__lte=late)
    return list(rows.order_by("applied_at").values_list("pk", flat=True)[:BATCH])


def files() -> list[int]:
    """Files that wait to be fetched."""
    rows = Attachment.objects.filter(state=Attachment.State.WAITING, next_try_at__lte=clock.now() - clock.real(_GRACE))
    return list(rows.order_by("next_try_at").values_list("pk", flat=True)[:BATCH])


def tidy() -> None:
    """Forget raw bytes after settings.RAW_DAYS (they hold buyers' personal data; the row stays as proof of receipt),
    uploads that were never sent, and everything else whose time is over."""
    now = clock.now()
    old = Delivery.objects.filter(state__in=["applied", "ignored"], received_at__lt=now - timedelta(days=settings.RAW_DAYS))
    old.exclude(body=b"").update(body=b"", headers={})
    attachments.forget(Attachment.objects.filter(message=None, created_at__lt=now - _DRAFTS_KEPT)[:1000])
