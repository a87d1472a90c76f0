"""Disputes as AliExpress tells them (aliexpress.issue.issuelist.get, issue.detail.get) [O]. Pure.

Whose turn it is when the timer runs out is not documented beyond the timer's name [?]: unless that names the buyer, it is taken for ours.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_values import Json, id_of, is_yes, moment, part, rows, sum_of, told
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Event, ReturnSeen

STATES = {"processing": "asked", "canceled_issue": "withdrawn", "finish": "closed"}
"""issue_status [O]. What was agreed, and that goods travel back, is told by the solutions."""
RETURN, REFUND = "return_and_refund", "refund"
AGREED = ("reached", "perform", "agree")


def issue(data: Json, account: Account) -> list[Event]:
    """One dispute: `listed` as the list tells it, `detail` of the dispute itself."""
    listed, detail = part(data, "listed"), part(data, "detail")
    number, order = id_of(listed.get("issue_id")), id_of(listed.get("parent_order_id")) or id_of(listed.get("order_id"))
    if not number or not order:
        raise Unparsable(noop("a return without its number or order"))
    status, line = told(listed.get("issue_status")), id_of(listed.get("order_id"))
    wanted = _chosen(rows(detail, "buyer_solution_list"))
    state = _state(status, detail)
    seen = ReturnSeen(
        number,
        order,
        status=status,
        state=state,
        reason=told(listed.get("reason_chinese")) or told(listed.get("reason_english")),
        text=_said(detail),
        refund=sum_of(wanted, "refund_money") or sum_of(detail, "refund_money_max"),
        at=moment(listed.get("gmt_modified")) or moment(listed.get("gmt_create")),
        answer_by=moment(detail.get("timeout_trigger_time")) if state == "asked" and _is_ours(detail) else None,
        goods_come_back=_come_back(wanted),
        lines=(line,) if line and line != order else (),
        images=tuple(_images(detail)),
        meta=_meta(listed, detail),
    )
    return [seen]


def _state(status: str, detail: Json) -> str:
    """A dispute under way is agreed when a solution of either side is being carried out, judged when the platform proposed one."""
    state = STATES.get(status, "")
    sides = [row for name in ("buyer_solution_list", "seller_solution_list") for row in rows(detail, name)]
    if state == "asked" and any(word in told(row.get("status")).lower() for row in sides for word in AGREED):
        return "agreed"
    if state == "asked" and rows(detail, "platform_solution_list"):
        return "judged"
    return state


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
    sum_offered = sum_of(row, "refund_money")
    shown = f"{sum_offered.amount} {sum_offered.currency}" if sum_offered else ""
    return " ".join(filter(None, (told(row.get("solution_type")), shown, told(row.get("status")))))
