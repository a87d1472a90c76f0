"""Disputes of the pretend AliExpress: opened by the buyer, settled by proposals of both sides, by silence or by the platform.

Solutions and their states are those of the official SDK; how long each side has, and what follows from silence, is this file's guess.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SELLER_HAS, BUYER_THINKS, PAYS, TRAVELS = 5 * DAY, 8 * HOUR, 2 * DAY, 12 * DAY
REFUND, RETURN = "refund", "return_and_refund"
KINDS = (REFUND, RETURN)
WAITS_SELLER, WAITS_BUYER, REACHED, PERFORM = "wait_seller_accept", "wait_buyer_accept", "reached", "perform"
RETURN_ADDRESS = 5_501


@dataclass
class Solution:
    """What one side proposes: `cents` US dollars. `reached`: how it came to be agreed."""

    id: int
    kind: str
    cents: int
    by: str
    at: datetime
    status: str
    text: str = ""
    reached: str = ""


@dataclass
class Issue:
    """A dispute. `ended`: finish or canceled_issue, and when; `most` the most that can be paid back, in cents."""

    id: int
    at: datetime
    line: str
    most: int = 0
    ended: tuple[str, datetime] | None = None
    solutions: list[Solution] = field(default_factory=list)

    @property
    def agreed(self) -> Solution | None:
        """What both settled on."""
        return next((one for one in self.solutions if one.status in (REACHED, PERFORM)), None)

    def of(self, side: str, status: str = "") -> Solution | None:
        """The latest of a side, in that state."""
        found = [one for one in self.solutions if one.by == side and (not status or one.status == status)]
        return found[-1] if found else None

    @property
    def changed(self) -> datetime:
        """When anything happened to it last."""
        return max([self.at, *(one.at for one in self.solutions), *([self.ended[1]] if self.ended else [])])

    @property
    def due(self) -> datetime:
        """Until when the seller has to answer."""
        return (self.of("buyer") or self).at + SELLER_HAS

    def age(self, now: datetime) -> None:
        """Let everything happen that should have by now, each at its own moment."""
        while (step := self._next()) and step[0] <= now:
            self._go(*step)

    def _next(self) -> tuple[datetime, str] | None:
        if self.ended:
            return None
        if done := self.agreed:
            return done.at + (PAYS if done.kind == REFUND else TRAVELS), "pay"
        if ours := self.of("seller", WAITS_BUYER):
            return ours.at + BUYER_THINKS, "answer"
        return (self.due, "silence") if self.of("buyer", WAITS_SELLER) else None

    def _go(self, at: datetime, what: str) -> None:
        done, ours, theirs = self.agreed, self.of("seller", WAITS_BUYER), self.of("buyer", WAITS_SELLER)
        if what == "pay" and done:
            done.status, self.ended = PERFORM, ("finish", at)
        elif what == "answer" and ours:
            self.buyer_says(yes=ours.cents * 2 >= self.most, at=at)
        elif theirs:
            self.reach(theirs, "seller_reponse_timeout", at)

    def reach(self, one: Solution, how: str, at: datetime) -> None:
        """Both settle on it; whatever else was proposed is off."""
        for other in self.solutions:
            other.status = "reach_cancle" if other is not one else REACHED
        one.reached, one.at = how, at

    def buyer_says(self, *, yes: bool, at: datetime) -> None:
        """To the seller's proposal; a no brings back what the buyer wants."""
        ours, theirs = self.of("seller", WAITS_BUYER), self.of("buyer")
        if ours and yes:
            self.reach(ours, "negotiation_consensus", at)
        elif ours and theirs:
            ours.status, theirs.status, theirs.at = "buyer_refused", WAITS_SELLER, at

    def call_off(self, at: datetime) -> None:
        """The buyer wants nothing any more."""
        self.ended = ("canceled_issue", at)

    def agree(self, number: str, address: str, now: datetime) -> str:
        """The seller says yes to the buyer's; "" or why not."""
        one = self.of("buyer", WAITS_SELLER)
        if self.ended or one is None or str(one.id) != number:
            return "the solution cannot be agreed"
        if one.kind == RETURN and address != str(RETURN_ADDRESS):
            return "return_address_id is required"
        self.reach(one, "negotiation_consensus", now)
        return ""

    def propose(self, asked: dict[str, Any], number: int, now: datetime) -> str:
        """The seller proposes something, or changes what was proposed; "" or why not."""
        kind, cents = asked.get("add_solution_type"), round(float(asked.get("refund_amount") or 0) * 100)
        if self.ended or self.agreed or kind not in KINDS or asked.get("refund_amount_currency") != "USD":
            return "the issue status does not allow it"
        if not 0 < cents <= self.most:
            return "refund amount is invalid"
        if kind == RETURN and str(asked.get("return_good_address_id", "")) != str(RETURN_ADDRESS):
            return "return_good_address_id is required"
        return self._add(asked, Solution(number, kind, cents, "seller", now, WAITS_BUYER, str(asked.get("solution_context", ""))))

    def _add(self, asked: dict[str, Any], new: Solution) -> str:
        ours, theirs = self.of("seller", WAITS_BUYER), self.of("buyer", WAITS_SELLER)
        if asked.get("add_seller_solution"):
            if ours or theirs is None or str(theirs.id) != str(asked.get("buyer_solution_id")):
                return "buyer_solution_id is invalid"
            theirs.status = "seller_refused"
        elif ours is None or str(ours.id) != str(asked.get("modify_seller_solution_id")):
            return "modify_seller_solution_id is invalid"
        else:
            self.solutions.remove(ours)
        self.solutions.append(new)
        return ""
