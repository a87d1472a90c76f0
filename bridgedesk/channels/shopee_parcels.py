"""A parcel's number and scans as Shopee tells them (v2.logistics.get_tracking_number, get_tracking_info) [O]. Pure."""

import re
from datetime import datetime

from bridgedesk.channels.base import Unparsable
from bridgedesk.channels.events import ParcelSeen, TrackEvent
from bridgedesk.channels.shopee_orders import LOGISTICS, NO_ORDER, order_of
from bridgedesk.channels.shopee_values import Json, id_of, moment, part, rows, told

SCANS = {
    **dict.fromkeys(("INITIAL", "ORDER_INIT", "ORDER_SUBMITTED", "ORDER_FINALIZED", "ORDER_CREATED"), "info_received"),
    **dict.fromkeys(("PICKUP_REQUESTED", "PICKUP_PENDING", "PICKUP_RETRY"), "info_received"),
    **dict.fromkeys(("PICKED_UP", "DELIVERY_PENDING"), "in_transit"),
    "DELIVERED": "delivered",
    "FAILED_DELIVERED": "attempt_failed",
    **dict.fromkeys(("RETURN_STARTED", "RETURN_INITIATED", "RETURN_PENDING", "RETURNED"), "returned"),
    **dict.fromkeys(("LOST", "CANCEL", "CANCEL_CREATED", "CANCELED", "FAILED_PICKED_UP", "FAILED_PICKUP_REQUESTED"), "exception"),
    **dict.fromkeys(("EXPIRED", "TIMEOUT"), "expired"),
}
"""TrackingLogisticsStatus [O, names in third-party clients]. No status says that a parcel waits at a shop: WAITS reads the text."""
WAITS = re.compile(
    r"待取|可取件|至.{0,12}(?:門市|门市|超商|取件點|取件点)|ready (?:for|to be) (?:collect|pick)|awaiting collection|waiting (?:for|to be) "
    r"(?:pick|collect)|arrived at (?:the )?(?:collection|pick-?up|service) point|sedia (?:untuk )?(?:dikutip|diambil|dipungut)|"
    r"siap diambil|menunggu (?:untuk )?diambil|พร้อม(?:ให้)?รับ|รอรับพัสดุ|chờ (?:lấy|nhận) hàng|aguardando retirada|disponível para retirada|"
    r"listo para (?:recoger|retirar|recolecci)|para sa pag-?pickup",
    re.IGNORECASE,
)


def parcel(data: Json) -> ParcelSeen:
    """What both calls told, laid side by side: {order_sn, package_number, number: {…}, info: {…}}."""
    numbers, info = part(data, "number"), part(data, "info")
    order = order_of(data) or order_of(info)
    if not order:
        raise Unparsable(NO_ORDER)
    scans = tuple(scan for row in rows(info, "tracking_info") if (scan := _scan(row)))
    raw = told(info.get("logistics_status"))
    status, at = _where(LOGISTICS.get(raw, ""), scans)
    return ParcelSeen(
        order,
        external_id=id_of(data.get("package_number")) or id_of(info.get("package_number")),
        number=told(numbers.get("last_mile_tracking_number")) or told(numbers.get("tracking_number")),
        carrier=told(data.get("shipping_carrier")),
        status=status,
        raw_status=raw,
        at=at,
        events=scans if isinstance(info.get("tracking_info"), list) else None,
        pickup_code=told(info.get("collection_pin_code")),
    )


def at_rest(data: Json) -> bool:
    """Whether its last scan is there: handed over, or back."""
    return any(
        SCANS.get(told(row.get("logistics_status"))) in ("delivered", "returned") for row in rows(part(data, "info"), "tracking_info")
    )


def _scan(row: Json) -> TrackEvent | None:
    at, text, raw = moment(row.get("update_time")), told(row.get("description")), told(row.get("logistics_status"))
    if at is None or not (text or raw):
        return None
    status = SCANS.get(raw, "")
    return TrackEvent(at, text, "pickup_ready" if status in ("", "in_transit") and WAITS.search(text) else status, raw=raw)


def _where(overall: str, scans: tuple[TrackEvent, ...]) -> tuple[str, datetime | None]:
    """Where the parcel is: the platform's word for the whole way, and while it is under way the latest scan's.

    Since when is told by a scan of that state alone: an earlier one says only that it was not there yet."""
    latest = max((scan for scan in scans if scan.status), key=lambda scan: scan.at, default=None)
    if latest and overall in ("", "info_received", "in_transit"):
        return latest.status, latest.at
    return overall, latest.at if latest and latest.status == overall else None
