"""Nothing acknowledged is lost and nothing is sent twice, whatever is killed whenever.

BRIDGEDESK_CRASH_SECONDS=600 kills for that long instead of a few seconds.
"""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridgedesk.lib import embedded_postgres
from tests.pretend import said, sign

ROOT = Path(__file__).parents[2]
CALLBACK = "https://desk.example/hook"
SECONDS = float(os.environ.get("BRIDGEDESK_CRASH_SECONDS", "15"))
QUIET_WITHIN = 60.0

pytestmark = pytest.mark.slow


class Platform(BaseHTTPRequestHandler):
    """Takes messages slowly: before and after it has noted one, so that a crash can fall on either side."""

    arrived: Counter[str] = Counter()
    begun: int = 0
    pause: float = 0.1

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).begun += 1
        time.sleep(random.random() * self.pause)
        self.arrived[body["reference"]] += 1
        time.sleep(random.random() * self.pause)
        self._answer({"id": f"p-{body['reference']}"})

    def do_GET(self) -> None:
        reference = self.path.rsplit("/", 1)[1]
        self._answer({"id": f"p-{reference}"} if self.arrived[reference] else None)

    def _answer(self, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # the one who asked was killed

    def log_message(self, *args: Any) -> None:
        """Quiet."""


class Town:
    """Database, web and worker as processes of their own, each of which can be killed and started again."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.folder, self.port = folder, free_port()
        self.database = embedded_postgres.start(folder / "postgres")
        self.env = os.environ | {
            "BRIDGEDESK_DATA": str(folder),
            "DATABASE_URL": f"{self.database.url}&pool=0",
            "BRIDGEDESK_SECRET_KEY": "k" * 50,
            "BRIDGEDESK_ALLOW_PRIVATE": platform,
            "PLATFORM": f"http://{platform}",
            "PYTHONPATH": str(ROOT),
        }
        self.log = open(folder / "log", "ab")  # noqa: SIM115
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, *command: str) -> Any:
        done = subprocess.run([sys.executable, *command], env=self.env, cwd=ROOT, stdout=subprocess.PIPE, stderr=self.log, check=True)
        return json.loads(done.stdout or b"null") if command[0] == "-m" else None

    def ask(self, verb: str) -> Any:
        return self.run("-m", "tests.crash.process", verb)

    def start(self, name: str) -> None:
        granian = ["granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(self.port), "tests.crash.process:application"]
        command = granian if name == "web" else ["tests.crash.process", "worker"]
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command], env=self.env, cwd=ROOT, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def kill(self, name: str) -> None:
        """kill -9, and start again as a supervisor would."""
        if name == "database":
            self.database.process.kill()
            self.database.process.wait()
            self.database.lock.close()
            self.database = start_patiently(self.folder / "postgres")
            return
        end(self.processes[name], signal.SIGKILL)
        self.start(name)

    def supervise(self) -> None:
        """Start again what ended by itself."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name)

    def stop(self) -> None:
        for process in self.processes.values():
            end(process, signal.SIGKILL)
        self.database.stop()
        self.log.close()


def end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)
    process.wait()


def start_patiently(folder: Path) -> embedded_postgres.Server:
    """Backends of a killed server need a moment to notice."""
    for _ in range(20):
        try:
            return embedded_postgres.start(folder)
        except embedded_postgres.CannotStart:
            time.sleep(0.3)
    return embedded_postgres.start(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def platform() -> Iterator[str]:
    Platform.arrived, Platform.begun = Counter(), 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def slow_platform(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes over a second to note a message and as long again to say so."""
    monkeypatch.setattr(Platform, "pause", 1.5)


@pytest.fixture
def town(tmp_path: Path, platform: str) -> Iterator[Town]:
    made = Town(tmp_path, platform)
    try:
        made.run("manage.py", "migrate", "-v0")
        yield made
    finally:
        made.stop()


class Buyers(threading.Thread):
    """Pushes of the platform: each repeated until it is acknowledged, some once more after that."""

    def __init__(self, port: int, shops: dict[str, int]) -> None:
        super().__init__(daemon=True)
        self.port, self.shops, self.acknowledged, self.done = port, shops, set[str](), threading.Event()

    def run(self) -> None:
        number = 0
        while not self.done.is_set():
            number += 1
            name = random.choice(list(self.shops))
            self._push(name, f"{name}-{number}", thread=f"{name}-t{number % 7}")
            time.sleep(random.random() * 0.08)

    def _push(self, name: str, key: str, thread: str) -> None:
        body = json.dumps(said(key, f"question {key}", thread)).encode()
        for _ in range(200):
            if self._post(name, body):
                self.acknowledged.add(key)
                if random.random() < 0.2:
                    self._post(name, body)
                return
            if self.done.is_set():
                return
            time.sleep(0.1)

    def _post(self, name: str, body: bytes) -> bool:
        url = f"http://127.0.0.1:{self.port}/in/pretend/{self.shops[name]}"
        try:
            answer = httpx.post(url, content=body, headers={"authorization": sign(CALLBACK, body)}, timeout=5)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200


def test_whatever_is_killed_nothing_is_lost_and_nothing_is_sent_twice(town: Town) -> None:
    shops = town.ask("seed")
    town.start("web")
    town.start("worker")
    buyers = Buyers(town.port, shops)
    buyers.start()
    wait_until(lambda: len(buyers.acknowledged) > 3, 30)
    kill_at_random(town, buyers, SECONDS)
    buyers.done.set()
    buyers.join()
    facts = settled(town)
    print(f"{len(facts['received'])} messages, answers {Counter(state for _, _, state, _ in facts['sent'])}")  # noqa: T201
    every_acknowledged_push_is_one_message(facts, buyers.acknowledged)
    every_message_was_answered_once(facts)
    nothing_arrived_twice(facts)


def kill_at_random(town: Town, buyers: Buyers, seconds: float) -> None:
    """Kill one after the other, each while work flows: at a random moment after something new went through."""
    until, killed = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        with contextlib.suppress(AssertionError):
            seen = progress(buyers)
            wait_until(lambda seen=seen: progress(buyers) > seen + 2, 6)
        time.sleep(random.random() * 0.5)
        town.supervise()
        town.kill(("worker", "web", "worker", "database")[killed % 4])
        killed += 1
    assert killed > 1


def progress(buyers: Buyers) -> int:
    return len(buyers.acknowledged) + sum(Platform.arrived.values())


def settled(town: Town) -> Any:
    """The facts once no work is left."""
    until = time.monotonic() + QUIET_WITHIN
    while True:
        town.supervise()
        facts = town.ask("facts")
        if not facts["waiting"] and not facts["going"]:
            return facts
        assert time.monotonic() < until, f"work is left: {facts['waiting']} pushes, {facts['going']} answers\n{tail(town)}"
        time.sleep(0.5)


def tail(town: Town) -> str:
    return (town.folder / "log").read_text(errors="replace")[-6000:]


def wait_until(true: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def every_acknowledged_push_is_one_message(facts: Any, acknowledged: set[str]) -> None:
    received = Counter(facts["received"])
    assert acknowledged <= set(received)
    assert set(received.values()) == {1}


def every_message_was_answered_once(facts: Any) -> None:
    texts = Counter(text for _, _, _, text in facts["sent"])
    assert set(texts) == {f"answer to {key}" for key in facts["received"]}
    assert set(texts.values()) == {1}


def nothing_arrived_twice(facts: Any) -> None:
    for shop, reference, state, _ in facts["sent"]:
        arrived = Platform.arrived[reference]
        assert state == "sent" or (state == "unsure" and shop == "silent")
        assert arrived == 1 if state == "sent" else arrived <= 1
    assert set(Platform.arrived) <= {reference for _, reference, _, _ in facts["sent"]}


def test_a_worker_asked_to_stop_finishes_what_it_sends_and_takes_nothing_more(town: Town, slow_platform: None) -> None:
    shops = town.ask("seed")
    town.start("web")
    town.start("worker")
    buyers = Buyers(town.port, shops)
    for number in range(6):
        buyers._push("silent", f"silent-{number}", thread=f"t{number}")
    wait_until(lambda: Platform.begun, 30)
    worker = town.processes.pop("worker")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    sent = town.ask("facts")["sent"]
    assert Counter(state for _, _, state, _ in sent)["sending"] == 0, "what was begun is booked"
    assert {reference for _, reference, state, _ in sent if state == "sent"} == set(Platform.arrived)
    assert set(Platform.arrived.values()) == {1}
    town.start("worker")
    facts = settled(town)
    assert {state for _, _, state, _ in facts["sent"]} == {"sent"}
    nothing_arrived_twice(facts)


def test_a_worker_that_loses_its_database_ends_as_a_failure(town: Town) -> None:
    town.start("worker")
    wait_until(lambda: town.ask("lives"), 30)
    town.database.process.kill()
    assert town.processes.pop("worker").wait(60) == 1
