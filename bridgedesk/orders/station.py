"""The packing station's acts: every scan is a row, the parcel is closed under the order's lock, evidence comes with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as noop

from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.storable import plain
from bridgedesk.orders import evidence, packing, resending
from bridgedesk.orders.access import locked
from bridgedesk.orders.holding import LEFT, Blocked, cleared, obstacles, tell
from bridgedesk.orders.models import Line, Order, Parcel, PlatformAct, Remark
from bridgedesk.orders.packing import Verdict, Want
from bridgedesk.orders.packing_models import PackScan
from bridgedesk.products.models import Sku
from bridgedesk.team.models import Agent

Decide = Callable[[Order, Sequence[Want], dict[str, int]], Verdict]
THEIRS = noop("The platform's own warehouse packs it.")


class CannotClose(Exception):
    """The parcel is not ready (msgid)."""


def reasons(order: Order) -> list[str]:
    """Why nothing of it may be packed now: what holding.obstacles says, or that it is not ours to pack."""
    return ([THEIRS] if order.fulfilled_by == "platform" else []) + obstacles(order)


@transaction.atomic
def scan(order: Order, code: str, *, key: str, by: Agent, parcel: int = 0) -> PackScan:
    """An article's code was scanned. The same `key` again is the scan it was. Blocked when the order may not be packed."""
    code = plain(code.strip())[:120]

    def verdict(row: Order, wants: Sequence[Want], packed: dict[str, int]) -> Verdict:
        known = packing.judge(wants, packed, code)
        return known if known.kind != "wrong" else _stray(row, code, by)

    return _scanned(order, code, verdict, key, by, parcel)


@transaction.atomic
def put_in(order: Order, want: str, *, key: str, by: Agent, parcel: int = 0) -> PackScan:
    """One piece went in that has no code to scan."""
    return _scanned(order, "", lambda _row, wants, packed: packing.by_hand(wants, packed, want), key, by, parcel)


@transaction.atomic
def take_out(order: Order, want: str, *, key: str, by: Agent, parcel: int = 0) -> PackScan:
    """One piece came out again."""
    return _scanned(order, "", lambda _row, _wants, packed: packing.out(packed, want), key, by, parcel)


@transaction.atomic
def close(order: Order, *, by: Agent, parcel: int = 0, partly: bool = False) -> Parcel:
    """The parcel is packed. A hold that came meanwhile wins: it is read under the order's lock. Blocked, or CannotClose."""
    row = _cleared(order, by)
    box = open_parcel(row, parcel)
    packed = contents(box)
    if box is None or not packed:
        raise CannotClose(noop("Nothing has been put in yet."))
    if packing.missing(wants_of(row, box), packed) and not partly:
        raise CannotClose(noop("Something is missing. Put it in, or send the rest later."))
    if evidence.reasons(row) and not row.evidence.filter(Q(parcel=box) | Q(parcel=None)).exists():
        raise CannotClose(noop("Take a photo of what went in first."))
    box.packed, box.packed_by, box.packed_at = packed, by, clock.now()
    box.save(update_fields=["packed", "packed_by", "packed_at"])
    row.evidence.filter(parcel=None).update(parcel=box)
    tell(row, "parcel_packed", by=by, parcel=box.number or box.external_id, pieces=sum(packed.values()), partly=partly)
    return box


@transaction.atomic
def reopen(order: Order, *, by: Agent) -> Parcel | None:
    """The parcel packed last is opened again; None when none is, or it is on its way or announced to the platform already."""
    row = locked(order, by)
    box = row.parcels.filter(packed_at__isnull=False, shipped_at=None).order_by("-packed_at").first()
    if box is None or (
        not resending.of(box.packed) and row.acts.filter(kind="ShipParcel").exclude(state=PlatformAct.State.WITHDRAWN).exists()
    ):
        return None
    box.packed_at, box.packed_by, box.packed = None, None, {}
    box.save(update_fields=["packed", "packed_by", "packed_at"])
    tell(row, "parcel_reopened", by=by, parcel=box.number or box.external_id)
    return box


def open_parcel(order: Order, parcel: int = 0) -> Parcel | None:
    """The parcel that is being packed: the one named, else the first that is neither packed nor sent."""
    waiting = order.parcels.filter(packed_at=None, shipped_at=None, delivered_at=None)
    return (waiting.filter(pk=parcel).first() if parcel else None) or waiting.first()


def contents(box: Parcel | None) -> dict[str, int]:
    """What lies in a parcel that is still open."""
    return packing.summed(box.pack_scans.values_list("want", "pieces")) if box else {}


def wants_of(order: Order, box: Parcel | None) -> list[Want]:
    """What belongs into this parcel: the lines with what was swapped, and the gifts, less what lies in parcels packed before."""
    elsewhere: dict[str, int] = {}
    for packed in order.parcels.filter(packed_at__isnull=False).exclude(pk=box.pk if box else 0).values_list("packed", flat=True):
        for key, pieces in packed.items():
            elsewhere[key] = elsewhere.get(key, 0) + pieces
    return packing.left(all_wants(order), elsewhere)


def all_wants(order: Order) -> list[Want]:
    """Everything bought, every gift, and what is sent again: that alone of an order that left. A swap or gift remark names its article as
    `code` in its data, a swap also the `line`."""
    remarks = list(order.remarks.filter(kind__in=[Remark.Kind.SWAP, Remark.Kind.GIFT], withdrawn_at=None))
    named = {str(remark.data.get("code") or "") for remark in remarks} - {""}
    articles = {sku.code: sku for sku in Sku.objects.filter(code__in=named).select_related("product")}
    swaps = {str(r.data.get("line")): str(r.data["code"]) for r in remarks if r.kind == Remark.Kind.SWAP and r.data.get("code")}
    lines = order.lines.select_related("sku")
    gifts = [remark for remark in remarks if remark.kind == Remark.Kind.GIFT]
    again = resending.wants(order)
    if again and order.state in LEFT:
        return again
    bought = [_line(line, swaps.get(line.external_id, ""), articles) for line in lines]
    return bought + [_gift(one, articles) for one in gifts] + again


def found(by: Agent, number: str) -> QuerySet[Order]:
    """Orders of that number, or with a parcel of that number, in shops the packer may see."""
    number = plain(number.strip())[:80]
    written = [number, number.upper(), number.replace(" ", "")]
    parcels = Parcel.objects.filter(Q(number__in=written) | Q(external_id__in=written))
    wanted = Q(external_id__in=written) | Q(pk__in=parcels.values("order"))
    rows = Order.objects.visible_to(by).select_related("shop").order_by("ship_by", "pk")
    return rows.filter(wanted) if number else rows.none()


def _cleared(order: Order, by: Agent) -> Order:
    row = cleared(order, by)
    if row.fulfilled_by == "platform":
        raise Blocked([THEIRS])
    return row


def _scanned(order: Order, code: str, decide: Decide, key: str, by: Agent, parcel: int) -> PackScan:
    key = plain(key)[:40]
    row = locked(order, by)
    known = PackScan.objects.filter(parcel__order=row, key=key).first()
    if known:
        return known
    _cleared(row, by)
    box = open_parcel(row, parcel)
    packed = contents(box)
    verdict = decide(row, wants_of(row, box), packed)
    box = box or Parcel.objects.create(order=row)
    made = PackScan.objects.create(
        parcel=box, key=key, code=code, verdict=verdict.kind, want=verdict.want, pieces=verdict.pieces, by=by, at=clock.now()
    )
    if verdict.kind in ("wrong", "too_many", "other_order"):
        tell(row, "packing_caught", by=by, code=code, why=verdict.kind)
    else:
        announce("order", shop=row.shop_id, order=row.pk)
    return made


def _stray(order: Order, code: str, by: Agent) -> Verdict:
    """A code that is none of the articles: this parcel's own label, another order's, or an article that does not belong here."""
    numbers = [order.external_id, *(number for pair in order.parcels.values_list("number", "external_id") for number in pair)]
    if packing.folded(code) in packing.codes(*numbers):
        return Verdict("label")
    if article(code):
        return Verdict("wrong")
    return Verdict("other_order" if found(by, code).exists() else "wrong")


def article(code: str) -> Sku | None:
    """The article of that code or barcode, if we know it."""
    rows = Sku.objects.filter(Q(code=code) | Q(code=code.upper()) | Q(barcode__in=packing.written(code))).select_related("product")
    return rows.order_by("pk").first() if code else None


def _line(line: Line, swapped: str, articles: Mapping[str, Sku]) -> Want:
    if swapped:
        return _want(str(line.pk), swapped, articles.get(swapped), line.quantity, swapped=True)
    given = (line.code, line.sku.code, line.sku.barcode) if line.sku else (line.code,)
    title = line.title or (line.sku.name if line.sku else "") or line.code
    return Want(str(line.pk), title, line.quantity, packing.codes(*given), line.code or (line.sku.code if line.sku else ""), line.options,
                line.image or (line.sku.image if line.sku else ""))  # fmt: skip


def _gift(remark: Remark, articles: Mapping[str, Sku]) -> Want:
    code, pieces = str(remark.data.get("code") or ""), remark.data.get("quantity")
    want = _want(f"gift:{remark.pk}", code, articles.get(code), pieces if isinstance(pieces, int) and pieces > 0 else 1, gift=True)
    return want if code else replace(want, title=remark.text[:200])


def _want(key: str, code: str, sku: Sku | None, pieces: int, *, gift: bool = False, swapped: bool = False) -> Want:
    """What a remark names."""
    title = (sku.name or sku.product.name) if sku else code
    return Want(key, title, pieces, packing.codes(code, sku.barcode if sku else ""), code, sku.options if sku else {},
                sku.image if sku else "", gift, swapped)  # fmt: skip
