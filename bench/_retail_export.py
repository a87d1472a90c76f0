"""The retail shop of `_retail` in the set's shape again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Q

from bench._retail import OWNERS, REASON_WORDS, SOURCES, STATES, Record, World, count
from bridgedesk.customers.models import Customer, Identity, PaymentMethod
from bridgedesk.orders.models import Line, Order, Parcel, Payment, Return, ReturnLine

Export = dict[str, dict[str, Record]]

WORDS = {state: word for word, state in STATES.items()}
RETURNS = {"refund": "return requested", "exchange": "exchange requested"}


def export(world: World) -> Export:
    """Everything we hold, in the set's shape, sums in cents."""
    return {"users": _users(world, Q()), "orders": _orders(world, Q())}


def touched(world: World) -> tuple[set[int], set[int]] | None:
    """Orders and customers with a row written since `mark`, by PostgreSQL's own word; None: rows are gone, look at everything."""
    found: dict[str, set[int]] = {"order": set(), "customer": set()}
    for table, (owner, column) in OWNERS.items():
        with connection.cursor() as cursor:
            cursor.execute(f"select {column} from {table} where xmin::text::bigint > %s", [world.mark])
            rows = cursor.fetchall()
        if count(table) < world.counts[table]:
            return None
        found[owner] |= {row[0] for row in rows}
    return found["order"], found["customer"]


def export_now(world: World, begun: Export) -> Export:
    """The same from an earlier export, with what was touched since `mark` read again."""
    changed = touched(world)
    if changed is None:
        return export(world)
    orders, customers_ = changed
    return {
        "users": begun["users"] | (_users(world, Q(pk__in=customers_)) if customers_ else {}),
        "orders": begun["orders"] | (_orders(world, Q(pk__in=orders)) if orders else {}),
    }


def _grouped(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def _users(world: World, which: Q) -> dict[str, Record]:
    rows = list(Customer.objects.filter(which).values("id", "name", "address"))
    pks = [row["id"] for row in rows]
    names = {pk: name for name, pk in world.customers.items()}
    mails = dict(Identity.objects.filter(kind="email", customer__in=pks).values_list("customer", "external_id"))
    methods = _grouped(PaymentMethod.objects.filter(customer__in=pks).order_by("pk").values(), "customer_id")
    orders = _grouped(Order.objects.filter(customer__in=pks).order_by("pk").values("customer_id", "external_id"), "customer_id")
    return {
        names[row["id"]]: {
            "name": dict(zip(("first_name", "last_name"), row["name"].split("\t"), strict=True)),
            "address": _address(world, row["address"]),
            "email": mails[row["id"]],
            "payment_methods": {one["external_id"]: _source(one) for one in methods[row["id"]]},
            "orders": [one["external_id"] for one in orders[row["id"]]],
        }
        for row in rows
    }


def _source(one: Record) -> Record:
    told = {"id": one["external_id"], "source": SOURCES[one["kind"]]}
    more = {"brand": one["brand"], "last_four": one["last_four"], "balance": one["balance_minor"]}
    return told | {name: value for name, value in more.items() if value not in ("", None)}


def _address(world: World, stored: Record) -> Record:
    first, second = [*stored["lines"], "", ""][:2]
    place = {"city": stored["city"], "state": stored["region"], "zip": stored["postcode"]}
    return place | {"address1": first, "address2": second, "country": world.countries.get(stored["country"], stored["country"])}


def _orders(world: World, which: Q) -> dict[str, Record]:
    rows = list(Order.objects.filter(which).values())
    pks = [row["id"] for row in rows]
    names = {pk: name for name, pk in world.customers.items()}
    rest = _Rest(pks, {pk: name for name, pk in world.methods.items()})
    return {row["external_id"]: _order(world, row, names[row["customer_id"]], rest) for row in rows}


class _Rest:
    """What hangs on orders, by order."""

    def __init__(self, pks: list[int], methods: Mapping[int, str]) -> None:
        self.methods = methods
        self.lines = _grouped(Line.objects.filter(order__in=pks).order_by("pk").values(), "order_id")
        self.payments = _grouped(Payment.objects.filter(order__in=pks).order_by("pk").values(), "order_id")
        self.parcels = _grouped(Parcel.objects.filter(order__in=pks).order_by("pk").values("order_id", "number", "packed"), "order_id")
        self.returns = {row["order_id"]: row for row in Return.objects.filter(order__in=pks).exclude(state="withdrawn").values()}
        pieces = ReturnLine.objects.filter(returned__order__in=pks)
        self.pieces = _grouped(pieces.values("returned_id", "quantity", "line__model", "listing__model"), "returned_id")


def _order(world: World, row: Record, user: str, rest: _Rest) -> Record:
    pk = row["id"]
    lines, returned = rest.lines[pk], rest.returns.get(pk)
    told = {
        "order_id": row["external_id"],
        "user_id": user,
        "address": _address(world, row["address"]),
        "items": [_item(line) for line in lines for _piece in range(line["quantity"])],
        "fulfillments": [_fulfilment(parcel, lines) for parcel in rest.parcels[pk]],
        "status": _status(row, returned),
        "payment_history": [
            {"transaction_type": one["kind"], "amount": one["minor"], "payment_method_id": rest.methods[one["source_id"]]}
            for one in rest.payments[pk]
        ],
    }
    if row["cancel_reason"]:
        told["cancel_reason"] = REASON_WORDS.get(row["cancel_reason"], row["cancel_reason"])
    return told | (_return(returned, rest.pieces[returned["id"]], rest.methods) if returned else {})


def _item(line: Record) -> Record:
    told = {"name": line["title"], "product_id": line["item"], "item_id": line["model"]}
    return told | {"price": line["price_minor"], "options": line["options"]}


def _fulfilment(parcel: Record, lines: list[Record]) -> Record:
    models = {str(line["id"]): line["model"] for line in lines}
    return {"tracking_id": parcel["number"].split(), "item_ids": [models[pk] for pk in parcel["packed"]]}


def _status(order: Record, returned: Record | None) -> str:
    if returned and order["state"] == "returning":
        return RETURNS[returned["kind"]]
    return "pending (item modified)" if order["state"] == "to_ship" and order["articles_changed_at"] else WORDS[order["state"]]


def _return(returned: Record, lines: list[Record], methods: Mapping[int, str]) -> Record:
    old = sorted(line["line__model"] for line in lines for _piece in range(line["quantity"]))
    source = methods[returned["source_id"]]
    if returned["kind"] == "refund":
        return {"return_items": old, "return_payment_method_id": source}
    new = sorted(line["listing__model"] for line in lines for _piece in range(line["quantity"]))
    return {
        "exchange_items": old, "exchange_new_items": new, "exchange_payment_method_id": source,
        "exchange_price_difference": returned["difference_minor"],
    }  # fmt: skip
