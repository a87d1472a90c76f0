"""Where a parcel is, as AliExpress tells it (aliexpress.logistics.redefining.querytrackingresult) [O]. Pure.

That the times of its events are those of the Pacific coast too is unconfirmed [?].
"""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_values import Json, id_of, moment, rows, told
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Event, ParcelSeen, TrackEvent
from bridgedesk.channels.tracking_codes import state_of


def track(data: Json, account: Account) -> list[Event]:
    """One parcel with its scans, oldest first."""
    order, number = id_of(data.get("order")), told(data.get("number"))
    if not order or not number:
        raise Unparsable(noop("a parcel without its order or number"))
    events = sorted((event for row in rows(data, "details") if (event := _scan(row))), key=lambda event: event.at)
    status, raw = next(((one.status, one.raw) for one in reversed(events) if one.status != "unknown"), ("", ""))
    seen = ParcelSeen(
        order,
        number=number,
        carrier=told(data.get("carrier")),
        service=told(data.get("service")),
        status=status,
        raw_status=raw,
        at=events[-1].at if events else None,
        events=tuple(events),
        website=told(data.get("official_website")),
    )
    return [seen]


def _scan(row: Json) -> TrackEvent | None:
    at = moment(row.get("event_date"))
    raw = told(row.get("action_code")) or told(row.get("status"))
    text = " · ".join(filter(None, (told(row.get("event_desc")), told(row.get("signed_name")))))
    return TrackEvent(at, text, state_of("aliexpress", raw), told(row.get("address")), raw) if at else None
