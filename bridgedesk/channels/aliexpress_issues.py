"""Disputes as AliExpress tells them (aliexpress.issue.issuelist.get, issue.detail.get) [O]. Pure.

Whose turn it is when the timer runs out is not documented beyond the timer's name [?]: unless that names the buyer, it is taken for ours.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_values import Json, id_of, is_yes, moment, money, part, rows, sum_of, told
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Event, ReturnSeen
from bridgedesk.lib.money import Money

STATES = {"processing": "asked", "canceled_issue": "withdrawn", "finish": "closed"}
"""issue_status [O]. What was agreed, and that goods travel back, is told by the solutions."""
RETURN, REFUND = "return_and_refund", "refund"
AGREED = ("reached", "perform")
THEIRS, OURS = "buyer_solution_list", "seller_solution_list"


def issue(data: Json, account: Account) -> list[Event]:
    """One dispute: `listed` as the list tells it, `detail` of the dispute itself."""
    listed, detail = part(data, "listed"), part(data, "detail")
    number, order = id_of(listed.get("issue_id")), id_of(listed.get("parent_order_id")) or id_of(listed.get("order_id"))
    if not number or not order:
        raise Unparsable(noop("a return without its number or order"))
    status, line = told(listed.get("issue_status")), id_of(listed.get("order_id"))
    wanted = _chosen(rows(detail, THEIRS))
    state, (money_is, settling) = _state(status, detail), _money(status, detail)
    seen = ReturnSeen(
        number,
        order,
        status=status,
        state=state,
        reason=told(listed.get("reason_chinese")) or told(listed.get("reason_english")),
        text=_said(detail),
        refund=_sum(wanted) or sum_of(detail, "refund_money_max"),
        at=moment(listed.get("gmt_modified")) or moment(listed.get("gmt_create")),
        answer_by=moment(detail.get("timeout_trigger_time")) if state == "asked" and _is_ours(detail) else None,
        goods_come_back=_come_back(wanted),
        lines=(line,) if line and line != order else (),
        images=tuple(_images(detail)),
        meta=_meta(listed, detail),
        money=money_is,
        settling=settling,
    )
    return [seen]


def _state(status: str, detail: Json) -> str:
    """A dispute under way is agreed when a solution of either side is being carried out, judged when the platform proposed one."""
    state = STATES.get(status, "")
    if state == "asked" and any(_is_agreed(row) for name in (THEIRS, OURS) for row in rows(detail, name)):
        return "agreed"
    if state == "asked" and rows(detail, "platform_solution_list"):
        return "judged"
    return state


def _is_agreed(row: Json) -> bool:
    return told(row.get("status")) in AGREED


def _money(status: str, detail: Json) -> tuple[str, Money | None]:
    """How far the money is, and of which sum. A dispute that ended says nothing of it unless its solution is told [?]."""
    if status == "canceled_issue":
        return "refused", None
    solutions = [row for name in (THEIRS, OURS, "platform_solution_list") for row in rows(detail, name)]
    if agreed := next(filter(_is_agreed, solutions), None):
        return "paid" if status == "finish" else "agreed", _sum(agreed)
    if status == "finish":
        return "", None
    ours = next((row for row in rows(detail, OURS) if told(row.get("status")) == "wait_buyer_accept"), None)
    return ("offered", _sum(ours)) if ours else ("asked", None)


def sum_in(solution: Json, currency: str) -> Money | None:
    """What a solution pays, in that currency: each tells the buyer's and the seller's [O]; None where neither is it."""
    found: tuple[Money | None, ...] = (
        sum_of(solution, "refund_money"),
        money(solution.get("refund_money"), solution.get("refund_money_currency")),
        money(solution.get("refund_money_post"), solution.get("refund_money_post_currency")),
    )
    return next((each for each in found if each and each.currency == currency), None)


def _sum(solution: Json) -> Money | None:
    """The seller's sum where both are told."""
    for name in ("refund_money_post", "refund_money"):
        found: Money | None = sum_of(solution, name) or money(solution.get(name), solution.get(f"{name}_currency"))
        if found:
            return found
    return None


def _chosen(solutions: list[Json]) -> Json:
    return next((row for row in solutions if is_yes(row.get("is_default"))), solutions[0] if solutions else {})


def _come_back(wanted: Json) -> bool | None:
    kind = told(wanted.get("solution_type"))
    return kind == RETURN if kind in (RETURN, REFUND) else None


def _said(detail: Json) -> str:
    """What the buyer wrote when they opened it."""
    words = (told(row.get("content")) for row in rows(detail, "process_dto_list") if "buyer" in told(row.get("submit_member_type")).lower())
    return next(filter(None, words), "")


def _images(detail: Json) -> Iterable[str]:
    for row in rows(detail, "process_dto_list"):
        for file in rows(row, "attachments"):
            found = next((told(file.get(name)) for name in ("file_path", "url", "img_url") if told(file.get(name))), "")
            if found.startswith(("https://", "http://")):
                yield found


def _is_ours(detail: Json) -> bool:
    return "buyer" not in told(detail.get("timeout_type")).lower()


def _meta(listed: Json, detail: Json) -> dict[str, object]:
    names = ("timeout_type", "reverse_detail_status", "after_sale_warranty", "product_name")
    offers = [_offer(row) for row in rows(detail, "seller_solution_list") + rows(detail, "platform_solution_list")]
    whole = {name: told(detail.get(name)) for name in names} | {"buyer": told(listed.get("buyer_login_id")), "offers": offers}
    opened = moment(listed.get("gmt_create"))
    return {name: value for name, value in (whole | {"opened": opened.isoformat() if opened else ""}).items() if value}


def _offer(row: Json) -> str:
    sum_offered = _sum(row)
    shown = f"{sum_offered.amount} {sum_offered.currency}" if sum_offered else ""
    return " ".join(filter(None, (told(row.get("solution_type")), shown, told(row.get("status")))))
