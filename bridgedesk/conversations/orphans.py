"""Bytes no row names: written before a transaction that a crash cut off. Found through the storage, a folder or a bucket alike."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from re import fullmatch
from time import time

from django.core.files.storage import default_storage

from bridgedesk.conversations.models import Attachment

log = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""Far longer than any transaction: what is younger may still get its row."""


def sweep() -> int:
    """Delete files of ours older than a day that no row names; how many. Files of other names are not touched."""
    before = datetime.fromtimestamp(time(), UTC) - KEPT  # the wall's time, as the storage's: our clock may run faster
    return sum(_forget(key) for folder in _folders() for key in _unnamed(folder) if _is_older(key, before))


def _folders() -> Iterator[str]:
    try:
        yield from (name for name in default_storage.listdir("")[0] if fullmatch("[0-9a-f]{2}", name))
    except FileNotFoundError:
        return


def _unnamed(folder: str) -> list[str]:
    keys = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1] if fullmatch(r"[0-9a-f]{32}\w*", name)]
    named = set(Attachment.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
    return [key for key in keys if key not in named]


def _is_older(key: str, moment: datetime) -> bool:
    try:
        return bool(default_storage.get_modified_time(key) < moment)
    except FileNotFoundError:
        return False


def _forget(key: str) -> bool:
    try:
        default_storage.delete(key)
    except Exception:  # each kind of storage has its own; tomorrow is another day
        log.warning("the unused file %s could not be deleted", key, exc_info=True)
        return False
    return True
