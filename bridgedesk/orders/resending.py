"""Goods sent again: what the packer is told, which pieces leave the shelf for it, when that is over.

A remark of the kind "resend" stands as long as something is to be sent: {act: the act's id, lines: {line id: pieces}, part: only a part}.
"""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bridgedesk.lib import clock
from bridgedesk.orders.models import Line, Order, PlatformAct, Remark
from bridgedesk.orders.packing import Want, codes
from bridgedesk.products.counting import move
from bridgedesk.products.models import Movement
from bridgedesk.team.models import Agent

KEY = "again"
"""Begins the key of such a want in Parcel.packed."""


def to_send(order: Order) -> QuerySet[Remark]:
    """What has to be sent again and has not left."""
    return order.remarks.filter(kind=Remark.Kind.RESEND, withdrawn_at=None).order_by("pk")


def waiting() -> list[int]:
    """Orders of which something has to be sent again."""
    return list(Remark.objects.filter(kind=Remark.Kind.RESEND, withdrawn_at=None).values_list("order", flat=True)[:500])


def told(order: Order, lines: tuple[tuple[str, int], ...], *, part: bool) -> tuple[str, dict[str, object]]:
    """The remark's words and data."""
    known = {line.external_id: line for line in order.lines.all()}
    picked = [(known[number], pieces) for number, pieces in lines if number in known]
    names = ", ".join(f"{pieces} × {line.title or line.code}" for line, pieces in picked)
    text = _("Send the missing or broken part again, of: %(what)s") if part else _("Send again: %(what)s")
    return text % {"what": names or order.external_id}, {"lines": {str(line.pk): pieces for line, pieces in picked}, "part": part}


def wants(order: Order) -> list[Want]:
    """What belongs into the parcel that is sent again. A part has no code of its own: it is put in by hand."""
    lines = {str(line.pk): line for line in order.lines.select_related("sku")}
    return [
        _want(remark, lines[key], pieces)
        for remark in to_send(order)
        for key, pieces in remark.data.get("lines", {}).items()
        if key in lines
    ]


def of(packed: dict[str, int]) -> set[int]:
    """The remarks whose goods lie in a parcel, by what was packed."""
    return {int(key.split(":")[1]) for key in packed if key.startswith(f"{KEY}:")}


def over(act: PlatformAct, *, left: bool, by: Agent | None) -> None:
    """It left, or is not to be sent any more: packers are told no more, and what left comes off the shelf, once. A part is no article."""
    remark = (
        Remark.objects.select_for_update().filter(order=act.order, kind=Remark.Kind.RESEND, data__act=act.pk, withdrawn_at=None).first()
    )
    if remark is None:
        return
    if left and not remark.data.get("part"):
        for line in Line.objects.filter(pk__in=remark.data["lines"]).select_related("sku"):
            _off_the_shelf(line, remark.data["lines"][str(line.pk)], f"{KEY}:{remark.pk}:{line.pk}", by)
    remark.withdrawn_at = clock.now()
    remark.save(update_fields=["withdrawn_at"])


def _off_the_shelf(line: Line, pieces: int, reference: str, by: Agent | None) -> None:
    if line.sku and line.sku.on_hand is not None and pieces > 0:
        move(line.sku, Movement.Kind.OUT, pieces, by=by, reference=reference, note=line.order.external_id)


def _want(remark: Remark, line: Line, pieces: int) -> Want:
    given = (line.code, line.sku.code, line.sku.barcode) if line.sku else (line.code,)
    part = bool(remark.data.get("part"))
    title = line.title or line.code
    named = _("Part of: %(what)s") % {"what": title} if part else title
    return Want(
        f"{KEY}:{remark.pk}:{line.pk}", named, pieces, frozenset() if part else codes(*given), line.code, line.options, line.image
    )  # fmt: skip
