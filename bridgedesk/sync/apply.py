"""From raw bytes to acts: which action answers which event stands in one dict, APPLY."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, cast

from django.db import OperationalError, transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.channels.base import Raw, Unparsable
from bridgedesk.channels.events import (
    AuthorisationChanged,
    Bounced,
    Event,
    File,
    HealthSeen,
    Ignored,
    LookAgain,
    MessageReceived,
    MessageSent,
    OrderSeen,
    ParcelSeen,
    PenaltySeen,
    ReturnSeen,
    ReviewSeen,
    StockSeen,
    ThreadAnswered,
)
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import attachments
from bridgedesk.conversations.models import Message
from bridgedesk.customers import actions as customers
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import mask
from bridgedesk.orders import actions as orders
from bridgedesk.products import actions as products
from bridgedesk.remedies import actions as remedies
from bridgedesk.reviews import actions as reviews
from bridgedesk.shops import connection, rating
from bridgedesk.shops.models import Shop
from bridgedesk.shops.vault import account_of
from bridgedesk.sync import followup
from bridgedesk.sync.models import Delivery
from bridgedesk.sync.waking import wake

log = logging.getLogger(__name__)

PAUSES = tuple(timedelta(seconds=s) for s in (2, 10, 60, 300))
"""How long to wait after each failed try (wall time); after the last one a delivery is stuck and blocks nothing."""
DAILY = timedelta(days=1)
"""How often a stuck delivery is tried again: an upgrade may have mended the parser."""
_WAITING = (Delivery.State.NEW, Delivery.State.FAILED)
_DONE = (Delivery.State.APPLIED, Delivery.State.IGNORED)

Act = Callable[[Shop, Any], Message | None]


def _authorisation(shop: Shop, event: AuthorisationChanged) -> None:
    if event.granted:
        connection.mend(shop)
    else:
        connection.break_off(shop, noop("the platform says that the authorisation was withdrawn"))


def _nothing(shop: Shop, event: Ignored) -> None:
    """Understood, of no use."""


def _order(shop: Shop, event: OrderSeen) -> None:
    customer = customers.find_or_create(shop, event.buyer) if event.buyer else None
    orders.see(shop, event, customer)


def _parcel(shop: Shop, event: ParcelSeen) -> None:
    orders.see_parcel(shop, event)


def _stock(shop: Shop, event: StockSeen) -> None:
    products.see(shop, event)


def _look_again(shop: Shop, event: LookAgain) -> None:
    wake(shop.pk, event.feed)


def _review(shop: Shop, event: ReviewSeen) -> None:
    reviews.see(shop, event)


def _return(shop: Shop, event: ReturnSeen) -> None:
    remedies.see(shop, event)


APPLY: dict[type[Event], Act] = {
    MessageReceived: conversations.receive,
    MessageSent: conversations.record_sent,
    ThreadAnswered: conversations.answered_elsewhere,
    Bounced: conversations.bounced,
    OrderSeen: _order,
    ParcelSeen: _parcel,
    StockSeen: _stock,
    ReviewSeen: _review,
    ReturnSeen: _return,
    HealthSeen: rating.see_figure,
    PenaltySeen: rating.see_penalty,
    AuthorisationChanged: _authorisation,
    LookAgain: _look_again,
    Ignored: _nothing,
}


def drain(delivery_id: int) -> None:
    """Apply a delivery and what waits of its thread, oldest first.

    One delivery is worked on by one process at a time: who finds the oldest held leaves, for its holder looks again.
    """
    asked = Delivery.objects.only("shop_id", "thread", "state", "next_try_at").filter(pk=delivery_id).first()
    if asked is None or (asked.state == Delivery.State.STUCK and not (_is_due(asked) and _try(asked.pk))):
        return
    while (oldest := _oldest(asked)) and _is_due(oldest) and _try(oldest.pk):
        pass


def _oldest(asked: Delivery) -> Delivery | None:
    """The oldest waiting of its thread; without a thread itself, if it waits."""
    waiting = Delivery.objects.filter(shop_id=asked.shop_id, state__in=_WAITING)
    mine = waiting.filter(thread=asked.thread) if asked.thread else waiting.filter(pk=asked.pk)
    return mine.only("next_try_at").order_by("pk").first()


def _is_due(delivery: Delivery) -> bool:
    return delivery.next_try_at is None or delivery.next_try_at <= clock.now()


def _try(pk: int) -> bool:
    """One try. False when somebody else holds it or has done it: then there is nothing to wait for."""
    delivery = Delivery.objects.select_related("shop").get(pk=pk)
    try:
        events = _parse(delivery)
        with attachments.landed(_files(events)), transaction.atomic():
            free = Delivery.objects.defer("body", "headers").select_for_update(skip_locked=True)
            held = free.filter(pk=pk).exclude(state__in=_DONE).first()
            if held is None:
                return False
            _apply(held, delivery.shop, events)
    except OperationalError:
        raise  # the database went away: nothing was changed, the sweep comes again
    except Exception as error:
        _failed(delivery, error)
    else:
        followup.follow_up(pk)
    return True


def _parse(delivery: Delivery) -> Sequence[Event]:
    """Its events; whatever goes wrong in a parser goes wrong every time, so it is Unparsable."""
    raw = Raw(delivery.key, bytes(delivery.body), cast("Any", delivery.kind), delivery.thread, delivery.headers)
    try:
        return CHANNELS[delivery.shop.platform].parse(account_of(delivery.shop), raw)
    except Unparsable:
        raise
    except Exception as error:
        log.exception("delivery %s could not be parsed", delivery.pk)
        raise Unparsable(f"{type(error).__name__}: {error}") from error


def _files(events: Sequence[Event]) -> Iterator[File]:
    for event in events:
        yield from getattr(event, "files", ())


def _apply(held: Delivery, shop: Shop, events: Sequence[Event]) -> None:
    made = [APPLY[type(event)](shop, event) for event in events]
    held.messages = [message.pk for message in made if message]
    held.followed_up = not held.messages
    ignored = [event.reason for event in events if isinstance(event, Ignored)]
    held.state = Delivery.State.IGNORED if len(ignored) == len(events) else Delivery.State.APPLIED
    held.result = "; ".join([type(event).__name__ for event in events if not isinstance(event, Ignored)] + ignored)[:200]
    held.error, held.applied_at, held.next_try_at = "", clock.now(), None
    held.save(update_fields=["messages", "followed_up", "state", "result", "error", "applied_at", "next_try_at"])
    announce("sync", shop=shop.pk)


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
            enqueue("apply_delivery", at=held.next_try_at, delivery=held.pk)
        announce("sync", shop=held.shop_id)
