"""What cannot be had, from purchasing to the buyer and back: every order that waits for it is one row that ends, or is taken to a lead.

Purchasing begins (`begin`), service asks (`asked`) and writes the answer down (`answer`), purchasing acts on it (`finish`).
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.orders import shortages
from bridgedesk.orders.access import locked
from bridgedesk.orders.acting import CannotNow
from bridgedesk.orders.cancelling import cancel_at_platform
from bridgedesk.orders.holding import tell
from bridgedesk.orders.models import Order, Remark
from bridgedesk.orders.remarks import remark, take_back
from bridgedesk.orders.settling import answer_by
from bridgedesk.orders.stockout_models import ShortLine, Stockout
from bridgedesk.products import editing, restocking
from bridgedesk.products.models import Restock, Sku
from bridgedesk.team.models import Agent

State, Answer = ShortLine.State, ShortLine.Answer
ENDED = noop("This has ended already.")
CHOICES = (Answer.SWAP, Answer.WAIT, Answer.CANCEL, Answer.OTHER)


@transaction.atomic
def begin(sku: Sku, *, by: Agent, swap: Sku | None = None, back_on: date | None = None, note: str = "") -> Stockout:
    """Purchasing says it cannot be had (before `back_on`); a second time corrects the first. Affected orders become tasks at once."""
    restocking.may(by)
    article = Sku.objects.select_for_update(of=("self",)).select_related("product").get(pk=sku.pk)
    if swap and swap.pk == article.pk:
        raise ValidationError(_("An article is no swap for itself."))
    row = Stockout.objects.filter(sku=article, ended_at=None).first() or Stockout(sku=article, by=by, at=clock.now())
    row.swap, row.back_on, row.note = swap, back_on, plain(note).strip()[:300]
    row.save()
    article.available = False
    article.save(update_fields=["available"])
    for request in article.restocks.filter(state__in=[Restock.State.ASKED, Restock.State.ORDERED]):
        restocking.answer(request, Restock.State.IMPOSSIBLE, by=by)
    editing.tell(article.product, "stockout_began", by=by, code=article.code)
    shortages.gather(row)
    return row


@transaction.atomic
def end(stockout: Stockout, *, by: Agent) -> Stockout:
    """It can be had again. Orders nobody was asked about yet need nothing more; those already asked go their way."""
    restocking.may(by)
    row = Stockout.objects.select_for_update(of=("self",)).select_related("sku__product").get(pk=stockout.pk)
    if row.ended_at:
        raise CannotNow(ENDED)
    row.ended_at, row.ended_by = clock.now(), by
    row.save(update_fields=["ended_at", "ended_by"])
    Sku.objects.filter(pk=row.sku_id).update(available=True)
    editing.tell(row.sku.product, "stockout_ended", by=by, code=row.sku.code)
    for line in row.lines.filter(state=State.TO_ASK).select_related("line__order"):
        shortages.close(shortages.held(line), Answer.WAIT, by=by)
    return row


@transaction.atomic
def propose(line: ShortLine, swap: Sku | None, *, by: Agent) -> ShortLine:
    """Another article to offer this buyer."""
    row, order = _open(line, by)
    if swap and swap.pk == row.stockout.sku_id:
        raise ValidationError(_("An article is no swap for itself."))
    row.swap = swap
    row.save(update_fields=["swap"])
    tell(order, "stockout_proposed", by=by, code=swap.code if swap else "–")
    return row


@transaction.atomic
def asked(line: ShortLine, *, by: Agent, message: int | None = None) -> ShortLine:
    """The buyer is being asked, by that letter or in the platform's own tool. Repeats change nothing."""
    row, order = _open(line, by)
    if row.state != State.TO_ASK:
        return row
    row.state, row.asked_by, row.asked_at, row.message = State.ASKED, by, clock.now(), message
    return _tell("stockout_asked", row, order, by=by)


@transaction.atomic
def unasked(message: int, *, by: Agent) -> None:
    """The letter was taken back before it left: whoever it asked is to be asked again."""
    for found in ShortLine.objects.filter(message=message, state=State.ASKED).select_related("line__order"):
        row, order = _open(found, by)
        row.state, row.asked_by, row.asked_at, row.message = State.TO_ASK, None, None, None
        _tell("stockout_unasked", row, order, by=by)


@transaction.atomic
def answer(line: ShortLine, choice: str, *, by: Agent, swap: Sku | None = None, note: str = "") -> ShortLine:
    """What the buyer prefers: it goes back to purchasing; packers are told of an agreed swap. May be corrected until it ends."""
    row, order = _open(line, by)
    if choice not in CHOICES:
        raise ValidationError(_("There is no such answer."))
    if swap and swap.pk == row.stockout.sku_id:
        raise ValidationError(_("An article is no swap for itself."))
    row.swap = swap or row.swap
    if choice == Answer.SWAP and row.swap is None:
        raise ValidationError(_("Say which article the buyer takes instead."))
    row.state, row.answer, row.note = State.ANSWERED, choice, plain(note).strip()[:300]
    row.answered_by, row.answered_at = by, clock.now()
    _tell_packers(row, order, by=by)
    return _tell("stockout_answered", row, order, by=by, answer=choice)


@transaction.atomic
def finish(line: ShortLine, *, by: Agent) -> ShortLine:
    """Purchasing saw to it: the swap lies ready, the article came after all, or the money goes back. The order may be packed again."""
    row, order = _open(line, by)
    if row.state != State.ANSWERED:
        raise CannotNow(noop("The buyer has not answered yet."))
    if row.answer == Answer.CANCEL:
        lines = () if order.lines.count() == 1 else (row.line.external_id,)
        cancel_at_platform(order, "out_of_stock", by=by, lines=lines)
    shortages.close(row, row.answer, by=by)
    return row


def _open(line: ShortLine, by: Agent) -> tuple[ShortLine, Order]:
    """The row and its order as they stand, locked. PermissionDenied; CannotNow when it has ended."""
    order = locked(line.line.order, by)
    row = shortages.held(line)
    if row.state == State.DONE:
        raise CannotNow(ENDED)
    return row, order


def _tell(verb: str, row: ShortLine, order: Order, *, by: Agent, **more: Any) -> ShortLine:
    """The next one has as long as the order's clock leaves."""
    row.due_at, row.escalated_at = answer_by(order, clock.now()), None
    row.save()
    tell(order, verb, by=by, code=row.stockout.sku.code, **more)
    return row


def _tell_packers(row: ShortLine, order: Order, *, by: Agent) -> None:
    """One remark says what goes in instead; a corrected answer takes the earlier one back."""
    for earlier in order.remarks.filter(kind=Remark.Kind.SWAP, withdrawn_at=None, data__short=row.pk):
        take_back(earlier, by=by)
    if row.answer == Answer.SWAP and row.swap:
        text = _("%(n)s × %(new)s instead of %(old)s") % {"n": row.line.quantity, "new": row.swap.code, "old": row.stockout.sku.code}
        data = {"short": row.pk, "line": row.line.external_id, "sku": row.swap.code}
        remark(order, Remark.Kind.SWAP, text, by=by, data=data, due_at=order.ship_by)
