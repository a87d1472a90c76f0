"""Working on orders, for programs: holding, remarks, cancellations, and what platforms were asked. 409: not as it stands now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from bridgedesk.lib.storable import plain
from bridgedesk.lib.words import told
from bridgedesk.orders import actions
from bridgedesk.orders.models import Order, PlatformAct, Remark
from bridgedesk.team.api import READ, WRITE, Strict, agent_of

MOST = 100


class ActOut(Schema):
    """`state` queued, doing, done, failed, unsure (a person must look), by_hand, withdrawn; `failures` what was not taken of it."""

    id: int
    order_id: int | None
    shop_id: int
    kind: str
    data: dict[str, Any]
    state: str
    error: str
    failures: list[Any]
    reference: str
    created_at: datetime
    done_at: datetime | None


class RemarkOut(Schema):
    id: int
    order_id: int
    kind: str
    text: str
    data: dict[str, Any]
    addressee: str
    due_at: datetime | None
    acknowledged_at: datetime | None
    withdrawn_at: datetime | None


class HeldOut(Schema):
    """`obstacles`: why nothing of it may be packed now, in words; empty when it may."""

    id: int
    hold: str
    held_at: datetime | None
    obstacles: list[str]


class HoldIn(Strict):
    reason: str = Field(min_length=1, max_length=200)


class ReleaseIn(Strict):
    note: str = Field("", max_length=200)


class RemarkIn(Strict):
    """`kind` address, swap, gift, split, merge, price or free; `addressee` packing, purchasing, service or "" for everybody."""

    text: str = Field(max_length=5000)
    kind: str = "free"
    addressee: str = "packing"
    due_at: datetime | None = None


class AnswerIn(Strict):
    agree: bool


class CancelIn(Strict):
    """`reason` out_of_stock, customer_request, undeliverable_area or payment_not_supported; `lines` where only those are cancelled."""

    reason: str
    lines: list[str] = Field(default_factory=list, max_length=200)


class SplitIn(Strict):
    """Each parcel: pieces by the line's external id. Every piece goes into exactly one."""

    parcels: list[dict[str, int]] = Field(max_length=50)


class SettleIn(Strict):
    done: bool
    reference: str = Field("", max_length=120)


router = Router(tags=["orders"])


def _order(request: HttpRequest, pk: int, *, write: bool = True) -> Order:
    found = get_object_or_404(Order.objects.visible_to(agent_of(request)).select_related("shop"), pk=pk)
    return _writes(request, found) if write else found


def _writes(request: HttpRequest, found: Any) -> Any:
    if not agent_of(request).may_write:
        raise PermissionDenied("An observer only looks.")
    return found


def _held(order: Order) -> dict[str, Any]:
    order.refresh_from_db()
    return {
        "id": order.pk,
        "hold": told(order.hold),
        "held_at": order.held_at,
        "obstacles": [told(why) for why in actions.obstacles(order)],
    }


@router.get("/orders/{pk}/acts", response=list[ActOut], auth=READ)
def acts(request: HttpRequest, pk: int) -> QuerySet[PlatformAct]:
    """What the platform was asked about an order, newest first."""
    return _order(request, pk, write=False).acts.order_by("-pk")[:MOST]


@router.get("/orders/{pk}/remarks", response=list[RemarkOut], auth=READ)
def remarks(request: HttpRequest, pk: int) -> Sequence[Remark] | QuerySet[Remark]:
    """Its remarks, oldest first."""
    return _order(request, pk, write=False).remarks.order_by("pk")[:MOST]


@router.get("/orders/{pk}/hold", response=HeldOut, auth=READ)
def held(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Whether it may be packed."""
    return _held(_order(request, pk, write=False))


@router.post("/orders/{pk}/hold", response=HeldOut, auth=WRITE)
def hold(request: HttpRequest, pk: int, body: HoldIn) -> dict[str, Any]:
    """Nothing of it is packed until it is released."""
    return _held(actions.hold(_order(request, pk), body.reason, by=agent_of(request)))


@router.post("/orders/{pk}/release", response=HeldOut, auth=WRITE)
def release(request: HttpRequest, pk: int, body: ReleaseIn) -> dict[str, Any]:
    """It may be packed again."""
    return _held(actions.release(_order(request, pk), by=agent_of(request), note=body.note))


@router.post("/orders/{pk}/remarks", response={201: RemarkOut}, auth=WRITE)
def remark(request: HttpRequest, pk: int, body: RemarkIn) -> Status[Remark]:
    """Leave word for colleagues."""
    if body.kind in (Remark.Kind.CANCEL, Remark.Kind.RESEND):
        raise HttpError(422, _("No such kind of remark, or nobody of that name."))
    order, agent = _order(request, pk), agent_of(request)
    return Status(201, actions.remark(order, body.kind, body.text, by=agent, addressee=body.addressee, due_at=body.due_at))


@router.post("/remarks/{pk}/acknowledge", response=RemarkOut, auth=WRITE)
def acknowledge(request: HttpRequest, pk: int) -> Remark:
    """Somebody downstream has read it."""
    return actions.acknowledge(_remark(request, pk), by=agent_of(request))


@router.post("/remarks/{pk}/withdraw", response=RemarkOut, auth=WRITE)
def take_back(request: HttpRequest, pk: int) -> Remark:
    """It does not hold any more."""
    return actions.take_back(_remark(request, pk), by=agent_of(request))


def _remark(request: HttpRequest, pk: int) -> Remark:
    rows = Remark.objects.visible_to(agent_of(request)).select_related("order")
    found: Remark = _writes(request, get_object_or_404(rows, pk=pk))
    return found


@router.post("/orders/{pk}/cancellation", response=ActOut, auth=WRITE)
def answer(request: HttpRequest, pk: int, body: AnswerIn) -> PlatformAct:
    """Agree to the buyer's wish to cancel at the platform, or refuse it."""
    return actions.answer_cancellation(_order(request, pk), body.agree, by=agent_of(request))


@router.post("/orders/{pk}/cancel-at-platform", response=ActOut, auth=WRITE)
def cancel(request: HttpRequest, pk: int, body: CancelIn) -> PlatformAct:
    """Have the platform cancel it; nothing more of it is packed."""
    lines = tuple(plain(line) for line in body.lines)
    return actions.cancel_at_platform(_order(request, pk), body.reason, by=agent_of(request), lines=lines)


@router.post("/orders/{pk}/split", response=ActOut, auth=WRITE)
def split(request: HttpRequest, pk: int, body: SplitIn) -> PlatformAct:
    """Have it sent in several parcels."""
    parcels = tuple(tuple((plain(line), pieces) for line, pieces in parcel.items()) for parcel in body.parcels)
    return actions.split(_order(request, pk), parcels, by=agent_of(request))


@router.post("/acts/{pk}/retry", response=ActOut, auth=WRITE)
def retry(request: HttpRequest, pk: int) -> PlatformAct:
    """Try again what failed."""
    return actions.retry_act(_act(request, pk), by=agent_of(request))


@router.post("/acts/{pk}/settle", response=ActOut, auth=WRITE)
def settle(request: HttpRequest, pk: int, body: SettleIn) -> PlatformAct:
    """Somebody looked, or did it by hand: it is done, or it is not."""
    return actions.settle_act(_act(request, pk), body.done, by=agent_of(request), reference=body.reference)


@router.post("/acts/{pk}/withdraw", response=ActOut, auth=WRITE)
def withdraw(request: HttpRequest, pk: int) -> PlatformAct:
    """Take it back before it leaves."""
    return actions.withdraw_act(_act(request, pk), by=agent_of(request))


def _act(request: HttpRequest, pk: int) -> PlatformAct:
    found: PlatformAct = _writes(request, get_object_or_404(PlatformAct.objects.visible_to(agent_of(request)), pk=pk))
    return found
