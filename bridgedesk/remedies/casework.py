"""Every write on a case of our own: opened, offered, answered, paid, received, closed. Each act once, however often it is clicked."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.channels.acts import Act, RefundBuyer, SendAgain, SendReturnLabel
from bridgedesk.conversations.models import Attachment, Conversation
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.money import Money
from bridgedesk.lib.storable import plain
from bridgedesk.orders import access, acting, replacing
from bridgedesk.orders.cancelling import can
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.remedies import reckoning, shelf, stakes
from bridgedesk.remedies.labels import FAULTS as FAULT_WORDS
from bridgedesk.remedies.labels import OPTIONS, WANTS, noted
from bridgedesk.remedies.models import Booking, Case, Offer
from bridgedesk.remedies.reckoning import Reckoned
from bridgedesk.remedies.rulebook import FAULTS, RETURNS, TONES
from bridgedesk.remedies.rules import ENDED, Choice
from bridgedesk.remedies.stakes import SUMS
from bridgedesk.team.models import Agent

OPEN = (Offer.State.WAITING, Offer.State.MADE)
ANSWERS = (Offer.State.ACCEPTED, Offer.State.REFUSED, Offer.State.SILENT, Offer.State.ESCALATED)
State = PlatformAct.State
NEVER = 2**62
"""Above every limit."""


class CannotNow(Exception):
    """What was asked does not fit how the case stands (msgid)."""


@transaction.atomic
def open_case(
    order: Order, fault: str, *, by: Agent, wants: str = "", tone: str = "calm", text: str = "", picked: Mapping[str, int] | None = None,
    conversation: Conversation | None = None, evidence: Sequence[int] = (),
) -> Case:  # fmt: skip
    """Look at what went wrong with an order. One that runs already is that one; CannotNow for a fault or wish nobody knows."""
    if fault not in FAULTS or tone not in TONES or (wants and wants not in WANTS):
        raise CannotNow(noop("Say what went wrong."))
    row, now = access.locked(order, by), clock.now()
    case = Case.objects.select_for_update(of=("self",)).filter(order=row).exclude(state__in=ENDED).order_by("pk").first()
    if case is None:
        case = Case(shop=row.shop, order=row, state="asked", first_seen_at=now, currency=row.currency)
    elif case.fault:
        return case
    case.fault, case.wants, case.tone, case.opened_by, case.opened_at = fault, wants, tone, by, now
    case.text, case.currency = plain(text)[:20_000] or case.text, case.currency or row.currency
    case.lines_picked, case.conversation, case.carrier = _pieces(row, picked or {}), conversation, _carrier(row)
    case.evidence = list(
        Attachment.objects.filter(pk__in=list(evidence)[:50], message__conversation=conversation).values_list("pk", flat=True)
    )
    case.save()
    _tell("case_opened", case, by, fault=noted(FAULT_WORDS, fault), order=row.external_id)
    return case


@transaction.atomic
def correct(case: Case, sums: Mapping[str, int], *, by: Agent, tone: str = "", salvage: int | None = None) -> Case:
    """Put down what the sums are (minor units), in place of what was guessed; `salvage` in per cent."""
    row = _locked(case, by)
    if any(not 0 <= minor < 2**53 for minor in sums.values()) or (salvage is not None and not 0 <= salvage <= 100):
        raise CannotNow(noop("Sums are zero or more, shares of a hundred."))
    row.stakes = row.stakes | {name: int(minor) for name, minor in sums.items() if name in SUMS}
    row.stakes |= {"salvage": salvage} if salvage is not None else {}
    row.stakes |= {"lead": {name: value for name, value in row.stakes.items() if name != "lead"}} if by.leads else {}
    row.tone = tone if tone in TONES else row.tone
    row.save()
    _tell("case_changed", row, by)
    return row


@transaction.atomic
def choose(case: Case, option: str, *, by: Agent) -> Offer:
    """Offer it. Above the shop's limit a lead must release it first. CannotNow when it does not fit, or another offer is open."""
    row = _locked(case, by)
    if open_ := row.offers.filter(state__in=OPEN).first():
        if open_.option == option:
            return open_
        raise CannotNow(noop("Another offer is open: note first what the buyer said to it."))
    if row.offers.filter(state=Offer.State.ACCEPTED).exists() or row.state in ENDED:
        raise CannotNow(noop("This case is settled."))
    found = reckoning.reckon(row)
    rung = found.rung(option)
    if rung is None:
        raise CannotNow(noop("This cannot be offered now."))
    free = by.leads or max(rung.choice.cost, _undisputed(row, rung.choice)) <= found.figures.money("approval")
    made = Offer.objects.create(
        case=row, option=option, kind=rung.choice.option.kind, state=Offer.State.MADE if free else Offer.State.WAITING, by=by,
        refund_minor=rung.choice.refund, fee_minor=rung.choice.fee, cost_minor=rung.choice.cost,
        parts=[list(part) for part in rung.choice.parts],
        accept=float(rung.chance.value), suggested=bool(found.best and found.best.steps[0].key == option), made_at=clock.now(),
    )  # fmt: skip
    _keep_sums(row, found)
    _tell("offer_made" if free else "offer_waits", row, by, option=noted(OPTIONS, option), cost=_money(row, made.cost_minor))
    return made


@transaction.atomic
def release(offer: Offer, *, by: Agent) -> Offer:
    """A lead lets a dear one go. PermissionDenied for others."""
    case, row = _open(offer, by)
    if not by.leads:
        raise PermissionDenied("A lead releases this.")
    if row.state == Offer.State.WAITING:
        row.state, row.released_by = Offer.State.MADE, by
        row.save(update_fields=["state", "released_by"])
        _tell("offer_released", case, by, option=noted(OPTIONS, row.option))
    return row


@transaction.atomic
def take_back(offer: Offer, *, by: Agent) -> Offer:
    """It was not told to the buyer after all."""
    case, row = _open(offer, by)
    row.state, row.answered_at = Offer.State.WITHDRAWN, clock.now()
    row.save(update_fields=["state", "answered_at"])
    _tell("offer_withdrawn", case, by, option=noted(OPTIONS, row.option))
    return row


@transaction.atomic
def answered(offer: Offer, answer: str, *, by: Agent) -> Offer:
    """What the buyer said: one of ANSWERS. Accepted: everything that follows goes out, once. CannotNow before a lead released it."""
    if offer.state == answer:
        return offer
    case, row = _open(offer, by)
    if answer not in ANSWERS or row.state == Offer.State.WAITING:
        raise CannotNow(noop("A lead must release this first."))
    left = stakes.refundable(case.order, besides=case) if answer == Offer.State.ACCEPTED else None
    if left is not None and row.refund_minor > left:
        raise CannotNow(noop("More than is left of what was paid."))
    row.state, row.answered_at = answer, clock.now()
    row.save(update_fields=["state", "answered_at"])
    _tell(f"offer_{answer}", case, by, option=noted(OPTIONS, row.option))
    if answer == Offer.State.ACCEPTED:
        _carry_out(case, row, by)
    if answer == Offer.State.ESCALATED:
        case.state = "judged"
        case.save(update_fields=["state"])
    return row


@transaction.atomic
def received(case: Case, back: Mapping[str, int], *, by: Agent, salvage: int | None = None) -> Case:
    """What came back was inspected: `back` pieces by line id go on the shelf, the rest of what was to come is written off.

    The refund that waited for it goes out now, or the platform that granted the return pays it; `salvage` (minor units) is what the goods
    are worth to us, else what was reckoned.
    """
    row = _locked(case, by)
    if not coming(row):
        raise CannotNow(noop("Nothing is to come back here."))
    offer = row.offers.filter(state=Offer.State.ACCEPTED, kind__in=RETURNS).first()
    kept = off = 0
    for line, pieces in stakes.chosen(row.order, row.lines_picked):
        good = max(0, min(back.get(str(line.pk), 0), pieces))
        kept, off = kept + good, off + pieces - good
        if line.sku:
            shelf.take_in(line.sku, good, pieces - good, by=by, reference=f"case {row.pk}")
    worth = salvage if salvage is not None else _share(-_part(offer, "salvage") if offer else stakes.salvage(row), kept, kept + off)
    Booking.objects.create(case=row, key="salvage", **_row(row, "salvage", -worth, by))
    if offer:
        _refund(row, offer, by)
    else:
        _book(row, "refund", row.refund_minor or 0, "refund", by)
    _tell("case_received", row, by, back=kept, off=off)
    return _finish(row, by)


def coming(case: Case) -> bool:
    """Whether goods are to come back that nobody inspected yet: by an offer of ours that was taken, or because the platform granted it."""
    if not case.fault or case.bookings.filter(key="salvage").exists():
        return False
    granted = case.state in ("agreed", "under_way") or (case.state == "closed" and bool(case.number))
    if case.external_id and case.goods_come_back and granted:
        return True
    return case.closed_at is None and case.offers.filter(state=Offer.State.ACCEPTED, kind__in=RETURNS).exists()


@transaction.atomic
def lost(case: Case, minor: int, *, by: Agent, reference: str = "") -> Case:
    """A claim, dispute or chargeback was decided: `minor` went back to the buyer or to fees (0: won)."""
    row = _locked(case, by)
    if row.state != "judged" or not 0 <= minor < 2**53:
        raise CannotNow(noop("No claim is running here."))
    _book(row, "claim", minor, "claim", by)
    _tell("case_lost", row, by, cost=_money(row, minor), reference=plain(reference)[:120])
    return _finish(row, by)


@transaction.atomic
def close(case: Case, *, by: Agent) -> Case:
    """Nothing more is to be done: the buyer fell silent, or wants nothing any more."""
    row = _locked(case, by)
    if row.offers.filter(state__in=OPEN).exists():
        raise CannotNow(noop("Another offer is open: note first what the buyer said to it."))
    return _finish(row, by)


@transaction.atomic
def reopen(case: Case, *, by: Agent) -> Case:
    """The buyer came back."""
    row = _locked(case, by)
    if row.closed_at is None:
        return row
    row.state, row.closed_at = "asked" if row.state in ENDED else row.state, None
    row.save(update_fields=["state", "closed_at"])
    _tell("case_reopened", row, by)
    return row


def loss(case: Case) -> int:
    """What it has cost so far, in minor units: everything booked whose act was not taken back."""
    return sum(row.minor for row in case.bookings.select_related("act") if row.act is None or row.act.state != State.WITHDRAWN)


def _carry_out(case: Case, offer: Offer, by: Agent) -> None:
    """Everything the accepted offer needs: money, goods, label; then the case is closed, unless goods are still to come."""
    lines = tuple((line.external_id, pieces) for line, pieces in stakes.chosen(case.order, case.lines_picked))
    if offer.kind in RETURNS:
        case.state, case.goods_come_back = "agreed", True
        case.save(update_fields=["state", "goods_come_back"])
        if offer.kind == "return_label" or (case.external_id and SendReturnLabel.__name__ in can(case.order)):
            act = SendReturnLabel(case.order.external_id, case.external_id, offer.refund_minor, case.currency)
            _act(case, act, "freight_back", _part(offer, "freight_back"), by)
        return
    if offer.kind in ("resend", "resend_part"):
        part = offer.kind == "resend_part"
        asked = _act(case, SendAgain(case.order.external_id, lines, part), "goods", _part(offer, "goods"), by)
        replacing.tell_packers(asked, by=by)
        _book(case, "freight_out", _part(offer, "freight_out"), "freight_out", by)
    if offer.kind == "coupon":
        _book(case, "coupon", offer.cost_minor, "coupon", by)
    _refund(case, offer, by)
    _finish(case, by)


def _refund(case: Case, offer: Offer, by: Agent) -> None:
    if offer.refund_minor:
        act = RefundBuyer(case.order.external_id, offer.refund_minor, case.currency, case.external_id)
        _act(case, act, "refund", offer.refund_minor, by)
        _book(case, "commission", _part(offer, "commission"), "commission", by)


def _act(case: Case, act: Act, kind: str, minor: int, by: Agent) -> PlatformAct:
    asked = acting.ask(case.shop, act, order=case.order, key=f"case:{case.pk}:{kind}", by=by)
    Booking.objects.get_or_create(case=case, key=kind, defaults=_row(case, kind, minor, by) | {"act": asked})
    return asked


def _book(case: Case, kind: str, minor: int, key: str, by: Agent) -> None:
    if minor:
        Booking.objects.get_or_create(case=case, key=key, defaults=_row(case, kind, minor, by))


def _row(case: Case, kind: str, minor: int, by: Agent) -> dict[str, Any]:
    return {"kind": kind, "minor": minor, "currency": case.currency, "by": by, "at": clock.now()}


def _finish(case: Case, by: Agent) -> Case:
    """Our part is done. A return that runs at the platform keeps its state and clock until the platform ends it."""
    case.closed_at = clock.now()
    if not case.external_id or case.state in ENDED:
        case.state, case.next_clock, case.next_by = "closed", "", None
    case.save()
    _tell("case_closed", case, by, cost=_money(case, loss(case)))
    return case


def _undisputed(case: Case, choice: Choice) -> int:
    """What the choice costs with the sums a lead put down or the records hold: who is bound by a limit does not lift it."""
    plain_case = copy(case)
    plain_case.stakes = case.stakes.get("lead", {})
    known = (rung.choice.cost for rung in reckoning.reckon(plain_case).rungs if rung.choice.option.key == choice.option.key)
    return next(known, NEVER)


def _keep_sums(case: Case, found: Reckoned) -> None:
    """What was reckoned with then is what the case is about from then on."""
    case.stakes = dict(found.taken.sums) | case.stakes
    case.save(update_fields=["stakes"])


def _part(offer: Offer, name: str) -> int:
    return next((int(minor) for part, minor in offer.parts if part == name), 0)


def _share(minor: int, pieces: int, of: int) -> int:
    return round(minor * pieces / of) if of else 0


def _pieces(order: Order, picked: Mapping[str, int]) -> dict[str, int]:
    most = {str(line.pk): line.quantity for line in order.lines.all()}
    return {line: min(int(pieces), most[line]) for line, pieces in picked.items() if line in most and int(pieces) > 0}


def _carrier(order: Order) -> str:
    parcel = order.parcels.order_by("pk").first()
    return parcel.carrier if parcel else ""


def _locked(case: Case, by: Agent) -> Case:
    """The case as it stands now, held; after its order, as everybody locks. CannotNow before it was looked at."""
    access.locked(case.order, by)
    row = Case.objects.select_for_update(of=("self",)).select_related("shop", "order").get(pk=case.pk)
    if not row.fault:
        raise CannotNow(noop("Say what went wrong."))
    return row


def _open(offer: Offer, by: Agent) -> tuple[Case, Offer]:
    case = _locked(offer.case, by)
    row = case.offers.select_for_update(of=("self",)).get(pk=offer.pk)
    if row.state not in OPEN:
        raise CannotNow(noop("This offer was answered already."))
    return case, row


def _money(case: Case, minor: int) -> str:
    return f"{Money(minor, case.currency or 'USD').amount} {case.currency}".strip()


def _tell(verb: str, case: Case, by: Agent, **data: Any) -> None:
    record(verb, case, by=by, shop=case.shop_id, **data)
    record(verb, case.order, by=by, shop=case.shop_id, **data)
    announce("order", shop=case.shop_id, order=case.order_id, case=case.pk)
