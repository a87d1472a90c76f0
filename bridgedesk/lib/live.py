"""Tell every open screen that something changed: ids only, over PostgreSQL's NOTIFY, when the transaction commits."""

import json
from typing import Any

from django.db import connection

CHANNEL = "bridgedesk_live"


def announce(kind: str, *, shop: int | None, **ids: Any) -> None:
    """`kind` is what changed ("conversation", "presence", "sync", …); `shop` limits who hears it, None reaches everyone."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps({"kind": kind, "shop": shop, **ids})])
