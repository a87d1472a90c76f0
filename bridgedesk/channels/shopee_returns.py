"""Returns, refunds and their disputes as Shopee tells them (v2.returns.get_return_list, get_return_detail, push 29) [O]. Pure."""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Unparsable
from bridgedesk.channels.events import Event, LookAgain, ReturnSeen
from bridgedesk.channels.shopee_orders import order_of
from bridgedesk.channels.shopee_values import Json, addresses, id_of, is_yes, moment, money, part, rows, told

STATES = {
    "REQUESTED": "asked", "ACCEPTED": "agreed", "PROCESSING": "under_way", "JUDGING": "judged", "SELLER_DISPUTE": "judged",
    "CLOSED": "closed", "CANCELLED": "withdrawn",
}  # fmt: skip
SOLUTIONS = {"0": True, "1": False}
"""return_solution: 0 return and refund, 1 refund only."""
SAID = ("return_refund_type", "return_refund_request_type", "validation_type", "negotiation_status", "seller_proof_status",
        "seller_compensation_status")  # fmt: skip


def return_seen(data: Json) -> ReturnSeen:
    """A return with the platform's three times: to answer, for the buyer to send it back, for the seller to check it."""
    number, order, status = id_of(data.get("return_sn")), order_of(data), told(data.get("status"))
    if not number or not order:
        raise Unparsable(noop("a return without its number or order"))
    return ReturnSeen(
        number,
        order,
        status=status,
        state=STATES.get(status, ""),
        reason=told(data.get("reason")),
        text=told(data.get("text_reason")),
        refund=money(data.get("refund_amount"), data.get("currency")),
        at=moment(data.get("update_time")) or moment(data.get("create_time")),
        answer_by=moment(data.get("due_date")),
        buyer_ships_by=moment(data.get("return_ship_due_date")),
        check_by=moment(data.get("return_seller_due_date")),
        goods_come_back=_come_back(data),
        lines=tuple(f"{id_of(item.get('item_id'))}/{id_of(item.get('model_id')) or '0'}" for item in rows(data, "item")),
        images=addresses(data, "image"),
        number=told(data.get("tracking_number")),
        meta=_more(data),
        money=_money(data, status),
        settling=money(_settling(data, status), data.get("currency")),
    )


MONEY = {"REQUESTED": "asked", "PROCESSING": "asked", "ACCEPTED": "agreed", "CANCELLED": "refused"}
"""How far the money is. CLOSED does not say whether it was paid [?]: what was known before decides (remedies.receiving)."""


def _money(data: Json, status: str) -> str:
    offered = told(part(data, "negotiation").get("negotiation_status")) == "PENDING_BUYER_RESPOND"
    return "offered" if offered and status == "REQUESTED" else MONEY.get(status, "")


def _settling(data: Json, status: str) -> object:
    """The sum of our offer, or what was agreed."""
    latest = part(data, "negotiation").get("latest_offer_amount")
    return latest if latest is not None and _money(data, status) == "offered" else data.get("refund_amount")


def _come_back(data: Json) -> bool | None:
    if (solution := str(data.get("return_solution"))) in SOLUTIONS:
        return SOLUTIONS[solution]
    return is_yes(data["needs_logistics"]) if "needs_logistics" in data else None


def _more(data: Json) -> dict[str, object]:
    """What an agent wants to see beside it: the offer under negotiation, proof and compensation with their ends."""
    negotiation, proof, paid = part(data, "negotiation"), part(data, "seller_proof"), part(data, "seller_compensation")
    ends = {
        "offer_by": moment(negotiation.get("offer_due_date")),
        "proof_by": moment(proof.get("seller_evidence_deadline")),
        "compensation_by": moment(paid.get("seller_compensation_due_date")),
    }
    films = tuple(url for row in rows(data, "buyer_videos") for url in addresses({"all": [row.get("video_url")]}, "all"))
    words = {name: told(data.get(name)) for name in SAID} | {
        name: told(value) for name, value in {**negotiation, **proof, **paid}.items() if not name.endswith(("_date", "_deadline"))
    }
    found = {"videos": list(films), "opened": _iso(data.get("create_time")), "buyer": told(part(data, "user").get("username"))}
    return {name: value for name, value in {**words, **found, **{k: v.isoformat() for k, v in ends.items() if v}}.items() if value}


def _iso(value: object) -> str:
    at = moment(value)
    return at.isoformat() if at else ""


def pushed(data: Json) -> list[Event]:
    """Push 29: which values of a return changed; the rest is asked for."""
    number, order = id_of(data.get("return_sn")), order_of(data)
    if not number or not order:
        raise Unparsable(noop("a return without its number or order"))
    changed = {told(row.get("update_field")): row for row in rows(data, "updated_values")}
    row = changed.get("return_status", {})
    status = told(row.get("new_value"))
    at, money_is = moment(row.get("update_time")), MONEY.get(status, "")
    seen = ReturnSeen(number, order, status=status, state=STATES.get(status, ""), at=at, money=money_is)
    return [seen, LookAgain("returns")]
