"""Asking platforms and mailboxes for what is new: one process a feed of a shop, what came and how far we read in one transaction.

Messages, orders, parcels … of one shop are feeds with a cursor, a pause and failures of their own: none waits for another.
"""

import logging
from datetime import UTC, datetime, timedelta

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.channels.base import MESSAGES, Channel, Fetched, NeedsReconnect, NotPermitted, SendError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.secrets import mask
from bridgedesk.shops import connection
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of
from bridgedesk.sync.actions import accept_each
from bridgedesk.sync.models import Cursor
from bridgedesk.sync.waking import wake
from bridgedesk.team.models import Agent

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long one page may take (wall time) before another process may ask too."""
EVERY, EVERY_WITH_PUSH = timedelta(seconds=20), timedelta(seconds=120)
"""Between polls for messages (wall time), unless the shop's option `poll_seconds` says otherwise; for another feed the channel says it,
and `poll_seconds_<feed>` otherwise."""
LONGEST_PAUSE = timedelta(minutes=30)
REST = timedelta(days=1)
"""A feed the platform does not permit is asked for again after so long: the app may have been given the permission."""
BEGINNING = datetime.min.replace(tzinfo=UTC)
PAGES = 20
"""Pages one job reads; the rest is left to the next, so that no shop keeps a worker to itself."""


def poll(shop_id: int, feed: str = MESSAGES) -> None:
    """Read what is new, page by page; nothing happens while another process does."""
    for _ in range(PAGES):
        if not _poll_page(shop_id, feed):
            return
    wake(shop_id, feed)


def feeds_of(channel: Channel | None) -> list[str]:
    """What a channel can be asked for."""
    if channel is None:
        return []
    return [MESSAGES] * channel.polls + [feed for feed in channel.feeds if feed != MESSAGES]


def poll_now(shop: Shop, *, by: Agent) -> None:
    """Do not wait for the next turn."""
    with transaction.atomic():
        Cursor.objects.filter(shop=shop).update(next_poll_at=clock.now())
        record("polled_now", shop, by=by, shop=shop.pk)
        for feed in feeds_of(CHANNELS.get(shop.platform)):
            wake(shop.pk, feed)


def due(limit: int = 200) -> list[tuple[int, str]]:
    """Feeds of connected shops whose next poll is due and that nobody is polling; those that waited longest come first."""
    now = clock.now()
    polled = {name: feeds_of(channel) for name, channel in CHANNELS.items() if feeds_of(channel)}
    shops = list(Shop.objects.filter(platform__in=polled, state=Shop.State.CONNECTED).values_list("pk", "platform"))
    rows = Cursor.objects.values_list("shop_id", "feed", "next_poll_at", "lease_until")
    known = {(shop, feed): (at or BEGINNING, lease or BEGINNING) for shop, feed, at, lease in rows}
    feeds = [(pk, feed) for pk, platform in shops for feed in polled[platform]]
    free = [place for place in feeds if max(known.get(place, (BEGINNING,))) <= now]
    return sorted(free, key=lambda place: known.get(place, (BEGINNING,))[0])[:limit]


def _poll_page(shop_id: int, feed: str) -> bool:
    """One page; whether there is more to read now."""
    claimed = _claim(shop_id, feed)
    if claimed is None:
        return False
    shop, channel, cursor = claimed
    try:
        fetched = channel.fetch(account_of(shop), cursor.value, feed)
    except Exception as error:
        _failed(shop, cursor, error)
        return False
    return _keep(shop, channel, cursor, fetched)


def _claim(shop_id: int, feed: str) -> tuple[Shop, Channel, Cursor] | None:
    shop = Shop.objects.filter(pk=shop_id, state=Shop.State.CONNECTED).first()
    channel = CHANNELS.get(shop.platform) if shop else None
    if shop is None or channel is None or feed not in feeds_of(channel):
        return None
    Cursor.objects.bulk_create([Cursor(shop=shop, feed=feed)], ignore_conflicts=True)
    with transaction.atomic():
        row = Cursor.objects.select_for_update().get(shop=shop, feed=feed)
        now = clock.now()
        if row.lease_until and row.lease_until > now:
            return None
        row.lease_until = now + clock.real(LEASE)
        row.save(update_fields=["lease_until"])
    return shop, channel, row


def _held(claimed: Cursor) -> Cursor | None:
    """The cursor under the lease we were given; None when it was lost."""
    return Cursor.objects.select_for_update().filter(pk=claimed.pk, lease_until=claimed.lease_until).first()


def _keep(shop: Shop, channel: Channel, claimed: Cursor, fetched: Fetched) -> bool:
    """Store the page and the cursor together; a page read under a lost lease is dropped, its reader's successor has it."""
    with transaction.atomic():
        row = _held(claimed)
        if row is None:
            return False
        new = accept_each(shop, fetched.raws)
        now = clock.now()
        row.value, row.polled_at, row.failures, row.error, row.lease_until = fetched.cursor, now, 0, "", None
        row.next_poll_at = now if fetched.more else now + clock.real(interval(shop, channel, row.feed))
        row.save()
        if new:
            announce("sync", shop=shop.pk)
    return fetched.more


def interval(shop: Shop, channel: Channel, feed: str = MESSAGES) -> timedelta:
    """Between two polls of a quiet feed (wall time), at least two seconds."""
    usual = channel.feeds.get(feed) or (EVERY_WITH_PUSH if channel.pushes else EVERY)
    option = "poll_seconds" if feed == MESSAGES else f"poll_seconds_{feed}"
    try:
        wanted = float(shop.options.get(option) or usual.total_seconds())
    except (TypeError, ValueError):
        return usual
    return timedelta(seconds=min(max(wanted, 2.0), 86400.0))


def _failed(shop: Shop, claimed: Cursor, error: Exception) -> None:
    """Note it and wait longer each time; other feeds and shops are not held up. A lost authorisation waits for a person."""
    if not isinstance(error, SendError):
        log.exception("%s of shop %s could not be polled", claimed.feed, shop.pk)
    if isinstance(error, NeedsReconnect):
        connection.break_off(shop, str(error))
    with transaction.atomic():
        row = _held(claimed)
        if row is None:
            return
        row.failures = min(row.failures + 1, 10_000)
        wait = REST if _is_off(claimed.feed, error) else max(pause(row.failures), getattr(error, "retry_after", None) or timedelta(0))
        row.error, row.lease_until = mask(str(error) or type(error).__name__).replace("\0", "")[:1000], None
        row.next_poll_at = clock.now() + clock.real(wait)
        row.save()
        announce("sync", shop=shop.pk)


def _is_off(feed: str, error: Exception) -> bool:
    """Whether this app may not have the feed at all: the others go on without it."""
    return feed != MESSAGES and isinstance(error, NotPermitted)


def pause(failures: int) -> timedelta:
    """Five seconds, doubled with every failure, at most LONGEST_PAUSE."""
    return min(LONGEST_PAUSE, timedelta(seconds=5 * 2 ** min(failures - 1, 12)))
