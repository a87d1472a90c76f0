"""Returns of the pretend Shopee: asked for, answered by the shop, agreed or not, sent back, paid; by the sandbox's clock and by calls.

What is not documented is this file's guess: that silence of the shop is a yes, and that an agreed refund is closed a day later.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bridgedesk.sandbox.shopee_common import DAY, HOUR, Refused, seconds

if TYPE_CHECKING:
    from bridgedesk.sandbox.shopee_trade import Trade

Row = dict[str, Any]
THINKS, SHIPS, TRAVELS, PAYS = 6 * HOUR, DAY, 4 * DAY, DAY
"""How long the buyer thinks about an offer, takes to send it back, its way takes, and the platform to pay."""
LEAST = 0.1
SOLUTIONS = ("RETURN_REFUND", "REFUND")
OVER = ("ACCEPTED", "CLOSED", "CANCELLED")


def age(trade: "Trade", shop_id: int) -> None:
    """Let everything happen to the shop's returns that should have by now, each at its own moment."""
    now = trade.world.now()
    for row in trade.returns[shop_id]:
        while step := _next(row):
            at, go = step
            if at > now:
                break
            go(trade, shop_id, row, at)


def _next(row: Row) -> tuple[datetime, Callable[["Trade", int, Row, datetime], None]] | None:
    """What time brings next to a return, and when."""
    changed, status = _at(row["update_time"]), row["status"]
    if status == "REQUESTED":
        if row["negotiation"]["negotiation_status"] == "PENDING_BUYER_RESPOND":
            return changed + THINKS, _buyer_answers
        return _at(row["due_date"]), _granted
    if status == "PROCESSING":
        return (changed + SHIPS, _sent) if not row["tracking_number"] else (_at(row["return_seller_due_date"]), _paid_back)
    return (changed + PAYS, _closed) if status == "ACCEPTED" else None


def _buyer_answers(trade: "Trade", shop_id: int, row: Row, at: datetime) -> None:
    """Half of what they want is enough; else they say what they want, and the shop has to answer again."""
    latest = row["negotiation"]
    agree(trade, shop_id, row, yes=latest["latest_offer_amount"] * 2 >= row["refund_amount"], at=at)


def agree(trade: "Trade", shop_id: int, row: Row, *, yes: bool, at: datetime | None = None) -> None:
    """The buyer says yes to the shop's offer, or makes one of their own."""
    latest = row["negotiation"]
    if not yes:
        offered(row, latest["latest_solution"], row["refund_amount"], row["user"]["username"], "PENDING_RESPOND")
        row["update_time"] = seconds(at or trade.world.now())
        return
    latest["negotiation_status"] = row["negotiation_status"] = "TERMINATED"
    row["refund_amount"] = latest["latest_offer_amount"]
    if latest["latest_solution"] == "REFUND":
        row["return_solution"], row["needs_logistics"] = 1, False
    trade.move_return(shop_id, row, "ACCEPTED" if latest["latest_solution"] == "REFUND" else "PROCESSING", at=at)


def _granted(trade: "Trade", shop_id: int, row: Row, at: datetime) -> None:
    trade.move_return(shop_id, row, "PROCESSING" if row["return_solution"] == 0 else "ACCEPTED", at=at)


def _sent(_trade: "Trade", _shop_id: int, row: Row, at: datetime) -> None:
    row["tracking_number"], row["update_time"] = f"RN{row['return_sn'][-6:]}", seconds(at)
    row["return_seller_due_date"] = seconds(at + TRAVELS + 2 * DAY)


def _paid_back(trade: "Trade", shop_id: int, row: Row, at: datetime) -> None:
    trade.move_return(shop_id, row, "ACCEPTED", at=at)


def _closed(trade: "Trade", shop_id: int, row: Row, at: datetime) -> None:
    trade.move_return(shop_id, row, "CLOSED", at=at)


def offered(row: Row, solution: str, amount: float, creator: str, status: str) -> None:
    """Note the latest offer."""
    row["negotiation_status"] = status
    row["negotiation"] |= {
        "negotiation_status": status, "latest_solution": solution, "latest_offer_amount": amount, "latest_offer_creator": creator,
        "offer_due_date": row["due_date"], "counter_limit": max(0, row["negotiation"]["counter_limit"] - 1),
    }  # fmt: skip


def solutions(_trade: "Trade", _shop_id: int, row: Row, _body: Row) -> Row:
    """What the shop may offer, between which sums."""
    _open(row)
    sums = {"refund_amount_adjustable": True, "max_refund_amount": row["refund_amount"], "min_refund_amount": _least(row)}
    back = {"eligibility": True, **sums} if row["return_solution"] == 0 else {"eligibility": False, "refund_amount_adjustable": False}
    return {"return_sn": row["return_sn"], "offer_return_refund": back, "offer_refund": {"eligibility": True, **sums}}


def confirm(trade: "Trade", shop_id: int, row: Row, _body: Row) -> Row:
    """The shop pays all of it."""
    _open(row)
    if row.get("validation_type") == "warehouse_validation":
        raise Refused("error_validation", "Action cannot be performed by shop: warehouse_validation")
    _no_offer_of_ours(row)
    trade.move_return(shop_id, row, "ACCEPTED")
    return {"return_sn": row["return_sn"]}


def offer(trade: "Trade", shop_id: int, row: Row, body: Row) -> Row:
    """The shop proposes something."""
    _open(row)
    _no_offer_of_ours(row)
    if row["status"] != "REQUESTED":
        raise Refused("error_return_status", "The return status cannot support this action")
    solution, amount = body.get("proposed_solution"), body.get("proposed_adjusted_refund_amount")
    if solution not in SOLUTIONS or (solution == "RETURN_REFUND" and row["return_solution"] != 0):
        raise Refused("error_param", "This proposed solution is not one of the available solutions for this return.")
    if not isinstance(amount, int | float):
        raise Refused("error_param", "Please fill a value for proposed adjusted refund amount")
    if not _least(row) <= amount <= row["refund_amount"]:
        raise Refused("error_param", "The proposed adjusted refund amount can not exceed max refund amount")
    offered(row, solution, amount, str(shop_id), "PENDING_BUYER_RESPOND")
    row["update_time"] = seconds(trade.world.now())
    return {"return_sn": row["return_sn"]}


def accept_offer(trade: "Trade", shop_id: int, row: Row, _body: Row) -> Row:
    """The shop says yes to the buyer's counter-offer."""
    _open(row)
    if row["negotiation"].get("latest_offer_creator") != row["user"]["username"]:
        raise Refused("error_no_buyer_offer", "cannot accept refund offer because there is no counter proposal from buyer")
    agree(trade, shop_id, row, yes=True)
    return {"return_sn": row["return_sn"]}


def _open(row: Row) -> None:
    if row["status"] in ("JUDGING", "SELLER_DISPUTE"):
        raise Refused("error_data", "Shopee is reviewing the case and will get back to you.")
    if row["status"] in OVER:
        raise Refused("error_data", f"Invalid return status: {row['status']}")


def _no_offer_of_ours(row: Row) -> None:
    if row["negotiation"]["negotiation_status"] == "PENDING_BUYER_RESPOND":
        raise Refused("error_negotiation_status", "The negotiation status cannot support this action")


def _least(row: Row) -> float:
    return round(float(row["refund_amount"]) * LEAST, 2)


def _at(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
