"""What can be offered in a case and what it costs, and which clock of a case runs now. Pure.

Costs are held against the sale as it stood: money given back, goods and freight spent, less what comes back (salvage, commission). Every
part is a whole number of minor units of the order's currency, rounded once, half to even.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from bridgedesk.remedies import ladder
from bridgedesk.remedies.ladder import Offer
from bridgedesk.remedies.rulebook import RETURNS, Book, Option, Rule

ENDED = ("closed", "withdrawn")


@dataclass(frozen=True)
class Matter:
    """What went wrong, where, and what is at stake: minor units of the order's currency.

    `paid` for the lines concerned, `freight_paid` besides; `refundable` is what is left of all payments; `goods` what the lines cost us.
    `days` since delivery, None: not delivered, or not told. `stock`: whether it can be sent again; `guidance`: whether something true is
    on file to explain or show step by step. `tone`: "calm", "angry" or "threatens".
    """

    fault: str
    platform: str
    country: str
    on: date
    paid: int
    goods: int
    freight_out: int
    freight_back: int
    days: int | None = None
    freight_paid: int = 0
    refundable: int | None = None
    salvage: Fraction | None = None
    stock: bool = True
    guidance: bool = True
    tone: str = "calm"


@dataclass(frozen=True)
class Figures:
    """What holds for the shop, in minor units of the order's currency and shares of one."""

    letter: int
    review: int
    no_return: int
    claim_mark: int
    claim_fee: int
    claim_lost: Fraction
    restocking_fee: Fraction
    part: Fraction
    commission: Fraction
    commission_back: Fraction
    floor: Fraction
    letters: int


@dataclass(frozen=True)
class Choice:
    """An option that fits: what taking it costs, part by part, and what the buyer gets. `fee` is kept back of `refund` (minor units)."""

    option: Option
    parts: tuple[tuple[str, int], ...]
    refund: int = 0
    fee: int = 0
    accept: Fraction = Fraction(0)
    ends: bool = True

    @property
    def cost(self) -> int:
        """All parts together."""
        return sum(minor for _name, minor in self.parts)

    @property
    def offer(self) -> Offer:
        """As the ladder takes it."""
        return Offer(self.option.key, self.cost, self.accept, self.option.bad_review, self.ends)


@dataclass(frozen=True)
class Barred:
    """An option that would fit the fault but may not or cannot be offered; `rule` says why where it is one of a platform or a law."""

    option: Option
    code: str  # rule, no_return, stock, guidance, refundable
    rule: Rule | None = None


@dataclass(frozen=True)
class Sorted:
    """Everything for the fault. `granted`: rules that say what the ladder must come to."""

    choices: tuple[Choice, ...]
    barred: tuple[Barred, ...]
    granted: tuple[Rule, ...] = field(default=())


def sort(matter: Matter, figures: Figures, book: Book, chances: dict[str, Fraction] | None = None) -> Sorted:
    """What may be offered, at what cost. `chances` by option key take the place of the shipped ones."""
    rules = [rule for rule in book.rules if _holds(rule, matter)]
    granted = tuple(rule for rule in rules if rule.verdict == "grants")
    choices, barred = [], []
    for option in (option for option in book.options if matter.fault in option.accepts):
        if why := _barred(option, matter, figures, rules):
            barred.append(why)
            continue
        accept = (chances or {}).get(option.key, option.accepts[matter.fault])
        ends = all(option.kind in rule.kinds for rule in granted)
        choices.append(_choice(option, matter, figures, book, rules, accept, ends))
    possible = [choice for choice in choices if choice.refund <= _left(matter)]
    barred += [Barred(choice.option, "refundable") for choice in choices if choice.refund > _left(matter)]
    return Sorted(tuple(possible), tuple(barred), granted)


def course(matter: Matter, figures: Figures, book: Book) -> ladder.Course:
    """What happens to those who refuse."""
    usual = book.courses[matter.tone]
    return ladder.Course(
        letter=figures.letter,
        review=figures.review,
        escalation=sum(minor for _name, minor in escalation(matter, figures)),
        escalates=usual.escalates,
        silent=usual.falls_silent,
        at_the_end=usual.at_the_end,
        bad_silent=book.bad_silent,
        bad_escalated=book.bad_escalated,
        letters=figures.letters,
        floor=figures.floor,
    )


def escalation(matter: Matter, figures: Figures) -> list[tuple[str, int]]:
    """What a claim, dispute or chargeback costs, part by part: the refund when it is lost, the fee, the mark on the shop."""
    paid = matter.paid + matter.freight_paid
    back = figures.commission * figures.commission_back
    parts = [
        ("refund", round(figures.claim_lost * paid)),
        ("commission", -round(figures.claim_lost * paid * back)),
        ("claim_fee", figures.claim_fee),
        ("claim_mark", figures.claim_mark),
    ]
    return [(name, minor) for name, minor in parts if minor]


def _holds(rule: Rule, matter: Matter) -> bool:
    return rule.holds(fault=matter.fault, platform=matter.platform, country=matter.country, days=matter.days, on=matter.on)


def _left(matter: Matter) -> int:
    return matter.paid + matter.freight_paid if matter.refundable is None else matter.refundable


def _barred(option: Option, matter: Matter, figures: Figures, rules: Sequence[Rule]) -> Barred | None:
    for rule in rules:
        if rule.verdict == "forbidden" and option.kind in rule.kinds:
            return Barred(option, "rule", rule)
    if option.kind in RETURNS and matter.paid < figures.no_return:
        return Barred(option, "no_return")
    if option.kind == "resend" and not matter.stock:
        return Barred(option, "stock")
    if option.kind in ("explain", "guide") and not matter.guidance:
        return Barred(option, "guidance")
    return None


def _choice(option: Option, matter: Matter, figures: Figures, book: Book, rules: Sequence[Rule], accept: Fraction, ends: bool) -> Choice:
    whole = matter.paid + matter.freight_paid
    salvage = book.salvage[matter.fault] if matter.salvage is None else matter.salvage
    refund = fee = 0
    parts: list[tuple[str, int]] = []
    if option.kind == "coupon":
        parts = [("coupon", round(option.share * matter.paid * option.redeemed))]
    elif option.kind == "partial":
        refund = round(option.share * matter.paid)
    elif option.kind == "refund_keep":
        refund = whole
    elif option.kind in RETURNS:
        fee = round(_fee(figures, rules) * matter.paid) if option.kind == "return_buyer" else 0
        refund = whole - fee
        parts = [("freight_back", matter.freight_back)] if option.kind == "return_label" else []
        parts.append(("salvage", -round(salvage * matter.goods)))
    elif option.kind in ("resend", "resend_part"):
        share = figures.part if option.kind == "resend_part" else Fraction(1)
        parts = [("goods", round(share * matter.goods)), ("freight_out", matter.freight_out)]
    parts = list(_refunded(refund, figures)) + parts
    return Choice(option, tuple((name, minor) for name, minor in parts if minor), refund, fee, accept, ends)


def _refunded(refund: int, figures: Figures) -> Iterator[tuple[str, int]]:
    yield "refund", refund
    yield "commission", -round(refund * figures.commission * figures.commission_back)


def _fee(figures: Figures, rules: Sequence[Rule]) -> Fraction:
    """What may be kept back: the shop's own fee under the lowest cap that holds."""
    return min([figures.restocking_fee, *(Fraction(rule.percent, 100) for rule in rules if rule.verdict == "fee_at_most")])


def next_clock(
    state: str,
    *,
    answer_by: datetime | None = None,
    buyer_ships_by: datetime | None = None,
    check_by: datetime | None = None,
    goods_come_back: bool | None = None,
    shipped: bool = False,
    offered: bool = False,
) -> tuple[str, datetime | None]:
    """Its name ("answer", "buyer_answers", "buyer_ships", "check", "" for none) and its end, if known.

    Asked for: the shop answers; what it `offered` waits for the buyer.
    Agreed and goods come back: the buyer sends them, then the shop checks them.
    """
    if state in ("asked", ""):
        return ("buyer_answers" if offered else "answer", answer_by)
    if state in ENDED or state == "judged" or goods_come_back is False:
        return ("", None)
    return ("check", check_by) if shipped else ("buyer_ships", buyer_ships_by)
