"""A pretend world on free ports, and somebody who listens where pushes go."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from bridgedesk.sandbox.servers import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as world:
        yield world


class Ear:
    """Takes pushes; answers `status` with `body`."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.came = threading.Event()
        ear = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(ear.statuses.pop(0) if ear.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                ear.came.set()

            def log_message(self, *args: object) -> None:
                """Silence."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/in/shopee/1"

    def wait(self, count: int, seconds: float = 10) -> list[tuple[dict[str, str], bytes]]:
        """The first `count` pushes; fails when they do not come."""
        timer = threading.Event()
        for _ in range(int(seconds * 50)):
            if len(self.heard) >= count:
                return self.heard
            timer.wait(0.02)
        raise AssertionError(f"{len(self.heard)} of {count} pushes came")


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    thread = threading.Thread(target=listening.server.serve_forever, args=(0.02,))
    thread.start()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()
    thread.join()
