"""The `bridgedesk` command: our own verbs, then Django's.

up (database + web + worker, one supervised tree) · web · worker · demo · prepare · doctor · backup FILE · restore FILE
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")

from bridgedesk.lib import backup as archive
from bridgedesk.lib import embedded_postgres
from bridgedesk.lib.supervisor import Child, Kept, Reloader, keep_running


def main() -> None:
    """Run the command line; what we cannot do ends in plain words and exit code 1."""
    words = sys.argv[1:]
    verb = VERBS.get(words[0]) if words else None
    try:
        if verb:
            verb(words[1:])
        else:
            _django(words)
    except (embedded_postgres.CannotStart, archive.BackupBroken) as error:
        sys.exit(f"bridgedesk: {error}")
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        sys.exit(f"bridgedesk: {error.filename}: {error.strerror}. Set BRIDGEDESK_DATA to a folder that can be written.")


def up(words: Sequence[str]) -> None:
    """Database, web and worker under one roof."""
    asked = _parser("up").parse_args(words)
    _free(asked.host, asked.port)
    with _tree() as tree:
        _run("prepare")
        tree += [_web(asked), _worker()]
        _say(f"Bridgedesk runs at {_address(asked)}")


def web(words: Sequence[str]) -> None:
    """The web process alone, for a tree of your own (systemd, containers)."""
    command = _web_command(_parser("web").parse_args(words))
    os.execve(command[0], command, os.environ | FRUGAL)  # noqa: S606 (our own interpreter, no shell wanted)


def worker(words: Sequence[str]) -> None:
    """The worker process alone."""
    parser = argparse.ArgumentParser("bridgedesk worker", description=worker.__doc__)
    parser.add_argument("--concurrency", type=int, default=4)
    asked = parser.parse_args(words)
    _setup()
    from bridgedesk import jobs

    try:
        jobs.work(asked.concurrency)
    except jobs.Fallen as error:
        sys.exit(f"bridgedesk: {error}; its log says why. It can be started again at once.")


def demo(words: Sequence[str]) -> None:
    """Six pretend shops with a history, and buyers who write while you watch."""
    parser = _parser("demo")
    parser.add_argument("--speed", type=float, default=20.0, help="how much faster than people the pretend buyers are")
    parser.add_argument("--clock", type=float, default=1.0, help="how much faster than the wall clock everything runs")
    parser.add_argument("--sandbox-port", type=int, default=8020, help="the pretend marketplaces; their mail takes the next two ports")
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away first")
    parser.add_argument("--open", action="store_true", help="open the browser")
    parser.add_argument("--reload", action="store_true", help="start web and worker again when the program changes")
    asked = parser.parse_args(words)
    _free(asked.host, asked.port)
    _demo_environment(asked)
    with _tree() as tree:
        _run("prepare")
        filled = _data() / "filled"
        if not filled.exists():
            _say("filling six shops with some weeks of conversations …")
            filled.write_text(_run("demo-data", "--port", str(asked.sandbox_port)))
        sandbox = _child("the pretend marketplaces", "sandbox", "--port", str(asked.sandbox_port), "--speed", str(asked.speed))
        tree += [sandbox, *(_changing(asked) if asked.reload else [_web(asked), _worker()])]
        _say("", f"Bridgedesk demo: {_address(asked)}", "", filled.read_text())
        if asked.open:
            webbrowser.open(_address(asked))


def prepare(words: Sequence[str]) -> None:
    """Bring the tables and the shipped content up to date (up does it)."""
    argparse.ArgumentParser("bridgedesk prepare", description=prepare.__doc__).parse_args(words)
    with _database():
        _setup()
        from django.conf import settings
        from django.core.management import call_command

        from bridgedesk.conversations import templates
        from bridgedesk.playbooks import publishing

        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
        call_command("migrate", verbosity=0)
        templates.load_content()
        publishing.load_content()


def doctor(words: Sequence[str]) -> None:
    """Check what Bridgedesk needs and say what to do; exit code 1 when something is wrong."""
    argparse.ArgumentParser("bridgedesk doctor", description=doctor.__doc__).parse_args(words)
    with _database():
        _setup()
        from bridgedesk.shops.doctor import everything

        findings = everything()
    for found in findings:
        _say(
            f"{'ok ' if found.ok else 'BAD'}  {found.name}: {found.word}",
            *([] if found.ok or not found.advice else [f"     {found.advice}"]),
        )
    sys.exit(0 if all(found.ok for found in findings) else 1)


def backup(words: Sequence[str]) -> None:
    """Write database, attachments and key into one file."""
    target = _file("backup", words)
    with _database():
        _say(f"written: {archive.write(target, *_places())}")


def restore(words: Sequence[str]) -> None:
    """Read a backup into this installation; the files that were there are kept beside."""
    source = _file("restore", words)
    with _database():
        archive.restore(source, *_places())
        _run("prepare")
        _say("restored; `bridgedesk doctor` looks whether all is well")


def _told(about: Mapping[str, Any], name: str) -> str:
    """What a foreign file says, as a terminal may show it."""
    text = str(about.get(name, "?"))[:100]
    return text if text.isprintable() else repr(text)


def verify_pack(words: Sequence[str]) -> None:
    """Check a pack of evidence: every file as it was sealed, and by whose key."""
    from bridgedesk.evidence import sealing

    source = _file("verify-pack", words)
    own = sealing.private_key(_data()).public_key().public_bytes_raw() if (_data() / "evidence.key").exists() else b""
    try:
        found = sealing.check(source, own)
    except ValueError as error:
        sys.exit(f"bridgedesk: {source.name}: {error}")
    whose = "the key of this installation" if found.own else "another key than this installation's"
    _say(
        f"order {_told(found.about, 'order')}, made {_told(found.about, 'made_at')}, {found.files} files",
        f"signed with {whose}: {found.fingerprint}",
    )
    if found.faults:
        sys.exit("\n".join(["NOT as it was sealed:", *found.faults]))
    _say("Every file is as it was sealed.")


VERBS: dict[str, Callable[[Sequence[str]], None]] = {
    verb.__name__.replace("_", "-"): verb for verb in (up, web, worker, demo, prepare, doctor, backup, restore, verify_pack)
}
FRUGAL = {"MALLOC_ARENA_MAX": "2"}
"""Of the web process: glibc would keep a heap for each of its threads, and give none of them back."""
NEEDS_DATABASE = {"migrate", "makemigrations", "showmigrations", "createsuperuser", "shell", "dbshell", "demo-data"}


def _django(words: Sequence[str]) -> None:
    from django.core.management import execute_from_command_line

    if words and words[0] in NEEDS_DATABASE:
        with _database():
            execute_from_command_line(["bridgedesk", *words])
    else:
        if not words or words[0] in ("help", "--help", "-h"):
            _say("Bridgedesk's own verbs:", *(f"  {name:<9} {verb.__doc__}" for name, verb in VERBS.items()), "")
        execute_from_command_line(["bridgedesk", *words])


@contextmanager
def _tree() -> Iterator[list[Kept]]:
    """The database, started, then whatever the block adds; runs until asked to stop."""
    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.append(number)

    tree: list[Kept] = [] if os.environ.get("DATABASE_URL") else [embedded_postgres.start(_data() / "postgres")]
    try:
        yield tree
    except BaseException:
        keep_running(tree, _say, until=lambda: True)
        raise
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    keep_running(tree, _say, until=lambda: bool(stopping))


@contextmanager
def _database() -> Iterator[None]:
    """The database for the length of the block: the one that runs already, or one of our own."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    try:
        server = embedded_postgres.start(_data() / "postgres")
    except embedded_postgres.AlreadyRuns:
        yield
        return
    try:
        yield
    finally:
        server.stop()


def _data() -> Path:
    from bridgedesk import settings

    return settings.DATA


def _places() -> tuple[dict[str, object], Path, Path]:
    from bridgedesk import settings

    return settings.DATABASES["default"], Path(settings.MEDIA_ROOT), settings.DATA / "secret.key"


def _setup() -> None:
    import django

    django.setup()


def _run(*words: str) -> str:
    """Run another verb in a process of its own, so that this one stays small; what it printed."""
    done = subprocess.run([sys.executable, "-m", "bridgedesk", *words], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"bridgedesk: {words[0]} failed")
    return done.stdout


def _demo_environment(asked: argparse.Namespace) -> None:
    """The demo has its own data, its own clock, and may talk to its own pretend marketplaces. Set before settings load."""
    data = Path(os.environ.get("BRIDGEDESK_DATA") or Path(__file__).parents[1] / ".data") / "demo"
    if asked.fresh or not (data / "filled").exists():  # a filling that was cut off starts over
        shutil.rmtree(data, ignore_errors=True)
    ports = range(asked.sandbox_port, asked.sandbox_port + 3)
    os.environ |= {
        "BRIDGEDESK_DATA": str(data),
        "BRIDGEDESK_URL": _address(asked),
        "BRIDGEDESK_ALLOW_PRIVATE": ",".join(f"127.0.0.1:{port}" for port in ports),
    }
    if asked.clock != 1:
        os.environ["BRIDGEDESK_CLOCK"] = f"{time.time()}x{asked.clock}"
    os.environ.pop("DATABASE_URL", None)
    for port in ports:
        _free(asked.host, port)


def _parser(verb: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(f"bridgedesk {verb}", description=VERBS[verb].__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="web processes")
    return parser


def _file(verb: str, words: Sequence[str]) -> Path:
    parser = argparse.ArgumentParser(f"bridgedesk {verb}", description=VERBS[verb].__doc__)
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(words).file
    return path.absolute()


def _address(asked: argparse.Namespace) -> str:
    return f"http://{asked.host}:{asked.port}"


def _free(host: str, port: int) -> None:
    """A taken port is said before anything starts."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"bridgedesk: {host}:{port} cannot be used: {error.strerror}. Choose another with --port, or stop what uses it.")


def _web(asked: argparse.Namespace) -> Child:
    return Child("the web process", _web_command(asked), env=os.environ | FRUGAL)


def _web_command(asked: argparse.Namespace) -> list[str]:
    return [sys.executable, "-m", "granian", "--interface", "asginl", "--host", asked.host, "--port", str(asked.port),
            "--workers", str(asked.workers), "--log-level", "warning", "bridgedesk.asgi:application"]  # fmt: skip


def _worker() -> Child:
    return _child("the worker", "worker")


def _changing(asked: argparse.Namespace) -> list[Kept]:
    """Web and worker of somebody who changes the program: an open screen does not hold them up when they start again."""
    children = [_web(asked), _worker()]
    for child in children:
        child.grace = 1
    return [*children, Reloader(children, [Path(__file__).parent, Path(__file__).parents[1] / "content"])]


def _child(name: str, *words: str) -> Child:
    return Child(name, [sys.executable, "-m", "bridgedesk", *words])


def _say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 (the command line speaks)
