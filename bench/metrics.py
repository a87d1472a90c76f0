"""`bin/bench metrics [--orders N]`: the pages of figures over N orders (100 k) of half a year, every twelfth with a case. Real HTTP.

150 000 articles of 500 SKUs in three currencies, 8 000 cases with 20 000 bookings, 20 shops. Prints a table and one JSON line.
"""

import argparse
import json
import random
from datetime import timedelta

from bench import _stage
from bench.orders import PORT, ask

PAGES = (
    "/figures?days=30&by=shop",
    "/figures?days=30&by=sku",
    "/figures?days=180&by=carrier",
    "/figures?days=180&by=version&step=month",
    "/figures/cases?days=30&fault=damaged",
    "/figures/letters?days=30",
)
FAULTS = ("damaged", "defective", "late", "not_received", "changed_mind", "size")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bin/bench metrics")
    parser.add_argument("--orders", type=int, default=100_000)
    count = parser.parse_args(arguments).orders
    with _stage.database():
        _build(count)
        with _stage.process(*_stage.web(PORT), port=PORT):
            pages = {path: ask(path, 10) for path in PAGES}
    print(f"\n{count:,} orders shipped in 180 days · {_stage.machine()}\n\n| page | p50 ms | p95 ms |\n|---|--:|--:|")
    for path, taken in pages.items():
        print(f"| {path} | {_stage.quantile(taken, 0.5):.0f} | {_stage.quantile(taken, 0.95):.0f} |")
    timed = {path: [round(_stage.quantile(taken, share), 1) for share in (0.5, 0.95)] for path, taken in pages.items()}
    print(json.dumps({"bench": "metrics", "orders": count} | timed))
    return 0


def _build(count: int) -> None:
    from django.db import connection

    from bridgedesk.lib import clock
    from bridgedesk.products.models import Product, Sku

    random.seed(7)
    now = clock.now()
    shops = _stage.shops(20)
    product = Product.objects.create(name="Lamp", category="lamps", created_at=now)
    skus = Sku.objects.bulk_create(
        Sku(
            product=product, code=f"SKU-{n}", cost_minor=None if n % 50 == 0 else 500 + n, cost_currency=("CNY", "USD", "EUR")[n % 3],
            created_at=now,
        )
        for n in range(500)
    )  # fmt: skip
    for begun in range(0, count, 5000):
        _write(range(begun, min(begun + 5000, count)), shops, skus, now)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    print(f"built {count:,} orders", flush=True)


def _write(numbers: range, shops: list, skus: list, now) -> None:  # type: ignore[no-untyped-def,type-arg]
    from bridgedesk.orders.models import Line, Order, Parcel
    from bridgedesk.remedies.models import Booking, Case

    orders = Order.objects.bulk_create(
        Order(
            shop=random.choice(shops), external_id=f"ON-{n}", state="completed", first_seen_at=now, currency="EUR",
            country=random.choice(("DE", "FR", "ES", "US", "PL")), shipped_at=now - timedelta(minutes=random.randint(0, 180 * 1440)),
        )
        for n in numbers
    )  # fmt: skip
    lines = [
        Line(order=order, external_id=str(k), sku=random.choice(skus), quantity=1, price_minor=random.randint(900, 9000))
        for order in orders
        for k in range(1 + order.pk % 2)
    ]
    Line.objects.bulk_create(lines)
    Parcel.objects.bulk_create(Parcel(order=order, carrier=random.choice(("DHL", "YunExpress", "Cainiao"))) for order in orders)
    lost = [order for order in orders if order.pk % 12 == 0]
    cases = Case.objects.bulk_create(
        Case(shop=order.shop, order=order, fault=random.choice(FAULTS), state="closed", currency="EUR", first_seen_at=now) for order in lost
    )
    Booking.objects.bulk_create(
        Booking(
            case=case, kind=kind, key=kind, minor=random.randint(-100, 3000), currency="EUR", at=case.order.shipped_at + timedelta(days=2)
        )
        for case in cases
        for kind in ("refund", "commission", "freight_back")[: 2 + case.pk % 2]
    )
