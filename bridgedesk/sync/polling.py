"""Asking platforms and mailboxes for what is new: one process a shop, what came and how far we read in one transaction."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from bridgedesk.activity.actions import record
from bridgedesk.channels.base import Channel, Fetched, NeedsReconnect, SendError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import mask
from bridgedesk.shops import connection
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of
from bridgedesk.sync.actions import accept
from bridgedesk.sync.models import Cursor
from bridgedesk.team.models import Agent

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long one page may take (wall time) before another process may ask too."""
EVERY, EVERY_WITH_PUSH = timedelta(seconds=20), timedelta(seconds=120)
"""Between polls (wall time), unless the shop's option `poll_seconds` says otherwise."""
LONGEST_PAUSE = timedelta(minutes=30)
PAGES = 20
"""Pages one job reads; the rest is left to the next, so that no shop keeps a worker to itself."""


def poll(shop_id: int) -> None:
    """Read what is new, page by page; nothing happens while another process does."""
    for _ in range(PAGES):
        if not _poll_page(shop_id):
            return
    enqueue("poll_shop", once=f"poll:{shop_id}", shop=shop_id)


def poll_now(shop: Shop, *, by: Agent) -> None:
    """Do not wait for the next turn."""
    with transaction.atomic():
        Cursor.objects.filter(shop=shop).update(next_poll_at=clock.now())
        record("polled_now", shop, by=by, shop=shop.pk)
        enqueue("poll_shop", once=f"poll:{shop.pk}", shop=shop.pk)


def due(limit: int = 200) -> list[int]:
    """Connected shops whose next poll is due and that nobody is polling."""
    now = clock.now()
    polled = [name for name, channel in CHANNELS.items() if channel.polls]
    shops = Shop.objects.filter(platform__in=polled, state=Shop.State.CONNECTED)
    free = Q(cursor=None) | Q(cursor__next_poll_at=None) | Q(cursor__next_poll_at__lte=now)
    held = Q(cursor__lease_until__gt=now)
    return list(
        shops.filter(free).exclude(held).order_by(F("cursor__next_poll_at").asc(nulls_first=True)).values_list("pk", flat=True)[:limit]
    )


def _poll_page(shop_id: int) -> bool:
    """One page; whether there is more to read now."""
    claimed = _claim(shop_id)
    if claimed is None:
        return False
    shop, channel, cursor, lease = claimed
    try:
        fetched = channel.fetch(account_of(shop), cursor)
    except Exception as error:
        _failed(shop, lease, error)
        return False
    return _keep(shop, channel, lease, fetched)


def _claim(shop_id: int) -> tuple[Shop, Channel, str, datetime] | None:
    shop = Shop.objects.filter(pk=shop_id, state=Shop.State.CONNECTED).first()
    channel = CHANNELS.get(shop.platform) if shop else None
    if shop is None or channel is None or not channel.polls:
        return None
    Cursor.objects.bulk_create([Cursor(shop=shop)], ignore_conflicts=True)
    with transaction.atomic():
        row = Cursor.objects.select_for_update().get(shop=shop)
        now = clock.now()
        if row.lease_until and row.lease_until > now:
            return None
        row.lease_until = now + clock.real(LEASE)
        row.save(update_fields=["lease_until"])
    return shop, channel, row.value, row.lease_until


def _keep(shop: Shop, channel: Channel, lease: datetime, fetched: Fetched) -> bool:
    """Store the page and the cursor together; a page read under a lost lease is dropped, its reader's successor has it."""
    with transaction.atomic():
        row = Cursor.objects.select_for_update().filter(shop=shop, lease_until=lease).first()
        if row is None:
            return False
        new = [accept(shop, raw) for raw in fetched.raws]
        now = clock.now()
        row.value, row.polled_at, row.failures, row.error, row.lease_until = fetched.cursor, now, 0, "", None
        row.next_poll_at = now if fetched.more else now + clock.real(interval(shop, channel))
        row.save()
        if any(new):
            announce("sync", shop=shop.pk)
    return fetched.more


def interval(shop: Shop, channel: Channel) -> timedelta:
    """Between two polls of a quiet shop (wall time), at least two seconds."""
    usual = EVERY_WITH_PUSH if channel.pushes else EVERY
    try:
        wanted = float(shop.options.get("poll_seconds") or usual.total_seconds())
    except (TypeError, ValueError):
        return usual
    return timedelta(seconds=min(max(wanted, 2.0), 86400.0))


def _failed(shop: Shop, lease: datetime, error: Exception) -> None:
    """Note it and wait longer each time; other shops are not held up. A lost authorisation waits for a person."""
    if not isinstance(error, SendError):
        log.exception("shop %s could not be polled", shop.pk)
    if isinstance(error, NeedsReconnect):
        connection.break_off(shop, str(error))
    with transaction.atomic():
        row = Cursor.objects.select_for_update().filter(shop=shop, lease_until=lease).first()
        if row is None:
            return
        row.failures = min(row.failures + 1, 10_000)
        wait = max(pause(row.failures), getattr(error, "retry_after", None) or timedelta(0))
        row.error, row.lease_until = mask(str(error) or type(error).__name__).replace("\0", "")[:1000], None
        row.next_poll_at = clock.now() + clock.real(wait)
        row.save()
        announce("sync", shop=shop.pk)


def pause(failures: int) -> timedelta:
    """Five seconds, doubled with every failure, at most LONGEST_PAUSE."""
    return min(LONGEST_PAUSE, timedelta(seconds=5 * 2 ** min(failures - 1, 12)))
