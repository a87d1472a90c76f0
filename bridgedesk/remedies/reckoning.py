"""The ladder of a case: figures, rules, what the shop's own cases taught."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bridgedesk.remedies import chances, ladder, rules, stakes
from bridgedesk.remedies.chances import Chance, Told
from bridgedesk.remedies.figures import Held, minor_units_of_a_dollar
from bridgedesk.remedies.models import Case, Offer
from bridgedesk.remedies.rulebook import Rule, book
from bridgedesk.remedies.rules import Barred, Choice

LEARNT_FROM = 2000
"""The newest closed cases of a fault that are counted."""
SAID_NO = (Offer.State.REFUSED, Offer.State.SILENT, Offer.State.ESCALATED)


@dataclass(frozen=True)
class Rung:
    """An option as it is shown: what it costs if taken, what everything costs that begins with it, how many buyers that leaves content."""

    choice: Choice
    chance: Chance
    plan: ladder.Plan | None  # None: fewer buyers take it than took what was refused

    @property
    def expected(self) -> int:
        """In minor units, rounded half to even."""
        return round(self.plan.cost) if self.plan else 0


@dataclass(frozen=True)
class Reckoned:
    """All of it. `ends` are the ways the best ladder may end; `best` None: nothing is left to offer."""

    figures: Held
    taken: stakes.Taken
    matter: rules.Matter
    rungs: tuple[Rung, ...]
    barred: tuple[Barred, ...]
    granted: tuple[Rule, ...]
    best: ladder.Plan | None
    reached: bool
    ends: tuple[ladder.Outcome, ...]
    course: ladder.Course

    def rung(self, key: str) -> Rung | None:
        """The option of that key, if it can be offered now."""
        return next((rung for rung in self.rungs if rung.choice.option.key == key and rung.plan), None)


def reckon(case: Case) -> Reckoned:
    """The ladder from here: what was refused before is not offered again, letters sent count."""
    figures, taken, matter = stakes.reckoned(case)
    learnt = learn(case, taken.sums["paid"])
    values = {key: chance.value for key, chance in learnt.items()}
    found = rules.sort(matter, figures.rules, book(), values)
    refused, sent = before(case, values)
    course = rules.course(matter, figures.rules, book())
    solved = ladder.solve([choice.offer for choice in found.choices], course, refused=refused, sent=sent)
    plans = {plan.steps[0].key: plan for plan in solved.firsts} if solved else {}
    rungs = [Rung(choice, learnt[choice.option.key], plans.get(choice.option.key)) for choice in found.choices]
    rungs.sort(key=lambda rung: (rung.plan is None, rung.expected))
    best = solved.best if solved else None
    ends = tuple(ladder.outcomes(best, course, refused=refused, sent=sent)) if best else ()
    return Reckoned(figures, taken, matter, tuple(rungs), found.barred, found.granted, best, bool(solved and solved.reached), ends, course)


def before(case: Case, values: Mapping[str, Fraction]) -> tuple[Fraction, int]:
    """The share of buyers who would have taken what this one refused, and the letters sent."""
    offers = [offer for offer in case.offers.all() if offer.state in SAID_NO]
    shares = [values.get(offer.option, Fraction(str(offer.accept))) for offer in offers]
    return max(shares, default=Fraction(0)), len(offers)


def learn(case: Case, paid: int) -> dict[str, Chance]:
    """The chance of every option that fits the fault, with how many of the shop's own cases it rests on."""
    known = book()
    order = [option.key for option in known.options]
    price = _band(paid, case.order.currency)
    counts = chances.count(told(case), order)
    return {
        option.key: chances.estimate(option.accepts[case.fault], case.fault, option.key, price, case.order.country, counts, known.weight)
        for option in known.options
        if case.fault in option.accepts
    }


def told(case: Case) -> list[Told]:
    """What the shop's other cases of the same fault say, the newest first."""
    others = Case.objects.filter(shop=case.shop_id, fault=case.fault, closed_at__isnull=False).exclude(pk=case.pk)
    rows = others.select_related("order").prefetch_related("offers").order_by("-pk")[:LEARNT_FROM]
    return [_told(row) for row in rows]


def _told(case: Case) -> Told:
    offers = list(case.offers.all())
    refused = tuple(offer.option for offer in offers if offer.state in SAID_NO)
    taken = next((offer.option for offer in offers if offer.state == Offer.State.ACCEPTED), "")
    paid = int(case.stakes.get("paid") or case.order.total_minor or 0)
    return Told(case.fault, _band(paid, case.order.currency), case.order.country, refused, taken)


def _band(paid: int, currency: str) -> int:
    return chances.band(Fraction(paid) / minor_units_of_a_dollar(currency, book())[0])
