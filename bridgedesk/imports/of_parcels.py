"""Rows of parcels become ParcelSeen; their orders are made known if they were not."""

from collections.abc import Mapping, Sequence

from bridgedesk.channels.events import ParcelSeen
from bridgedesk.imports import values
from bridgedesk.imports.kinds import Checked
from bridgedesk.orders.journeys import AT_REST, WAITING
from bridgedesk.orders.models import Parcel
from bridgedesk.orders.receiving import see_parcel_each
from bridgedesk.orders.receiving_parcels import TEXTS as PARCEL_TEXTS
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

Group = Sequence[Checked]
NEWS = tuple(name for name in PARCEL_TEXTS if name != "raw_status")
"""Another word for the same state is none."""
MOMENTS = ("shipped_at", "delivered_at")


def groups(rows: Sequence[Checked]) -> list[Group]:
    """Every row stands alone."""
    return [[row] for row in rows]


def take(shop: Shop, batch: Sequence[Group], by: Agent | None) -> list[str]:
    """Each row's parcel as far as it is news."""
    known, told = _known(shop, batch), dict[tuple[str, str], list[ParcelSeen]]()
    outcomes = [_told(seen(group[0]), known, told) for group in batch]
    see_parcel_each(shop, [event for events in told.values() for event in events])
    return outcomes


def _known(shop: Shop, batch: Sequence[Group]) -> dict[tuple[str, str], Parcel]:
    """Parcels of these orders by order and each of their two numbers."""
    rows = Parcel.objects.filter(order__shop=shop, order__external_id__in={row.values["number"] for (row,) in batch}).select_related(
        "order"
    )
    return {(row.order.external_id, name): row for row in rows for name in (row.number, row.external_id) if name}


def _told(event: ParcelSeen, known: Mapping[tuple[str, str], Parcel], told: dict[tuple[str, str], list[ParcelSeen]]) -> str:
    """Whether it is news, held against what is known and what earlier rows told; news is kept in `told`."""
    key = (event.order, event.external_id or event.number)
    before, earlier = known.get(key), told.setdefault(key, [])
    if event in earlier or (before and not earlier and not _tells(before, event)):
        return "same"
    earlier.append(event)
    return "changed" if before or len(earlier) > 1 else "made"


def _tells(parcel: Parcel, event: ParcelSeen) -> bool:
    texts = any(value and value != getattr(parcel, name) for name in NEWS if (value := getattr(event, name)[: PARCEL_TEXTS[name]]))
    moments = any(value and value != getattr(parcel, name) for name in MOMENTS if (value := getattr(event, name)))
    return texts or moments or bool(event.status and event.status != parcel.status and _newer(parcel, event))


def _newer(parcel: Parcel, event: ParcelSeen) -> bool:
    """A table is a picture of its time: a scan after it says more. What came to its end did so, whether or not the table says when."""
    if event.at is None:
        return parcel.status in WAITING or (event.status in AT_REST and parcel.status not in AT_REST)
    return parcel.status in WAITING or parcel.status_at is None or event.at > parcel.status_at


def seen(row: Checked) -> ParcelSeen:
    """What a row tells."""
    said = row.values
    word, left, came = said.get("status", ""), said.get("shipped_at"), said.get("delivered_at")
    status = values.parcel_state(word) if word else "delivered" if came else "in_transit" if left else ""
    texts = {name: said.get(name, "") for name in ("carrier", "service", "pickup_code", "website")}
    at = said.get("at") or {"delivered": came, "in_transit": left}.get(status)
    return ParcelSeen(
        said["number"], said.get("package", ""), said.get("tracking", ""), status=status, raw_status=word, at=at, shipped_at=left,
        delivered_at=came, **texts,
    )  # fmt: skip
