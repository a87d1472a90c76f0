import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from bridgedesk.lib import embedded_postgres
from bridgedesk.lib.embedded_postgres import CannotStart

HOLD = """
import pathlib, signal, sys
from bridgedesk.lib import embedded_postgres
server = embedded_postgres.start(pathlib.Path(sys.argv[1]))
print(server.process.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pg")


def hold(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """A supervisor in a process of its own, and the pid of its database."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    return holder, int(holder.stdout.readline())


def put(server: embedded_postgres.Server, rows: int) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create table if not exists letter (n int)")
        for n in range(rows):
            connection.execute("insert into letter values (%s)", [n])


def count(server: embedded_postgres.Server) -> int:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("select count(*) from letter").fetchone()
        assert row
        return int(row[0])


def gone(pid: int, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return True
        if "\nState:\tZ" in status:
            return True
        time.sleep(0.05)
    return False


def test_every_acknowledged_row_is_there_after_kill_9_of_the_database(folder):
    server = embedded_postgres.start(folder)
    put(server, 200)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.lock.close()
    with embedded_postgres.running(folder) as again:
        assert count(again) == 200


def test_the_database_ends_with_its_supervisor_and_starts_again_at_once(folder):
    holder, postgres = hold(folder)
    holder.kill()
    holder.communicate()
    with embedded_postgres.running(folder) as server:
        put(server, 1)
    assert gone(postgres)


def test_what_a_server_that_is_just_ending_takes_away_does_not_stop_the_next(tmp_path, monkeypatch):
    (tmp_path / "kept").touch()
    given = []
    monkeypatch.setattr(os, "walk", lambda _folder: [(str(tmp_path), [], ["checkpoint.tmp", "kept"])])
    monkeypatch.setattr(os, "chown", lambda path, *_owner, **_how: given.append(path.name))
    embedded_postgres._give(tmp_path, os.geteuid() + 1)
    assert given == [tmp_path.name, "kept"]


def test_a_second_bridgedesk_on_the_same_data_is_refused_in_plain_words(folder):
    with embedded_postgres.running(folder), pytest.raises(CannotStart, match="already runs"):
        embedded_postgres.start(folder)


def test_a_stale_pid_file_that_now_names_somebody_else_does_not_stop_us(folder):
    with embedded_postgres.running(folder):
        pass
    (folder / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}/cluster\n")
    with embedded_postgres.running(folder) as server:
        put(server, 1)


def test_an_initdb_that_was_cut_off_leaves_nothing_in_the_way(folder):
    (folder / "cluster.new").mkdir()
    (folder / "cluster.new" / "PG_VERSION").write_text("18")
    with embedded_postgres.running(folder) as server:
        put(server, 1)


def test_a_full_disk_is_called_a_full_disk(folder, monkeypatch):
    usage = shutil.disk_usage(folder)._replace(free=3 << 20)
    monkeypatch.setattr(embedded_postgres.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(CannotStart, match=r"disk .* is full: 3 MB left"):
        embedded_postgres.start(folder)


def test_a_disk_that_fills_up_while_the_database_is_made_is_named_too(folder):
    """A tiny file system of its own; needs the right to mount, as root in a container often has not."""
    script = f"""
import pathlib, sys
from bridgedesk.lib import embedded_postgres
embedded_postgres.LEAST_FREE = 0
embedded_postgres.start(pathlib.Path({str(folder)!r}))
"""
    mount = f"mount -t tmpfs -o size=12m none {folder} && exec {sys.executable} -c '{script.replace(chr(39), chr(34))}'"
    tried = subprocess.run(["unshare", "-rm", "sh", "-c", f"mount -t tmpfs none {folder}"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("this system does not let a test mount a small disk")
    done = subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True, text=True, check=False)
    assert "The disk is full" in done.stderr


def test_a_folder_nobody_may_write_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be used"):
        embedded_postgres.start(tmp_path / "file" / "data")


def test_a_path_too_long_for_a_socket_is_named(tmp_path):
    with pytest.raises(CannotStart, match="too long"):
        embedded_postgres.start(tmp_path / ("x" * 120))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_runs_the_database_as_nobody(monkeypatch):
    folder = Path("/var/tmp") / f"bridgedesk-test-{os.getpid()}"
    monkeypatch.setattr(embedded_postgres, "_namespaces_allowed", lambda prefix: False)
    try:
        with embedded_postgres.running(folder) as server:
            put(server, 1)
            assert Path(f"/proc/{server.process.pid}").stat().st_uid == embedded_postgres.NOBODY
        monkeypatch.undo()
        with embedded_postgres.running(folder) as server:
            assert count(server) == 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_in_a_closed_home_gets_a_clear_word(monkeypatch, tmp_path):
    (tmp_path / "home").mkdir(mode=0o700)
    monkeypatch.setattr(embedded_postgres, "_namespaces_allowed", lambda prefix: False)
    with pytest.raises(CannotStart, match="BRIDGEDESK_DATA"):
        embedded_postgres.start(tmp_path / "home" / "data")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become an ordinary user")
@pytest.mark.parametrize("user", [1, 1234], ids=["with a name", "without a name, as in a container"])
def test_an_ordinary_user_runs_it_too(user):
    folder = Path("/var/tmp") / f"bridgedesk-user-{user}-{os.getpid()}"
    folder.mkdir(mode=0o755)
    ready, report = os.pipe()
    child = os.fork()
    if child == 0:
        _as_user(user, folder, report)
    os.close(report)
    with os.fdopen(ready) as said:
        assert said.read() == str(user)
    os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)


def _copied_for_everybody(folder: Path) -> Path:
    """The binaries, with the wheel's shared libraries beside them, where this user may read them."""
    home = embedded_postgres.binaries().parent
    shutil.copytree(home, folder / home.parent.name / home.name)
    for libraries in home.parent.parent.glob(f"{home.parent.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    return folder / home.parent.name / home.name / "bin"


def _as_user(user: int, folder: Path, report: int) -> None:
    try:
        bin_folder = _copied_for_everybody(folder)
        embedded_postgres.binaries = lambda: bin_folder
        (folder / "data").mkdir()
        os.chown(folder / "data", user, user)
        os.setgid(user)
        os.setuid(user)
        with embedded_postgres.running(folder / "data") as server:
            put(server, 1)
            os.write(report, str(Path(f"/proc/{server.process.pid}").stat().st_uid).encode())
    except BaseException as error:  # the child of a test must never return into pytest
        os.write(report, repr(error).encode())
    finally:
        os._exit(0)
