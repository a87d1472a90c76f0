"""A retail shop as the set describes it, in our rows: loaded in bulk, written to by our actions or our API."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from babel.core import get_global
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from bridgedesk.channels.events import Address
from bridgedesk.customers import actions as customers
from bridgedesk.customers.addresses import kept
from bridgedesk.customers.models import Customer, Identity, PaymentMethod
from bridgedesk.customers.rules import WrongFacts
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions, terms
from bridgedesk.orders.models import Line, Order, Parcel, Payment
from bridgedesk.products.models import Listing, Product, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.team import actions as team
from bridgedesk.team.models import Agent

Record = dict[str, Any]

CURRENCY = "USD"
OWNERS = {
    "orders_order": ("order", "id"), "orders_line": ("order", "order_id"), "orders_payment": ("order", "order_id"),
    "orders_parcel": ("order", "order_id"), "orders_return": ("order", "order_id"), "customers_customer": ("customer", "id"),
    "customers_paymentmethod": ("customer", "customer_id"), "customers_identity": ("customer", "customer_id"),
}  # fmt: skip
"""Every table an export reads, and whose its rows are."""
SUMS = {"price", "amount", "balance", "exchange_price_difference"}
STATES = {"pending": "to_ship", "processed": "shipped", "delivered": "delivered", "cancelled": "cancelled"}
KINDS = {"credit_card": "card", "gift_card": "gift_card", "paypal": "account"}
SOURCES = {kind: source for source, kind in KINDS.items()}
REASONS = {"no longer needed": "no_longer_needed", "ordered by mistake": "ordered_by_mistake"}
REASON_WORDS = {code: words for words, code in REASONS.items()}
NOTHING = 0
"""The id of what the set names and nobody has."""


@dataclass
class World:
    """What was loaded, and how the set's ids are found in it."""

    shop: Shop
    agent: Agent
    secret: str = ""
    customers: dict[str, int] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    listings: dict[str, int] = field(default_factory=dict)
    methods: dict[str, int] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)  # our code -> the set's word
    mark: int = 0  # the transaction that loaded it
    counts: dict[str, int] = field(default_factory=dict)


def cents(value: Any, name: str = "") -> Any:
    """The same with every sum as whole cents: the set's sums carry binary noise, ours do not."""
    if name in SUMS:
        return minor(value)
    if isinstance(value, dict):
        return {key: cents(inner, key) for key, inner in value.items()}
    return [cents(inner) for inner in value] if isinstance(value, list) else value


def minor(amount: str | int) -> int:
    return Money.of(Decimal(amount), CURRENCY).minor


def load(start: Mapping[str, Any]) -> World:
    """The whole start in a handful of statements."""
    agent = Agent.objects.create(username="bench", role=Agent.Role.ADMIN)
    world = World(Shop.objects.create(name="Retail", platform="email", created_at=clock.now()), agent)
    world.secret = team.new_token(agent, "bench", ["read", "write"], by=agent)[1]
    _load_products(world, start["products"])
    _load_users(world, start["users"])
    listed = {number: None for user in start["users"].values() for number in user["orders"]} | dict.fromkeys(start["orders"])
    _load_orders(world, {number: start["orders"][number] for number in listed})
    return world


def mark(world: World) -> None:
    """Remember what stands, so that `_retail_export.touched` need not look at all of it. Call once the load is committed."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()::text::bigint")
        world.mark = cursor.fetchone()[0]
    world.counts = {table: count(table) for table in OWNERS}


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return int(cursor.fetchone()[0])


def _load_products(world: World, products: Record) -> None:
    rows = Product.objects.bulk_create(Product(name=each["name"], created_at=clock.now()) for each in products.values())
    pairs = [(row, each, one) for row, each in zip(rows, products.values(), strict=True) for one in each["variants"].values()]
    skus = Sku.objects.bulk_create(
        Sku(product=row, code=one["item_id"], options=one["options"], created_at=clock.now()) for row, _each, one in pairs
    )
    listings = Listing.objects.bulk_create(
        Listing(
            shop=world.shop, sku=sku, item=each["product_id"], model=one["item_id"], code=one["item_id"], title=each["name"],
            options=one["options"], price_minor=minor(one["price"]), currency=CURRENCY, on_sale=one["available"], seen_at=clock.now(),
        )
        for sku, (_row, each, one) in zip(skus, pairs, strict=True)
    )  # fmt: skip
    world.listings = {listing.model: listing.pk for listing in listings}


def _load_users(world: World, users: Record) -> None:
    rows = Customer.objects.bulk_create(
        Customer(
            name=f"{user['name']['first_name']}\t{user['name']['last_name']}",
            address=kept(address_of(world, user["address"])), created_at=clock.now(),
        )
        for user in users.values()
    )  # fmt: skip
    world.customers = {name: row.pk for name, row in zip(users, rows, strict=True)}
    ids = [
        (row, kind, value)
        for row, (name, user) in zip(rows, users.items(), strict=True)
        for kind, value in (("user", name), ("email", user["email"]))
    ]
    Identity.objects.bulk_create(Identity(customer=row, shop=world.shop, kind=kind, external_id=value) for row, kind, value in ids)
    methods = [_method(world, row, one) for row, user in zip(rows, users.values(), strict=True) for one in user["payment_methods"].values()]
    world.methods = {row.external_id: row.pk for row in PaymentMethod.objects.bulk_create(methods)}


def _method(world: World, customer: Customer, one: Record) -> PaymentMethod:
    balance = minor(one["balance"]) if "balance" in one else None
    return PaymentMethod(
        customer=customer, shop=world.shop, external_id=one["id"], kind=KINDS[one["source"]], brand=one.get("brand", ""),
        last_four=one.get("last_four", ""), balance_minor=balance, currency="" if balance is None else CURRENCY,
    )  # fmt: skip


def _load_orders(world: World, orders: Record) -> None:
    rows = Order.objects.bulk_create(
        Order(
            shop=world.shop, customer_id=world.customers[each["user_id"]], external_id=number, state=STATES[each["status"]],
            currency=CURRENCY, total_minor=sum(minor(item["price"]) for item in each["items"]), first_seen_at=clock.now(),
            address=kept(address_of(world, each["address"])), country="US",
        )
        for number, each in orders.items()
    )  # fmt: skip
    world.orders = {row.external_id: row.pk for row in rows}
    lines = Line.objects.bulk_create(
        _line(row, place, item) for row in rows for place, item in enumerate(orders[row.external_id]["items"], 1)
    )
    Payment.objects.bulk_create(_payment(world, row, one) for row in rows for one in orders[row.external_id]["payment_history"])
    of_order = defaultdict(list)
    for line in lines:
        of_order[line.order_id].append(line)
    Parcel.objects.bulk_create(_parcel(row, of_order[row.pk], one) for row in rows for one in orders[row.external_id]["fulfillments"])


def _line(order: Order, place: int, item: Record) -> Line:
    return Line(
        order=order, external_id=str(place), item=item["product_id"], model=item["item_id"], code=item["item_id"], title=item["name"],
        options=item["options"], quantity=1, price_minor=minor(item["price"]),
    )  # fmt: skip


def _payment(world: World, order: Order, one: Record) -> Payment:
    name = one["payment_method_id"]
    return Payment(
        order=order, kind=one["transaction_type"], minor=minor(one["amount"]), currency=CURRENCY, method=name,
        source_id=world.methods[name], at=clock.now(),
    )  # fmt: skip


def _parcel(order: Order, lines: list[Line], one: Record) -> Parcel:
    free, packed = list(lines), {}
    for item in one["item_ids"]:
        line = next(line for line in free if line.model == item)
        free.remove(line)
        packed[str(line.pk)] = 1
    return Parcel(order=order, number=" ".join(one["tracking_id"]), packed=packed, packed_at=clock.now(), shipped_at=clock.now())


def address_of(world: World, said: Mapping[str, str]) -> Address:
    """The set's address in our fields; its word for the country is remembered."""
    code = get_global("territory_aliases").get(said["country"], [said["country"]])[0]
    world.countries.setdefault(code, said["country"])
    return Address(
        lines=(said["address1"], said["address2"]), city=said["city"], region=said["state"], postcode=said["zip"], country=code
    )  # fmt: skip


# -- writing ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A write of the set with our ids: which act, on which row, with what."""

    act: str
    pk: int
    address: Address | None = None
    method: int = NOTHING
    reason: str = ""
    pieces: tuple[tuple[int, int], ...] = ()  # line, listing


def asked(world: World, name: str, given: Record) -> Asked:
    """Said in our ids. KeyError: an action nobody here knows."""
    act = ACTS[name]
    pk = (world.customers if "user_id" in given else world.orders).get(given.get("user_id") or given.get("order_id", ""), NOTHING)
    if name in ("modify_user_address", "modify_pending_order_address"):
        return Asked(act, pk, address=address_of(world, given))
    reason = given.get("reason", "")
    return Asked(
        act, pk, method=world.methods.get(given.get("payment_method_id", ""), NOTHING), reason=REASONS.get(reason, reason),
        pieces=_pieces(world, pk, given.get("item_ids", []), given.get("new_item_ids")),
    )  # fmt: skip


ACTS = {
    "cancel_pending_order": "cancel",
    "modify_pending_order_address": "address",
    "modify_pending_order_payment": "payment-method",
    "modify_pending_order_items": "articles",
    "exchange_delivered_order_items": "exchange",
    "return_delivered_order_items": "return",
    "modify_user_address": "customer address",
}


def _pieces(world: World, order: int, items: list[str], news: list[str] | None) -> tuple[tuple[int, int], ...]:
    """Each named article is a line of its own, the same one named twice two lines; lists of different length name what is not there."""
    lines = list(Line.objects.filter(order=order).order_by("pk").values_list("pk", "model"))
    found = []
    for place in range(max(len(items), len(news or []))):
        line = next((pair for pair in lines if place < len(items) and pair[1] == items[place]), (NOTHING, ""))
        if line in lines:
            lines.remove(line)
        new = news[place] if news and place < len(news) else ""
        found.append((line[0], world.listings.get(new, NOTHING)))
    return tuple(found)


def by_actions(world: World) -> Callable[[Asked], str]:
    """Writes through our actions."""

    def write(said: Asked) -> str:
        try:
            _act(world, said)
        except (terms.Refused, WrongFacts, PermissionDenied, Order.DoesNotExist, Customer.DoesNotExist) as refused:
            return getattr(refused, "code", "") or type(refused).__name__
        return ""

    return write


def _act(world: World, said: Asked) -> None:
    by = world.agent
    if said.act == "customer address":
        customers.change_address(Customer.objects.get(pk=said.pk), said.address, by=by)
        return
    order = Order.objects.get(pk=said.pk)
    swaps, pieces = [terms.Swap(*pair) for pair in said.pieces], [terms.Piece(line) for line, _listing in said.pieces]
    match said.act:
        case "cancel":
            actions.cancel(order, said.reason, by=by)
        case "address":
            actions.change_address(order, said.address, by=by)
        case "payment-method":
            actions.change_payment(order, said.method, by=by)
        case "articles":
            actions.change_articles(order, swaps, said.method, by=by)
        case "exchange":
            actions.ask_exchange(order, swaps, said.method, by=by)
        case "return":
            actions.ask_return(order, pieces, said.method, by=by)


def by_api(world: World) -> Callable[[Asked], str]:
    """Writes through our HTTP API, as a program with a token: the whole request, from the path to the status."""
    client = Client(SERVER_NAME="localhost", headers={"authorization": f"Bearer {world.secret}"})

    def write(said: Asked) -> str:
        path = f"/api/v1/customers/{said.pk}/address" if said.act == "customer address" else f"/api/v1/orders/{said.pk}/{said.act}"
        answer = client.post(path, json.dumps(_body(said)), "application/json")
        while answer.status_code == 429:
            time.sleep(0.2)
            answer = client.post(path, json.dumps(_body(said)), "application/json")
        if answer.status_code in (200, 201):
            return ""
        if answer.status_code in (404, 409, 422):
            return str(answer.json().get("code") or answer.status_code)
        raise AssertionError(f"{path} answered {answer.status_code}: {answer.content[:200]!r}")

    return write


def _body(said: Asked) -> Record:
    if said.address:
        facts = {name: getattr(said.address, name) for name in ("city", "region", "postcode", "country")}
        return facts | {"lines": list(said.address.lines)}
    swaps = [{"line_id": line, "listing_id": listing} for line, listing in said.pieces]
    pieces = [{"line_id": line} for line, _listing in said.pieces]
    method = {"payment_method_id": said.method}
    bodies = {"cancel": {"reason": said.reason}, "return": method | {"pieces": pieces}, "payment-method": method}
    return bodies.get(said.act, method | {"swaps": swaps})
