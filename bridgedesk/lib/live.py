"""Tell every open screen that something changed: ids only, over PostgreSQL's NOTIFY, when the transaction commits."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

CHANNEL = "bridgedesk_live"


def announce(kind: str, *, shop: int | None, **ids: Any) -> None:
    """`kind` is what changed ("conversation", "presence", "sync", …); `shop` limits who hears it, None reaches everyone."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps({"kind": kind, "shop": shop, **ids})])


def announce_each(kind: str, each: Iterable[dict[str, int]]) -> None:
    """The same for several, in one statement; of each its `shop` and the ids."""
    words = [json.dumps({"kind": kind, **ids}) for ids in each]
    if words:
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, word) from unnest(%s::text[]) word", [CHANNEL, words])
