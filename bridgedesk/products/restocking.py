"""Requests to buy more: asked by whoever sees that it runs out, answered by whoever purchases."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.products import counting
from bridgedesk.products.editing import tell
from bridgedesk.products.models import Movement, Restock, Sku
from bridgedesk.team.models import Agent

State = Restock.State
STEPS = {
    State.ASKED: (State.ORDERED, State.ARRIVED, State.IMPOSSIBLE, State.WITHDRAWN),
    State.ORDERED: (State.ARRIVED, State.IMPOSSIBLE, State.WITHDRAWN),
}
"""What may follow; the others are ends."""
MOST = 1_000_000


@transaction.atomic
def ask(sku: Sku, quantity: int, *, by: Agent, note: str = "") -> Restock:
    """Buy so many more. One request an article: a second one while the first is open raises its number."""
    may(by)
    if not 0 < quantity <= MOST:
        raise ValidationError(_("Say how many to buy."))
    locked = Sku.objects.select_for_update(of=("self",)).select_related("product").get(pk=sku.pk)
    row = locked.restocks.filter(state=State.ASKED).first() or Restock(sku=locked, asked_by=by, asked_at=clock.now())
    row.quantity, row.note, row.changed_at = max(quantity, row.quantity or 0), plain(note).strip()[:300] or row.note, clock.now()
    row.save()
    tell(locked.product, "restock_asked", by=by, code=locked.code, quantity=row.quantity)
    return row


@transaction.atomic
def answer(restock: Restock, state: str, *, by: Agent, expected_on: date | None = None, quantity: int = 0, note: str = "") -> Restock:
    """Ordered, arrived (`quantity` pieces go on the shelf), impossible, or not wanted any more. ValidationError for another order."""
    may(by)
    row = Restock.objects.select_for_update(of=("self",)).select_related("sku__product").get(pk=restock.pk)
    if state not in STEPS.get(State(row.state), ()):
        raise ValidationError(_("It is answered already."))
    row.state, row.answered_by, row.changed_at = state, by, clock.now()
    row.expected_on, row.note = expected_on or row.expected_on, plain(note).strip()[:300] or row.note
    row.save()
    if state == State.ARRIVED and row.sku.on_hand is not None:
        counting.move(row.sku, Movement.Kind.IN, quantity or row.quantity, by=by, reference=f"restock:{row.pk}")
    tell(row.sku.product, f"restock_{state}", by=by, code=row.sku.code, quantity=quantity or row.quantity)
    return row


def may(by: Agent) -> None:
    """PermissionDenied for an observer."""
    if not by.may_write:
        raise PermissionDenied
