"""The worker's side of the outbox of acts: a lease, the platform outside any transaction, the outcome written down.

Only acts that set something to a value are repeated in doubt (REPEATABLE); of all others a person looks first.
"""

import random
import secrets
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import Performed
from bridgedesk.channels.base import ByHand, NeedsReconnect, SendError, Uncertain
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.database import patiently
from bridgedesk.lib.keeping import kept
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import mask
from bridgedesk.orders import acting
from bridgedesk.orders.models import PlatformAct
from bridgedesk.orders.stored_acts import restored
from bridgedesk.shops import connection
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of

LEASE = timedelta(seconds=30)
"""How long a claim stands when its process says nothing more (wall time); a living one keeps extending it."""
PAUSES = tuple(timedelta(seconds=s) for s in (2, 10, 30, 120, 600, 1800, 3600))
"""Waits after temporary errors (wall time, plus up to a quarter); then the act has failed."""
REPEATABLE = frozenset({"WriteNote", "PushStock"})
"""Done twice they leave what doing them once leaves, so a crash or a lost answer is followed by another try."""
DOUBT = noop("It may have been done: no answer came. Please look at the platform before anything is tried again.")
Outcome = Performed | Exception
State = PlatformAct.State


def perform(act_id: int) -> None:
    """Do this act if its time has come and none of its kind goes before it; else nothing happens."""
    row = _claim(act_id)
    if row is None:
        return
    with _held(row):
        outcome = _attempt(row)
    patiently(lambda: _write_down(row, outcome))


def due(limit: int = 200) -> list[int]:
    """Acts whose try is due now, and those whose lease ran out."""
    now = clock.now()
    ready = Q(state=State.QUEUED, next_try_at__lte=now) | Q(state=State.DOING, lease_until__lte=now)
    same = Q(shop=OuterRef("shop"), kind=OuterRef("kind"), pk__lt=OuterRef("pk"), state__in=[State.QUEUED, State.DOING])
    before = PlatformAct.objects.alias(of=Coalesce("order", 0)).filter(same, of=Coalesce(OuterRef("order"), 0))
    rows = PlatformAct.objects.filter(ready, shop__state=Shop.State.CONNECTED).exclude(Exists(before))
    return list(rows.order_by("next_try_at").values_list("pk", flat=True)[:limit])


def _claim(act_id: int) -> PlatformAct | None:
    """The act under a new lease; None when it is not to be done now."""
    with transaction.atomic():
        rows = PlatformAct.objects.select_for_update(of=("self",), skip_locked=True).select_related("shop", "order")
        row = rows.filter(pk=act_id, shop__state=Shop.State.CONNECTED, state__in=[State.QUEUED, State.DOING]).first()
        now = clock.now()
        if row is None or not _its_turn(row, now):
            return None
        if row.state == State.DOING and row.kind not in REPEATABLE:
            acting.failed(row, DOUBT, State.UNSURE)
            _look(row)
            return None
        row.state, row.attempts, row.holder = State.DOING, row.attempts + 1, secrets.token_hex(8)
        row.lease_until = now + clock.real(LEASE)
        row.save()
    announce("order", shop=row.shop_id, order=row.order_id, act=row.pk)
    return row


def _its_turn(row: PlatformAct, now: datetime) -> bool:
    if row.state == State.DOING:
        return row.lease_until is None or row.lease_until <= now
    return (row.next_try_at is None or row.next_try_at <= now) and not _earlier(row).exists()


def _earlier(row: PlatformAct) -> QuerySet[PlatformAct]:
    same = PlatformAct.objects.filter(shop=row.shop_id, kind=row.kind, order=row.order_id, pk__lt=row.pk)
    return same.filter(state__in=[State.QUEUED, State.DOING])


def _held(row: PlatformAct) -> AbstractContextManager[None]:
    mine = PlatformAct.objects.filter(pk=row.pk, state=State.DOING, holder=row.holder)

    def extend() -> None:
        mine.update(lease_until=clock.now() + clock.real(LEASE))

    return kept(extend, LEASE.total_seconds() / 4, f"lease of act {row.pk}")


def _attempt(row: PlatformAct) -> Outcome:
    """Talk to the platform; what came of it. An error nobody foresaw leaves open whether it was done."""
    try:
        act, channel, account = restored(row.kind, row.data), CHANNELS[row.shop.platform], account_of(row.shop)
    except Exception as error:
        return SendError(_words(error), permanent=True, code="unreadable")
    try:
        return channel.perform(account, act)
    except SendError as error:
        return error
    except Exception as error:
        return Uncertain(_words(error))


def _write_down(row: PlatformAct, outcome: Outcome) -> None:
    with transaction.atomic():
        now = acting.locked(row)
        if now.holder != row.holder or now.state not in (State.DOING, State.UNSURE):
            return  # another process took over, or a person settled it
        if isinstance(outcome, Performed) and outcome.waits:
            acting.taken(now, outcome.waits, told=outcome.told)
        elif isinstance(outcome, Performed):
            failures = [[list(place), reason] for place, reason in outcome.failures]
            acting.finish(now, reference=outcome.reference, failures=failures, told=outcome.told)
        elif now.state == State.DOING:
            _not_done(now, outcome)
        _wake_next(now)


def _not_done(row: PlatformAct, error: Exception) -> None:
    if isinstance(error, NeedsReconnect):
        connection.break_off(row.shop, str(error))
        _later(row, error, timedelta(0))  # it waits for the shop to be connected again
    elif isinstance(error, ByHand):
        acting.failed(row, mask(str(error)), State.BY_HAND)
    elif isinstance(error, Uncertain) and (row.kind not in REPEATABLE or row.attempts > len(PAUSES)):
        acting.failed(row, DOUBT, State.UNSURE)
        _look(row)
    elif not isinstance(error, SendError) or error.permanent or row.attempts > len(PAUSES):
        acting.failed(row, mask(str(error)))
    else:
        pause = PAUSES[row.attempts - 1] * (1 + random.random() / 4)  # noqa: S311 (spreads load, guards nothing)
        _later(row, error, max(pause, error.retry_after or pause))


def _look(row: PlatformAct) -> None:
    """What was done to a return shows in the platform's list of them, which is read at once."""
    if row.data.get("case"):
        enqueue("poll_shop", once=f"poll:{row.shop_id}:returns", shop=row.shop_id, feed="returns")


def _later(row: PlatformAct, error: Exception, wait: timedelta) -> None:
    row.state, row.lease_until, row.error = State.QUEUED, None, mask(str(error))[:1000].replace("\0", "")
    row.next_try_at = clock.now() + clock.real(wait)
    row.save()
    enqueue("perform_act", at=row.next_try_at, act=row.pk)
    announce("order", shop=row.shop_id, order=row.order_id, act=row.pk)


def _wake_next(row: PlatformAct) -> None:
    """Whatever waited behind this one."""
    waiting = PlatformAct.objects.filter(shop=row.shop_id, kind=row.kind, order=row.order_id, state=State.QUEUED, pk__gt=row.pk)
    if row.state not in (State.QUEUED, State.DOING) and (following := waiting.order_by("pk").values_list("pk", flat=True).first()):
        enqueue("perform_act", act=following)


def _words(error: Exception) -> str:
    return mask(f"{type(error).__name__}: {error}")[:500]
