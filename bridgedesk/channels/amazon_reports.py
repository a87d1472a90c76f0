"""Reports: asked for, made by Amazon in its own time, then fetched and cut into rows. Source: Reports API 2021-06-30 [O].

A look never waits: it asks for a report, or sees whether the one asked for is ready. The cursor holds which, by report type.
"""

import csv
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import documents
from bridgedesk.channels.amazon_api import CREATE_REPORT, FBA_SUMMARIES, GET_DOCUMENT, GET_REPORT, call, moment, stamp
from bridgedesk.channels.amazon_places import marketplace
from bridgedesk.channels.base import Account, Fetched, Raw, SendError
from bridgedesk.channels.values import Json, part, rows, text_of, told
from bridgedesk.lib import clock, http

MOST = 60_000_000
"""Bytes of a report, packed and unpacked."""
SHARES = 64
"""Into so many rows a list of listings is cut, by a digest of the SKU: only shares that changed are stored again."""
REFUSED_FOR = timedelta(days=1)
"""A report for which the app lacks a role, or that does not exist in this marketplace, is not asked for again so soon."""
ALL_DONE = ("DONE", "CANCELLED", "FATAL")


@dataclass
class Asked:
    """How far one report is: `number` of the one being made, `due` when the next is wanted, `known` what its shares said last."""

    number: str = ""
    due: str = ""
    known: dict[str, str] = field(default_factory=dict)


Cut = Callable[[bytes, Account, Asked], list[Raw]]


@dataclass(frozen=True)
class Report:
    """A type of report, how often it is wanted, how many days it looks back (0: as things stand), and how it is cut into rows."""

    type: str
    every: timedelta
    cut: Cut
    days: int = 0


def fetch(account: Account, cursor: str, wanted: tuple[Report, ...], also: Callable[[Account, Asked], list[Raw]] | None = None) -> Fetched:
    """What reports brought that are ready by now; `also` reads what another call tells, as often as the first report."""
    state, raws = _read(cursor), list[Raw]()
    for report in wanted:
        raws += _turn(account, report, state.setdefault(report.type, Asked()))
    if also is not None:
        raws += _whenever(wanted[0].every, state.setdefault("also", Asked()), lambda asked: also(account, asked))
    return Fetched(raws, json.dumps({name: asdict(asked) for name, asked in state.items()}))


def _read(cursor: str) -> dict[str, Asked]:
    try:
        return {str(name): Asked(str(one["number"]), str(one["due"]), dict(one["known"])) for name, one in json.loads(cursor).items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _whenever(every: timedelta, asked: Asked, look: Callable[[Asked], list[Raw]]) -> list[Raw]:
    """`look` when it is due; what the app has no role for, or the marketplace does not have, rests for a day."""
    due = moment(asked.due)
    if not asked.number and due and due > clock.now():
        return []
    try:
        found = look(asked)
    except SendError as error:
        if not error.permanent or error.code in ("reconnect", "blocked"):
            raise
        asked.number, asked.due = "", stamp(clock.now() + REFUSED_FOR)
        return []
    if not asked.number:
        asked.due = stamp(clock.now() + every)
    return found


def _turn(account: Account, report: Report, asked: Asked) -> list[Raw]:
    return _whenever(report.every, asked, lambda one: _fetch(account, report, one) if one.number else _ask(account, report, one))


def _ask(account: Account, report: Report, asked: Asked) -> list[Raw]:
    """Have it made."""
    body: dict[str, object] = {"reportType": report.type, "marketplaceIds": [marketplace(account).id]}
    if report.days:
        body |= {"dataStartTime": stamp(clock.now() - timedelta(days=report.days)), "dataEndTime": stamp(clock.now())}
    asked.number = told(call(account, CREATE_REPORT, body=body).get("reportId"))
    return []


def _fetch(account: Account, report: Report, asked: Asked) -> list[Raw]:
    """Its rows if it is ready. One that failed, or that has nothing to tell, is wanted again at its next turn."""
    answer = call(account, GET_REPORT, report=asked.number)
    status, document = told(answer.get("processingStatus")), told(answer.get("reportDocumentId"))
    if status not in ALL_DONE:
        return []
    found = report.cut(download(account, document), account, asked) if status == "DONE" and document else []
    asked.number = ""
    return found


def download(account: Account, document: str) -> bytes:
    """A document's bytes, unpacked. SendError if they do not come or are too many."""
    answer = call(account, GET_DOCUMENT, document=document)
    try:
        given = http.request("GET", told(answer.get("url")), timeout=60, max_bytes=MOST)
    except http.Blocked as error:
        raise SendError(str(error), permanent=True, code="blocked") from None
    except http.Unreachable as error:
        raise SendError(str(error), permanent=False, code="unreachable") from None
    if not given.is_success:
        raise SendError(noop("Amazon does not give the report.") + f" (HTTP {given.status_code})", permanent=False, code="document")
    return unpacked(given.content) if told(answer.get("compressionAlgorithm")).upper() == "GZIP" else given.content


def unpacked(data: bytes) -> bytes:
    """GZIP, never to more than MOST."""
    try:
        plain = zlib.decompressobj(wbits=47).decompress(data, MOST + 1)
    except zlib.error:
        raise SendError(noop("The report was not in a form that is known."), permanent=True, code="packed") from None
    if len(plain) > MOST:
        raise SendError(noop("The report is larger than is read."), permanent=True, code="large")
    return plain


def text(data: bytes, region: str) -> str:
    """A flat file's text: UTF-8, else what the marketplace's older reports are written in."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932" if region == "JP" else "cp1252", "replace")


def table(data: bytes, account: Account) -> Iterator[dict[str, str]]:
    """The rows of a flat file by its headings, these in small letters with hyphens; "position" heads keep unnamed columns too."""
    reader = csv.reader(text(data, account.region).replace("\0", "").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    head = ["-".join(name.lower().replace("_", " ").replace("-", " ").split()) for name in next(reader, [])]
    for values in reader:
        if any(value.strip() for value in values):
            yield {name: value.strip() for name, value in zip(head, values, strict=False)} | {"columns": json.dumps(values[:20])}


def one_row_each(kind: str) -> Cut:
    """Each row of a flat file is a row here: repeats are known by their content."""

    def cut(data: bytes, account: Account, asked: Asked) -> list[Raw]:
        return [documents.raw(kind, documents.digest(row), row) for row in table(data, account)]

    return cut


def _figures(data: bytes, account: Account, asked: Asked) -> list[Raw]:
    """The seller performance report is one JSON document."""
    try:
        told_ = json.loads(text(data, account.region))
    except (ValueError, RecursionError):
        raise SendError(noop("The report was not in a form that is known."), permanent=True, code="shape") from None
    return [documents.raw("figures", documents.digest(told_), told_)] if isinstance(told_, dict) else []


def _listings(data: bytes, account: Account, asked: Asked) -> list[Raw]:
    kept = ("item-name", "seller-sku", "price", "quantity", "asin1", "product-id", "fulfillment-channel", "status", "image-url")
    return shares("listings", [{name: row[name] for name in kept if name in row} for row in table(data, account)], "seller-sku", asked)


def shares(kind: str, found: list[dict[str, str]], key: str, asked: Asked) -> list[Raw]:
    """Rows gathered into shares; those that say what they said before are left out."""
    cut: dict[str, list[dict[str, str]]] = {}
    for row in found:
        cut.setdefault(str(int(documents.digest(row.get(key, "")), 16) % SHARES), []).append(row)
    at, raws = stamp(clock.now()), []
    for share, held in sorted(cut.items()):
        if asked.known.get(share) != (said := documents.digest(held)[:12]):
            raws.append(documents.raw(kind, f"{share}:{said}:{at}", {"rows": held, "at": at}, thread=f"{kind}:{share}"))
            asked.known[share] = said
    return raws


def fba_stock(account: Account, asked: Asked) -> list[Raw]:
    """What lies in Amazon's warehouse, page by page."""
    here = marketplace(account).id
    params: dict[str, str] = {"granularityType": "Marketplace", "granularityId": here, "marketplaceIds": here, "details": "true"}
    found: list[dict[str, str]] = []
    for _ in range(PAGES):
        answer = call(account, FBA_SUMMARIES, params=params)
        found += [_summary(row) for row in rows(part(answer, "payload"), "inventorySummaries")]
        following = text_of(part(answer, "pagination").get("nextToken"))
        if not following or following == params.get("nextToken"):
            break
        params["nextToken"] = following
    return shares("fba", found, "sku", asked)


PAGES = 200


def _summary(row: Json) -> dict[str, str]:
    detail = part(row, "inventoryDetails")
    return {
        "sku": told(row.get("sellerSku")),
        "asin": told(row.get("asin")),
        "title": told(row.get("productName")),
        "listed": told(detail.get("fulfillableQuantity")),
        "reserved": told(part(detail, "reservedQuantity").get("totalReservedQuantity")),
    }


DAY, HOURS, HOUR = timedelta(days=1), timedelta(hours=6), timedelta(hours=1)
HEALTH = (Report("GET_V2_SELLER_PERFORMANCE_REPORT", DAY, _figures),)
REVIEWS = (Report("GET_SELLER_FEEDBACK_DATA", HOURS, one_row_each("feedback"), days=90),)
RETURNS = (
    Report("GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE", HOURS, one_row_each("return"), days=60),
    Report("GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", HOURS, one_row_each("fba_return"), days=60),
)
STOCK = (Report("GET_MERCHANT_LISTINGS_ALL_DATA", HOUR, _listings),)

FEEDS: Mapping[str, Callable[[Account, str], Fetched]] = {
    "health": lambda account, cursor: fetch(account, cursor, HEALTH),
    "reviews": lambda account, cursor: fetch(account, cursor, REVIEWS),
    "returns": lambda account, cursor: fetch(account, cursor, RETURNS),
    "stock": lambda account, cursor: fetch(account, cursor, STOCK, also=fba_stock),
}
