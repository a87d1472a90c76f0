"""Shopee's orders as our events: the detail call, and the pushes that name an order. Pure.

Source: v2.order.get_order_detail, push pages 3, 4, 30, 47 [O]. Sums are major units of the order's currency.
"""

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Unparsable
from bridgedesk.channels.events import Address, Event, LineSeen, LookAgain, OrderSeen, ParcelSeen, Person
from bridgedesk.channels.shopee_values import Json, count, id_of, is_yes, moment, money, part, rows, told

OPTIONAL = (
    "buyer_user_id,buyer_username,recipient_address,note,item_list,pay_time,buyer_cancel_reason,cancel_by,cancel_reason,"
    "fulfillment_flag,pickup_done_time,package_list,shipping_carrier,payment_method,total_amount,return_request_due_date,edt"
)
"""What the detail call tells only when it is asked for it."""
STATES = {
    "UNPAID": "unpaid", "PENDING": "held", "INVOICE_PENDING": "held", "READY_TO_SHIP": "to_ship", "PROCESSED": "to_ship",
    "RETRY_SHIP": "to_ship", "SHIPPED": "shipped", "TO_CONFIRM_RECEIVE": "delivered", "IN_CANCEL": "cancelling",
    "CANCELLED": "cancelled", "TO_RETURN": "returning", "COMPLETED": "completed",
}  # fmt: skip
"""OrderStatus [O]. PROCESSED: shipment is arranged, the parcel is still here."""
LOGISTICS = {
    "LOGISTICS_REQUEST_CREATED": "info_received", "LOGISTICS_PICKUP_RETRY": "info_received", "LOGISTICS_PENDING_ARRANGE": "info_received",
    "LOGISTICS_PICKUP_DONE": "in_transit", "LOGISTICS_DELIVERY_DONE": "delivered", "LOGISTICS_DELIVERY_FAILED": "returned",
    "LOGISTICS_PICKUP_FAILED": "exception", "LOGISTICS_LOST": "exception", "LOGISTICS_COD_REJECTED": "exception",
}  # fmt: skip
"""LogisticsStatus [O]. DELIVERY_FAILED ends the order: the parcel goes back. What is not here says nothing of a parcel's way."""
NO_ORDER = noop("no order number")


def order_of(data: Json) -> str:
    """`ordersn` in some pushes, `order_sn` in others [O]."""
    return id_of(data.get("order_sn")) or id_of(data.get("ordersn"))


def line_id(item: Json) -> str:
    """The four ids by which Shopee names a line of an order, in one: item/variation/line/promotion group."""
    return "/".join(id_of(item.get(name)) or "0" for name in ("item_id", "model_id", "order_item_id", "promotion_group_id"))


def line_ids(line: str) -> dict[str, int]:
    """The same taken apart again, as calls want it; ValueError for what is no line of ours."""
    item, model, order_item, group = (int(number) for number in line.split("/"))
    return {"item_id": item, "model_id": model, "order_item_id": order_item, "promotion_group_id": group}


def order(data: Json) -> OrderSeen:
    """One entry of get_order_detail, or of get_order_list, which tells the number only."""
    number = order_of(data)
    if not number:
        raise Unparsable(NO_ORDER)
    status, region = told(data.get("order_status")), told(data.get("region"))
    note = data.get("note")
    return OrderSeen(
        number,
        status=status,
        at=moment(data.get("update_time")),
        buyer=_buyer(data, region),
        state=STATES.get(status, ""),
        placed_at=moment(data.get("create_time")),
        paid_at=moment(data.get("pay_time")),
        shipped_at=moment(data.get("pickup_done_time")),
        ship_by=moment(data.get("ship_by_date")),
        deliver_by=moment(part(data, "edt").get("edt_to")) or moment(data.get("edt_to")),
        receive_by=moment(data.get("return_request_due_date")),
        total=money(data.get("total_amount"), data.get("currency")),
        lines=_lines(data),
        address=_address(part(data, "recipient_address"), region),
        shipping_method=told(data.get("shipping_carrier")) or told(data.get("checkout_shipping_carrier")),
        payment_method=told(data.get("payment_method")),
        cash_on_delivery=is_yes(data.get("cod")),
        fulfilled_by=_packer(told(data.get("fulfillment_flag"))),
        buyer_note=told(data.get("message_to_seller")),
        seller_note=note if isinstance(note, str) else None,
        parcels=tuple(_parcel(number, row, data) for row in rows(data, "package_list") if id_of(row.get("package_number"))),
        cancel_wish=told(data.get("buyer_cancel_reason")) or told(data.get("cancel_reason")) if status == "IN_CANCEL" else None,
        cancel_reason=told(data.get("cancel_reason")) if status == "CANCELLED" else "",
    )


def _buyer(data: Json, region: str) -> Person | None:
    number = id_of(data.get("buyer_user_id"))
    return Person(number, name=told(data.get("buyer_username")), country=region) if number else None


def _packer(flag: str) -> str:
    return "platform" if flag == "fulfilled_by_shopee" else "seller" if flag else ""


def _lines(data: Json) -> tuple[LineSeen, ...] | None:
    """The articles, None where none is told; the same line told twice (bundles) is one with both quantities."""
    found: dict[str, tuple[Json, int]] = {}
    for item in rows(data, "item_list"):
        pieces = count(item.get("model_quantity_purchased")) or 0
        found[line_id(item)] = (item, max(pieces, 0) + found.get(line_id(item), (item, 0))[1])
    return tuple(_line(number, item, pieces, data.get("currency")) for number, (item, pieces) in found.items()) or None


def _line(number: str, item: Json, pieces: int, currency: object) -> LineSeen:
    option = told(item.get("model_name"))
    return LineSeen(
        number,
        pieces,
        title=told(item.get("item_name")),
        item=id_of(item.get("item_id")),
        model=id_of(item.get("model_id")),
        sku=told(item.get("model_sku")) or told(item.get("item_sku")),
        options=(("variation", option),) if option else (),
        price=money(item.get("model_discounted_price"), currency) or money(item.get("model_original_price"), currency),
        image=told(part(item, "image_info").get("image_url")),
    )


def _address(data: Json, region: str) -> Address | None:
    """Masked where the platform put asterisks: it does until the app is on the whitelist, and after 90 days [O]."""
    if not data:
        return None
    full, phone, name = told(data.get("full_address")), told(data.get("phone")), told(data.get("name"))
    district = " ".join(filter(None, (told(data.get("district")), told(data.get("town")))))
    city, state, postcode = (told(data.get(field)) for field in ("city", "state", "zipcode"))
    country = told(data.get("region")).upper()
    return Address(
        name=name,
        phone=phone,
        lines=(full,) if full else (),
        district=district,
        city=city,
        region=state,
        postcode=postcode,
        country=country if len(country) == 2 and country.isalpha() else region,
        masked="**" in "".join((full, phone, name, district, city, state, postcode)),
    )


def _parcel(number: str, row: Json, data: Json) -> ParcelSeen:
    raw = told(row.get("logistics_status"))
    packed = tuple((line_id(item), count(item.get("model_quantity")) or 0) for item in rows(row, "item_list"))
    return ParcelSeen(
        number,
        external_id=id_of(row.get("package_number")),
        carrier=told(row.get("shipping_carrier")),
        status=LOGISTICS.get(raw, ""),
        raw_status=raw,
        at=moment(data.get("update_time")),
        lines=packed,
    )


def pushed(code: str, data: Json) -> list[Event]:
    """What a push about an order says, and that the rest has to be asked for: a push never carries the whole order.

    3 tells the status, 4 a tracking number, 30 how far a parcel is, 47 a new time to ship by.
    """
    number = order_of(data)
    if not number:
        raise Unparsable(NO_ORDER)
    return [PUSHED[code](number, data), LookAgain("orders")]


def _status(number: str, data: Json) -> Event:
    status = told(data.get("status"))
    return OrderSeen(number, status=status, at=moment(data.get("update_time")), state=STATES.get(status, ""))


def _tracking(number: str, data: Json) -> Event:
    return ParcelSeen(number, external_id=id_of(data.get("package_number")), number=told(data.get("tracking_no")))


def _fulfilment(number: str, data: Json) -> Event:
    raw = told(data.get("fulfillment_status"))
    parcel, at = id_of(data.get("package_number")), moment(data.get("update_time"))
    return ParcelSeen(number, external_id=parcel, status=LOGISTICS.get(raw, ""), raw_status=raw, at=at)


def _information(number: str, data: Json) -> Event:
    parcel, new = id_of(data.get("package_number")), part(data, "new")
    return ParcelSeen(number, external_id=parcel, at=moment(data.get("update_time")), ship_by=moment(new.get("ship_by_date")))


PUSHED = {"3": _status, "4": _tracking, "30": _fulfilment, "47": _information}
