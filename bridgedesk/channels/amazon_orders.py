"""Amazon's orders as our events. Pure. Source: Orders API 2026-01-01 [O]."""

from datetime import datetime

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.amazon_api import moment
from bridgedesk.channels.amazon_places import order_page
from bridgedesk.channels.base import Account, Unparsable
from bridgedesk.channels.events import Address, LineSeen, OrderSeen, ParcelSeen, Person
from bridgedesk.channels.values import Json, count, part, rows, texts, told
from bridgedesk.channels.values import money as sum_of
from bridgedesk.lib.money import Money

STATES = {
    "PENDING_AVAILABILITY": "held", "PENDING": "unpaid", "UNSHIPPED": "to_ship", "PARTIALLY_SHIPPED": "part_shipped",
    "SHIPPED": "shipped", "CANCELLED": "cancelled", "UNFULFILLABLE": "held",
}  # fmt: skip
"""FulfillmentStatus [O]. PENDING: the payment is not authorised yet."""
PARCEL_STATES = {"IN_TRANSIT": "in_transit", "SHIPPED": "in_transit", "DELIVERED": "delivered", "UNDELIVERABLE": "exception"}
DETAILED = {
    "PENDING_SCHEDULE": "info_received", "PENDING_PICK_UP": "info_received", "PENDING_DROP_OFF": "info_received",
    "PICKED_UP": "in_transit", "DROPPED_OFF": "in_transit", "AT_ORIGIN_FC": "in_transit", "AT_DESTINATION_FC": "in_transit",
    "OUT_FOR_DELIVERY": "out_for_delivery", "DELIVERED": "delivered", "REJECTED_BY_BUYER": "attempt_failed",
    "UNDELIVERABLE": "exception", "LOST": "exception", "DAMAGED": "exception",
    "RETURNING_TO_SELLER": "returned", "RETURNED_TO_SELLER": "returned",
}  # fmt: skip
"""detailedStatus says more than status, where it is told [O]."""
KINDS = {"RESIDENTIAL": "residential", "COMMERCIAL": "commercial", "PICKUP_POINT": "pickup"}
PACKERS = {"AMAZON": "platform", "MERCHANT": "seller"}
CASH = ("cashondelivery", "cod")


def order(data: Json, account: Account) -> OrderSeen:
    """One order as searchOrders or getOrder tells it; only the data sets the app may see are in it."""
    number = told(data.get("orderId"))
    if not number:
        raise Unparsable(noop("no order number"))
    fulfilment, address = part(data, "fulfillment"), part(part(data, "recipient"), "deliveryAddress")
    status, at = told(fulfilment.get("fulfillmentStatus")), moment(data.get("lastUpdatedTime"))
    parcels = tuple(parcel(number, row, at) for row in rows(data, "packages") if told(row.get("packageReferenceId")))
    wish = _wish(data) if status in ("PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED") else None
    method = _payment_method(data)
    return OrderSeen(
        number,
        status=status,
        at=at,
        buyer=_buyer(data, told(address.get("countryCode")).upper()),
        state=_state(status, wish, parcels),
        placed_at=moment(data.get("createdTime")),
        ship_by=_latest(fulfilment, "shipByWindow"),
        deliver_by=_latest(fulfilment, "deliverByWindow"),
        total=money(part(data, "proceeds"), "grandTotal"),
        lines=tuple(_line(row) for row in rows(data, "orderItems") if told(row.get("orderItemId"))) or None,
        address=_address(address) if address else None,
        shipping_method=told(fulfilment.get("fulfillmentServiceLevel")),
        payment_method=method,
        cash_on_delivery=method.replace(" ", "").lower() in CASH,
        fulfilled_by=PACKERS.get(told(fulfilment.get("fulfilledBy")), ""),
        parcels=parcels,
        cancel_wish=wish,
        cancel_reason=_cancelled_for(data) if status == "CANCELLED" else "",
        url=order_page(account, number),
        meta=_meta(data, fulfilment),
    )


def money(data: Json, name: str) -> Money | None:
    """A sum as {amount, currencyCode}."""
    value = part(data, name)
    return sum_of(value.get("amount"), value.get("currencyCode"))


def _latest(data: Json, window: str) -> datetime | None:
    return moment(part(data, window).get("latestDateTime"))


def _state(status: str, wish: str | None, parcels: tuple[ParcelSeen, ...]) -> str:
    """SHIPPED stays Amazon's last word: that every parcel arrived is told by the parcels."""
    if wish is not None and status != "PARTIALLY_SHIPPED":
        return "cancelling"
    if status == "SHIPPED" and parcels and all(one.status == "delivered" for one in parcels):
        return "delivered"
    return STATES.get(status, "")


def _buyer(data: Json, country: str) -> Person | None:
    """Known by the relay's alias, as the mail they write: Amazon tells no other id, and none of orders it packs itself."""
    buyer = part(data, "buyer")
    email = told(buyer.get("buyerEmail")).lower()
    if "@" not in email:
        return None
    return Person(email, kind="email", name=told(buyer.get("buyerName")), email=email, country=country)


def _address(data: Json) -> Address:
    lines = tuple(filter(None, (told(data.get(name)) for name in ("companyName", "addressLine1", "addressLine2", "addressLine3"))))
    districts = (told(data.get("districtOrCounty")), told(data.get("municipality")), told(part(data, "extendedFields").get("neighborhood")))
    country = told(data.get("countryCode")).upper()
    return Address(
        name=told(data.get("name")),
        phone=told(data.get("phone")),
        lines=lines,
        district=next(filter(None, districts), ""),
        city=told(data.get("city")),
        region=told(data.get("stateOrRegion")),
        postcode=told(data.get("postalCode")),
        country=country if len(country) == 2 and country.isalpha() else "",
        kind=KINDS.get(told(data.get("addressType")), ""),
    )


def _line(row: Json) -> LineSeen:
    product = part(row, "product")
    return LineSeen(
        told(row.get("orderItemId")),
        max(count(row.get("quantityOrdered")) or 0, 0),
        title=told(product.get("title")),
        item=told(product.get("asin")),
        sku=told(product.get("sellerSku")),
        options=tuple((name, value) for name, value in _options(row, product) if value),
        price=money(part(product, "price"), "unitPrice"),
    )


def _options(row: Json, product: Json) -> tuple[tuple[str, str], ...]:
    """What the packer must know beside the article: gift wrap and greeting, engraving, condition."""
    gift = part(part(part(row, "fulfillment"), "packing"), "giftOption")
    condition = told(part(product, "condition").get("conditionType"))
    return (
        ("gift_wrap", told(gift.get("giftWrapLevel"))),
        ("gift_message", told(gift.get("giftMessage"))),
        ("customization", told(part(product, "customization").get("customizedUrl"))),
        ("condition", "" if condition.upper() == "NEW" else condition),
    )


def _wish(data: Json) -> str | None:
    """The buyer's reason for wanting to cancel, None if no article is asked to be."""
    asked = [part(part(row, "cancellation"), "cancellationRequest") for row in rows(data, "orderItems")]
    reasons = [told(one.get("cancelReason")) for one in asked if told(one.get("requester")).upper() in ("BUYER", "") and one]
    return next(filter(None, reasons), "") if reasons else None


def _cancelled_for(data: Json) -> str:
    done = (part(part(row, "cancellation"), "cancellationExecution") for row in rows(data, "orderItems"))
    return next(filter(None, (told(one.get("cancelReason")) for one in done)), "")


def _payment_method(data: Json) -> str:
    return next(filter(None, (told(row.get("paymentMethod")) for row in rows(part(data, "payment"), "paymentExecutions"))), "")


def _meta(data: Json, fulfilment: Json) -> dict[str, object]:
    """What is worth showing and has no place of its own."""
    told_of: dict[str, object] = {
        "marketplace": told(part(data, "salesChannel").get("marketplaceId")),
        "programs": list(texts(data, "programs")),
        "purchase_order": told(part(data, "buyer").get("buyerPurchaseOrderNumber")),
        "replaces": [told(row.get("orderId")) for row in rows(data, "associatedOrders") if told(row.get("orderId"))],
        "ship_from": told(part(fulfilment, "shipByWindow").get("earliestDateTime")),
    }
    return {name: value for name, value in told_of.items() if value}


def parcel(number: str, row: Json, at: datetime | None) -> ParcelSeen:
    """A package the seller confirmed; Amazon tells of no single scans here."""
    state = part(row, "packageStatus")
    status, detailed = told(state.get("status")), told(state.get("detailedStatus"))
    return ParcelSeen(
        number,
        external_id=told(row.get("packageReferenceId")),
        number=told(row.get("trackingNumber")),
        carrier=told(row.get("carrier")),
        service=told(row.get("shippingService")),
        status=DETAILED.get(detailed) or PARCEL_STATES.get(status, ""),
        raw_status=detailed or status,
        at=at,
        lines=tuple(
            (told(item.get("orderItemId")), max(count(item.get("quantity")) or 0, 0))
            for item in rows(row, "packageItems")
            if told(item.get("orderItemId"))
        ),
    )
