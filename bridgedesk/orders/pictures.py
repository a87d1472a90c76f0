"""Pictures of articles: fetched once by us and served from our own origin, so that no third host sees who packs what, and when.

They are fetched when somebody first looks at an order. A lost job loses nothing: the next look asks again.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import downloads
from bridgedesk.channels.base import SendError
from bridgedesk.channels.events import File
from bridgedesk.lib import clock, filetypes
from bridgedesk.lib.live import announce
from bridgedesk.lib.pictures import secure
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.secrets import mask
from bridgedesk.orders.models import Order
from bridgedesk.orders.picture_models import Picture

log = logging.getLogger(__name__)

MOST = 5_000_000
"""Bytes of a picture of an article."""
PAUSES = tuple(timedelta(minutes=m) for m in (1, 10, 60, 1440))
_LEASE = timedelta(minutes=2)


def key_of(url: str) -> str:
    """An address as it stands in ours."""
    return hashlib.sha256(url.encode()).hexdigest()[:40]


def of(order: Order, urls: Iterable[str]) -> Mapping[str, str]:
    """Our own address for each of these, "" while there is none yet; what was never fetched is asked for."""
    wanted = {key_of(safe): (url, safe) for url in urls if (safe := secure(url))}
    if not wanted:
        return {}
    known = {row.key: row for row in Picture.objects.filter(key__in=wanted)}
    if missing := {key: safe for key, (_url, safe) in wanted.items() if key not in known or _due(known[key])}:
        _ask(order, missing)
    stored = {key for key, row in known.items() if row.state == Picture.State.STORED}
    return {url: reverse("order-picture", args=[order.pk, key]) if key in stored else "" for key, (url, _safe) in wanted.items()}


def read(picture: Picture) -> bytes:
    """The stored bytes; FileNotFoundError when there are none."""
    if not picture.sha256:
        raise FileNotFoundError(picture.key)
    with default_storage.open(_place(picture.sha256)) as file:
        return bytes(file.read())


def fetch(key: str, order_id: int) -> None:
    """Fetch a waiting picture, and tell the open screens of that order. A fault is tried again a few times, later."""
    row = _claim(key)
    if row is None:
        return
    try:
        data = downloads.fetch(File(name="", url=row.url), MOST)
        _keep(row, data)
    except Exception as error:
        _failed(row, error)
    row.save()
    order = Order.objects.filter(pk=order_id).first()
    if order and row.state == Picture.State.STORED:
        announce("order", shop=order.shop_id, order=order.pk)


def _due(row: Picture) -> bool:
    return row.state == Picture.State.WAITING and row.next_try_at <= clock.now()


@transaction.atomic
def _ask(order: Order, missing: Mapping[str, str]) -> None:
    rows = [Picture(key=key, url=url, next_try_at=clock.now()) for key, url in missing.items()]
    Picture.objects.bulk_create(rows, ignore_conflicts=True)
    for key in missing:
        enqueue("fetch_picture", once=f"picture:{key}", key=key, order=order.pk)


@transaction.atomic
def _claim(key: str) -> Picture | None:
    """The picture, put out of others' reach for as long as fetching it may take."""
    rows = Picture.objects.select_for_update(skip_locked=True)
    row = rows.filter(key=key, state=Picture.State.WAITING, next_try_at__lte=clock.now()).first()
    if row:
        row.attempts, row.next_try_at = row.attempts + 1, clock.now() + clock.real(_LEASE)
        row.save(update_fields=["attempts", "next_try_at"])
    return row


def _keep(row: Picture, data: bytes) -> None:
    kind = filetypes.sniff(data)
    if kind not in filetypes.RASTER:
        raise SendError(noop("What lies there is no picture."), permanent=True, code="kind")
    digest = hashlib.sha256(data).hexdigest()
    place = _place(digest)
    if not default_storage.exists(place) and (landed := default_storage.save(place, ContentFile(data))) != place:
        default_storage.delete(landed)
    row.state, row.sha256, row.kind, row.error = Picture.State.STORED, digest, kind, ""


def _failed(row: Picture, error: Exception) -> None:
    if not isinstance(error, SendError):
        log.exception("picture %s could not be fetched", row.pk)
    row.error = mask(str(error)).replace("\0", "")[:200]
    if row.attempts > len(PAUSES) or (isinstance(error, SendError) and error.permanent):
        row.state = Picture.State.FAILED
    else:
        row.next_try_at = clock.now() + clock.real(PAUSES[row.attempts - 1])


def _place(digest: str) -> str:
    return f"pictures/{digest[:2]}/{digest}"
