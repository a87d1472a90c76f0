"""Importing a table of orders: how long reading and taking it last, and what memory that costs."""

import io
import resource
import time
from dataclasses import dataclass

HEAD = (
    "Order ID,Order Status,Order Creation Date,Username (Buyer),Receiver Name,Delivery Address,City,Zip Code,Country,"
    "Product Name,SKU,Quantity,Price,Total\n"
)
ROW = "IM-{n},Completed,2026-11-20 12:00,buyer{b},Anna,Lange Straße {h},Berlin,10115,Germany,Lamp,SKU-{s},1,10.00,10.00\n"


@dataclass(frozen=True)
class Figures:
    """Rows a second while reading the file, taking it, and taking it once more; the most memory of the process, in MB."""

    read: float
    taken: float
    again: float
    memory: int


def measure(count: int) -> Figures:
    """Import a table of that many orders into an empty database, twice."""
    from bridgedesk.lib import clock
    from bridgedesk.shops.models import Shop
    from bridgedesk.team.models import Agent

    lead = Agent.objects.create_user("lead", role="admin")
    shop = Shop.objects.create(name="By hand", platform="manual", external_id="by-hand", created_at=clock.now())
    data = io.BytesIO((HEAD + "".join(ROW.format(n=n, b=n * 2 // 3, h=n % 90, s=n % 500) for n in range(count))).encode())
    read, taken = _once(shop, data, lead)
    _read, again = _once(shop, data, lead)
    return Figures(count / read, count / taken, count / again, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _once(shop: object, data: io.BytesIO, lead: object) -> tuple[float, float]:
    from bridgedesk.imports import actions, running

    begun = time.perf_counter()
    table = actions.upload(shop, data, "orders.csv", kind="orders", by=lead)  # type: ignore[arg-type]
    read = time.perf_counter()
    actions.describe(table, kind="orders", sheet=0, columns=table.columns, options={"currency": "EUR"}, by=lead)  # type: ignore[arg-type]
    actions.start(table, by=lead)  # type: ignore[arg-type]
    while running.advance(table.pk):
        pass
    table.refresh_from_db()
    if table.bad or table.taken != table.rows:
        raise SystemExit(f"{table.taken} of {table.rows} taken, {table.bad} bad")
    return read - begun, time.perf_counter() - read
