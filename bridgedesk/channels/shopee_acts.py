"""What we do with an order, a listing, a rating at Shopee. Done twice, each does no harm: what is done already is looked at first.

Sources: v2.order.*, v2.logistics.get_shipping_parameter and ship_order, v2.product.update_stock and reply_comment [O].
Shopee has no call that extends the time to confirm receipt, merges orders or changes a price: those stay by hand. Returns are answered
by shopee_answers.
"""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import shopee_answers as answers
from bridgedesk.channels.acts import (
    Act,
    AnswerCancellation,
    CancelOrder,
    Level,
    Performed,
    PushStock,
    RefundBuyer,
    ReplyReview,
    SendReturnLabel,
    ShipParcel,
    SplitOrder,
    WriteNote,
)
from bridgedesk.channels.base import Account, ByHand, NeedsReconnect, NotPermitted, SendError
from bridgedesk.channels.policy import policy
from bridgedesk.channels.shopee_api import call
from bridgedesk.channels.shopee_feeds import details
from bridgedesk.channels.shopee_orders import line_id, line_ids
from bridgedesk.channels.shopee_shipping import ship
from bridgedesk.channels.shopee_values import Json, count, id_of, rows, told
from bridgedesk.lib import clock

REPLY = 500
"""Characters of an answer to a rating, at least one [O]."""
LEVELS = 50
"""Variations of one stock call [O]."""


def write_note(account: Account, act: WriteNote) -> Performed:
    """In place of the note that stands."""
    call(account, "POST", "order/set_note", body={"order_sn": act.order, "note": act.text}, acts=True)
    return Performed()


def cancel(account: Account, act: CancelOrder) -> Performed:
    """The whole order, or the lines that cannot be had; before it is shipped only."""
    order = details(account, [act.order])[0]
    if told(order.get("order_status")) == "CANCELLED":
        return Performed()
    listed = policy("shopee").listed("cancel_reasons", clock.now(), account.region)
    if listed is None or act.reason not in listed.words:
        raise SendError(noop("Shopee knows no such reason to cancel."), permanent=True, code="reason")
    items = {line_id(item): item for item in rows(order, "item_list")}
    body: Json = {"order_sn": act.order, "cancel_reason": listed.words[act.reason]}
    if act.lines:
        body["partial_cancel_item_list"] = [_line(line, items) for line in act.lines]
    elif act.reason == "out_of_stock":
        body["item_list"] = [{name: ids[name] for name in ("item_id", "model_id")} for ids in map(_ids, items)]
    return Performed(told=call(account, "POST", "order/cancel_order", body=body, acts=True))


def _ids(line: str) -> dict[str, int]:
    try:
        return line_ids(line)
    except ValueError:
        raise SendError(noop("This line is none of Shopee's."), permanent=True, code="line") from None


def _line(line: str, items: Mapping[str, Json]) -> Json:
    if line not in items:
        raise SendError(noop("This line is not in the order any more."), permanent=True, code="line")
    return {**_ids(line), "model_quantity": count(items[line].get("model_quantity_purchased")) or 1}


def answer_cancellation(account: Account, act: AnswerCancellation) -> Performed:
    """Yes or no to a buyer who wants to cancel; a wish that is settled as we want it needs no answer."""
    status = told(details(account, [act.order])[0].get("order_status"))
    if status and status != "IN_CANCEL":
        if act.agree == (status == "CANCELLED"):
            return Performed()
        raise SendError(noop("The buyer's wish to cancel is settled already."), permanent=True, code="settled")
    body = {"order_sn": act.order, "operation": "ACCEPT" if act.agree else "REJECT"}
    return Performed(told=call(account, "POST", "order/handle_buyer_cancellation", body=body, acts=True))


def split(account: Account, act: SplitOrder) -> Performed:
    """Into the parcels named, unless the order lies in as many already."""
    packages = rows(details(account, [act.order])[0], "package_list")
    if len(packages) == len(act.parcels) > 1:
        return Performed(told=_numbers(packages))
    parcels = [{"item_list": [{**_ids(line), "model_quantity": pieces} for line, pieces in parcel]} for parcel in act.parcels]
    answer = call(account, "POST", "order/split_order", body={"order_sn": act.order, "package_list": parcels}, acts=True)
    return Performed(told=_numbers(rows(answer, "package_list")))


def _numbers(packages: list[Json]) -> dict[str, object]:
    return {"packages": [id_of(row.get("package_number")) for row in packages]}


def push_stock(account: Account, act: PushStock) -> Performed:
    """Each listing in calls of its own; a variation or listing the platform does not take is told, the others are set."""
    failures: list[tuple[tuple[str, str], str]] = []
    for item, of_item in groupby(sorted(act.levels, key=lambda level: level.item), key=lambda level: level.item):
        levels = tuple(of_item)
        for start in range(0, len(levels), LEVELS):
            failures += _set_stock(account, item, levels[start : start + LEVELS])
    return Performed(failures=tuple(failures))


def _set_stock(account: Account, item: str, levels: tuple[Level, ...]) -> list[tuple[tuple[str, str], str]]:
    """What was not taken: under an empty `error` too the answer may name failures [O]."""
    if not all(number.isascii() and number.isdigit() for number in (item, *(level.model or "0" for level in levels))):
        return [((item, level.model), noop("This listing is none of Shopee's.")) for level in levels]
    stock = [{"model_id": int(level.model or 0), "seller_stock": [{"stock": level.quantity}]} for level in levels]
    try:
        answer = call(account, "POST", "product/update_stock", body={"item_id": int(item), "stock_list": stock}, acts=True)
    except (NeedsReconnect, NotPermitted):
        raise
    except SendError as error:
        if not error.permanent:
            raise
        return [((item, level.model), str(error)) for level in levels]
    refused = {id_of(row.get("model_id")): told(row.get("failed_reason")) for row in rows(answer, "failure_list")}
    return [((item, level.model), refused[level.model]) for level in levels if level.model in refused]


def reply(account: Account, act: ReplyReview) -> Performed:
    """In public, once."""
    if not 1 <= len(act.text) <= REPLY:
        raise SendError(noop("Shopee takes 1 to 500 characters as an answer to a review."), permanent=True, code="length")
    if not (act.review.isascii() and act.review.isdigit()):
        raise SendError(noop("This review is none of Shopee's."), permanent=True, code="review")
    body = {"comment_list": [{"comment_id": int(act.review), "comment": act.text}]}
    results = rows(call(account, "POST", "product/reply_comment", body=body, acts=True), "result_list")
    failed = next((row for row in results if told(row.get("fail_error"))), None)
    if failed:
        raise SendError(told(failed.get("fail_message")) or told(failed.get("fail_error")), permanent=True, code=told(failed["fail_error"]))
    return Performed()


ACTS: dict[type[Act], Callable[[Account, Any], Performed]] = {
    WriteNote: write_note,
    CancelOrder: cancel,
    AnswerCancellation: answer_cancellation,
    SplitOrder: split,
    ShipParcel: ship,
    PushStock: push_stock,
    ReplyReview: reply,
    RefundBuyer: answers.refund,
    SendReturnLabel: answers.send_back,
}


def perform(account: Account, act: Act) -> Performed:
    """Do it; ByHand for what Shopee has no call for."""
    if type(act) not in ACTS:
        raise ByHand(noop("Shopee has no interface for this."))
    return ACTS[type(act)](account, act)
