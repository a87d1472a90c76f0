"""A backup taken while buyers write, put back on a machine that has nothing: conversations, files and log-ins are there."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bridgedesk.sandbox import scenery
from bridgedesk.sandbox.servers import free_ports
from tests import town
from tests.town import Town

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bd-"))  # a short path, for the database's socket
    (made / "new").mkdir()
    yield made
    shutil.rmtree(made, ignore_errors=True)


def writes(port: int, text: str, **more: object) -> None:
    body = {"shop_id": scenery.TAIWAN.shop_id, "buyer_id": 500_000_001, "name": "mei", "text": text} | more
    httpx.post(f"http://127.0.0.1:{port}/sandbox/buyers/write", json=body, timeout=20).raise_for_status()


def keep_writing(port: int, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        number += 1
        writes(port, f"later {number}", buyer_id=500_000_100 + number % 5)


def test_what_was_there_before_the_backup_is_there_after_the_restore(folder: Path) -> None:
    port = free_ports(3)
    allowed = [f"127.0.0.1:{port + n}" for n in range(3)]
    with town.running(folder, allowed=allowed) as old:
        old.open_shops(port=port, stages=[str(scenery.TAIWAN.shop_id)])
        sandbox = old.start("sandbox", "--port", str(port), "--speed", "600", "--every", "0")
        town.await_answer(f"http://127.0.0.1:{port}/sandbox/state", sandbox, folder / "log")
        httpx.post(f"http://127.0.0.1:{port}/sandbox/callback", json={"url": f"{old.url}/in/shopee/1"}).raise_for_status()
        writes(port, "before")
        writes(port, "", image=True)
        before = until_written(old)
        stop = threading.Event()
        writer = threading.Thread(target=keep_writing, args=(port, stop))
        writer.start()
        done = old.run("backup", str(folder / "b.tar.gz"))
        stop.set()
        writer.join()
        assert done.returncode == 0, done.stderr
        looked = old.run("doctor")
        assert (looked.returncode, "BAD" in looked.stdout) == (0, False), looked.stdout
    new = Town(folder / "new", allowed=allowed)
    done = new.run("restore", str(folder / "b.tar.gz"))
    assert done.returncode == 0, done.stderr
    try:
        new.up()
        after = new.facts()
    finally:
        new.stop()
    assert after["texts"][: len(before["texts"])] == before["texts"]
    assert after["files"]
    assert all(after["files"])
    assert after["secrets"] == [True], "the key came along"


def until_written(old: Town) -> dict[str, list[object]]:
    """Once the first words and their photo are stored."""
    for _ in range(60):
        found = old.facts()
        if "before" in found["texts"] and found["files"]:
            return found
        time.sleep(0.5)
    raise AssertionError(f"{found}\n{old.log()}")
