"""What is at stake in a case: sums taken from order, articles and figures until somebody corrects them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from bridgedesk.channels.policy import policy_name
from bridgedesk.lib import clock
from bridgedesk.orders.models import Line, Order, PlatformAct
from bridgedesk.products.models import Fact, Sku
from bridgedesk.remedies.figures import Held, converted, held
from bridgedesk.remedies.models import Case, Offer
from bridgedesk.remedies.rulebook import RETURNS, book
from bridgedesk.remedies.rules import Matter

SUMS = ("paid", "freight_paid", "goods", "freight_out", "freight_back")


@dataclass(frozen=True)
class Taken:
    """Minor units of the order's currency. `assumed` names those no record holds."""

    sums: Mapping[str, int]
    assumed: tuple[str, ...]


def guessed(order: Order, picked: Mapping[str, int], figures: Held) -> Taken:
    """What order and articles say of these pieces ({line id: pieces}; empty: of all), the shop's figures for the rest."""
    lines = chosen(order, picked)
    paid, known = _paid(order, lines, all_of_it=not picked)
    goods = [_cost(line, pieces, order.currency) for line, pieces in lines]
    kilos = Fraction(sum((line.sku.weight_g or 0) * pieces for line, pieces in lines if line.sku), 1000)
    sums = {
        "paid": paid,
        "freight_paid": 0,
        "goods": sum(cost or 0 for cost in goods) if None not in goods and goods else round(figures.values["goods"] * paid),
        "freight_out": round(figures.values["freight_out"] + kilos * figures.values["freight_out_kg"]),
        "freight_back": round(figures.values["freight_back"] + kilos * figures.values["freight_back_kg"]),
    }
    assumed = ["freight_out", "freight_back", *([] if known else ["paid"]), *(["goods"] if None in goods or not goods else [])]
    return Taken(sums, tuple(assumed))


def chosen(order: Order, picked: Mapping[str, int]) -> list[tuple[Line, int]]:
    """The lines a case is about, with their pieces."""
    rows = list(order.lines.select_related("sku"))
    return [(line, picked.get(str(line.pk), 0) if picked else line.quantity) for line in rows if not picked or picked.get(str(line.pk))]


def of(case: Case, figures: Held) -> Taken:
    """The case's sums: as somebody put them down, else as guessed."""
    taken = guessed(case.order, case.lines_picked, figures)
    own = {name: int(value) for name, value in case.stakes.items() if name in SUMS}
    return Taken(dict(taken.sums) | own, tuple(name for name in taken.assumed if name not in own))


def matter(case: Case, taken: Taken, now: datetime) -> Matter:
    """As the rules take it."""
    lines = chosen(case.order, case.lines_picked)
    since = case.order.delivered_at
    salvage = case.stakes.get("salvage")
    return Matter(
        fault=case.fault,
        platform=policy_name(case.shop),
        country=case.order.country,
        on=now.date(),
        days=(now - since).days if since else None,
        refundable=refundable(case.order, besides=case),
        salvage=None if salvage is None else Fraction(int(salvage), 100),
        stock=all(_in_stock(line.sku, pieces) for line, pieces in lines),
        guidance=_guidance([line for line, _pieces in lines]),
        tone=case.tone,
        **taken.sums,
    )


def reckoned(case: Case) -> tuple[Held, Taken, Matter]:
    """Figures, sums and the matter as they are now."""
    now = clock.now()
    figures = held(case.shop, case.order.currency or "USD", now)
    taken = of(case, figures)
    return figures, taken, matter(case, taken, now)


def salvage(case: Case) -> int:
    """What all of the case's goods are worth to us when they come back, as reckoned now."""
    _figures, taken, about = reckoned(case)
    share = book().salvage[case.fault] if about.salvage is None else about.salvage
    return round(share * taken.sums["goods"])


def refundable(order: Order, *, besides: Case | None = None) -> int | None:
    """What is left of what was paid, decided refunds taken off, but not what `besides` promised itself; None where nobody told."""
    rows = list(order.payments.all())
    back = sum(row.minor for row in rows if row.kind == "refund")
    paid = sum(row.minor for row in rows if row.kind == "payment") or order.total_minor
    return None if paid is None else max(0, paid - back - _on_its_way(order) - _promised(order, besides))


def _on_its_way(order: Order) -> int:
    """Refunds that were decided and that no platform has confirmed yet."""
    ended = [PlatformAct.State.DONE, PlatformAct.State.WITHDRAWN]
    acts = order.acts.filter(kind="RefundBuyer").exclude(state__in=ended).values_list("data", flat=True)
    return sum(int(data["minor"]) for data in acts if data["currency"] == order.currency)


def _promised(order: Order, besides: Case | None) -> int:
    """Refunds that wait for goods to come back, in other cases."""
    waiting = Offer.objects.filter(case__order=order, case__closed_at=None, state=Offer.State.ACCEPTED, kind__in=RETURNS)
    return sum(waiting.exclude(case=besides).values_list("refund_minor", flat=True))


def _paid(order: Order, lines: Sequence[tuple[Line, int]], *, all_of_it: bool) -> tuple[int, bool]:
    prices = [None if line.price_minor is None else line.price_minor * pieces for line, pieces in lines]
    if prices and None not in prices:
        return min(sum(price or 0 for price in prices), order.total_minor or 2**62), True
    return order.total_minor or 0, all_of_it and order.total_minor is not None


def _cost(line: Line, pieces: int, currency: str) -> int | None:
    if line.sku is None or line.sku.cost_minor is None:
        return None
    return converted(line.sku.cost_minor, line.sku.cost_currency, currency, book()) * pieces


def _in_stock(sku: Sku | None, pieces: int) -> bool:
    """A count nobody made says nothing against sending it again."""
    return sku is None or (sku.available and (sku.on_hand is None or sku.on_hand - sku.reserve >= pieces))


def _guidance(lines: Sequence[Line]) -> bool:
    """Whether anything true of the articles is on file; articles nobody described say nothing against it."""
    products = {line.sku.product_id for line in lines if line.sku}
    return not products or Fact.objects.filter(product__in=products).exists()
