"""What we do with an order, a listing, a review at AliExpress. What is done already is looked at first, where the platform shows it.

Sources: the official SDK's types [O]. AliExpress has no call to cancel a paid order, split it, change its price or ask for a review:
those stay by hand. Disputes are answered by aliexpress_answers.
"""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import aliexpress_answers as answers
from bridgedesk.channels import aliexpress_errors as errors
from bridgedesk.channels.acts import (
    Act,
    AnswerCancellation,
    ExtendReceipt,
    Level,
    Performed,
    PushStock,
    RefundBuyer,
    ReplyReview,
    SendReturnLabel,
    ShipParcel,
    WriteNote,
)
from bridgedesk.channels.aliexpress_api import call, result
from bridgedesk.channels.aliexpress_feeds import detail
from bridgedesk.channels.aliexpress_orders import CANCELLING, TO_SHIP, buyer_of
from bridgedesk.channels.aliexpress_services import service_for
from bridgedesk.channels.aliexpress_values import Json, id_of, is_yes, part, rows, told
from bridgedesk.channels.base import Account, ByHand, NeedsReconnect, NotPermitted, SendError

REMARK = "aliexpress.merchant.redefining.saveremark"
SHIP = "aliexpress.logistics.sellershipmentfortop"
EXTEND = "aliexpress.trade.redefining.extendsbuyeracceptgoodstime"
AGREE, REFUSE = "aliexpress.trade.seller.order.acceptcancel", "aliexpress.trade.seller.order.refusecancel"
STOCK = "aliexpress.solution.batch.product.inventory.update"
REPLY = "aliexpress.evaluation.evaluation.reply"
LISTINGS, VARIATIONS = 20, 200
"""Of one stock call [O]."""
EXTENSION = {
    "100": noop("AliExpress does not know this order."),
    "200": noop("AliExpress has nothing to extend for this order."),
    "201": noop("AliExpress does not extend it any further: the longest time is reached."),
    "210": noop("The order cannot be extended now: it must await receipt, without dispute or freeze."),
    "601": noop("This account may not extend it on AliExpress."),
}
"""sub_error_code [O]. How many days there may be in all is not published [?]."""


def write_note(account: Account, act: WriteNote) -> Performed:
    """In place of the remark that stands."""
    answer = result(call(account, REMARK, {"remark_id": _number(act.order), "content": act.text}, acts=True))
    if (code := told(answer.get("error_code"))) not in ("", "0"):
        raise errors.refusal(code, told(answer.get("error_message")))
    return Performed()


def ship(account: Account, act: ShipParcel) -> Performed:
    """Declare the shipment. A number the order has already is not told twice."""
    if not act.number:
        raise SendError(noop("AliExpress wants the tracking number."), permanent=True, code="no_number")
    order = detail(account, _number(act.order))
    if any(told(row.get("logistics_no")) == act.number for row in rows(order, "logistic_info_list")):
        return Performed(reference=act.number)
    service = service_for(account, act.service or act.carrier, act.number, act.website)
    asked = {
        "logistics_no": act.number,
        "out_ref": act.order,
        "send_type": "part" if _is_part(act, order) else "all",
        "service_name": service.key,
        "tracking_website": act.website if service.is_other else "",
        "description": act.carrier if service.is_other else "",
    }
    result(call(account, SHIP, asked, acts=True))
    return Performed(reference=act.number, told={"service": service.key})


def _is_part(act: ShipParcel, order: Json) -> bool:
    """Whether something of the order is left after this parcel. Pieces of one line count by the line: the platform asks for no more."""
    named = {line for line, pieces in act.lines if pieces > 0}
    children = rows(order, "child_order_list")
    waiting = {id_of(row.get("id")) for row in children if told(row.get("order_status")) in ("", *TO_SHIP)} - {""}
    return bool(named and waiting - named)


def extend(account: Account, act: ExtendReceipt) -> Performed:
    """Give the buyer more days. Its refusals are told by their code, which the deadline's worklist explains."""
    answer = call(account, EXTEND, {"param0": _number(act.order), "param1": act.days}, acts=True)
    inner = part(answer, "result") or answer
    if "is_success" not in inner or is_yes(inner["is_success"]):
        return Performed()
    code = told(inner.get("sub_error_code"))
    raise errors.refusal(code, told(inner.get("memo")), EXTENSION.get(code, errors.REFUSED))


def answer_cancellation(account: Account, act: AnswerCancellation) -> Performed:
    """Yes or no to a buyer who wants to cancel; a wish that is settled needs no answer."""
    order = detail(account, _number(act.order))
    if told(order.get("order_status")) != CANCELLING:
        raise SendError(noop("The buyer's wish to cancel is settled already."), permanent=True, code="settled")
    buyer = buyer_of({}, order)
    asked: Json = {"order_id": _number(act.order), "buyer_login_id": buyer.external_id if buyer else ""}
    result(call(account, AGREE if act.agree else REFUSE, {"param_order_cancel_request": asked}, acts=True))
    return Performed()


def push_stock(account: Account, act: PushStock) -> Performed:
    """Twenty listings a call; one that the platform does not take is told, the others are set."""
    failures = [((level.item, level.model), noop("This listing is none of AliExpress's.")) for level in act.levels if not _is_known(level)]
    whole = sorted(filter(_is_known, act.levels), key=lambda level: level.item)
    parts = [
        (item, levels[start : start + VARIATIONS])
        for item, of_item in groupby(whole, key=lambda level: level.item)
        for levels in [tuple(of_item)]
        for start in range(0, len(levels), VARIATIONS)
    ]
    for start in range(0, len(parts), LISTINGS):
        failures += _set_stock(account, parts[start : start + LISTINGS])
    return Performed(failures=tuple(failures))


def _is_known(level: Level) -> bool:
    """Its number, and the seller's own code: the call knows variations by that alone."""
    return level.item.isascii() and level.item.isdigit() and bool(level.sku or level.model)


def _set_stock(account: Account, parts: list[tuple[str, tuple[Level, ...]]]) -> list[tuple[tuple[str, str], str]]:
    """What was not taken. "mutiple" is how the platform spells it [O]."""
    wanted = [{"product_id": int(item), "multiple_sku_update_list": [_level(one) for one in levels]} for item, levels in parts]
    try:
        answer = call(account, STOCK, {"mutiple_product_update_list": wanted}, acts=True)
    except (NeedsReconnect, NotPermitted):
        raise
    except SendError as error:
        if not error.permanent:
            raise
        return [((item, level.model), str(error)) for item, levels in parts for level in levels]
    return _refused(answer if "result" not in answer else result(answer), parts)


def _level(one: Level) -> Json:
    return {"sku_code": one.sku or one.model, "inventory": max(one.quantity, 0)}


def _refused(answer: Json, parts: list[tuple[str, tuple[Level, ...]]]) -> list[tuple[tuple[str, str], str]]:
    """By listing, as the platform tells it; all where it only says that something failed."""
    failed = {id_of(row.get("product_id")): told(row.get("error_message")) for row in rows(answer, "update_failed_list")}
    told_of = told(answer.get("update_error_message")) or errors.REFUSED
    if not failed and "update_success" in answer and not is_yes(answer["update_success"]):
        failed = {item: told_of for item, _levels in parts}
    return [((item, level.model), failed[item] or told_of) for item, levels in parts if item in failed for level in levels]


def reply(account: Account, act: ReplyReview) -> Performed:
    """In public, under the rating of one article."""
    if not act.text.strip():
        raise SendError(noop("The answer to the review is empty."), permanent=True, code="length")
    asked = {"child_order_id": _number(act.review), "parent_order_id": _number(act.order), "text": act.text}
    result(call(account, REPLY, asked, acts=True))
    return Performed()


def _number(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise SendError(noop("This is no number of AliExpress's."), permanent=True, code="number")
    return text


DO: Mapping[type, Callable[[Account, Any], Performed]] = {
    WriteNote: write_note,
    ShipParcel: ship,
    ExtendReceipt: extend,
    AnswerCancellation: answer_cancellation,
    PushStock: push_stock,
    ReplyReview: reply,
    RefundBuyer: answers.refund,
    SendReturnLabel: answers.send_back,
}


def perform(account: Account, act: Act) -> Performed:
    """Do it; ByHand for what AliExpress has no call for."""
    doing = DO.get(type(act))
    if doing is None:
        raise ByHand(noop("AliExpress has no interface for this."))
    return doing(account, act)
