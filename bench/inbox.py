"""`bin/bench inbox [--big] [--conversations N]`: list, open and search at 100 k conversations (1 M with --big), over real HTTP.

Each page is asked for by 8 browsers at once (they share the machine with the server) and then by one alone, whose median
is what the budget of DESIGN §7 is held against. Prints a table and one JSON line.
"""

import argparse
import json
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from bench import _stage

PORT = 8791
CLIENTS = 8
PARTS = ("list rows", "list, closed", "open")  # what htmx asks for
BUDGET = {"list": 30, "open": 30, "search": 100}


@dataclass
class Timed:
    """Milliseconds of one kind of page: alone, and with the other clients."""

    name: str
    alone: list[float] = field(default_factory=list)
    together: list[float] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bin/bench inbox")
    parser.add_argument("--big", action="store_true", help="1 M conversations, 3 M messages")
    parser.add_argument("--conversations", type=int, default=0)
    asked = parser.parse_args(arguments)
    count = asked.conversations or (1_000_000 if asked.big else 100_000)
    with _stage.database() as folder:
        from bench import _world

        begun = time.perf_counter()
        _world.build(count)
        print(f"built {count:,} conversations in {time.perf_counter() - begun:.0f} s", flush=True)
        with _stage.process(*_stage.web(PORT), port=PORT) as web:
            timed = [row for who in ("admin", "agent") for row in _measure(who, count)]
            sizes = {"web_mb": _stage.memory(web.pid), "database_mb": _database_size(), "folder": str(folder)}
    del sizes["folder"]
    _report(count, timed, sizes)
    return 0


def _measure(who: str, count: int) -> list[Timed]:
    from bench import _world

    cookie = session_of(who)
    pages: dict[str, Callable[[], str]] = {
        "list": lambda: "/",
        "list rows": lambda: "/inbox/rows",
        "list, closed": lambda: "/inbox/rows?state=closed",
        "open": lambda: f"/conversations/{_visible(who, count)}",  # as a click in the list asks for it
        "open, whole page": lambda: f"/conversations/{_visible(who, count)}",
        "search, common word": lambda: f"/search?q={_world.COMMON}",
        "search, rare word": lambda: f"/search?q={_world.RARE}",
        "search, two Chinese characters": lambda: f"/search?q={_world.CHINESE}",
        "search, a buyer's e-mail": lambda: f"/search?q=buyer{random.randint(1, count)}@example.com",
    }
    rows = []
    for name, page in pages.items():
        asks = {"HX-Request": "true"} if name in PARTS else {}
        timed = Timed(f"{who}: {name}")
        _ask(cookie, asks, page, 5)
        timed.alone = _ask(cookie, asks, page, 30)
        timed.together = _crowd(cookie, asks, page, 20)
        rows.append(timed)
    return rows


def session_of(who: str) -> str:
    """The cookie of somebody who is logged in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from bridgedesk.team.models import Agent

    agent = Agent.objects.get(username=who)
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(agent.pk), agent.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store.save()
    return str(store.session_key)


_seen: dict[str, list[int]] = {}


def _visible(who: str, count: int) -> int:
    """A random conversation this person may open."""
    if who not in _seen:
        from bridgedesk.conversations.models import Conversation
        from bridgedesk.team.models import Agent

        some = Conversation.objects.filter(pk__in=random.sample(range(1, count + 1), min(count, 2000)))
        _seen[who] = list(some.visible_to(Agent.objects.get(username=who)).values_list("pk", flat=True))
    return random.choice(_seen[who])


def _ask(cookie: str, headers: dict[str, str], page: Callable[[], str], times: int) -> list[float]:
    taken = []
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", cookies={"sessionid": cookie}, headers=headers, timeout=60) as client:
        for _ in range(times):
            address = page()
            begun = time.perf_counter()
            answer = client.get(address)
            taken.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}")
    return taken


def _crowd(cookie: str, headers: dict[str, str], page: Callable[[], str], times: int) -> list[float]:
    taken: list[float] = []
    crowd = [threading.Thread(target=lambda: taken.extend(_ask(cookie, headers, page, times))) for _ in range(CLIENTS)]
    for client in crowd:
        client.start()
    for client in crowd:
        client.join()
    return taken


def _database_size() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database())")
        return int(cursor.fetchone()[0]) >> 20


def _report(count: int, rows: list[Timed], sizes: dict[str, object]) -> None:
    print(f"\n{count:,} conversations · {_stage.machine()} · milliseconds\n")
    print("| page | alone p50 | p95 | 8 clients p50 | p95 | budget |\n|---|--:|--:|--:|--:|--:|")
    figures: dict[str, object] = {"bench": "inbox", "conversations": count, "machine": _stage.machine(), **sizes}
    for row in rows:
        kind = row.name.split(": ")[1].split(",")[0].split(" ")[0]
        values = [
            _stage.quantile(row.alone, 0.5),
            _stage.quantile(row.alone, 0.95),
            _stage.quantile(row.together, 0.5),
            _stage.quantile(row.together, 0.95),
        ]
        print(f"| {row.name} | " + " | ".join(f"{value:.0f}" for value in values) + f" | {BUDGET[kind]} |")
        figures[row.name] = [round(value, 1) for value in values]
    print(f"\nweb process {sizes['web_mb']} MB (budget 150), database {sizes['database_mb']} MB")
    with suppress(TypeError):
        print(json.dumps(figures))
