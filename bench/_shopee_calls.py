"""What is asked of each Shopee call we make: how it is made here, which fields its page knows, what its answer has to become."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridgedesk.channels.acts import (
    Act,
    AnswerCancellation,
    CancelOrder,
    Level,
    Performed,
    PushStock,
    RefundBuyer,
    ReplyReview,
    ShipParcel,
    SplitOrder,
    WriteNote,
)
from bridgedesk.channels.base import Account
from bridgedesk.channels.events import Event, HealthSeen, OrderSeen, ParcelSeen, PenaltySeen, ReturnSeen, ReviewSeen, StockSeen
from bridgedesk.channels.shopee import Shopee

LINE = "101089151/10004405040/1/0"
Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """One call: made by `call`, understood if `well` of what came of it. `known` are fields its table names beside the sample's."""

    call: Callable[[Account], Any]
    well: Callable[[Any], bool]
    known: frozenset[str] = frozenset()


def _feed(name: str, cursor: str = "") -> Callable[[Account], list[Event]]:
    def read(account: Account) -> list[Event]:
        channel = Shopee()
        return [event for raw in channel.fetch(account, cursor, name).raws for event in channel.parse(account, raw)]

    return read


def _act(act: Act) -> Callable[[Account], Performed]:
    return lambda account: Shopee().perform(account, act)


def _refund(cents: int) -> Callable[[Account], Performed]:
    """So much of a return is paid back, of which 10 dollars are asked for (see `asked_for`)."""
    return _act(RefundBuyer("A1", cents, "SGD", "R1"))


def asked_for(told: Answer, *, countered: bool) -> Answer:
    """The return of the sample as it stands before it is answered: asked for, or with a sum the buyer proposed."""
    inner = {**told["response"], "status": "REQUESTED", "refund_amount": 10, "currency": "SGD"}
    if countered:
        latest = {"latest_solution": "REFUND", "latest_offer_amount": 9, "latest_offer_creator": inner["user"]["username"]}
        inner["negotiation"] = {"negotiation_status": "PENDING_RESPOND", **latest}
    return {**told, "response": inner}


def _some(kind: type, well: Callable[[Any], object] = lambda event: True) -> Callable[[list[Event]], bool]:
    return lambda events: bool(events) and any(isinstance(event, kind) and well(event) for event in events)


def _done(result: Performed) -> bool:
    return isinstance(result, Performed)


def _fields(*names: str) -> frozenset[str]:
    return frozenset(names)


SPAN = ("time_range_field", "time_from", "time_to", "page_size", "cursor", "order_status", "response_optional_fields")
CALLS: dict[str, Asked] = {
    "v2.order.get_order_list": Asked(_feed("orders"), _some(OrderSeen), _fields(*SPAN)),
    "v2.order.get_order_detail": Asked(
        _feed("orders"), _some(OrderSeen, lambda o: o.lines and o.total and o.address and o.parcels),
        _fields("order_sn_list", "request_order_status_pending", "response_optional_fields"),
    ),
    "v2.logistics.get_tracking_number": Asked(
        _feed("parcels"), _some(ParcelSeen, lambda p: p.number), _fields("order_sn", "package_number", "response_optional_fields")
    ),
    "v2.logistics.get_tracking_info": Asked(
        _feed("parcels"), _some(ParcelSeen, lambda p: p.events and p.status and p.pickup_code), _fields("order_sn", "package_number")
    ),
    "v2.product.get_item_list": Asked(
        _feed("stock"), _some(StockSeen), _fields("offset", "page_size", "update_time_from", "update_time_to", "item_status")
    ),
    "v2.product.get_item_base_info": Asked(
        _feed("stock"), _some(StockSeen, lambda s: s.title), _fields("item_id_list", "need_tax_info", "need_complaint_policy")
    ),
    "v2.product.get_model_list": Asked(_feed("stock"), _some(StockSeen, lambda s: s.listed is not None and s.price), _fields("item_id")),
    "v2.product.get_comment": Asked(
        _feed("reviews"), _some(ReviewSeen, lambda r: r.stars and r.reply and r.changeable),
        _fields("item_id", "comment_id", "cursor", "page_size"),
    ),
    "v2.returns.get_return_list": Asked(
        _feed("returns"), _some(ReturnSeen, lambda r: r.refund and r.answer_by and r.check_by),
        _fields("page_no", "page_size", "create_time_from", "create_time_to", "update_time_from", "update_time_to", "status",
                "negotiation_status", "seller_proof_status", "seller_compensation_status"),
    ),
    "v2.returns.get_return_detail": Asked(
        _feed("returns"),
        _some(ReturnSeen, lambda r: r.state == "agreed" and r.buyer_ships_by and r.meta.get("videos")),
        _fields("return_sn"),
    ),
    "v2.account_health.get_shop_performance": Asked(_feed("health"), lambda e: len(e) == 16 and all(h.target is not None for h in e)),
    "v2.account_health.get_late_orders": Asked(
        _feed("health", "[1, 1]"), _some(HealthSeen, lambda h: h.value == 19), _fields("page_no", "page_size")
    ),
    "v2.account_health.get_penalty_point_history": Asked(
        _feed("health", "[2, 1]"), lambda e: len(e) == 8 and all(isinstance(p, PenaltySeen) for p in e),
        _fields("page_no", "page_size", "violation_type"),
    ),
    "v2.order.set_note": Asked(_act(WriteNote("A1", "note")), _done),
    "v2.order.cancel_order": Asked(_act(CancelOrder("A1", "customer_request")), _done, _fields("item_list")),
    "v2.order.handle_buyer_cancellation": Asked(_act(AnswerCancellation("A1", agree=True)), _done),
    "v2.order.split_order": Asked(
        _act(SplitOrder("A1", (((LINE, 1),), ((LINE, 1),)))), lambda result: len(result.told["packages"]) == 3
    ),
    "v2.logistics.get_shipping_parameter": Asked(_act(ShipParcel("A1", "P1")), _done, _fields("order_sn", "package_number")),
    "v2.logistics.ship_order": Asked(_act(ShipParcel("A1", "P1")), lambda r: r.reference, _fields("dropoff", "non_integrated")),
    "v2.product.update_stock": Asked(_act(PushStock((Level("1000", "", "S", 3),))), lambda r: bool(r.failures)),
    "v2.product.reply_comment": Asked(_act(ReplyReview("1540927", "Thank you")), _done),
    "v2.returns.get_available_solutions": Asked(_refund(800), lambda r: r.waits == "buyer", _fields("return_sn")),
    "v2.returns.offer": Asked(_refund(800), lambda r: r.waits == "buyer"),
    "v2.returns.confirm": Asked(_refund(1000), lambda r: r.waits == "platform"),
    "v2.returns.accept_offer": Asked(_refund(900), lambda r: r.waits == "platform"),
}  # fmt: skip


def read_sample(sample: Any) -> Answer | None:
    """A sample as JSON; one published as text is mended where its slips are plain (a doubled brace, a comma too many or too few)."""
    if isinstance(sample, dict) or sample is None:
        return sample
    text = re.sub(r"^\s*\{\s*\{", "{", str(sample))
    for pattern, put in ((r",(\s*[}\]])", r"\1"), (r'(["\d\]}]|true|false|null)(\s*\n\s*)(?=")', r"\1,\2")):
        text = re.sub(pattern, put, text)
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
