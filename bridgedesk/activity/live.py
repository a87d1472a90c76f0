"""Open screens hear what changed: one LISTEN connection per process, one bounded queue per screen, ids only.

A screen that hears an id fetches what it shows of it again, through the same access checks as any page. A screen too slow to
keep up is dropped: its browser connects again and fetches everything once. So is every screen when the database connection broke.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from bridgedesk.lib.live import CHANNEL

BOUND = 256  # events a screen may lag behind
PING_SECONDS = 20.0  # silence after which a proxy might hang up
RETRY_SECONDS = (0.2, 1.0, 3.0, 10.0)
log = logging.getLogger(__name__)
Event = dict[str, Any]


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


class Hub:
    """Hands every notification of the database to every screen of this process. Listens only while a screen is open."""

    def __init__(self) -> None:
        self.screens: set[Screen] = set()
        self.task: asyncio.Task[None] | None = None

    def join(self) -> Screen:
        """A new screen; the first one starts the listening."""
        screen = Screen()
        self.screens.add(screen)
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._listen())
        return screen

    def leave(self, screen: Screen) -> None:
        """The last one to leave stops the listening."""
        self.screens.discard(screen)
        if not self.screens and self.task is not None:
            self.task.cancel()
            self.task = None

    def publish(self, event: Event) -> None:
        """To every screen; the ones too slow are dropped."""
        for screen in [s for s in self.screens if not s.tell(event)]:
            self.screens.discard(screen)
            screen.drop()

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                async with await _connect() as listener:
                    await listener.execute(f"listen {CHANNEL}")
                    self.publish({"kind": "resync", "shop": None})
                    failures = 0
                    async for notice in listener.notifies():
                        self._pass_on(notice.payload)
            except psycopg.OperationalError as error:
                log.warning("the live connection broke: %s", type(error).__name__)
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
