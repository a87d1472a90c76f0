"""Remarks: what colleagues downstream must know, acknowledged by them, and written into the platform's note where it has one."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.channels.acts import WriteNote
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.lib.storable import deep, plain
from bridgedesk.orders.access import locked
from bridgedesk.orders.acting import ask
from bridgedesk.orders.holding import tell
from bridgedesk.orders.models import Order, Remark
from bridgedesk.shops.queries import threshold
from bridgedesk.team.models import Agent

ADDRESSEES = ("packing", "purchasing", "service", "")
OURS = "• "
"""Begins each line of a platform's note that stands for a remark of ours; other lines were typed there and stay."""


@transaction.atomic
def remark(
    order: Order, kind: str, text: str, *, by: Agent | None, data: dict[str, Any] | None = None, addressee: str = "packing",
    due_at: datetime | None = None,
) -> Remark:  # fmt: skip
    """Leave word for colleagues. ValidationError for an unknown kind or addressee, or when nothing is said."""
    if kind not in Remark.Kind.values or addressee not in ADDRESSEES:
        raise ValidationError(_("No such kind of remark, or nobody of that name."))
    if not text.strip() and not data:
        raise ValidationError(_("Say what the colleagues must know."))
    row = locked(order, by)
    made = Remark.objects.create(
        order=row, kind=kind, text=plain(text.strip())[:5000], data=deep(data or {}), addressee=addressee, due_at=due_at, author=by,
        created_at=clock.now(),
    )  # fmt: skip
    tell(row, "remarked", by=by, kind=kind, text=made.text[:200])
    _note(row, made, "said", by=by)
    return made


def meant(order: Order, kind: str, other: str, line: str = "") -> dict[str, Any]:
    """A remark's data from what a person typed as `other`: of a swap or gift the article's code, which the packing station then wants
    (of a swap instead of `line`, a line's id). ValidationError where it is not said which of several lines is swapped."""
    named = plain(other).strip()[:80]
    if not named:
        return {}
    data = {"other": named} | ({"code": named} if kind in (Remark.Kind.SWAP, Remark.Kind.GIFT) else {})
    if kind != Remark.Kind.SWAP:
        return data
    lines = list(order.lines.values_list("external_id", flat=True))
    swapped = [one for one in lines if one == line] or lines
    if len(swapped) != 1:
        raise ValidationError(_("Say which of the articles is swapped."))
    return data | {"line": swapped[0]}


@transaction.atomic
def acknowledge(remark: Remark, *, by: Agent) -> Remark:
    """Somebody downstream has read it. The first one counts."""
    order = locked(remark.order, by)
    row = Remark.objects.select_for_update(of=("self",)).get(pk=remark.pk)
    if row.acknowledged_at is None and row.withdrawn_at is None:
        row.acknowledged_by, row.acknowledged_at = by, clock.now()
        row.save(update_fields=["acknowledged_by", "acknowledged_at"])
        tell(order, "remark_acknowledged", by=by, kind=row.kind, text=row.text[:200])
    return row


@transaction.atomic
def take_back(remark: Remark, *, by: Agent | None) -> Remark:
    """It does not hold any more."""
    order = locked(remark.order, by)
    row = Remark.objects.select_for_update(of=("self",)).get(pk=remark.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        tell(order, "remark_withdrawn", by=by, kind=row.kind, text=row.text[:200])
        _note(order, row, "gone", by=by)
    return row


def note_of(order: Order) -> str:
    """What should stand in the platform's note: what others typed there, then our remarks."""
    foreign = [line for line in order.seller_note.splitlines() if not line.startswith(OURS)]
    ours = order.remarks.filter(withdrawn_at=None).exclude(kind=Remark.Kind.CANCEL).values_list("text", flat=True)
    lines = foreign + [OURS + " ".join(text.split()) for text in ours if text]
    return "\n".join(lines)[: int(threshold(order.shop, "note_length", clock.now()).value)]


def _note(order: Order, row: Remark, what: str, *, by: Agent | None) -> None:
    channel = CHANNELS.get(order.shop.platform)
    if channel is None or WriteNote not in channel.acts or row.kind == Remark.Kind.CANCEL:
        return
    wanted = note_of(order)
    if wanted != order.seller_note:
        ask(order.shop, WriteNote(order.external_id, wanted), order=order, key=f"remark:{row.pk}:{what}", by=by)
