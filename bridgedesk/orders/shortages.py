"""Orders that wait for what cannot be had: found by what the shelf still covers, closed with the order, taken to a lead in time."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from bridgedesk.channels.policy import PolicyError, Rule, policy, policy_name
from bridgedesk.lib import clock
from bridgedesk.lib.queue import enqueue
from bridgedesk.orders.access import locked
from bridgedesk.orders.holding import tell
from bridgedesk.orders.models import Finding, Line, Order
from bridgedesk.orders.reckoning import OPEN
from bridgedesk.orders.settling import answer_by
from bridgedesk.orders.stockout_models import ShortLine, Stockout
from bridgedesk.products.models import Listing, Sku
from bridgedesk.team.models import Agent

BATCH = 200
CODE = "out_of_stock"
GONE = ("shipped", "delivered", "completed", "cancelled", "returning", "disputed")
TEMPLATES = {(True, True): "out-of-stock-swap", (True, False): "sold-out-swap", (False, True): "sold-out-later"}
"""The letter by what can be offered: a similar article, a later day."""
SIMILAR = 8
State = ShortLine.State


def watch() -> None:
    """What time and other orders change: new orders join, ended ones leave, what is late goes to a lead. Nothing to do costs two looks."""
    for stockout in Stockout.objects.filter(ended_at=None).select_related("sku")[:BATCH]:
        gather(stockout)
    open_rows = ShortLine.objects.exclude(state=State.DONE)
    for row in open_rows.filter(line__order__state__in=GONE)[:BATCH]:
        with transaction.atomic():
            close(held(row), ShortLine.Answer.GONE, by=None)
    for row in open_rows.filter(due_at__lte=clock.now(), escalated_at=None)[:BATCH]:
        escalate(row)


@transaction.atomic
def gather(stockout: Stockout) -> int:
    """Make a row of every line that waits for it and that the shelf does not cover, what leaves first being served first. How many."""
    known = ShortLine.objects.filter(line=OuterRef("pk")).filter(Q(stockout=stockout) | ~Q(state=State.DONE))
    fresh = list(_waiting(stockout.sku).exclude(Exists(known)).select_related("order__shop"))
    new = list(_uncovered(fresh, stockout.sku.on_hand or 0)) if fresh else []
    for line in new:
        order, now = locked(line.order, None), clock.now()
        ShortLine.objects.create(stockout=stockout, line=line, swap=stockout.swap, due_at=answer_by(order, now), created_at=now)
        data = {"code": stockout.sku.code, "title": line.title or line.code, "lines": [line.pk]}
        opened = {
            "weight": "stop",
            "state": Finding.State.OPEN,
            "data": data,
            "due_at": order.ship_by,
            "created_at": now,
            "closed_at": None,
        }
        Finding.objects.update_or_create(order=order, code=CODE, key=str(line.pk), defaults=opened)
        tell(order, "stockout_hit", by=None, code=stockout.sku.code)
    if new:
        enqueue("take_up_events", once="take_up_events")
    return len(new)


@transaction.atomic
def escalate(row: ShortLine) -> None:
    """Nobody ended it in time: leads see it first from now on."""
    if ShortLine.objects.filter(pk=row.pk, escalated_at=None).exclude(state=State.DONE).update(escalated_at=clock.now()):
        tell(row.line.order, "stockout_late", by=None, code=row.stockout.sku.code)


def held(row: ShortLine) -> ShortLine:
    """The row as it stands, its order locked before it, as everybody locks."""
    locked(row.line.order, None)
    near = ("line__order__shop", "stockout__sku", "swap")
    return ShortLine.objects.select_for_update(of=("self",)).select_related(*near).get(pk=row.pk)


def close(row: ShortLine, answer: str, *, by: Agent | None) -> None:
    """It ends; nothing of it keeps the order from being packed any more. The caller holds the row."""
    if row.state == State.DONE:
        return
    row.state, row.answer, row.done_by, row.done_at = State.DONE, answer, by, clock.now()
    row.save()
    ended = {"state": Finding.State.DONE, "closed_by": by, "closed_at": row.done_at}
    Finding.objects.filter(order=row.line.order_id, code=CODE, key=str(row.line_id)).update(**ended)
    tell(row.line.order, "stockout_done", by=by, code=row.stockout.sku.code, answer=answer)


def waiting_for(rows: QuerySet[ShortLine]) -> QuerySet[ShortLine]:
    """With all that a screen shows of them; what is late first, then what has to leave first."""
    near = ("line__order__shop", "line__order__customer", "stockout__sku__product", "swap__product", "asked_by", "answered_by", "done_by")
    return rows.select_related(*near, "stockout__by").order_by(F("escalated_at").asc(nulls_last=True), "due_at", "pk")


def letter(row: ShortLine) -> str:
    """The key of the template that offers what can be offered; "" where there is nothing to offer."""
    return TEMPLATES.get((row.swap_id is not None, row.stockout.back_on is not None), "")


def rule(order: Order) -> Rule | None:
    """What the platform says of writing to a buyer about a problem with the order."""
    try:
        return policy(policy_name(order.shop)).rule("order_problem", clock.now(), order.country)
    except PolicyError:
        return None


def punished(order: Order) -> Any:
    """The platform's check that punishes asking the buyer to cancel; None where it has none."""
    try:
        return policy(policy_name(order.shop)).check("ask_cancel", clock.now(), order.country)
    except PolicyError:
        return None


def facts(order: Order) -> dict[str, Any]:
    """What the letter says: the article as the buyer bought it, what is offered in its place, and when it is back."""
    row = ShortLine.objects.filter(line__order=order).exclude(state=State.DONE).select_related("line", "stockout", "swap__product").first()
    if row is None:
        return {}
    found = {"item.name": _named(row.line.title or row.line.code, row.line.options), "item.back_on": row.stockout.back_on}
    if row.swap:
        listing = Listing.objects.filter(sku=row.swap, shop=order.shop_id).exclude(title="").first()
        found["swap.name"] = _named(listing.title if listing else row.swap.product.name, row.swap.options)
    return {name: value for name, value in found.items() if value}


def similar(row: ShortLine, agent: Agent) -> list[Sku]:
    """Articles to offer instead: on sale in that shop and at hand; another kind of the same product first, then of its category."""
    article, shop = row.stockout.sku, row.line.order.shop_id
    listed = Listing.objects.filter(sku=OuterRef("pk"), shop=shop, on_sale=True)
    enough = Q(on_hand=None, listings__listed__gte=row.line.quantity) | Q(on_hand__gte=F("promised") + F("reserve") + row.line.quantity)
    rows = Sku.objects.visible_to(agent).filter(Exists(listed), enough, available=True).exclude(pk=article.pk).select_related("product")
    kin = Q(product=article.product_id)
    if article.product.category:
        kin |= Q(product__category=article.product.category)
    found = rows.filter(kin).distinct()
    return sorted(found[: SIMILAR * 4], key=lambda sku: (sku.product_id != article.product_id, sku.code))[:SIMILAR]


def _waiting(sku: Sku) -> QuerySet[Line]:
    """Lines of it in orders that have not left, what leaves first being first."""
    rows = Line.objects.filter(sku=sku, order__state__in=OPEN).exclude(order__fulfilled_by="platform")
    return rows.order_by(F("order__ship_by").asc(nulls_last=True), "order_id", "pk")


def _uncovered(lines: list[Line], pieces: int) -> Iterator[Line]:
    for line in lines:
        if line.quantity <= pieces:
            pieces -= line.quantity
        else:
            yield line


def _named(name: str, options: dict[str, Any]) -> str:
    return ", ".join([name, *map(str, options.values())])
