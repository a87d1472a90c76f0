"""A small tree of processes: started in order, restarted when they fall, stopped in reverse order.

Each child ends when this process ends, however it ends (Linux), so `kill -9` of the tree's root leaves nothing behind.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from bridgedesk.lib.embedded_postgres import end_with_parent


class Kept(Protocol):
    """What the tree keeps running."""

    def keep(self, say: Callable[[str], None]) -> None:
        """Start it again if it fell."""

    def stop(self) -> None:
        """End it in order."""


_CALM = 30.0  # a child that ran this long starts again at once; one that falls at once waits up to this long


@dataclass
class Child:
    """One process to keep running. `grace` is how many seconds it may take to finish what it does when asked to stop."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    grace: float = 15
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started: float = 0
    falls: int = 0

    def start(self) -> None:
        """Start it now."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.env,
            start_new_session=True,  # Ctrl+C reaches the root, which ends its tree in order
            preexec_fn=partial(end_with_parent, signal.SIGTERM),  # noqa: PLW1509 (one system call)
        )

    def keep(self, say: Callable[[str], None]) -> None:
        """Start it if it does not run: again and again, later and later when it keeps falling."""
        if self.process is None:
            self.start()
            return
        if self.process.poll() is None:
            return
        ran = time.monotonic() - self.started
        if ran >= _CALM:
            self.falls = 0
        if ran < min(2.0**self.falls - 1, _CALM):
            return
        self.falls += 1
        say(f"{self.name} ended with code {self.process.returncode}; starting it again")
        self.start()

    def stop(self) -> None:
        """Ask it to end, then insist."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(self.grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Reloader:
    """Starts `children` again when a file of the program changes: for those who change it. Stands in the tree after them."""

    children: Sequence[Child]
    folders: Sequence[Path]
    every: float = 1
    seen: float = 0
    looked: float = 0

    def keep(self, say: Callable[[str], None]) -> None:
        """Look once in a while; the first look only remembers."""
        if time.monotonic() - self.looked < self.every:
            return
        newest, before = newest_change(self.folders), self.seen
        self.looked, self.seen = time.monotonic(), newest
        if before and newest > before:
            say("the program changed; starting it again")
            for child in self.children:
                child.stop()
                child.start()

    def stop(self) -> None:
        """Nothing runs here."""


def newest_change(folders: Sequence[Path]) -> float:
    """When a file that is read once, at the start, was last written (seconds); templates and static files are read anew anyway."""
    files = (path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".toml", ".mo"))
    return max((path.stat().st_mtime for path in files if path.exists()), default=0)


def keep_running(tree: Sequence[Kept], say: Callable[[str], None], *, until: Callable[[], bool]) -> None:
    """Watch over a started tree until `until()`; then stop it, last started first."""
    try:
        while not until():
            for member in tree:
                member.keep(say)
            time.sleep(0.2)
    finally:
        for member in reversed(tree):
            member.stop()
