"""What Amazon's reports say, as our events. Pure. Sources: the schema of the seller performance report [O]; the columns of feedback,
return and listing files from sellers' copies, unconfirmed.
"""

import json
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.amazon_api import moment
from bridgedesk.channels.amazon_places import marketplace
from bridgedesk.channels.base import Account
from bridgedesk.channels.events import Event, HealthSeen, Ignored, ReturnSeen, ReviewSeen, StockSeen
from bridgedesk.channels.mail_relay import ORDER
from bridgedesk.channels.values import Json, count, decimal, part, rows, told
from bridgedesk.channels.values import money as sum_of

COMPARE = {"LESS_THAN": "<", "GREATER_THAN": ">", "EQUALS": "<="}
"""EQUALS comes with a target of 0 violations."""
NAMES = {"prefulfillment_cancel_rate": "pre_fulfilment_cancel_rate"}
"""Where our figure is called otherwise."""
CURRENCIES = {
    "US": "USD", "CA": "CAD", "MX": "MXN", "BR": "BRL", "GB": "GBP", "PL": "PLN", "SE": "SEK", "TR": "TRY", "AE": "AED", "SA": "SAR",
    "EG": "EGP", "IN": "INR", "ZA": "ZAR", "JP": "JPY", "SG": "SGD", "AU": "AUD",
}  # fmt: skip
"""Of a marketplace's prices; the others have euros."""
RETURNS = (
    ("closed", ("closed", "complete", "denied", "refunded", "reimbursed", "unit returned")),
    ("withdrawn", ("cancel", "withdrawn")),
    ("under_way", ("received", "transit", "shipped")),
    ("agreed", ("approved", "authorized", "authorised")),
    ("asked", ("pending", "requested")),
)
"""Words in Amazon's states and ours; the first that fits. The list of its states is not published: unconfirmed."""
MONTHS = {name: place for place, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}


def figures(data: Json, account: Account) -> list[Event]:
    """How Amazon rates the seller in this marketplace; rates in per cent, with the target Amazon tells."""
    here = next((row for row in rows(data, "performanceMetrics") if told(row.get("marketplaceId")) == marketplace(account).id), {})
    found: list[Event] = []
    for name, value in here.items():
        if not isinstance(value, dict):
            continue
        packers = {f"{name}{suffix}": value[inner] for inner, suffix in (("mfn", ""), ("afn", "Fba")) if isinstance(value.get(inner), dict)}
        found += [figure for key, metric in (packers or {name: value}).items() if (figure := _figure(key, metric))]
    return found or [Ignored(noop("a report without figures of this marketplace"))]


def _figure(name: str, metric: Json) -> HealthSeen | None:
    at = moment(part(metric, "reportingDateRange").get("reportingDateTo"))
    rate, pieces = decimal(str(metric.get("rate", ""))), decimal(str(metric.get("defectsCount", "")))
    if at is None or (rate is None and pieces is None):
        return None
    target, plain = decimal(str(metric.get("targetValue", ""))), snake(name)
    return HealthSeen(
        NAMES.get(plain, plain),
        value=_percent(rate) if rate is not None else pieces,
        unit="percent" if rate is not None else "count",
        at=at,
        target=_percent(target) if rate is not None and target is not None else target,
        comparator=COMPARE.get(told(metric.get("targetCondition")), ""),
        title=" ".join(plain.split("_")).capitalize(),
    )


def _percent(rate: Decimal) -> Decimal:
    return (rate * 100).quantize(Decimal("0.0001")).normalize() + 0


def snake(name: str) -> str:
    """lateShipmentRate → late_shipment_rate."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def feedback(row: Json, account: Account) -> list[Event]:
    """A buyer's word about the seller. Its headings are in the seller's language, so it is read by place: date, stars, words, answer."""
    columns = _columns(row)
    order = next((value for value in columns if ORDER.fullmatch(value)), "")
    stars = count(columns[1]) if len(columns) > 1 else None
    if not order or stars is None or not 1 <= stars <= 5:
        return [Ignored(noop("a line of the feedback report without order and stars"))]
    comment, reply = (columns[place] if len(columns) > place and columns[place] != order else "" for place in (2, 3))
    at = day(columns[0], account.region)
    return [ReviewSeen(f"feedback:{order}", order=order, stars=stars, text=comment, at=at, reply=reply)]


def _columns(row: Json) -> list[str]:
    try:
        values = json.loads(told(row.get("columns")))
    except ValueError:
        return []
    return [str(value).strip() for value in values] if isinstance(values, list) else []


def returned(row: Json, account: Account) -> list[Event]:
    """A return that the seller handles: an RMA of Amazon's per article."""
    order, sku = told(row.get("order-id")), told(row.get("merchant-sku"))
    if not order:
        return [Ignored(noop("a line of the return report without an order"))]
    status = told(row.get("return-request-status"))
    number = told(row.get("amazon-rma-id")) or f"{order}:{sku}:{told(row.get('return-request-date'))}"
    more = {"sku": sku, "resolution": told(row.get("resolution")), "claim": told(row.get("a-to-z-claim"))}
    return [
        ReturnSeen(
            number,
            order,
            status=status,
            state=return_state(status),
            reason=told(row.get("return-reason")),
            refund=sum_of(row.get("refunded-amount"), row.get("currency-code")),
            at=day(told(row.get("return-request-date")), account.region),
            goods_come_back=True,
            number=told(row.get("tracking-id")),
            meta={name: value for name, value in more.items() if value},
        )
    ]


def returned_to_amazon(row: Json, account: Account) -> list[Event]:
    """An article that came back to Amazon's warehouse: nothing is left to decide."""
    order = told(row.get("order-id"))
    if not order:
        return [Ignored(noop("a line of the return report without an order"))]
    plate = told(row.get("license-plate-number")) or told(row.get("return-date"))
    more = {"sku": told(row.get("sku")), "disposition": told(row.get("detailed-disposition")), "by_platform": "yes"}
    return [
        ReturnSeen(
            f"fba:{order}:{plate}"[:80],
            order,
            status=told(row.get("status")),
            state="closed",
            reason=told(row.get("reason")),
            text=told(row.get("customer-comments")),
            at=day(told(row.get("return-date")), account.region),
            goods_come_back=True,
            meta={name: value for name, value in more.items() if value},
        )
    ]


def return_state(status: str) -> str:
    """Ours for a word of Amazon's, "" where none fits."""
    plain = status.lower()
    return next((state for state, words in RETURNS if any(word in plain for word in words)), "")


def listings(data: Json, account: Account) -> list[Event]:
    """What the seller's own warehouse offers; the stock of listings in Amazon's warehouse is told apart (fba)."""
    at, currency = moment(data.get("at")), CURRENCIES.get(account.region, "EUR")
    found: list[Event] = []
    for row in rows(data, "rows"):
        amazons, sku = told(row.get("fulfillment-channel")).upper().startswith("AMAZON"), told(row.get("seller-sku"))
        if not sku:
            continue
        found.append(
            StockSeen(
                told(row.get("asin1")) or told(row.get("product-id")),
                sku=sku,
                title=told(row.get("item-name")),
                listed=None if amazons else count(row.get("quantity")) or 0,
                price=sum_of(row.get("price"), currency),
                image=url if (url := told(row.get("image-url"))).startswith("https://") else "",
                on_sale=told(row.get("status")).lower() == "active" if told(row.get("status")) else None,
                at=at,
            )
        )
    return found or [Ignored(noop("a report without listings"))]


def amazons_stock(data: Json, account: Account) -> list[Event]:
    """Pieces in Amazon's warehouse."""
    at = moment(data.get("at"))
    return [
        StockSeen(
            told(row.get("asin")),
            sku=told(row.get("sku")),
            title=told(row.get("title")),
            listed=count(row.get("listed")),
            reserved=count(row.get("reserved")),
            at=at,
        )
        for row in rows(data, "rows")
        if told(row.get("sku"))
    ] or [Ignored(noop("a report without listings"))]


def day(text: str, region: str) -> datetime | None:
    """A report's date: ISO, "07-Nov-2026", or numbers in the marketplace's order (assumed: US month first, JP year first)."""
    if found := moment(text):
        return found
    pieces = re.findall(r"\d+|[a-z]{3,}", text.lower())[:3]
    if len(pieces) < 3:
        return None
    if pieces[1] in MONTHS:
        return _at(pieces[2], str(MONTHS[pieces[1]]), pieces[0])
    if len(pieces[0]) == 4 or region == "JP":
        return _at(*pieces)
    first, second = (pieces[0], pieces[1]) if region == "US" else (pieces[1], pieces[0])
    return _at(pieces[2], first, second) or _at(pieces[2], second, first)


def _at(year: str, month: str, number: str) -> datetime | None:
    if not (year.isdigit() and month.isdigit() and number.isdigit()) or len(year) > 4:
        return None
    try:
        return datetime.combine(date(int(year) + (2000 if len(year) <= 2 else 0), int(month), int(number)), time(), UTC)
    except ValueError:
        return None
