"""Taking raw bytes in, and turning them into conversations: stored first, parsed later, replayed at will."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F

from bridgedesk.activity.actions import record
from bridgedesk.channels.base import Raw
from bridgedesk.conversations.access import allow_lead
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.shops.models import Shop
from bridgedesk.sync import draining
from bridgedesk.sync.models import Delivery, Rejection
from bridgedesk.team.models import Agent

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000


class Gone(Exception):
    """The raw bytes were forgotten when their time was over: there is nothing to replay."""


def accept(shop: Shop, raw: Raw) -> Delivery | None:
    """Store what a platform handed us; its application is queued when that is safe. None: it is here already.

    What a shared callback brings for another shop of ours is kept under that shop.
    """
    delivery = _delivery(shop, raw)
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
    except IntegrityError:
        return None
    _wake([delivery.shop_id])
    return delivery


def accept_each(shop: Shop, raws: Sequence[Raw]) -> int:
    """The same for several, in two statements; how many were new. For what is read from a source, inside its transaction."""
    rows = {(row.shop_id, row.key): row for row in (_delivery(shop, raw) for raw in raws)}
    there = Delivery.objects.filter(shop__in={shop for shop, _ in rows}, key__in=[key for _, key in rows])
    for known in there.values_list("shop_id", "key"):
        rows.pop(known, None)
    Delivery.objects.bulk_create(rows.values(), ignore_conflicts=True)
    _wake({shop for shop, _ in rows})
    return len(rows)


def _delivery(shop: Shop, raw: Raw) -> Delivery:
    now = clock.now()
    return Delivery(
        shop=_meant(shop, raw), key=_fit(raw.key), kind=raw.kind, thread=_fit(raw.thread), headers=_plain(raw.headers), body=raw.body,
        received_at=now, next_try_at=now,
    )  # fmt: skip


def _wake(shops: Iterable[int]) -> None:
    """One job a shop, however much waits there. Asked for after the commit: a job that still waits then will see the rows."""

    def ask() -> None:
        for shop in shops:
            enqueue("apply_deliveries", once=f"apply:{shop}", shop=shop)

    transaction.on_commit(ask, robust=True)


def reject(shop: Shop, reason: str) -> None:
    """Count a hook that did not verify."""
    day: date = clock.now().date()
    row, _ = Rejection.objects.get_or_create(shop=shop, day=day, reason=_fit(reason)[:80], defaults={"last_at": clock.now()})
    Rejection.objects.filter(pk=row.pk).update(count=F("count") + 1, last_at=clock.now())


def apply(delivery_id: int) -> None:
    """Apply this delivery and whatever else waits in its shop; nothing to do is no error."""
    draining.again(delivery_id)


def apply_all(shop_id: int) -> None:
    """Apply whatever waits in a shop; nothing to do is no error."""
    draining.drain(shop_id)


def replay(delivery: Delivery, *, by: Agent) -> None:
    """Apply it again from its bytes, as if it had just come; by who leads in the shop. Gone when they were forgotten."""
    allow_lead(by, delivery.shop_id)
    if not delivery.body and delivery.applied_at:
        raise Gone
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.NEW, attempts=0, error="", next_try_at=clock.now())
        record("replayed", delivery, by=by, shop=delivery.shop_id)
        enqueue("apply_delivery", delivery=delivery.pk)
        announce("sync", shop=delivery.shop_id)


def replay_stuck(shop: Shop, *, by: Agent) -> int:
    """Apply again whatever of the shop is stuck and still has its bytes, oldest first, at most MOST_AT_ONCE; how many. By who leads."""
    allow_lead(by, shop.pk)
    with transaction.atomic():
        stuck = Delivery.objects.select_for_update().filter(shop=shop, state=Delivery.State.STUCK).order_by("pk")
        keys = list(stuck.values_list("pk", flat=True)[:MOST_AT_ONCE])
        Delivery.objects.filter(pk__in=keys).update(state=Delivery.State.NEW, attempts=0, error="", next_try_at=clock.now())
        for key in keys:
            enqueue("apply_delivery", delivery=key)
        if keys:
            record("replayed_stuck", shop, by=by, shop=shop.pk, count=len(keys))
            announce("sync", shop=shop.pk)
    return len(keys)


def enter(shop: Shop, raws: Sequence[Raw], *, by: Agent) -> int:
    """Keep what a person pasted or imported; how many were new. PermissionDenied for observers and in shops by no hand."""
    if not by.may_write or shop.platform != "manual" or not Shop.objects.visible_to(by).filter(pk=shop.pk).exists():
        raise PermissionDenied("Messages are entered by those who write in a shop kept by hand.")
    with transaction.atomic():
        new = accept_each(shop, raws)
        if new:
            record("entered_messages", shop, by=by, shop=shop.pk, count=new)
            announce("sync", shop=shop.pk)
    return new


def _meant(shop: Shop, raw: Raw) -> Shop:
    """The shop the bytes are about: another one of the same app where the platform names it, else the one they came to."""
    if not raw.shop or raw.shop == shop.external_id:
        return shop
    named = Shop.objects.filter(platform=shop.platform, external_id=raw.shop)
    return next((other for other in named if other.options.get("partner_id") == shop.options.get("partner_id")), shop)


def _plain(headers: object) -> dict[str, str]:
    pairs = headers.items() if hasattr(headers, "items") else ()
    return {str(name).replace("\0", ""): str(value).replace("\0", "") for name, value in pairs}


def _fit(text: str) -> str:
    """At most 255 characters and storable: a longer key is its hash, so that it stays unique."""
    plain = text.replace("\0", "")
    return plain if len(plain) <= 255 and plain == text else f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"
