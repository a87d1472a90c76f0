"""A stage for measuring: an embedded database of its own and real processes, gone afterwards."""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bridgedesk.cli import FRUGAL


@contextmanager
def database() -> Iterator[Path]:
    """A durable embedded database with our tables, and Django set up on it."""
    import django

    from bridgedesk.lib import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="bridgedesk-bench-") as name:
        folder = Path(name)
        (folder / "static").mkdir()
        with embedded_postgres.running(folder / "postgres") as server:
            os.environ |= {"BRIDGEDESK_DATA": str(folder), "DATABASE_URL": server.url, "BRIDGEDESK_SECRET_KEY": "bench" * 10}
            django.setup()
            from django.core.management import call_command
            from django.db import connection

            call_command("migrate", verbosity=0)
            yield folder
            connection.close_pool()


@contextmanager
def process(*words: str, port: int = 0, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of our processes; with a port, ready when it answers."""
    running = subprocess.Popen([sys.executable, "-m", *words], env=os.environ | FRUGAL | env)
    try:
        for _ in range(200):
            if not port or _answers(port):
                break
            time.sleep(0.1)
        yield running
    finally:
        running.terminate()
        running.wait(20)


def web(port: int, workers: int = 1) -> tuple[str, ...]:
    """The web process's command."""
    return (
        "granian",
        "--interface",
        "asginl",
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--log-level",
        "error",
        "bridgedesk.asgi:application",
    )


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/account/login/", timeout=5)
    except httpx.HTTPError:
        return False
    return True


def memory(pid: int) -> int:
    """Resident memory of a process and its children in MB (proportional share, so shared pages count once)."""
    family = [pid]
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) in family:
            family.append(int(entry.parent.name))
    return sum(_share(member) for member in family) // 1024


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def shops(count: int) -> list[Any]:
    """An admin who sees that many shops."""
    from bridgedesk.lib import clock
    from bridgedesk.shops.models import Shop
    from bridgedesk.team.models import Agent

    Agent.objects.create_user("admin", role="admin")
    return [Shop.objects.create(name=f"Shop {n}", platform="email", external_id=str(n), created_at=clock.now()) for n in range(count)]


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
