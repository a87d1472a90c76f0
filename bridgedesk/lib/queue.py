"""Jobs only wake an action on a row; the row is the truth, and a sweep finds what no job woke."""

from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from bridgedesk.lib import clock


def enqueue(task: str, *, lock: str | None = None, at: datetime | None = None, once: str | None = None, **args: Any) -> None:
    """Queue the task of that name from jobs.py, inside the caller's transaction.

    `lock` keeps jobs of one key in order, one at a time; `at` is the moment (our clock) before which it must not run;
    with `once` nothing is queued while a job of that key still waits. OperationalError when the database is away.
    """
    if once and _waits(once):
        return
    wait = clock.wall_delay(at).total_seconds() if at else 0
    deferrer = app.configure_task(task, lock=lock, queueing_lock=once, schedule_in={"seconds": wait} if wait else None)
    try:
        with transaction.atomic() if once else nullcontext():
            deferrer.defer(**args)
    except AlreadyEnqueued:
        return
    except ConnectorException as error:
        raise OperationalError("the database took no job") from error


def _waits(once: str) -> bool:
    """Whether a job of that key waits: asked first, because a refused insert stands as an error in the database's log."""
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from procrastinate_jobs where queueing_lock = %s and status = 'todo')", [once])
        return bool(cursor.fetchone()[0])
