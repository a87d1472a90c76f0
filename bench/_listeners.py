"""Open screens as seen from the network: any number of SSE connections on one thread, noting when each heard of a message."""

import asyncio
import json
import threading
import time
from collections import defaultdict
from types import TracebackType
from typing import Self


class Screens:
    """`with Screens(port, cookie, count) as screens`: all are connected inside; `heard[message]` are the moments (perf_counter)."""

    def __init__(self, port: int, cookie: str, count: int) -> None:
        self.port, self.cookie, self.count = port, cookie, count
        self.heard: dict[int, list[float]] = defaultdict(list)
        self._connected = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._tasks = [asyncio.run_coroutine_threadsafe(self._listen(), self._loop) for _ in range(self.count)]
        for _ in range(600):
            if self._connected == self.count:
                return self
            time.sleep(0.05)
        raise SystemExit(f"only {self._connected} of {self.count} screens could connect")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.call_soon_threadsafe(self._loop.call_later, 0.2, self._loop.stop)
        self._thread.join()

    def wait(self, messages: int, seconds: float = 30) -> None:
        """Until every screen has heard of that many messages, or the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and sum(len(moments) == self.count for moments in self.heard.values()) < messages:
            time.sleep(0.05)

    async def _listen(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: sessionid={self.cookie}\r\n\r\n".encode())
            if b"200" not in await reader.readline():
                return
            while line := await reader.readline():
                self._note(line)
        finally:
            writer.close()

    def _note(self, line: bytes) -> None:
        if not line.startswith(b"data: "):
            return
        event, now = json.loads(line[6:]), time.perf_counter()
        if event["kind"] == "hello":
            self._connected += 1
        elif event["kind"] == "message":
            self.heard[event["message"]].append(now)
