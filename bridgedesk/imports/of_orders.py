"""Rows of orders become OrderSeen: what belongs to one order together, what is known already merged in, no state taken back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from bridgedesk.channels.events import Address, LineSeen, OrderSeen, ParcelSeen, Person
from bridgedesk.customers.actions import find_or_create_each
from bridgedesk.customers.models import Customer
from bridgedesk.customers.rules import telephone
from bridgedesk.imports import values
from bridgedesk.imports.kinds import Checked
from bridgedesk.lib.money import Money
from bridgedesk.orders import news
from bridgedesk.orders.models import Line, Order
from bridgedesk.orders.receiving import see_each
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

Group = Sequence[Checked]
TEXTS = ("shipping_method", "payment_method", "buyer_note", "cancel_reason")
MOMENTS = ("placed_at", "paid_at", "shipped_at", "delivered_at", "ship_by", "deliver_by")
SINCE = {"shipped": "shipped_at", "delivered": "delivered_at"}
"""The column that says since when an order is in a state; where it is empty nobody knows."""
LINE = ("line", "sku", "item", "title", "option", "quantity", "price", "line_total")
DATED = (("delivered_at", "delivered"), ("shipped_at", "shipped"), ("paid_at", "to_ship"))
"""Which state a date alone tells, the furthest first."""
RANKS = {
    "": 0, "unpaid": 1, "held": 2, "to_ship": 3, "part_shipped": 4, "cancelling": 5, "shipped": 6, "delivered": 7,
    "returning": 8, "disputed": 8,
    "completed": 9, "cancelled": 10,
}  # fmt: skip
"""How far along an order is: a table is a picture of yesterday, so it only ever brings an order further."""


def groups(rows: Sequence[Checked]) -> list[Group]:
    """Rows of one order that follow each other."""
    return [list(rows) for _number, rows in groupby(rows, key=lambda row: row.values["number"])]


def take(shop: Shop, batch: Sequence[Group], by: Agent | None) -> list[str]:
    """Each group's order as far as it is news: "made", "changed" or "same"."""
    known = _known(shop, batch)
    events = [seen(group, known.get(_number(group))) for group in batch]
    told = [news.tells(order, event) if (order := known.get(event.external_id)) else True for event in events]
    new = [event for event, fresh in zip(events, told, strict=True) if fresh]
    buyers = _buyers(shop, new)
    see_each(shop, [(event, buyers.get(event.external_id)) for event in new])
    return ["same" if not fresh else "changed" if event.external_id in known else "made" for event, fresh in zip(events, told, strict=True)]


def _number(group: Group) -> str:
    return str(group[0].values["number"])


def _known(shop: Shop, batch: Sequence[Group]) -> dict[str, Order]:
    rows = Order.objects.filter(shop=shop, external_id__in={_number(group) for group in batch})
    return {order.external_id: order for order in rows.prefetch_related("lines", "parcels")}


def _buyers(shop: Shop, events: Sequence[OrderSeen]) -> dict[str, Customer]:
    named = [(event.external_id, event.buyer) for event in events if event.buyer]
    found = find_or_create_each(shop, [buyer for _number, buyer in named])
    return {number: customer for (number, _buyer), customer in zip(named, found, strict=True)}


def seen(group: Group, order: Order | None) -> OrderSeen:
    """What the rows of one order tell; of each thing what the first row says that says it."""
    said: dict[str, Any] = {}
    for row in group:
        said = row.values | said
    status, state = _state(said, order)
    lines = _lines(group, order)
    moments: dict[str, Any] = {name: said.get(name) for name in MOMENTS}
    texts: dict[str, Any] = {name: said.get(name, "") for name in TEXTS}
    total, since = said.get("total") or _sum(order, lines), said.get(SINCE.get(state, ""))
    return OrderSeen(
        said["number"], status, since, _person(said), state, total=total, lines=lines, address=_address(said),
        cash_on_delivery=said.get("cash_on_delivery", False), seller_note=said.get("seller_note"), parcels=_parcels(group, said),
        **texts, **moments,
    )  # fmt: skip


def _state(said: Mapping[str, Any], order: Order | None) -> tuple[str, str]:
    """The platform's word and ours, if they bring the order further."""
    word = said.get("state", "")
    state = values.order_state(word) if word else next((name for told, name in DATED if said.get(told)), "")
    if order and (RANKS[state] <= RANKS[order.state] or order.state in ("completed", "cancelled")):
        return ("", "") if order.status or order.state else (word, state)
    return word, state


def _person(said: Mapping[str, Any]) -> Person | None:
    name, country, email = said.get("buyer_name") or said.get("receiver", ""), said.get("country", ""), said.get("buyer_email", "")
    if said.get("buyer"):
        return Person(said["buyer"], "user", name, email, country)
    if email:
        return Person(email, "email", name, email, country)
    number = telephone(said.get("phone", ""), country)
    return Person(number, "phone", name, country=country) if number else None


def _address(said: Mapping[str, Any]) -> Address | None:
    lines = tuple(said[name] for name in ("street", "street2", "street3") if said.get(name))
    if not (lines or said.get("city") or said.get("postcode")):
        return None
    parts = {name: said.get(name, "") for name in ("phone", "district", "city", "region", "postcode", "country")}
    return Address(said.get("receiver", ""), lines=lines, masked="**" in "".join(lines) or "**" in parts["phone"], **parts)


def _parcels(group: Group, said: Mapping[str, Any]) -> tuple[ParcelSeen, ...]:
    """One for each tracking number."""
    numbers = {row.values["tracking"]: row.values for row in group if row.values.get("tracking")}
    return tuple(ParcelSeen(said["number"], number=number, carrier=row.get("carrier", "")) for number, row in numbers.items())


def _lines(group: Group, order: Order | None) -> tuple[LineSeen, ...] | None:
    """The order's lines with what the rows tell of them; lines the table leaves out stay. None where it tells of none."""
    told = [row.values for row in group if any(name in row.values for name in LINE)]
    if not told:
        return None
    lines = {line.external_id: as_seen(line) for line in (order.lines.all() if order else ())}
    before, times = list(lines.values()), defaultdict[str, int](int)
    for row in told:
        key = _key(row, before, times)
        lines[key] = _told(lines.get(key) or LineSeen(key, 1), row)
    return tuple(lines.values())


def as_seen(line: Line) -> LineSeen:
    """A line as it is known, as if told again."""
    price = None if line.price_minor is None else Money(line.price_minor, line.order.currency)
    options = tuple((str(name), str(value)) for name, value in line.options.items())
    return LineSeen(line.external_id, line.quantity, line.title, line.item, line.model, line.code, options, price, line.image)


def _key(row: Mapping[str, Any], known: Sequence[LineSeen], times: dict[str, int]) -> str:
    """Which line a row is about: by its number, else the next known one of the same article, else a new one named by its article."""
    if row.get("line"):
        return str(row["line"])
    name = "/".join(str(row[part]) for part in ("sku", "item", "model", "option") if row.get(part)) or str(row.get("title", "1"))
    of_article = [line.external_id for line in known if _same_article(line, row)]
    times[name] += 1
    if times[name] <= len(of_article):
        return of_article[times[name] - 1]
    return name[:70] if times[name] == 1 else f"{name[:70]}#{times[name]}"


def _same_article(line: LineSeen, row: Mapping[str, Any]) -> bool:
    if row.get("sku") and line.sku:
        return line.sku.casefold() == str(row["sku"]).casefold()
    if row.get("item") and line.item:
        return (line.item, line.model) == (row["item"], row.get("model", line.model))
    return bool(row.get("title")) and line.title == row["title"] and (not row.get("option") or line.options == options(row["option"]))


def _sum(order: Order | None, lines: Sequence[LineSeen] | None) -> Money | None:
    """What the articles cost together, where nobody ever told the total and every price is known."""
    if not lines or (order and order.total_minor is not None):
        return None
    costs = [Money(line.price.minor * line.quantity, line.price.currency) for line in lines if line.price]
    alike = len(costs) == len(lines) and len({cost.currency for cost in costs}) == 1
    return sum(costs[1:], costs[0]) if alike else None


def _told(line: LineSeen, row: Mapping[str, Any]) -> LineSeen:
    quantity = row.get("quantity", line.quantity)
    price = row.get("price") or _one_of(row.get("line_total"), quantity) or line.price
    choice = options(row["option"]) if row.get("option") else line.options
    texts = {name: row.get(name) or getattr(line, name) for name in ("sku", "item", "model", "title", "image")}
    return replace(line, quantity=quantity, price=price, options=choice, **texts)


def _one_of(total: Money | None, pieces: int) -> Money | None:
    return Money.of(total.amount / pieces, total.currency) if total else None


def options(text: str) -> tuple[tuple[str, str], ...]:
    """ "Color: red; Size: M" by name; anything else as it stands."""
    parts = [part.split(":", 1) for part in text.replace("：", ":").replace("；", ";").split(";") if part.strip()]
    if all(len(part) == 2 for part in parts):
        return tuple((name.strip(), value.strip()) for name, value in parts)
    return (("variation", text),)
