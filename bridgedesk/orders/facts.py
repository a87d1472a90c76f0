"""The three facts a buyer wants who asks where the parcel is: its number, the page to follow it, the latest news in their language."""

from datetime import datetime
from typing import Any

from bridgedesk.lib import clock
from bridgedesk.orders import phrases, transit
from bridgedesk.orders.carriers import bearer, named, site_for
from bridgedesk.orders.models import Order, Parcel, Scan

LEFT = ("shipped", "delivered", "completed")


def three_facts(order: Order, language: str, links_allowed: bool) -> dict[str, Any]:
    """By names of template variables; what is not known is left out. `links_allowed`: the page's address, else only its name."""
    parcel = spoken_of(order)
    if parcel is None:
        return {}
    scan = parcel.scans.first()
    left = parcel.shipped_at or order.shipped_at
    facts: dict[str, Any] = {"parcel.shipped_at": left, "eta": _hoped(parcel)} | latest(parcel, scan, language)
    if parcel.status == "pickup_ready" and scan and scan.status in ("", "pickup_ready"):
        facts["pickup.place"] = scan.place
    if parcel.number:
        site = site_for(parcel.number, parcel.carrier, order.country, language)
        carrier = named(parcel.carrier) or bearer(parcel.number)
        facts["parcel.number"] = parcel.number
        facts["parcel.carrier"] = carrier.name if carrier and carrier.code != "s10" else parcel.carrier or site.carrier
        facts["parcel.site"] = site.url if links_allowed else site.carrier
    return {name: value for name, value in facts.items() if value}


def _hoped(parcel: Parcel) -> datetime | None:
    """The day it should be there; none once that is over: a buyer is not told a day that has passed."""
    day = transit.eta(parcel, transit.transit(parcel))
    return day if day and day > clock.now() and parcel.status not in ("delivered", "returned") else None


def spoken_of(order: Order) -> Parcel | None:
    """The parcel a question is about: the newest still on its way, else the newest."""
    parcels = sorted(
        order.parcels.all(), key=lambda parcel: (parcel.status not in ("delivered", "returned"), bool(parcel.number), parcel.pk)
    )
    return parcels[-1] if parcels else None


def latest(parcel: Parcel, scan: Scan | None, language: str) -> dict[str, Any]:
    """The newest news: of the last scan, else of the parcel's state. A state reported after the last scan is the newer one."""
    outdated = scan is None or (scan.status not in ("", "unknown", parcel.status) and parcel.status not in phrases.VAGUE)
    status, text = (parcel.status, "") if outdated or scan is None else (scan.status or parcel.status, scan.text)
    at = scan.at if scan else parcel.moved_at or parcel.shipped_at
    return {"parcel.latest": phrases.said(status, text, language), "parcel.latest_at": at or clock.now()}
