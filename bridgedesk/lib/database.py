"""Where the database is: DATABASE_URL, or the embedded cluster in the data folder."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

T = TypeVar("T")
_POOL = {"min_size": 1, "max_size": 16, "timeout": 20}


def settings(url: str | None, data: Path) -> dict[str, Any]:
    """Django's DATABASES entry. `url` is postgresql://user:password@host:port/name?sslmode=…; None means embedded.

    `?pool=0` in the url turns the connection pool off (behind pgbouncer).
    """
    entry = _from_url(url) if url else _embedded(data)
    return entry | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


def _embedded(data: Path) -> dict[str, Any]:
    return {
        "NAME": "bridgedesk",
        "USER": "bridgedesk",
        "HOST": str(data / "postgres"),
        "OPTIONS": {"pool": _POOL},
    }


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    pool: dict[str, Any] = {} if query.pop("pool", "1") == "0" else {"pool": _POOL}
    host = query.pop("host", "") or unquote(parts.hostname or "")
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": pool | query,
    }


def patiently(act: Callable[[], T], *, tries: int = 40, pause: float = 0.5) -> T:
    """`act`, again while the database is away (restarting, say), for about twenty seconds. `act` must bear being repeated."""
    from django.db import InterfaceError, OperationalError, connection  # settings, which need this file, come before Django

    for _ in range(tries - 1):
        try:
            return act()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return act()
