"""Reports of the pretend Amazon: made a minute after they were asked for, packed with GZIP, in the shapes of the real ones."""

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bridgedesk.sandbox.amazon_orders import GOODS, AmazonOrder, stamp

TAKES = timedelta(minutes=1)


@dataclass
class Made:
    """A report asked for."""

    kind: str
    at: datetime

    def told(self, number: str, now: datetime) -> dict[str, Any]:
        """As getReport tells it."""
        done = now >= self.at + TAKES
        told = {
            "reportId": number,
            "reportType": self.kind,
            "createdTime": stamp(self.at),
            "processingStatus": "DONE" if done else "IN_PROGRESS",
        }
        return told | ({"reportDocumentId": f"document-{number}"} if done else {})


def packed(kind: str, orders: Mapping[str, AmazonOrder], stock: Mapping[str, int], now: datetime) -> bytes:
    """The document's bytes."""
    return gzip.compress(CONTENT[kind](orders, stock, now).encode())


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    return "\r\n".join("\t".join(map(str, row)) for row in (head, *rows)) + "\r\n"


def _performance(orders: Mapping[str, AmazonOrder], stock: Mapping[str, int], now: datetime) -> str:
    span = {"reportingDateRange": {"reportingDateFrom": stamp(now - timedelta(days=30)), "reportingDateTo": stamp(now)}}
    late = sum(order.status(now) == "UNSHIPPED" and now > order.placed + timedelta(days=2) for order in orders.values())
    below = {"targetCondition": "LESS_THAN", "status": "GOOD"} | span
    metrics = {
        "marketplaceId": "A1PA6795UKMFR9",
        "lateShipmentRate": below | {"orderCount": len(orders), "rate": late / (len(orders) or 1), "targetValue": 0.04},
        "orderDefectRate": {"mfn": below | {"orderCount": len(orders), "rate": 0.004, "targetValue": 0.01, "fulfillmentType": "mfn"}},
        "validTrackingRate": span | {"rate": 0.98, "targetValue": 0.95, "targetCondition": "GREATER_THAN", "status": "GOOD"},
        "listingPolicyViolations": span | {"defectsCount": 0, "targetValue": 0, "targetCondition": "EQUALS", "status": "GOOD"},
    }
    status = [{"marketplaceId": "A1PA6795UKMFR9", "status": "NORMAL"}]
    return json.dumps({"accountStatuses": status, "performanceMetrics": [metrics]})


def _arrived(orders: Mapping[str, AmazonOrder], now: datetime) -> list[tuple[AmazonOrder, datetime]]:
    return [(order, at) for order in orders.values() if (at := order.delivered_at(now))]


def _feedback(orders: Mapping[str, AmazonOrder], stock: Mapping[str, int], now: datetime) -> str:
    said = ((5, "Alles bestens, danke."), (2, "Kam zu spät an, Verpackung beschädigt."), (4, "Gute Ware."))
    rows: list[tuple[object, ...]] = [
        (f"{at + timedelta(days=1):%d.%m.%y}", *said[place % 3], "", order.id, f"{order.id}@marketplace.amazon.de", "Käufer")
        for place, (order, at) in enumerate(_arrived(orders, now))
        if at + timedelta(days=1) <= now
    ]
    return _table(("Datum", "Bewertung", "Kommentare", "Ihre Antwort", "Bestellnummer", "E-Mail des Bewertenden", "Rolle"), rows)


RETURN_HEAD = ("Order ID", "Order date", "Return request date", "Return request status", "Amazon RMA ID", "Currency code",
               "Tracking ID", "ASIN",
               "Merchant SKU", "Item Name", "Return quantity", "Return Reason", "Return type", "Resolution", "Refunded Amount")  # fmt: skip


def _returns(orders: Mapping[str, AmazonOrder], stock: Mapping[str, int], now: datetime) -> str:
    rows: list[tuple[object, ...]] = [
        (order.id, f"{order.placed:%d-%b-%Y}", f"{at + timedelta(days=2):%d-%b-%Y}", "Approved", f"RMA{order.id[-7:]}", "EUR", "", goods[1],
         goods[0], goods[2], 1, "CR-DEFECTIVE", "C-Returns", "StandardRefund", "")
        for order, at in _arrived(orders, now)
        for _line, goods, _pieces in order.lines[:1]
        if not order.fba and int(order.id[-1]) % 2 and at + timedelta(days=2) <= now
    ]  # fmt: skip
    return _table(RETURN_HEAD, rows)


def _fba_returns(orders: Mapping[str, AmazonOrder], stock: Mapping[str, int], now: datetime) -> str:
    head = ("return-date", "order-id", "sku", "asin", "fnsku", "product-name", "quantity", "fulfillment-center-id", "detailed-disposition",
            "reason", "status", "license-plate-number", "customer-comments")  # fmt: skip
    rows: list[tuple[object, ...]] = [
        (stamp(at + timedelta(days=3)), order.id, goods[0], goods[1], "X0SANDBOX1", goods[2], 1, "LEJ1", "SELLABLE", "UNWANTED_ITEM",
         "Unit returned to inventory", f"LPN{order.id[-7:]}", "zu klein")
        for order, at in _arrived(orders, now)
        for _line, goods, _pieces in order.lines[:1]
        if order.fba and at + timedelta(days=3) <= now
    ]  # fmt: skip
    return _table(head, rows)


def _listings(orders: Mapping[str, AmazonOrder], stock: Mapping[str, int], now: datetime) -> str:
    head = (
        "item-name",
        "item-description",
        "listing-id",
        "seller-sku",
        "price",
        "quantity",
        "open-date",
        "asin1",
        "fulfillment-channel",
        "status",
    )
    rows: list[tuple[object, ...]] = [
        (title, "", f"LST{asin[-2:]}", sku, f"{price / 100:.2f}", stock.get(sku, 0), "", asin, "DEFAULT", "Active")
        for sku, asin, title, price in GOODS
    ]
    return _table(head, rows)


def fba_summaries(stock: Mapping[str, int], now: datetime) -> list[dict[str, Any]]:
    """What lies in Amazon's warehouse: the last article also does."""
    sku, asin, title, _price = GOODS[-1]
    detail = {"fulfillableQuantity": 7, "reservedQuantity": {"totalReservedQuantity": 2}}
    return [{"asin": asin, "fnSku": "X0SANDBOX1", "sellerSku": f"{sku}-FBA", "condition": "NewItem", "inventoryDetails": detail,
             "lastUpdatedTime": stamp(now), "productName": title, "totalQuantity": 9}]  # fmt: skip


CONTENT: dict[str, Callable[[Mapping[str, AmazonOrder], Mapping[str, int], datetime], str]] = {
    "GET_V2_SELLER_PERFORMANCE_REPORT": _performance,
    "GET_SELLER_FEEDBACK_DATA": _feedback,
    "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE": _returns,
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": _fba_returns,
    "GET_MERCHANT_LISTINGS_ALL_DATA": _listings,
}
