"""The money of a return to its end: what the platform tells of it settles what we asked the platform to do."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.events import ReturnSeen
from bridgedesk.orders import acting
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.remedies.models import Case
from bridgedesk.shops.models import Shop

State = PlatformAct.State
BACK = ("agreed", "under_way")
"""States in which both agreed that goods come back."""
GONE = noop("The buyer called the return off, or it was refused: nothing is paid by it.")
OTHER = noop("The platform agreed on another sum than ours: please look there.")
REFUSED = noop("The buyer did not take this offer at the platform: offer it again, or settle it another way.")
SLACK = timedelta(seconds=2)
"""Platforms tell times in whole seconds."""
UNTOLD = noop("The platform closed the return and does not say whether the money was paid. Please look there.")


def hold(shop: Shop, number: str) -> None:
    """Lock the order of a return whose acts this news may settle, before anything else is locked. Most have none: they lock nothing."""
    acts = PlatformAct.objects.filter(_waiting(number), shop=shop, order__isnull=False).order_by("order")
    for order in acts.values_list("order", flat=True).distinct():
        Order.objects.select_for_update().only("pk").filter(pk=order).first()


def follow(case: Case, event: ReturnSeen) -> None:
    """Settle what lies with the platform, or is in doubt, by this news of the return. In the caller's transaction."""
    if not case.external_id:
        return
    for found in PlatformAct.objects.filter(_waiting(case.external_id), order=case.order).order_by("pk"):
        row = acting.locked(found)
        if row.state not in (State.TAKEN, State.UNSURE):
            continue
        if row.kind == "RefundBuyer":
            _refund(row, event)
        else:
            _label(row, event)


def _waiting(number: str) -> Q:
    return Q(state__in=[State.TAKEN, State.UNSURE], kind__in=["RefundBuyer", "SendReturnLabel"], data__case=number)


def _refund(row: PlatformAct, event: ReturnSeen) -> None:
    money, sure = event.money, row.state == State.TAKEN
    if event.state == "closed" and not money:
        money = "paid" if sure and row.told.get("waits") == "platform" else "untold"
    if money in ("offered", "agreed", "paid") and not _ours(row, event):
        if money != "offered":
            acting.failed(row, OTHER, State.UNSURE)
    elif money == "offered":
        acting.taken(row, "buyer")
    elif money == "asked" and _turned_down(row, event):
        acting.failed(row, REFUSED)
    elif money == "agreed":
        acting.taken(row, "platform")
    elif money == "paid":
        acting.finish(row, reference=event.external_id, told=row.told)
    elif money == "untold" and sure:
        acting.failed(row, UNTOLD, State.UNSURE)
    elif money == "refused":
        acting.failed(row, GONE)


def _label(row: PlatformAct, event: ReturnSeen) -> None:
    if event.state in BACK and event.goods_come_back is not False:
        acting.finish(row, reference=event.external_id, told=row.told)
    elif event.state == "asked" and event.money == "offered" and _ours(row, event):
        acting.taken(row, "buyer")
    elif event.state in ("withdrawn", "closed"):
        acting.failed(row, GONE)


def _turned_down(row: PlatformAct, event: ReturnSeen) -> bool:
    """Our offer lay with the buyer, and news later than it tells that they still want what they wanted."""
    since = row.told.get("since")
    if row.state != State.TAKEN or row.told.get("waits") != "buyer" or not since or event.at is None:
        return False
    return event.at + SLACK > datetime.fromisoformat(since)


def _ours(row: PlatformAct, event: ReturnSeen) -> bool:
    """Whether the sum the platform tells is the one we named; untold, or not decided by us, it is."""
    told, minor = event.settling, row.data.get("minor")
    return told is None or not minor or (told.minor, told.currency) == (minor, row.data["currency"])
