"""The calls of the pretend AliExpress about disputes, in the platform's shapes (times US Pacific)."""

import json
from collections.abc import Callable
from typing import Any

from bridgedesk.sandbox.aliexpress_disputes import RETURN_ADDRESS, Issue, Solution
from bridgedesk.sandbox.aliexpress_market import Market, dollars, written
from bridgedesk.sandbox.aliexpress_trade import AliOrder

Params = dict[str, Any]


def listed(market: Market, params: Params) -> Params:
    """Disputes in one state, the newest first."""
    asked = json.loads(params["query_dto"])
    found = [(order, issue) for order, issue in market.disputes() if state(issue) == asked["issue_status"]]
    found.sort(key=lambda pair: pair[1].at, reverse=True)
    size, page = int(asked["page_size"]), int(asked["current_page"])
    rows = [_row(order, issue) for order, issue in found[(page - 1) * size : page * size]]
    return {"data_list": rows, "current_page": page, "page_size": size, "total_item": len(found)}


def _row(order: AliOrder, issue: Issue) -> Params:
    return {
        "issue_id": issue.id, "order_id": int(issue.line), "parent_order_id": int(order.id), "buyer_login_id": order.buyer.login,
        "gmt_create": written(issue.at), "gmt_modified": written(issue.changed),
        "issue_status": state(issue), "reason_chinese": "商品不能正常工作", "reason_english": "Product not working properly",
    }  # fmt: skip


def detail(market: Market, params: Params) -> Params:
    """One dispute with what both sides proposed."""
    order, issue = _found(market, params)
    if order is None or issue is None:
        return _refused("ISSUE_NOT_EXIST", "issue not exist")
    title = next(product.title for line, product, _kind, _pieces in order.lines if line == issue.line)
    said = {"action_type": "initiate", "content": "The lamp does not light up.", "submit_member_type": "buyer", "attachments": []}
    told = {
        "issue_status": state(issue), "product_name": title, "refund_money_max": dollars(issue.most),
        "buyer_solution_list": _solutions(issue, "buyer"), "seller_solution_list": _solutions(issue, "seller"),
        "platform_solution_list": [], "process_dto_list": [said], "timeout_type": "seller_response_timeout",
        "timeout_trigger_time": written(issue.due), "reverse_detail_status": "", "after_sale_warranty": False,
    }  # fmt: skip
    return {"result_object": told}


def agree(market: Market, params: Params) -> Params:
    """The seller says yes to the buyer's solution."""
    _order, issue = _found(market, params)
    why = (
        issue.agree(params.get("solution_id", ""), params.get("return_address_id", ""), market.world.now()) if issue else "issue not exist"
    )
    return _refused("ISSUE_SOLUTION_ERROR", why) if why else {"result_object": True, "result_code": "200"}


def save(market: Market, params: Params) -> Params:
    """The seller proposes a solution, or changes the one proposed."""
    asked = json.loads(params["param_dto"])
    _order, issue = _found(market, asked)
    why = issue.propose(asked, market.world.serial() % 10**15, market.world.now()) if issue else "issue not exist"
    return _refused("ISSUE_SOLUTION_ERROR", why) if why else {"result_object": True, "result_code": "200"}


def addresses(_market: Market, params: Params) -> Params:
    """The seller's addresses of the kinds asked for."""
    one = {"address_id": RETURN_ADDRESS, "is_default": 1, "country": "CN", "city": "Shenzhen"}
    return {"result_success": True} | {f"{kind}_seller_address_list": [one] for kind in params["seller_address_query"].split(",")}


def state(issue: Issue) -> str:
    """The platform's word for it."""
    return issue.ended[0] if issue.ended else "processing"


def _found(market: Market, asked: Params) -> tuple[AliOrder | None, Issue | None]:
    number, login = str(asked.get("issue_id")), asked.get("buyer_login_id")
    return next(((o, i) for o, i in market.disputes() if str(i.id) == number and o.buyer.login == login), (None, None))


def _solutions(issue: Issue, side: str) -> list[Params]:
    return [_solution(one, default=one is issue.of(side)) for one in issue.solutions if one.by == side]


def _solution(one: Solution, *, default: bool) -> Params:
    """Sums as the SDK has them: text, with the currency beside it."""
    amount = f"{one.cents / 100:.2f}"
    return {
        "id": one.id, "solution_type": one.kind, "solution_owner": one.by, "is_default": default, "content": one.text, "status": one.status,
        "refund_money": amount, "refund_money_currency": "USD", "refund_money_post": amount, "refund_money_post_currency": "USD",
        "gmt_create": written(one.at), "gmt_modified": written(one.at), "reached_type": one.reached, "version": 1,
    }  # fmt: skip


def _refused(code: str, words: str) -> Params:
    return {"result": {"success": False, "error_code": code, "error_message": words}}


CALLS: dict[str, Callable[[Market, Params], Params]] = {
    "aliexpress.issue.issuelist.get": listed,
    "aliexpress.issue.detail.get": detail,
    "aliexpress.issue.solution.agree": agree,
    "aliexpress.issue.solution.save": save,
    "aliexpress.logistics.redefining.getlogisticsselleraddresses": addresses,
}
