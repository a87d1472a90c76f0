"""Why the number on the shelf changes: somebody counted, goods came in, went out, came back, were written off."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import fit, plain
from bridgedesk.products.models import Movement, Sku
from bridgedesk.team.models import Agent

Kind = Movement.Kind
SIGN = {Kind.IN: 1, Kind.BACK: 1, Kind.OUT: -1, Kind.WRITTEN_OFF: -1}
MOST = 10_000_000


@transaction.atomic
def count(sku: Sku, pieces: int, *, by: Agent, note: str = "") -> Movement:
    """So many lie on the shelf now, pieces in parcels that have not left included. The first count begins the history."""
    if not by.may_write:
        raise PermissionDenied
    if not 0 <= pieces <= MOST:
        raise ValidationError(_("Nobody counts that many."))
    row = _locked(sku)
    made = _write(row, Kind.COUNT, pieces - (row.on_hand or 0), pieces, by=by, note=note)
    row.counted_at = made.at
    row.save(update_fields=["on_hand", "counted_at"])
    record("counted", row.product, by=by, code=row.code, count=pieces, change=made.change)
    _told(row)
    return made


@transaction.atomic
def move(sku: Sku, kind: str, pieces: int, *, by: Agent | None, reference: str = "", note: str = "") -> Movement:
    """Goods in, out, back or written off. ValidationError for an article that was never counted; the same `reference` goes out once."""
    if by and not by.may_write:
        raise PermissionDenied
    row = _locked(sku)
    if Kind(kind) not in SIGN or not 0 < pieces <= MOST:
        raise ValidationError(_("Say how many pieces, and whether they came or went."))
    if row.on_hand is None:
        raise ValidationError(_("Count it first: nobody knows how many there are."))
    known = row.movements.filter(kind=Kind.OUT, reference=reference).first() if reference and kind == Kind.OUT else None
    if known:
        return known
    change = SIGN[Kind(kind)] * pieces
    made = _write(row, Kind(kind), change, row.on_hand + change, by=by, reference=reference, note=note)
    row.save(update_fields=["on_hand"])
    record("stock_moved", row.product, by=by, code=row.code, change=made.change, after=made.after)
    _told(row)
    return made


def _locked(sku: Sku) -> Sku:
    return Sku.objects.select_for_update(of=("self",)).select_related("product").get(pk=sku.pk)


def _write(row: Sku, kind: Movement.Kind, change: int, after: int, *, by: Agent | None, reference: str = "", note: str = "") -> Movement:
    row.on_hand = after
    return Movement.objects.create(
        sku=row, kind=kind, change=change, after=after, by=by, reference=fit(reference, 120), note=plain(note).strip()[:300], at=clock.now()
    )


def _told(row: Sku) -> None:
    announce("stock", shop=None, sku=row.pk)
    enqueue("reckon_stock", once="reckon_stock")
