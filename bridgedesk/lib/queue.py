"""Jobs only wake an action on a row; the row is the truth, and a sweep finds what no job woke."""

from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from bridgedesk.lib import clock


def enqueue(task: str, *, lock: str | None = None, at: datetime | None = None, once: str | None = None, **args: Any) -> None:
    """Queue the task of that name from jobs.py, inside the caller's transaction.

    `lock` keeps jobs of one key in order, one at a time; `at` is the moment (our clock) before which it must not run;
    with `once` nothing is queued while a job of that key still waits.
    """
    wait = clock.wall_delay(at).total_seconds() if at else 0
    deferrer = app.configure_task(task, lock=lock, queueing_lock=once, schedule_in={"seconds": wait} if wait else None)
    if once is None:
        deferrer.defer(**args)
        return
    try:
        with transaction.atomic():
            deferrer.defer(**args)
    except AlreadyEnqueued:
        return
