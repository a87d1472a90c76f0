"""Fixtures for tests in a browser: a real server process on the test database, and Chromium. One set for every folder of tests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect

from bridgedesk.team.models import Agent

PATIENCE = 25  # seconds until what is expected counts as missing: the machine may have much else to do
FAILED = pytest.StashKey[bool]()
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    expect.set_options(timeout=PATIENCE * 1000)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the tests
    found = {"executable_path": CHROMIUM} if CHROMIUM else {}
    return {**browser_type_launch_args, **found, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def base_url() -> None:
    """None for all: each screen names the server it belongs to."""


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: object) -> Iterator[str]:
    """The address of a web process of its own, so that what it shows live came over the database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    known = connection.settings_dict
    database = f"postgresql://{known['USER']}@/{known['NAME']}?{urlencode({'host': known['HOST'], 'pool': '1'})}"
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--port", str(port), "--no-ws", "bridgedesk.asgi:application"]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": database, "BRIDGEDESK_URL": f"http://127.0.0.1:{port}"})
    address = f"http://127.0.0.1:{port}"
    _await_answer(address, process)
    yield address
    process.terminate()
    process.wait(20)


def _await_answer(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _try in range(150):
        assert process.poll() is None, "the server ended"
        try:
            httpx.get(f"{address}/account/login/", timeout=20)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server does not answer")


@pytest.fixture
def screen_of(
    server: str,
    transactional_db: None,
    new_context: Callable[..., BrowserContext],
    sign_in: Callable[..., object],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """A logged-in screen of that person: `screen_of(alice, width=390)`."""
    contexts = []

    def make(agent: Agent, path: str = "/", *, width: int = 1440, height: int = 900, **more: object) -> Page:
        phone = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2} if width < 700 else {}
        context = new_context(base_url=server, viewport={"width": width, "height": height}, **phone, **more)
        contexts.append(context)
        session = sign_in(agent).cookies["sessionid"].value  # type: ignore[attr-defined]
        context.add_cookies([{"name": "sessionid", "value": session, "url": server}])
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda said: said.type == "error" and page.complaints.append(f"{said.text} {said.location}"))  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        page.goto(path)
        return page

    yield make
    for context in contexts:
        if FAILED in request.node.stash:
            _show(context)
        for page in context.pages:
            page.goto("about:blank")
        context.close()
    _await_quiet()


def _show(context: BrowserContext) -> None:
    """What stood on the screen when the test failed: for a machine one cannot look at."""
    for page in context.pages:
        sys.stdout.write(f"--- {page.url} {page.complaints}\n{page.locator('body').aria_snapshot()[:3000]}\n")  # type: ignore[attr-defined]


def _await_quiet() -> None:
    """Until the server has finished what the closed screens asked, their farewells too: the tables are emptied next."""
    busy = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
    quiet = 0
    for _try in range(150):
        with connection.cursor() as cursor:
            cursor.execute(busy)
            quiet = quiet + 1 if cursor.fetchone() == (0,) else 0
        if quiet == 5:
            return
        time.sleep(0.1)
