"""Open screens hear what changed: one LISTEN connection per process, one bounded queue per screen, ids only.

A screen that hears an id fetches what it shows of it again, through the same access checks as any page. A screen says since when
it knows (when its page was made) and first hears what it missed; where that is no longer known, "resync" asks it to fetch everything
once. A screen too slow to keep up is dropped: its browser connects again.
"""

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from django.urls import reverse

from bridgedesk.lib.live import CHANNEL

BOUND = 256  # events a screen may lag behind
KEPT = 1000  # of the latest events, for screens that come a little later
LINGER = 60.0  # seconds
PING_SECONDS = 20.0  # silence after which a proxy might hang up
RETRY_SECONDS = (0.2, 1.0, 3.0, 10.0)
log = logging.getLogger(__name__)
Event = dict[str, Any]
RESYNC: Event = {"kind": "resync", "shop": None}


@dataclass(eq=False)
class Screen:
    """One open connection. None in the queue ends it."""

    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(BOUND))

    def tell(self, event: Event | None) -> bool:
        """Queue it; False when the screen is too far behind."""
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            return False
        return True

    def drop(self) -> None:
        """End it now: what it has not read yet it will fetch when it connects again."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


def address() -> str:
    """Where a page that is made now listens. Ask before the page's queries, so that nothing falls between."""
    return f"{reverse('live')}?since={time.time():.3f}"


class Hub:
    """Hands every notification of the database to every screen of this process.

    Listens while a screen is open and LINGER longer: who goes from page to page comes back and is told what they missed.
    """

    def __init__(self) -> None:
        self.screens: set[Screen] = set()
        self.task: asyncio.Task[None] | None = None
        self.kept: deque[tuple[float, Event]] = deque(maxlen=KEPT)
        self.complete_from: float | None = None
        self.rest: asyncio.TimerHandle | None = None

    def join(self, since: float = 0.0) -> Screen:
        """A new screen that knows everything up to `since` (epoch seconds); the first one starts the listening."""
        screen = Screen()
        self.screens.add(screen)
        if self.rest:
            self.rest.cancel()
        if self.task is None or self.task.done():
            self.complete_from = None
            self.task = asyncio.get_running_loop().create_task(self._listen())
        elif self.complete_from is not None:
            for event in self.missed(since):
                screen.tell(event)
        return screen

    def missed(self, since: float) -> list[Event]:
        """What was heard from `since` on; a single "resync" where that is not fully known, or too much."""
        found = [event for at, event in self.kept if at >= since]
        known = self.complete_from is not None and since >= self.complete_from
        return found if known and len(found) < BOUND // 2 else [RESYNC]

    def leave(self, screen: Screen) -> None:
        """When nobody is left for a while, the listening stops."""
        self.screens.discard(screen)
        if not self.screens:
            self.rest = asyncio.get_running_loop().call_later(LINGER, self._stop)

    def _stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None

    def publish(self, event: Event) -> None:
        """To every screen; the ones too slow are dropped."""
        if len(self.kept) == KEPT and self.complete_from is not None:
            self.complete_from = max(self.complete_from, self.kept[1][0])
        self.kept.append((time.time(), event))
        for screen in [s for s in self.screens if not s.tell(event)]:
            self.screens.discard(screen)
            screen.drop()

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                async with await _connect() as listener:
                    await listener.execute(f"listen {CHANNEL}")
                    self.kept.clear()
                    self.complete_from = time.time()
                    self.publish(RESYNC)
                    failures = 0
                    async for notice in listener.notifies():
                        self._pass_on(notice.payload)
            except psycopg.OperationalError as error:
                log.warning("the live connection broke: %s", type(error).__name__)
            self.complete_from = None
            await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
            failures += 1

    def _pass_on(self, payload: str) -> None:
        with suppress(ValueError):
            event = json.loads(payload)
            if isinstance(event, dict):
                self.publish(event)


async def _connect() -> psycopg.AsyncConnection[Any]:
    known = connection.get_connection_params()
    wanted = {key: value for key, value in known.items() if key not in ("cursor_factory", "context", "prepare_threshold")}
    return await psycopg.AsyncConnection.connect(**wanted, autocommit=True)


hub = Hub()


async def events(screen: Screen) -> AsyncIterator[Event | None]:
    """What this screen hears; None after PING_SECONDS of silence. Ends when the screen is dropped."""
    while True:
        try:
            event = await asyncio.wait_for(screen.queue.get(), PING_SECONDS)
        except TimeoutError:
            yield None
            continue
        if event is None:
            return
        yield event
