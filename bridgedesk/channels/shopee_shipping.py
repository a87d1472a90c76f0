"""Telling Shopee that a parcel leaves: it says what it needs to know (get_shipping_parameter), we say it (ship_order) [O].

A seller hands parcels over (dropoff), has them fetched (pickup), or ships by a carrier Shopee does not speak with (non_integrated).
"""

from collections.abc import Callable

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import Performed, ShipParcel
from bridgedesk.channels.base import Account, SendError
from bridgedesk.channels.shopee_api import call
from bridgedesk.channels.shopee_feeds import details
from bridgedesk.channels.shopee_orders import LOGISTICS
from bridgedesk.channels.shopee_values import Json, id_of, part, rows, texts, told


def ship(account: Account, act: ShipParcel) -> Performed:
    """Arrange the shipment unless it is arranged already; the number Shopee gave is what comes back."""
    named = {"order_sn": act.order} | ({"package_number": act.parcel} if act.parcel else {})
    if not _is_arranged(account, act):
        asked = call(account, "GET", "logistics/get_shipping_parameter", params=named)
        way = _way(account, asked, act)
        call(account, "POST", "logistics/ship_order", body={**named, way: SAY[way](account, asked, act)}, acts=True)
    return Performed(reference=_number(account, named) or act.number)


def _is_arranged(account: Account, act: ShipParcel) -> bool:
    packages = rows(details(account, [act.order])[0], "package_list")
    mine = [row for row in packages if id_of(row.get("package_number")) == act.parcel or not act.parcel]
    return bool(mine) and all(told(row.get("logistics_status")) in LOGISTICS for row in mine)


def _way(account: Account, asked: Json, act: ShipParcel) -> str:
    """How it leaves: as the act says, else as the shop usually does (option `handover`), else the simplest that is offered."""
    offered = part(asked, "info_needed")
    ways = [way for way in SAY if isinstance(offered.get(way), list)]
    wanted = [way for way in (act.service, account.options.get("handover", "")) if way in ways]
    if not ways:
        raise SendError(noop("Shopee offers no way to ship this parcel now."), permanent=True, code="no_way")
    return wanted[0] if wanted else min(ways, key=lambda way: (bool(offered[way]), list(SAY).index(way)))


def _needs(asked: Json, way: str) -> tuple[str, ...]:
    return texts(part(asked, "info_needed"), way)


def _own_carrier(account: Account, asked: Json, act: ShipParcel) -> Json:
    if not act.number:
        raise SendError(noop("This parcel needs its tracking number first."), permanent=True, code="no_number")
    return {"tracking_number": act.number}


def _dropoff(account: Account, asked: Json, act: ShipParcel) -> Json:
    """Where and by whom it is handed over, as far as Shopee wants to know."""
    offered = part(asked, "dropoff")
    known = {
        "branch_id": _choice(rows(offered, "branch_list"), "branch_id", account.options.get("dropoff_branch", "")),
        "slug": _choice(rows(offered, "slug_list"), "slug", account.options.get("dropoff_slug", "")),
        "sender_real_name": account.options.get("sender_name", ""),
        "tracking_number": act.number,
    }
    return _filled(known, _needs(asked, "dropoff"), optional=act.number)


def _pickup(account: Account, asked: Json, act: ShipParcel) -> Json:
    """From the address marked for pickups, at the time Shopee recommends, else the first."""
    addresses = rows(part(asked, "pickup"), "address_list")
    address = min(addresses, key=_rank, default={})
    slots = rows(address, "time_slot_list")
    slot = next((row for row in slots if "recommended" in texts(row, "flags")), slots[0] if slots else {})
    known = {
        "address_id": id_of(address.get("address_id")),
        "pickup_time_id": told(slot.get("pickup_time_id")),
        "tracking_number": act.number,
    }
    return _filled(known, _needs(asked, "pickup"), optional=act.number)


def _rank(address: Json) -> int:
    flags = texts(address, "address_flag")
    return 0 if "pickup_address" in flags else 1 if "default_address" in flags else 2


def _choice(offered: list[Json], name: str, usual: str) -> str:
    """The shop's usual one if it is offered, else the only one; several leave the choice to a person."""
    ids = [id_of(row.get(name)) for row in offered]
    return usual if usual in ids else ids[0] if len(ids) == 1 else ""


def _filled(known: dict[str, str], needed: tuple[str, ...], *, optional: str) -> Json:
    wanted = dict.fromkeys([*needed, *(["tracking_number"] if optional else [])])
    missing = [name for name in needed if not known.get(name)]
    if missing:
        raise SendError(
            noop("Shopee wants to know more before this parcel can leave; arrange it in Seller Centre.") + f" ({', '.join(missing)})",
            permanent=True,
            code="more_needed",
        )
    return {name: int(known[name]) if name.endswith("_id") and known[name].isdigit() and name != "pickup_time_id" else known[name]
            for name in wanted}  # fmt: skip


def _number(account: Account, named: Json) -> str:
    """The tracking number, which some carriers give a little later: then a push or the parcels feed brings it."""
    try:
        return told(call(account, "GET", "logistics/get_tracking_number", params=named).get("tracking_number"))
    except SendError:
        return ""


SAY: dict[str, Callable[[Account, Json, ShipParcel], Json]] = {"non_integrated": _own_carrier, "dropoff": _dropoff, "pickup": _pickup}
