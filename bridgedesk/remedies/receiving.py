"""Returns as platforms tell of them. News older than what is known changes nothing; what is untold stays."""

from datetime import datetime

from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import OrderSeen, ReturnSeen
from bridgedesk.lib import clock
from bridgedesk.lib.storable import deep, fit, plain
from bridgedesk.orders import actions as orders
from bridgedesk.orders.models import Order
from bridgedesk.remedies import rules, settling
from bridgedesk.remedies.models import Case
from bridgedesk.shops.models import Shop

TEXTS = {"status": 40, "state": 10, "reason": 80, "text": 20_000, "number": 64}
MOMENTS = ("answer_by", "buyer_ships_by", "check_by")


@transaction.atomic
def see(shop: Shop, event: ReturnSeen) -> Case:
    """Note a return and its clocks, and what became of its money. Repeats are no-ops."""
    number, now = fit(event.external_id, 80), clock.now()
    settling.hold(shop, number)
    case = Case.objects.select_for_update(of=("self",)).filter(shop=shop, external_id=number).first()
    if case is None:
        case = _told(shop, _order(shop, event.order), number, now)
        record("return_seen", case, by=None, actor="channel", shop=shop.pk, order=case.order.external_id)
    if not (event.at and case.status_at and event.at < case.status_at):
        _take(case, event)
        settling.follow(case, event)
    case.save()
    return case


def _told(shop: Shop, order: Order, number: str, now: datetime) -> Case:
    """A case of our own about the same order that still runs is this one; else it is new."""
    own = Case.objects.select_for_update(of=("self",)).filter(shop=shop, order=order, external_id="").exclude(state__in=rules.ENDED)
    if case := own.order_by("pk").first():
        case.external_id = number
        return case
    return Case.objects.create(shop=shop, order=order, external_id=number, first_seen_at=now)


def _order(shop: Shop, number: str) -> Order:
    return Order.objects.filter(shop=shop, external_id=fit(number, 80)).first() or orders.see(shop, OrderSeen(number))


def _take(case: Case, event: ReturnSeen) -> None:
    before = case.state or case.status
    for name, most in TEXTS.items():
        if value := getattr(event, name):
            setattr(case, name, plain(value)[:most])
    for name in MOMENTS:
        if value := getattr(event, name):
            setattr(case, name, value)
    if event.refund is not None:
        case.refund_minor, case.currency = event.refund.minor, event.refund.currency
    if event.goods_come_back is not None:
        case.goods_come_back = event.goods_come_back
    case.lines, case.images = deep(list(event.lines)) or case.lines, deep(list(event.images)) or case.images
    case.more, case.status_at = {**case.more, **deep(event.meta)}, event.at or case.status_at
    _set_clock(case, offered=event.money == "offered")
    if before and before != (case.state or case.status):
        record("return_status", case, by=None, actor="channel", shop=case.shop_id, before=before, after=case.state or case.status)


def _set_clock(case: Case, *, offered: bool) -> None:
    case.next_clock, case.next_by = rules.next_clock(
        case.state,
        answer_by=case.answer_by,
        buyer_ships_by=case.buyer_ships_by,
        check_by=case.check_by,
        goods_come_back=case.goods_come_back,
        shipped=bool(case.number),
        offered=offered,
    )
