"""Parcels followed by tracking services: who is asked, how often, and what an answer changes. One service's failure holds up no other."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import ParcelSeen
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.channels.trackers import Service, Told, TrackerError
from bridgedesk.channels.trackers import Tracker as Protocol
from bridgedesk.channels.trackers_17track import SIGNS, SeventeenTrack
from bridgedesk.channels.trackers_aftership import AfterShip
from bridgedesk.lib import clock, secrets
from bridgedesk.lib.queue import enqueue
from bridgedesk.orders import receiving
from bridgedesk.orders.journeys import AT_REST
from bridgedesk.orders.models import Parcel
from bridgedesk.orders.tracker_models import Tracker, TrackerNews
from bridgedesk.team.models import Agent

log = logging.getLogger(__name__)

TRACKERS: dict[str, Protocol] = {each.name: each for each in (SeventeenTrack(), AfterShip())}
LEASE = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)
HINT_BYTES = 200_000
"""Of a hook that is not proved: the longest way a parcel was seen to go fills a quarter of it."""
HINTS_EVERY = timedelta(minutes=30)
"""How often one parcel is asked for again because somebody said that it moved."""
FOLLOWED = timedelta(days=120)
"""A parcel sent longer ago is asked for no more."""
_PAUSES = {"out_for_delivery": 3, "pickup_ready": 6, "attempt_failed": 6, "in_transit": 8, "customs": 12, "exception": 12, "expired": 72}


def pause(status: str, age: timedelta, looks: int) -> timedelta | None:
    """Until a parcel is asked for again, by state and age; longer each time the tracker knew nothing. None: no more."""
    if status in AT_REST or age > FOLLOWED:
        return None
    hours = _PAUSES.get(status, 12) * (2 if age > timedelta(days=45) else 1)
    return timedelta(hours=min(hours * 2 ** min(looks, 5), 96))


def due() -> list[str]:
    """Trackers that may be asked now and have parcels waiting."""
    now = clock.now()
    rows = Tracker.objects.filter(enabled=True).exclude(next_try_at__gt=now).order_by("pk")
    return [row.name for row in rows if row.name in TRACKERS and _waiting(row).exists()]


def unapplied(limit: int) -> list[int]:
    """Hooks that wait and whose job a crash took."""
    late = clock.now() - clock.real(timedelta(seconds=10))
    return list(TrackerNews.objects.filter(state="new", received_at__lte=late).order_by("pk").values_list("pk", flat=True)[:limit])


def follow(name: str) -> int:
    """Ask a tracker for one batch of the parcels that wait for it; how many it told of. More is queued for the next second."""
    row = Tracker.objects.filter(name=name, enabled=True).first()
    if row is None or (row.next_try_at and row.next_try_at > clock.now()):
        return 0
    parcels = _claim(row)
    if not parcels:
        return 0
    try:
        told = _ask(row, parcels)
    except Exception as error:
        _failed(row, parcels, error)
        return 0
    Tracker.objects.filter(pk=row.pk).update(failures=0, error="", next_try_at=None, asked_at=clock.now())
    if _waiting(row).exists():
        enqueue("follow_parcels", once=f"follow:{name}", at=clock.now() + clock.real(timedelta(seconds=1)), tracker=name)
    return told


def hear(row: Tracker, headers: dict[str, str], body: bytes) -> bool:
    """Keep a hook as it came and queue its application, a repeat once. False: neither proved nor of a service that is asked again.

    Of one that is not proved anybody may be the writer: nothing of it is kept but the number of a parcel of ours, once in a while.
    """
    try:
        proved = TRACKERS[row.name].verified(service_of(row), headers, body)
    except secrets.SecretsUnreadable:
        return False  # the service sends it again, and by then somebody may have brought the key back
    if proved:
        _keep(row, hashlib.sha256(body).hexdigest(), body, proved=True)
        return True
    return row.name == "17track" and row.sign == "confirm" and len(body) <= HINT_BYTES and _hint(row, body)


def _hint(row: Tracker, body: bytes) -> bool:
    """Note that somebody says a parcel moved. The answer is the same whether or not it is ours: who guesses numbers learns nothing."""
    try:
        named = {told.number for told in TRACKERS[row.name].read(body)}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return False
    since = int(clock.now().timestamp() // HINTS_EVERY.total_seconds())
    known = Parcel.objects.filter(number__in=named, tracker=row.name).exclude(status__in=AT_REST)
    for number in set(known.values_list("number", flat=True)):
        small = json.dumps({"data": {"number": number}}).encode()
        _keep(row, hashlib.sha256(small + str(since).encode()).hexdigest(), small, proved=False)
    return True


@transaction.atomic
def _keep(row: Tracker, key: str, body: bytes, *, proved: bool) -> None:
    news, new = TrackerNews.objects.get_or_create(
        tracker=row, key=key, defaults={"body": body, "verified": proved, "received_at": clock.now()}
    )  # fmt: skip
    if new:
        enqueue("apply_tracker_news", news=news.pk)


def apply(news_id: int) -> None:
    """Take what a proved hook says; of one that is not proved, ask the tracker for the number itself."""
    with transaction.atomic():
        news = TrackerNews.objects.select_for_update(of=("self",)).select_related("tracker").filter(pk=news_id).first()
        if news is None or news.state == "applied":
            return
        try:
            with transaction.atomic():
                _apply(news)
            news.state, news.error = "applied", ""
        except Exception as error:
            log.exception("news %s of a tracker could not be applied", news.pk)
            news.state, news.error = "failed", secrets.mask(str(error))[:300].replace("\0", "")
        news.save(update_fields=["state", "error"])


def replay(news: TrackerNews, *, by: Agent) -> None:
    """Apply it again from its bytes."""
    _administers(by)
    TrackerNews.objects.filter(pk=news.pk).update(state="new")
    apply(news.pk)


@transaction.atomic
def save(name: str, *, key: str, secret: str, base_url: str, sign: str, enabled: bool, by: Agent) -> Tracker:
    """Set a tracker up. An empty key or secret keeps the stored one, unless the address changes: a key never goes elsewhere."""
    _administers(by)
    if name not in TRACKERS or sign not in SIGNS or (base_url and not base_url.startswith(("https://", "http://"))):
        raise ValueError(name)
    row = Tracker.objects.select_for_update().filter(name=name).first() or Tracker(name=name)
    moved = row.base_url != base_url
    row.sealed_key = secrets.seal(key, settings.SECRET_KEY) if key else "" if moved else row.sealed_key
    row.sealed_secret = secrets.seal(secret, settings.SECRET_KEY) if secret else "" if moved else row.sealed_secret
    row.base_url, row.sign, row.enabled, row.error, row.next_try_at = base_url[:200], sign, enabled, "", None
    row.save()
    record("tracker_set_up", row, by=by, service=TRACKERS[name].title, enabled=enabled)
    return row


def test(row: Tracker, *, by: Agent) -> str:
    """Ask the service with its stored key: "" when it works, else the reason. What is left of the quota is kept."""
    _administers(by)
    try:
        quota = TRACKERS[row.name].quota(service_of(row))
    except (TrackerError, secrets.SecretsUnreadable) as error:
        return str(error)
    if quota:
        Tracker.objects.filter(pk=row.pk).update(left=quota.left, total=quota.total)
    return ""


def service_of(row: Tracker) -> Service:
    """The configured service with its secrets opened."""
    key, secret = (secrets.unseal(sealed, settings.SECRET_KEY) if sealed else "" for sealed in (row.sealed_key, row.sealed_secret))
    return Service(row.base_url, key, secret, row.sign)


def _waiting(row: Tracker) -> QuerySet[Parcel]:
    """Parcels whose look is due, not of platforms that tell of their parcels themselves, nor another tracker's."""
    first = Tracker.objects.filter(enabled=True, name__in=TRACKERS).order_by("pk").values_list("name", flat=True).first()
    names = [row.name, ""] if row.name == first else [row.name]
    own = [name for name, channel in CHANNELS.items() if "parcels" in getattr(channel, "feeds", {})]
    rows = Parcel.objects.filter(next_look_at__lte=clock.now(), tracker__in=names).exclude(number="")
    return rows.exclude(order__shop__platform__in=own)


@transaction.atomic
def _claim(row: Tracker) -> list[Parcel]:
    """A batch, put out of others' reach for as long as asking may take."""
    rows = _waiting(row).select_for_update(of=("self",), skip_locked=True).select_related("order__shop").order_by("next_look_at")
    parcels = list(rows[: TRACKERS[row.name].batch])
    Parcel.objects.filter(pk__in=[parcel.pk for parcel in parcels]).update(next_look_at=clock.now() + clock.real(LEASE))
    return parcels


def _ask(row: Tracker, parcels: Sequence[Parcel]) -> int:
    tracker, service = TRACKERS[row.name], service_of(row)
    if new := sorted({parcel.number for parcel in parcels if parcel.tracker != row.name}):
        tracker.register(service, new)
        Parcel.objects.filter(pk__in=[parcel.pk for parcel in parcels]).update(tracker=row.name)
    looked = tracker.look(service, sorted({parcel.number for parcel in parcels}))
    told = {one.number: one for one in looked.told}
    for parcel in parcels:
        _take(parcel, told.get(parcel.number))
    return len(told)


def _take(parcel: Parcel, told: Told | None) -> None:
    """Write down what is told of a parcel, and when to ask again."""
    knows = told is not None and (told.status != "unknown" or bool(told.events))
    with transaction.atomic():
        if told and knows:
            receiving.see_parcel(parcel.order.shop, seen(parcel, told))
        row = Parcel.objects.select_for_update(of=("self",)).select_related("order").get(pk=parcel.pk)
        row.looks = 0 if knows else min(row.looks + 1, 30)
        left = row.shipped_at or row.order.shipped_at or row.order.first_seen_at
        wait = pause(row.status, clock.now() - left, row.looks)
        row.next_look_at = clock.now() + wait if wait else None
        row.save(update_fields=["looks", "next_look_at"])


def seen(parcel: Parcel, told: Told) -> ParcelSeen:
    """A tracker's word as the event every platform's word becomes."""
    return ParcelSeen(
        parcel.order.external_id, external_id=parcel.external_id, number=parcel.number, carrier=parcel.carrier or told.carrier,
        status="" if told.status == "unknown" else told.status, raw_status=told.raw, events=told.events or None,
        at=max((event.at for event in told.events), default=None),
    )  # fmt: skip


def _apply(news: TrackerNews) -> None:
    for told in TRACKERS[news.tracker.name].read(bytes(news.body)):
        parcels = Parcel.objects.filter(number=told.number, tracker=news.tracker.name)
        if not news.verified:
            parcels.update(next_look_at=clock.now())
            continue
        for parcel in parcels.select_related("order__shop"):
            _take(parcel, told)


def _failed(row: Tracker, parcels: Sequence[Parcel], error: Exception) -> None:
    """Note it, give the batch back, and wait longer each time."""
    if not isinstance(error, TrackerError):
        log.exception("tracker %s could not be asked", row.name)
    failures = min(row.failures + 1, 10_000)
    wait = min(LONGEST_PAUSE, timedelta(seconds=30 * 2 ** min(failures - 1, 10)))
    wait = max(
        wait, getattr(error, "retry_after", None) or timedelta(0), LONGEST_PAUSE if getattr(error, "permanent", False) else timedelta(0)
    )
    then: datetime = clock.now() + clock.real(wait)
    words = secrets.mask(str(error) or type(error).__name__).replace("\0", "")[:300]
    Tracker.objects.filter(pk=row.pk).update(failures=failures, error=words, next_try_at=then)
    Parcel.objects.filter(pk__in=[parcel.pk for parcel in parcels]).update(next_look_at=then)


def _administers(by: Agent) -> None:
    if not by.administers:
        raise PermissionDenied("Only an admin sets up tracking services.")
