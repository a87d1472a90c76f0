"""`bin/bench orders [--orders N]`: import of a table of N orders (100 k), findings over N open orders, and the worklist over real HTTP.

Every fifth order has something odd, every fifth a note of the buyer, every fourth is paid on delivery. Prints a table and one JSON line.
"""

import argparse
import json
import random
import resource
import time
from datetime import timedelta

from bench import _imports, _stage

PORT = 8793
WORDS = (
    "please send the blue one",
    "in rot bitte",
    "gift for my mother",
    "size L please",
    "¿puede ser antes del viernes?",
    "请尽快发货，谢谢",
)
PLACES = (
    ("DE", "Lange Straße {n}", "Berlin", "", "10115", "+4915123456789"),
    ("FR", "{n} rue de la Paix", "Paris", "", "75002", "+33612345678"),
    ("ES", "Calle Mayor {n}", "Madrid", "Madrid", "28013", "+34612345678"),
    ("US", "{n} Main St", "New York", "NY", "10001", "+12125551234"),
    ("PL", "ul. Długa {n}", "Warszawa", "", "00-950", "+48512345678"),
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bin/bench orders")
    parser.add_argument("--orders", type=int, default=100_000)
    count = parser.parse_args(arguments).orders
    with _stage.database():
        imported = _imports.measure(count)
        _build(count)
        rate, memory, found = _check(count)
        with _stage.process(*_stage.web(PORT), port=PORT):
            pages = {path: ask(path) for path in ("/orders/check", "/orders/check?tab=held", "/orders/check?after=300")}
    print(f"\n{count:,} open orders · {_stage.machine()}\n\n| what | figure |\n|---|--:|")
    print(
        f"| rows of the file read per second | {imported.read:,.0f} |\n| orders imported per second | {imported.taken:,.0f} |\n"
        f"| orders imported once more per second, all as before | {imported.again:,.0f} |\n"
        f"| memory of the importing process, MB | {imported.memory} |"
    )
    print(
        f"| orders checked per second | {rate:,.0f} |\n| memory of the checking process, MB | {memory} |\n"
        f"| orders with something odd | {found:,} |"
    )
    for path, taken in pages.items():
        print(f"| {path}, p50 / p95 ms | {_stage.quantile(taken, 0.5):.0f} / {_stage.quantile(taken, 0.95):.0f} |")
    timed = {path: [round(_stage.quantile(taken, share), 1) for share in (0.5, 0.95)] for path, taken in pages.items()}
    timed |= {f"import_{name}": [round(value)] for name, value in vars(imported).items()}
    print(json.dumps({"bench": "orders", "orders": count, "rows_per_s": round(rate), "memory_mb": memory, "odd": found} | timed))
    return 0


def _build(count: int) -> None:
    from bridgedesk.customers.models import Customer
    from bridgedesk.lib import clock
    from bridgedesk.orders.models import Line, Order

    random.seed(7)
    now = clock.now()
    shops = _stage.shops(20)
    for begun in range(0, count, 5000):
        size = min(5000, count - begun)
        buyers = Customer.objects.bulk_create(Customer(name=f"Buyer {begun + n}", created_at=now) for n in range(size * 2 // 3 + 1))
        orders = Order.objects.bulk_create(_order(begun + n, random.choice(shops), random.choice(buyers), now) for n in range(size))
        Line.objects.bulk_create(
            Line(
                order=order,
                external_id="1",
                title="T-Shirt",
                code=f"SKU-{random.randint(1, 500)}",
                quantity=1,
                options={"Color": "Red", "Size": "M"},
            )
            for order in orders
        )
    print(f"built {count:,} orders", flush=True)


def _order(n: int, shop: object, buyer: object, now: object) -> object:
    from bridgedesk.orders.models import Order

    country, street, city, region, postcode, phone = random.choice(PLACES)
    address = {
        "name": "Anna", "lines": [street.format(n=n % 90 + 1) if n % 5 else street.replace("{n}", "").strip()],
        "phone": phone if n % 15 else "",
        "city": city, "region": region, "postcode": postcode, "country": country, "district": "", "kind": "", "masked": False,
    }  # fmt: skip
    placed = now - timedelta(minutes=random.randint(0, 20_000))  # type: ignore[operator]
    return Order(
        shop=shop, customer=buyer, external_id=f"ON-{n}", state="to_ship", first_seen_at=now, placed_at=placed, paid_at=placed,
        ship_by=placed + timedelta(days=15), total_minor=random.randint(500, 20_000), currency="EUR", address=address, country=country,
        buyer_note=random.choice(WORDS) if n % 5 == 1 else "", cash_on_delivery=n % 4 == 0, shipping_method="Registered",
    )  # fmt: skip


def _check(count: int) -> tuple[float, int, int]:
    from bridgedesk.conversations import said
    from bridgedesk.orders import findings
    from bridgedesk.orders.models import Order

    begun = time.perf_counter()
    while findings.check_waiting(said.about_orders):
        pass
    taken = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return count / taken, memory, Order.objects.filter(attention__gte=2).count()


def ask(path: str, times: int = 60) -> list[float]:
    import httpx

    from bench.inbox import session_of

    taken = []
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", cookies={"sessionid": session_of("admin")}, timeout=60) as client:
        for n in range(times + 5):
            begun = time.perf_counter()
            answer = client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            taken += [(time.perf_counter() - begun) * 1000] if n >= 5 else []
    return taken
