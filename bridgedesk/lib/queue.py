"""Jobs only wake an action on a row; the row is the truth, and a sweep finds what no job woke."""

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app

from bridgedesk.lib import clock


def enqueue(task: str, *, lock: str | None = None, at: datetime | None = None, **args: Any) -> None:
    """Queue the task of that name from jobs.py, inside the caller's transaction.

    `lock` keeps jobs of one key in order, one at a time; `at` is the moment (our clock) before which it must not run.
    """
    wait = clock.wall_delay(at).total_seconds() if at else 0
    schedule_in = {"seconds": wait} if wait else None
    app.configure_task(task, lock=lock, schedule_in=schedule_in).defer(**args)
