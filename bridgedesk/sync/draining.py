"""When what waits is applied: in batches, in each thread the oldest first, one bad delivery never in the way of the others."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast, Length

from bridgedesk.activity.actions import record
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Event
from bridgedesk.conversations import attachments
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import mask
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import Remembering, account_of
from bridgedesk.sync import followup
from bridgedesk.sync.apply import apply, files_of, parse
from bridgedesk.sync.models import Delivery

log = logging.getLogger(__name__)

PAUSES = tuple(timedelta(seconds=s) for s in (2, 10, 60, 300))
"""How long to wait after each failed try (wall time); after the last one a delivery is stuck and blocks nothing."""
DAILY = timedelta(days=1)
"""How often a stuck delivery is tried again: an upgrade may have mended the parser."""
BATCH = 50
"""How many deliveries are applied in one transaction at most."""
LOOK = 400
"""How many are looked at for threads that nobody else works on."""
SMALL = 200_000
"""Bytes up to which a delivery goes with others: a batch is held in memory."""
_WAITING = (Delivery.State.NEW, Delivery.State.FAILED)
_DONE = (Delivery.State.APPLIED, Delivery.State.IGNORED)


def again(delivery_id: int) -> None:
    """Try a delivery that is stuck, if its time has come; a waiting one goes with all that waits in its shop."""
    asked = Delivery.objects.only("shop_id", "state", "next_try_at").filter(pk=delivery_id).first()
    if asked and asked.state == Delivery.State.STUCK and (asked.next_try_at is None or asked.next_try_at <= clock.now()):
        _try(asked.pk)
    if asked:
        drain(asked.shop_id)


def drain(shop_id: int) -> None:
    """Apply what waits in a shop: what can go together in batches, the rest one by one; in each thread the oldest first.

    A thread is worked on by one process at a time: who finds it held leaves, for its holder looks again.
    """
    shop = Shop.objects.filter(pk=shop_id).first()
    while shop:
        done, alone = _batch(shop)
        followup.follow_up(*done)
        tried = [_try(pk) for pk in alone]
        if not done and not any(tried):
            return


def _ready(shop_id: int) -> QuerySet[Delivery]:
    """What waits in a shop and may go now: nothing earlier of its thread waits for a later try."""
    waiting = Delivery.objects.filter(shop=shop_id, state__in=_WAITING)
    due = Q(next_try_at=None) | Q(next_try_at__lte=clock.now())
    before = waiting.exclude(due).filter(thread=OuterRef("thread"), pk__lt=OuterRef("pk"))
    return waiting.filter(due).filter(Q(thread="") | ~Exists(before)).order_by("pk")


def _batch(shop: Shop) -> tuple[list[int], list[int]]:
    """Apply the oldest together, in one transaction: which were applied, and which must go one by one.

    One by one goes what carries files (they are put down before the transaction), what is large, what cannot be parsed, all
    that follows such a delivery in its thread, and everything when something failed: then it shows what.
    """
    with transaction.atomic():
        taken = _take(shop.pk)
        if not taken:
            return [], []
        together, alone = _sorted_out(shop, taken)
        try:
            with transaction.atomic():
                apply(shop, together)
        except OperationalError:
            raise  # the database went away: nothing was changed, the sweep comes again
        except Exception:
            log.exception("%s deliveries of shop %s go one by one", len(together), shop.pk)
            return [], [delivery.pk for delivery in taken]
    return [delivery.pk for delivery, _ in together], alone


def _take(shop_id: int) -> list[Delivery]:
    """The oldest that are ready, of threads nobody else works on; these threads are ours until the transaction ends."""
    waiting = _ready(shop_id).annotate(name=_name())
    names = list(dict.fromkeys(waiting.values_list("name", flat=True)[:LOOK]))
    if not names:
        return []
    mine = waiting.filter(name__in=_held(shop_id, names)).select_for_update(of=("self",))
    return list(mine.defer("body", "headers")[:BATCH])


def _name() -> Case:
    return Case(When(thread="", then=Cast("pk", CharField())), default=F("thread"))


def _name_of(delivery: Delivery) -> str:
    return delivery.thread or str(delivery.pk)


def _held(shop_id: int, names: Sequence[str]) -> list[str]:
    """Which of these threads nobody else works on, at most BATCH of them; they are held until the transaction ends."""
    with connection.cursor() as cursor:
        asked = "select name from unnest(%s::text[]) name where pg_try_advisory_xact_lock(hashtextextended(name, %s)) limit %s"
        cursor.execute(asked, [list(names), shop_id, BATCH])
        return [name for (name,) in cursor.fetchall()]


def _sorted_out(shop: Shop, taken: Sequence[Delivery]) -> tuple[list[tuple[Delivery, Sequence[Event]]], list[int]]:
    """What can go together, with its events; and what must go alone, of each thread only the first."""
    small = Delivery.objects.annotate(size=Length("body")).filter(size__lte=SMALL)
    bodies = small.only("body", "headers").in_bulk([delivery.pk for delivery in taken])
    account = account_of(shop, Remembering(shop.pk))
    together, alone, behind = [], [], set()
    for delivery in taken:
        if _name_of(delivery) in behind:
            continue
        whole = bodies.get(delivery.pk)
        events = _parsed(shop, account, delivery, whole) if whole else None
        if events is None or any(file.data is not None for file in files_of(events)):
            alone.append(delivery.pk)
            behind.add(_name_of(delivery))
        else:
            together.append((delivery, events))
    return together, alone


def _parsed(shop: Shop, account: Account, delivery: Delivery, whole: Delivery) -> Sequence[Event] | None:
    delivery.body, delivery.headers, delivery.shop = whole.body, whole.headers, shop
    try:
        return parse(delivery, account)
    except Unparsable:
        return None


def _try(pk: int) -> bool:
    """One try of one delivery. False when somebody else works on its thread or has done it, or an earlier one waits."""
    delivery = Delivery.objects.select_related("shop").get(pk=pk)
    try:
        events = parse(delivery, account_of(delivery.shop))
        with attachments.landed(files_of(events)), transaction.atomic():
            if not _held(delivery.shop_id, [_name_of(delivery)]) or not _is_next(delivery):
                return False
            apply(delivery.shop, [(delivery, events)])
    except OperationalError:
        raise
    except Exception as error:
        _failed(delivery, error)
    else:
        followup.follow_up(pk)
    return True


def _is_next(delivery: Delivery) -> bool:
    """Whether it still waits, and nothing earlier of its thread does."""
    rows = Delivery.objects.filter(shop=delivery.shop_id, state__in=_WAITING, pk__lt=delivery.pk)
    if delivery.thread and delivery.state != Delivery.State.STUCK and rows.filter(thread=delivery.thread).exists():
        return False
    return bool(Delivery.objects.select_for_update().filter(pk=delivery.pk).exclude(state__in=_DONE).values_list("pk"))


def _failed(delivery: Delivery, error: Exception) -> None:
    """Note the failure with the moment of the next try; the last one, or a payload no parser knows, makes it stuck."""
    if not isinstance(error, Unparsable):
        log.exception("delivery %s could not be applied", delivery.pk)
    with transaction.atomic():
        held = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if held.state in _DONE:
            return
        was_stuck, stuck = held.state == Delivery.State.STUCK, isinstance(error, Unparsable) or held.attempts >= len(PAUSES)
        pause = DAILY if stuck else PAUSES[held.attempts]
        held.state = Delivery.State.STUCK if stuck or was_stuck else Delivery.State.FAILED
        held.attempts = min(held.attempts + 1, 32000)
        held.error, held.next_try_at = mask(f"{type(error).__name__}: {error}").replace("\0", "")[:2000], clock.now() + clock.real(pause)
        held.save(update_fields=["state", "attempts", "error", "next_try_at"])
        if held.state == Delivery.State.STUCK and not was_stuck:
            record("delivery_stuck", held, by=None, actor="channel", shop=held.shop_id, error=held.error[:200])
        elif held.state == Delivery.State.FAILED:
            enqueue("apply_deliveries", at=held.next_try_at, shop=held.shop_id)
        announce("sync", shop=held.shop_id)
