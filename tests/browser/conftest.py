"""A real server process on the test database, and Chromium."""

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
from playwright.sync_api import BrowserContext, Page

from bridgedesk.team.models import Agent

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the tests
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    found = {"executable_path": CHROMIUM} if CHROMIUM else {}
    return {**browser_type_launch_args, **found, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}


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


@pytest.fixture(scope="session")
def base_url(server: str) -> str:
    """Where relative addresses of `page.goto` lead."""
    return server


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
    server: str, transactional_db: None, new_context: Callable[..., BrowserContext], sign_in: Callable[..., object]
) -> Iterator[Callable[..., Page]]:
    """A logged-in screen of that person: `screen_of(alice, width=390)`."""
    contexts = []

    def make(agent: Agent, path: str = "/", *, width: int = 1440, height: int = 900, **more: object) -> Page:
        phone = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2} if width < 700 else {}
        context = new_context(viewport={"width": width, "height": height}, **phone, **more)
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
        context.close()
    _await_quiet()


def _await_quiet() -> None:
    """Until the server has finished what the closed screens asked: the tables are emptied next."""
    busy = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
    for _try in range(50):
        with connection.cursor() as cursor:
            cursor.execute(busy)
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)
