"""Mailboxes that say themselves when something came (IMAP IDLE): one waiting thread a shop, in one of the worker processes."""

import logging
import threading
from datetime import timedelta
from typing import Protocol, runtime_checkable

from django.db import DatabaseError, connections

from bridgedesk.channels.base import Account, SendError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib.queue import enqueue
from bridgedesk.shops import leases
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
WAIT = 30.0
"""Seconds one wait lasts; the lease is extended between two."""
LOOK = 10.0
"""Seconds between two looks for shops to watch."""


@runtime_checkable
class Waits(Protocol):
    """A channel that can wait for news. Optional beside channels.base.Channel."""

    def wait(self, account: Account, seconds: float, mark: str) -> str:
        """How the source stands: another mark than the one given as soon as something came, else the same after `seconds`.

        "" is answered at once. SendError when the source cannot be reached or offers no waiting.
        """


def watch(stop: threading.Event) -> None:
    """Keep one thread for every connected shop whose channel can wait, until `stop`."""
    threads: dict[int, threading.Thread] = {}
    while not stop.is_set():
        try:
            for shop in watchable():
                if not (threads.get(shop) and threads[shop].is_alive()):
                    threads[shop] = threading.Thread(target=_watch_shop, args=(shop, stop), name=f"watch shop {shop}", daemon=True)
                    threads[shop].start()
        except DatabaseError:
            log.warning("the database is away; mailboxes are watched again when it is back")
        finally:
            connections.close_all()
        stop.wait(LOOK)


def watchable() -> list[int]:
    """Connected shops whose channel can wait."""
    waiting = [name for name, channel in CHANNELS.items() if isinstance(channel, Waits)]
    return list(Shop.objects.filter(platform__in=waiting, state=Shop.State.CONNECTED).values_list("pk", flat=True))


def _watch_shop(shop_id: int, stop: threading.Event) -> None:
    """Wait again and again while the shop is ours to watch; a fault ends the thread, polling goes on without it."""
    try:
        holder, mark = leases.claim(shop_id, "watch", LEASE), ""
        while holder and not stop.is_set() and (mark := _wait_once(shop_id, mark)):
            if not leases.extend(shop_id, "watch", holder, LEASE):
                return
        if holder:
            leases.release(shop_id, "watch", holder)
    except SendError as error:
        log.debug("shop %s is not watched for now, it is polled: %s", shop_id, error)
    except Exception:
        log.debug("shop %s is not watched for now; it is polled", shop_id, exc_info=True)
    finally:
        connections.close_all()


def _wait_once(shop_id: int, mark: str) -> str:
    """The source's new mark, "" when there is nothing to watch any more. What came, also since the last wait, is polled."""
    shop = Shop.objects.filter(pk=shop_id, state=Shop.State.CONNECTED).first()
    channel = CHANNELS.get(shop.platform) if shop else None
    if shop is None or not isinstance(channel, Waits):
        return ""
    account = account_of(shop)
    connections.close_all()
    found = channel.wait(account, WAIT, mark)
    if found != mark:
        enqueue("poll_shop", once=f"poll:{shop_id}", shop=shop_id)
    return found
