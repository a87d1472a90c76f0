"""From what is on file about a case to the facts branches ask for. Pure: what was loaded goes in, facts come out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridgedesk.playbooks import answers
from bridgedesk.playbooks.facts import FAULTS, Facts, Value
from bridgedesk.remedies.rulebook import may_withdraw

CAUSES = ("customs", "exception", "attempt_failed")
"""States of a parcel that name who holds it up: customs, the carrier, nobody at the door."""
DEMANDS = ("return_request", "refund_request", "compensation", "dispute_threat", "legal_threat", "review_threat", "complaint", "abuse")
LEFT = ("part_shipped", "shipped", "delivered", "completed", "returning", "disputed")
ESSAY = 1200  # characters


@dataclass(frozen=True)
class Said:
    """A message of the buyer: its text and what the first look saw."""

    text: str
    language: str = ""
    topics: tuple[str, ...] = ()
    rude: bool = False
    shouting: bool = False


@dataclass(frozen=True)
class Case:
    """What is on file. `said` are the buyer's messages since the last step was sent; `sent_at` None: no step was sent yet."""

    platform: str
    country: str
    now: datetime
    said: Sequence[Said] = ()
    topic: str = ""
    starts: Collection[str] = ()  # topics of the playbook: who raises them again insists
    sent_at: datetime | None = None
    insisted: int = 0
    photo: bool = False
    order: Mapping[str, Any] | None = None
    parcel: Mapping[str, Any] | None = None
    goods: Mapping[str, bool] = field(default_factory=dict)
    review: Mapping[str, Any] | None = None
    case_open: bool = False
    offered: Collection[str] = ()  # the kinds of remedy the last letter offered
    offer_left: bool = True


def facts(case: Case) -> dict[str, Value]:
    """Every fact that is known of the case; names and meanings in facts.py."""
    found: dict[str, Value | None] = {
        "platform": case.platform,
        "country": case.country or None,
        "case_open": case.case_open,
        "offer_left": case.offer_left,
    }
    found |= _manner(case) | _answer(case) | _order(case) | _parcel(case) | _review(case)
    found |= {"facts_on_file": case.goods.get("facts", False), "in_stock": case.goods.get("stock", False), "has_photo": case.photo}
    found["fault"] = _fault(case)
    return {name: value for name, value in found.items() if value is not None}


def _manner(case: Case) -> dict[str, Value | None]:
    topics = {topic for said in case.said for topic in said.topics}
    rude, shouting = any(said.rude for said in case.said), any(said.shouting for said in case.said)
    return {
        "rude": rude,
        "shouting": shouting,
        "angry": rude or shouting,
        "threatens_claim": "dispute_threat" in topics,
        "threatens_review": "review_threat" in topics,
        "threatens_court": "legal_threat" in topics,
        "asks_refund": bool(topics & {"refund_request", "compensation"}),
        "mentions_box": any(answers.speaks_of("box", said.text) for said in case.said),
        "long_message": sum(len(said.text) for said in case.said) >= ESSAY,
    }


def _answer(case: Case) -> dict[str, Value | None]:
    """Who raises the matter again, threatens, refuses or swears after a step insists; who says yes and no more accepts."""
    replied = bool(case.sent_at and case.said)
    heard = answers.heard((said.text for said in case.said), case.said[-1].language, case.offered) if replied else answers.NEITHER
    topics = {topic for said in case.said for topic in said.topics}
    presses = bool(topics & {*DEMANDS, *case.starts}) or any(said.rude or said.shouting for said in case.said)
    insists = replied and (heard.refuses or (presses and not heard.accepts))
    accepts = replied and not insists and (heard.accepts or "thanks" in topics)
    silent = (case.now - case.sent_at).total_seconds() / 86400 if case.sent_at and not replied else None
    return {
        "replied": replied,
        "insists": insists,
        "asks_part": heard.part,
        "accepts": accepts,
        "times_insisted": case.insisted + insists,
        "silent_days": silent,
    }


def _order(case: Case) -> dict[str, Value | None]:
    order = case.order
    if order is None:
        return {"has_order": False}
    delivered = order["delivered_at"]
    return {
        "has_order": True,
        "order_state": order["state"] or None,
        "shipped": order["state"] in LEFT or order["shipped_at"] is not None,
        "articles_changed": order["articles_changed_at"] is not None,
        "cash_on_delivery": order["cash_on_delivery"],
        "sent_by_platform": order["fulfilled_by"] == "platform",
        "order_value": order["value"],
        "currency": order["currency"] or None,
        "refunded": order["refunded"],
        "refund_settled": order["refund_settled"],
        "days_since_order": _days(case, order["placed_at"]),
        "days_since_shipping": _days(case, order["shipped_at"]),
        "days_since_delivery": _days(case, delivered),
        "consumer_withdrawal": delivered is not None and may_withdraw(case.country, delivered, case.now),
    }


def _parcel(case: Case) -> dict[str, Value | None]:
    parcel = case.parcel
    if parcel is None:
        return {}
    return {
        "parcel_state": parcel["status"],
        "parcel_known": bool(parcel["number"]),
        "days_since_scan": _days(case, parcel["moved_at"]),
        "overdue": parcel["status"] not in ("delivered", "returned") and parcel["eta"] is not None and parcel["eta"] < case.now,
        "cause_on_file": bool({parcel["status"], *parcel["scans"]} & set(CAUSES)),
    }


def _review(case: Case) -> dict[str, Value | None]:
    if case.review is None:
        return {}
    return {"stars": case.review["stars"] or None, "review_has_text": case.review["said"]}


def _fault(case: Case) -> str:
    """What is wrong, by what the buyer says now, else by what the conversation is about."""
    named = [topic for said in reversed(case.said) for topic in said.topics] + [case.topic]
    return next((topic for topic in named if topic in FAULTS), "none")


def _days(case: Case, since: datetime | None) -> float | None:
    return None if since is None else max(0.0, (case.now - since).total_seconds() / 86400)


__all__ = ["CAUSES", "Case", "Facts", "Said", "facts"]
