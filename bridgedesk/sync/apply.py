"""From raw bytes to acts: which action answers which event stands in one dict, APPLY."""

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, cast

from django.db import connection as database
from django.utils.translation import gettext_noop as noop

from bridgedesk.assist.reviewing import look_at_review
from bridgedesk.channels.base import Account, Raw, Unparsable
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
from bridgedesk.conversations.models import Message
from bridgedesk.customers import actions as customers
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.orders import actions as orders
from bridgedesk.products import actions as products
from bridgedesk.remedies import actions as remedies
from bridgedesk.reviews import actions as reviews
from bridgedesk.shops import connection, rating
from bridgedesk.shops.models import Shop
from bridgedesk.sync.models import Delivery
from bridgedesk.sync.waking import wake

log = logging.getLogger(__name__)

Act = Callable[[Shop, Sequence[Any]], Sequence[Message | None]]


def _authorisation(shop: Shop, event: AuthorisationChanged) -> None:
    if event.granted:
        connection.mend(shop)
    else:
        connection.break_off(shop, noop("the platform says that the authorisation was withdrawn"))


def _nothing(shop: Shop, event: Ignored) -> None:
    """Understood, of no use."""


def _orders(shop: Shop, events: Sequence[OrderSeen]) -> list[None]:
    buyers = [event.buyer for event in events if event.buyer]
    met = iter(customers.find_or_create_each(shop, buyers))
    orders.see_each(shop, [(event, next(met) if event.buyer else None) for event in events])
    return [None for _ in events]


def _parcels(shop: Shop, events: Sequence[ParcelSeen]) -> list[None]:
    orders.see_parcel_each(shop, events)
    return [None for _ in events]


def _stock(shop: Shop, event: StockSeen) -> None:
    products.see(shop, event)


def _look_again(shop: Shop, event: LookAgain) -> None:
    wake(shop.pk, event.feed)


def _review(shop: Shop, event: ReviewSeen) -> None:
    look_at_review(reviews.see(shop, event))


def _return(shop: Shop, event: ReturnSeen) -> None:
    remedies.see(shop, event)


def one_by_one(act: Callable[[Shop, Any], Message | None]) -> Act:
    """For what comes seldom."""
    return lambda shop, events: [act(shop, event) for event in events]


APPLY: dict[type[Event], Act] = {
    MessageReceived: conversations.receive_each,
    MessageSent: one_by_one(conversations.record_sent),
    ThreadAnswered: one_by_one(conversations.answered_elsewhere),
    Bounced: one_by_one(conversations.bounced),
    OrderSeen: _orders,
    ParcelSeen: _parcels,
    StockSeen: one_by_one(_stock),
    ReviewSeen: one_by_one(_review),
    ReturnSeen: one_by_one(_return),
    HealthSeen: one_by_one(rating.see_figure),
    PenaltySeen: one_by_one(rating.see_penalty),
    AuthorisationChanged: one_by_one(_authorisation),
    LookAgain: one_by_one(_look_again),
    Ignored: one_by_one(_nothing),
}
"""What each kind of event does; it is given several that follow each other."""


def parse(delivery: Delivery, account: Account) -> Sequence[Event]:
    """Its events; whatever goes wrong in a parser goes wrong every time, so it is Unparsable."""
    raw = Raw(delivery.key, bytes(delivery.body), cast("Any", delivery.kind), delivery.thread, delivery.headers)
    try:
        return CHANNELS[delivery.shop.platform].parse(account, raw)
    except Unparsable:
        raise
    except Exception as error:
        log.exception("delivery %s could not be parsed", delivery.pk)
        raise Unparsable(f"{type(error).__name__}: {error}") from error


def files_of(events: Sequence[Event]) -> Iterator[File]:
    for event in events:
        yield from getattr(event, "files", ())


def apply(shop: Shop, deliveries: Sequence[tuple[Delivery, Sequence[Event]]]) -> None:
    """Do what these deliveries' events say, in their order."""
    made: dict[int, list[int]] = {delivery.pk: [] for delivery, _ in deliveries}
    told = [(delivery.pk, event) for delivery, events in deliveries for event in events]
    for kind, run in groupby(told, key=lambda each: type(each[1])):
        keys, events = zip(*run, strict=True)
        for key, message in zip(keys, APPLY[kind](shop, events), strict=True):
            if message:
                made[key].append(message.pk)
    rows = [(delivery.pk, *_result(events), f"{{{','.join(map(str, made[delivery.pk]))}}}") for delivery, events in deliveries]
    if rows:
        with database.cursor() as cursor:
            cursor.execute(_NOTE_APPLIED, [clock.now(), *(list(column) for column in zip(*rows, strict=True))])
        announce("sync", shop=shop.pk)


_NOTE_APPLIED = """
update sync_delivery d set state = v.state, result = v.result, messages = v.messages::bigint[], followed_up = v.messages = '{}',
    error = '', applied_at = %s, next_try_at = null
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) v(id, state, result, messages)
where d.id = v.id
"""


def _result(events: Sequence[Event]) -> tuple[str, str]:
    """State and result of a delivery that was applied."""
    ignored = [event.reason for event in events if isinstance(event, Ignored)]
    state = Delivery.State.IGNORED if len(ignored) == len(events) else Delivery.State.APPLIED
    return state, "; ".join([type(event).__name__ for event in events if not isinstance(event, Ignored)] + ignored)[:200]
