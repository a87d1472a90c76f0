"""AliExpress's orders as our events: a row of the order list with the order's detail. Pure.

Source: the types of aliexpress.trade.seller.orderlist.get and aliexpress.trade.new.redefining.findorderbyid in the official SDK [O].
Why a finished order ended is told in words that are not documented [?]: what reads like a cancellation, and what was never paid, is one.
"""

from datetime import datetime

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.aliexpress_values import Json, count, id_of, is_yes, moment, part, rows, sum_of, text_of, told
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Address, Event, LineSeen, OrderSeen, ParcelSeen, Person
from bridgedesk.lib.money import Money

STATES = {
    "PLACE_ORDER_SUCCESS": "unpaid", "RISK_CONTROL": "held", "WAIT_SELLER_EXAMINE_MONEY": "held", "WAIT_SELLER_SEND_GOODS": "to_ship",
    "SELLER_PART_SEND_GOODS": "part_shipped", "WAIT_BUYER_ACCEPT_GOODS": "shipped", "FUND_PROCESSING": "completed",
    "IN_CANCEL": "cancelling", "IN_ISSUE": "disputed", "IN_FROZEN": "held", "FINISH": "completed",
}  # fmt: skip
"""Status of an order [O]."""
TO_SHIP = ("WAIT_SELLER_SEND_GOODS", "SELLER_PART_SEND_GOODS")
RECEIPT, CANCELLING, ENDED = "WAIT_BUYER_ACCEPT_GOODS", "IN_CANCEL", ("FINISH", "FUND_PROCESSING")
CALLED_OFF = ("cancel", "pay_timeout", "send_goods_timeout", "risk")
RECEIVED = {"received": "delivered", "suspected_received": "", "not_received": "", "default": ""}
"""receive_status [O]; only the first is sure."""
SEMI_MANAGED = "SEMI_CHOICE"
"""Orders whose carriage and disputes are the platform's business."""
NO_ORDER = noop("no order number")


def order(data: Json, account: Account) -> list[Event]:
    """One order: `listed` as the list tells it, `detail` of the order itself, `clear` the address out of its cipher."""
    listed, detail = part(data, "listed"), part(data, "detail")
    number = id_of(detail.get("id")) or id_of(detail.get("order_id")) or id_of(listed.get("order_id"))
    if not number:
        raise Unparsable(NO_ORDER)
    whole, status = {**listed, **detail}, told(detail.get("order_status")) or told(listed.get("order_status"))
    ends, wish = moment(detail.get("over_time_left")), told(detail.get("cancel_request_reason"))
    paid = moment(whole.get("gmt_pay_success")) or moment(whole.get("gmt_pay_time"))
    return [
        OrderSeen(
            number,
            status=status,
            at=moment(listed.get("gmt_update")) or moment(detail.get("gmt_modified")),
            buyer=buyer_of(listed, detail),
            state=_state(status, whole, paid),
            placed_at=moment(whole.get("gmt_create")),
            paid_at=paid,
            shipped_at=_sent(listed, detail),
            ship_by=ends if status in TO_SHIP else None,
            receive_by=ends if status == RECEIPT else None,
            total=_total(listed, detail),
            lines=_lines(listed, detail),
            address=_address(part(detail, "receipt_address"), part(data, "clear"), encrypted=bool(told(detail.get("oaid")))),
            shipping_method=_service(listed, detail),
            payment_method=told(detail.get("payment_type")),
            cash_on_delivery=is_yes(detail.get("cod")),
            buyer_note=_note(listed, detail),
            parcels=tuple(parcel(number, row) for row in rows(detail, "logistic_info_list") if told(row.get("logistics_no"))),
            cancel_wish=wish if status == CANCELLING else None,
            cancel_answer_by=ends if status == CANCELLING else None,
            cancel_reason=_end_reason(whole) if _is_called_off(status, whole, paid) else "",
            url=told(listed.get("order_detail_url")),
            meta=_meta(listed, whole),
        )
    ]


def _state(status: str, whole: Json, paid: datetime | None) -> str:
    """A dispute under way says more than the status beside it."""
    if _is_called_off(status, whole, paid):
        return "cancelled"
    if status not in ENDED and told(whole.get("issue_status")) == "IN_ISSUE":
        return "disputed"
    return STATES.get(status, "")


def _sent(listed: Json, detail: Json) -> datetime | None:
    """When the first parcel left, as the seller declared it."""
    sent = (listed.get("gmt_send_goods_time"), *(row.get("gmt_send") for row in rows(detail, "logistic_info_list")))
    return min(filter(None, map(moment, sent)), default=None)


def _end_reason(whole: Json) -> str:
    return told(whole.get("order_end_reason")) or told(whole.get("end_reason"))


def _is_called_off(status: str, whole: Json, paid: datetime | None) -> bool:
    return status == "FINISH" and (paid is None or any(word in _end_reason(whole).lower() for word in CALLED_OFF))


def buyer_of(listed: Json, detail: Json) -> Person | None:
    """Orders name the buyer's login, instant messages an id of their own."""
    info = part(detail, "buyer_info")
    login = told(info.get("login_id")) or told(detail.get("buyerloginid")) or told(listed.get("buyer_login_id"))
    names = " ".join(filter(None, (told(info.get("first_name")), told(info.get("last_name")))))
    country = told(info.get("country")).upper()
    name = names or told(listed.get("buyer_signer_fullname")) or login
    return Person(login, kind="login", name=name, country=country if _is_country(country) else "") if login else None


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha()


def _total(listed: Json, detail: Json) -> Money | None:
    places = ((detail, "new_order_amount"), (detail, "order_amount"), (listed, "pay_amount"), (detail, "init_oder_amount"))
    return next(filter(None, (sum_of(data, name) for data, name in places)), None)


def _lines(listed: Json, detail: Json) -> tuple[LineSeen, ...] | None:
    """The articles of the list with what the detail knows of their variations; None where none is told."""
    children = {id_of(row.get("id")) or id_of(row.get("order_id")): row for row in rows(detail, "child_order_list")}
    found = rows(listed, "product_list") or list(children.values())
    return tuple(_line(row, children) for row in found if _line_id(row)) or None


def _line_id(row: Json) -> str:
    return id_of(row.get("child_id")) or id_of(row.get("id"))


def _line(row: Json, children: dict[str, Json]) -> LineSeen:
    number = _line_id(row)
    child, sku = children.get(number, {}), told(row.get("sku_code")) or told(children.get(number, {}).get("sku_code"))
    pieces = count(row.get("product_count"))
    return LineSeen(
        number,
        max(pieces or 0, 0),
        title=told(row.get("product_name")),
        item=id_of(row.get("product_id")),
        model=sku,
        sku=sku,
        options=_options(child),
        price=sum_of(row, "product_unit_price") or sum_of(child, "product_price"),
        image=told(row.get("product_img_url")),
    )


def _options(child: Json) -> tuple[tuple[str, str], ...]:
    """The variation as the shop names it: JSON text {"sku": [{pName, pValue, selfDefineValue}]} [C]."""
    found = rows(part(child, "product_attributes"), "sku")
    pairs = ((told(row.get("pName")), told(row.get("selfDefineValue")) or told(row.get("pValue"))) for row in found)
    return tuple((name or "variation", value) for name, value in pairs if value)


def _note(listed: Json, detail: Json) -> str:
    """What the buyer wrote at the order and at the articles, each once."""
    return "\n".join(dict.fromkeys(filter(None, (told(row.get("memo")) for row in (detail, *rows(listed, "product_list"))))))


def _service(listed: Json, detail: Json) -> str:
    named = (told(row.get("logistics_service_name")) for data in (listed, detail) for row in _products(data))
    return next(filter(None, named), "")


def _products(data: Json) -> list[Json]:
    return rows(data, "product_list") + rows(data, "child_order_list")


def _address(sealed: Json, clear: Json, *, encrypted: bool) -> Address | None:
    """Masked where the parts that matter are in cipher or starred and nobody opened them."""
    if not sealed and not clear:
        return None
    data = {**sealed, **{name: value for name, value in clear.items() if told(value)}}
    phone = told(data.get("mobile_no")) or told(data.get("phone_number"))
    prefix = told(data.get("phone_country")).lstrip("+")
    lines = tuple(filter(None, (told(data.get("detail_address")) or told(data.get("address")), told(data.get("address2")))))
    name, country = told(data.get("contact_person")), told(data.get("country")).upper()
    return Address(
        name=name,
        phone=f"+{prefix} {phone}" if prefix.isdigit() and phone and not phone.startswith("+") else phone,
        lines=lines,
        city=told(data.get("city")),
        region=told(data.get("province")),
        postcode=told(data.get("zip")),
        country=country if _is_country(country) else "",
        masked=(encrypted and not clear) or "**" in "".join((name, phone, *lines)),
    )


def parcel(number: str, row: Json) -> ParcelSeen:
    """A parcel the seller declared. That it arrived is told with its time."""
    raw = told(row.get("receive_status"))
    return ParcelSeen(
        number,
        number=told(row.get("logistics_no")),
        carrier=told(row.get("logistics_service_name")),
        service=told(row.get("logistics_type_code")),
        status="delivered" if moment(row.get("gmt_received")) and raw != "not_received" else RECEIVED.get(raw, ""),
        raw_status=raw,
        at=moment(row.get("gmt_received")) or moment(row.get("gmt_send")),
        shipped_at=moment(row.get("gmt_send")),
        delivered_at=moment(row.get("gmt_received")),
    )


def _meta(listed: Json, whole: Json) -> dict[str, object]:
    """What is worth showing and has no place of its own."""
    extras = [text_of(row.get("extend_map")) or str(row.get("extend_map") or "") for row in rows(listed, "product_list")]
    told_of = {
        "biz_type": told(whole.get("biz_type")),
        "frozen": told(whole.get("frozen_status")) if told(whole.get("frozen_status")) != "NO_FROZEN" else "",
        "issue": told(whole.get("issue_status")) if told(whole.get("issue_status")) not in ("NO_ISSUE", "") else "",
        "end_reason": _end_reason(whole),
        "managed": "semi" if any(SEMI_MANAGED in extra for extra in extras) else "",
        "oaid": told(whole.get("oaid")),
    }
    return {name: value for name, value in told_of.items() if value}
