"""The pretend world: its time, its chance, its faults, and everything that reached it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bridgedesk.lib import clock


@dataclass(frozen=True)
class Arrived:
    """Something our side sent and the world took."""

    channel: str  # shopee, mail
    shop: str
    to: str
    text: str
    at: datetime
    subject: str = ""
    kind: str = "text"
    external_id: str = ""
    files: tuple[tuple[str, int], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    automatic: bool = False


@dataclass
class Fault:
    """A trouble waiting to happen `times` more times at `where`: an HTTP path, "push", "imap" or "smtp".

    Kinds: "error" (answers the platform's error `code`), "status" (HTTP `status`), "lose_request" (the connection is cut
    before anything happens), "lose_answer" (it happens, then the connection is cut), "slow" (`seconds` later),
    "drop" (push lost; mail connection dropped), "uidvalidity" (IMAP), "reject" (SMTP refuses with `status`).
    """

    where: str
    kind: str
    times: int = 1
    code: str = ""
    status: int = 500
    seconds: float = 0


@dataclass(frozen=True)
class Chaos:
    """How badly pushes travel: each figure is the share of pushes it happens to; `late_seconds` at most."""

    repeat: float = 0.0
    late: float = 0.0
    lost: float = 0.0
    late_seconds: float = 20.0


ROUGH = Chaos(repeat=0.08, late=0.12, lost=0.02)


class World:
    """What all pretend servers share. Lives on one event loop; nothing here is touched from another thread."""

    def __init__(self, *, seed: int = 1, speed: float = 1.0, chaos: Chaos = ROUGH, now: Callable[[], datetime] = clock.now) -> None:
        self.random = Random(seed)  # noqa: S311 - pretend people, not secrets
        self.speed = speed
        self.chaos = chaos
        self.ahead = timedelta(0)
        self.arrived: list[Arrived] = []
        self.faults: list[Fault] = []
        self.base_url = ""
        self._clock = now
        self._leapt = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._serial = int(now().timestamp() * 1000) << 20

    def now(self) -> datetime:
        """The world's moment: our clock's, and as much ahead as it leapt."""
        return self._clock() + self.ahead

    def leap(self, span: timedelta) -> None:
        """Let `span` pass at once: whoever waits is woken with so much less to wait."""
        self.ahead += span
        self._leapt.set()
        self._leapt = asyncio.Event()

    def serial(self) -> int:
        """The next outside id: grows, also over restarts, and is too large for a double (as Shopee's are)."""
        self._serial += 1 + self.random.randrange(900)
        return self._serial

    def trouble(self, where: str, *kinds: str) -> Fault | None:
        """The fault due at `where` (of these kinds, if named), used up once."""
        for fault in self.faults:
            if fault.where == where and (not kinds or fault.kind in kinds):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def wait(self, seconds: float) -> float:
        """Let `seconds` of our clock pass (BRIDGEDESK_CLOCK), divided by the world's own speed; by how many a leap went too far."""
        left, loop = seconds, asyncio.get_running_loop()
        while left > 0:
            pace, begun, ahead = clock.speed() * self.speed, loop.time(), self.ahead
            try:
                await asyncio.wait_for(self._leapt.wait(), left / pace)
            except TimeoutError:
                return 0
            left -= (loop.time() - begun) * pace + (self.ahead - ahead).total_seconds()
        return -left

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Stop everything still under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
