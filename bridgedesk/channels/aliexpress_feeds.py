"""What AliExpress is asked for besides messages, and how often: each feed reads one page a call and says how to go on.

Orders are listed by the time they changed, in written times of the Pacific coast; a finished order is listed only when asked for [O].
A list is read from its last page to its first: what changes while it is read leaves the span and moves the rest towards the front.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from bridgedesk.channels import documents
from bridgedesk.channels.aliexpress_api import call, result, server_now
from bridgedesk.channels.aliexpress_orders import RECEIPT, TO_SHIP
from bridgedesk.channels.aliexpress_values import Json, count, earliest, id_of, latest, millis, moment, part, rows, told
from bridgedesk.channels.base import Account, Fetched, NeedsReconnect, Raw, SendError, unless_refused

LIST, DETAIL = "aliexpress.trade.seller.orderlist.get", "aliexpress.trade.new.redefining.findorderbyid"
DECRYPT = "aliexpress.trade.seller.order.decrypt"
TRACK = "aliexpress.logistics.redefining.querytrackingresult"
PRODUCTS, PRODUCT = "aliexpress.solution.product.list.get", "aliexpress.solution.product.info.get"
REVIEWS = "aliexpress.evaluation.listorderevaluation.get"
ENDED_LATELY = timedelta(days=3)
"""How long ago a dispute may have ended to be asked about still."""
ISSUES, ISSUE = "aliexpress.issue.issuelist.get", "aliexpress.issue.detail.get"
FIRST_ORDERS, SPAN, OVERLAP = timedelta(days=30), timedelta(days=30), timedelta(minutes=10)
OLDEST = timedelta(days=180)
"""Orders made longer ago are not listed, whenever they changed [O]."""
UNDER_WAY = timedelta(days=90)
FIRST_REVIEWS, LATER_REVIEWS, REVIEW_SPAN = timedelta(days=90), timedelta(days=45), timedelta(days=30)
ORDERS_AT_ONCE, PARCELS_AT_ONCE, PRODUCTS_AT_ONCE, ISSUES_AT_ONCE = 20, 10, 20, 20
KEPT = 20_000
"""Of so many listings it is remembered what they said."""
ISSUE_PAGES = 5
"""Pages of settled disputes, newest first, that one look reads."""
VOLATILE = ("timeout_left_time", "left_send_good_day", "left_send_good_hour", "left_send_good_min")
"""Spans that run down by themselves: no news, and nothing without the moment they were read at."""
FINISHED = "FINISH"


@dataclass
class Window:
    """How far orders have been read, in seconds. `page` is the next to read (0: not known yet), `status` which of the two lists."""

    since: int
    upto: int = 0
    page: int = 0
    status: str = ""

    @classmethod
    def of(cls, cursor: str, now: datetime, first: timedelta) -> "Window":
        """The window of a stored cursor; a new one if it is empty or not ours."""
        try:
            kept = json.loads(cursor)
            return cls(int(kept["since"]), int(kept["upto"]), int(kept["page"]), str(kept["status"]))
        except (ValueError, TypeError, KeyError):
            return cls(since=int((now - first).timestamp()))


def orders(account: Account, cursor: str) -> Fetched:
    """A page of the orders changed since the last look, with their details."""
    now = server_now(account)
    window = Window.of(cursor, now, FIRST_ORDERS)
    window.upto = window.upto or min(int(now.timestamp()), window.since + int(SPAN.total_seconds()))
    span = {"modified_date_start": earliest(_at(window.since)), "modified_date_end": latest(_at(window.upto))}
    found, pages = listed(account, {**span, **_all_made(now)}, max(window.page, 1), window.status)
    raws = [] if window.page == 0 and pages > 1 else [_as_order(account, row) for row in found]
    _turn(window, pages)
    if window.page or window.status:
        return Fetched(raws, json.dumps(asdict(window)), more=True)
    more = int(now.timestamp()) - window.upto > OVERLAP.total_seconds()
    following = Window(since=window.upto - int(OVERLAP.total_seconds()))
    return Fetched(raws, json.dumps(asdict(following)), more=more)


def _turn(window: Window, pages: int) -> None:
    """To the page before, from the first list to that of finished orders, or to the end (no page, no status)."""
    if window.page == 0 and pages > 1:
        window.page = pages
    elif window.page > 1:
        window.page -= 1
    else:
        window.page, window.status = 0, "" if window.status else FINISHED


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _all_made(now: datetime) -> dict[str, str]:
    return {"create_date_start": earliest(now - OLDEST), "create_date_end": latest(now + timedelta(hours=1))}


def listed(account: Account, asked: Mapping[str, object], page: int, status: str, size: int = ORDERS_AT_ONCE) -> tuple[list[Json], int]:
    """The orders of a page, and how many pages there are."""
    query = {**asked, "current_page": page, "page_size": size} | ({"order_status": status} if status else {})
    inner = result(call(account, LIST, {"param_aeop_order_query": query}))
    return [row for row in rows(inner, "target_list") if id_of(row.get("order_id"))], count(inner.get("total_page")) or 0


def detail(account: Account, number: str) -> Json:
    """An order as its own call tells it; SendError where it is not told."""
    answer = result(call(account, DETAIL, {"param1": {"order_id": int(number)}}))
    return part(answer, "target") or part(part(answer, "data"), "target")


def _as_order(account: Account, row: Json) -> Raw:
    number = id_of(row.get("order_id"))
    told_of = unless_refused(lambda: detail(account, number))
    data = {"listed": {name: value for name, value in row.items() if name not in VOLATILE}, "detail": told_of}
    if clear := _clear(account, number, told_of):
        data["clear"] = clear
    return documents.raw("order", f"{number}:{documents.digest(data)}", data, thread=f"order:{number}")


def _clear(account: Account, number: str, order: Json) -> Json:
    """The address out of its cipher, only while there is something to ship and only where the shop wants that."""
    oaid = told(order.get("oaid"))
    if not oaid or not account.options.get("decrypt_addresses") or told(order.get("order_status")) not in TO_SHIP:
        return {}
    try:
        return part(result(call(account, DECRYPT, {"orderId": number, "oaid": oaid})), "result_obj")
    except NeedsReconnect:
        raise
    except SendError as error:
        if not error.permanent:
            raise
        return {}


def parcels(account: Account, cursor: str) -> Fetched:
    """The scans of every parcel on its way."""
    now, page = server_now(account), int(cursor) if cursor.isdigit() else 1
    made = {"create_date_start": earliest(now - UNDER_WAY), "create_date_end": latest(now + timedelta(hours=1))}
    found, pages = listed(account, made, page, RECEIPT, PARCELS_AT_ONCE)
    raws = [raw for row in found for raw in _tracks(account, id_of(row.get("order_id")))]
    more = page < pages
    return Fetched(raws, str(page + 1) if more else "", more=more)


def _tracks(account: Account, number: str) -> list[Raw]:
    order = unless_refused(lambda: detail(account, number))
    country = told(part(order, "receipt_address").get("country"))
    found = [row for row in rows(order, "logistic_info_list") if told(row.get("logistics_no"))]
    return [raw for row in found if (raw := _track(account, number, row, country))]


def _track(account: Account, number: str, row: Json, country: str) -> Raw | None:
    """One parcel; None where the platform has nothing to tell of it."""
    code, service = told(row.get("logistics_no")), told(row.get("logistics_type_code"))
    asked = {"logistics_no": code, "origin": "ESCROW", "out_ref": number, "service_name": service, "to_area": country}
    answer = unless_refused(lambda: result(call(account, TRACK, asked)))
    if not rows(answer, "details"):
        return None
    data = {"order": number, "number": code, "service": service, "carrier": told(row.get("logistics_service_name"))}
    data |= {name: answer[name] for name in ("details", "official_website") if name in answer}
    return documents.raw("parcel", f"{number}:{code}:{documents.digest(data)}", data, thread=f"order:{number}")


def stock(account: Account, cursor: str) -> Fetched:
    """What every listing on sale says of its stock. The cursor remembers what was said last, so that only changes are stored."""
    page, known = _remembered(cursor)
    query = {"current_page": page, "page_size": PRODUCTS_AT_ONCE, "product_status_type": "onSelling"}
    inner = result(call(account, PRODUCTS, {"aeop_a_e_product_list_query": query}))
    at, raws = str(millis(server_now(account))), []
    for row in rows(inner, "aeop_a_e_product_display_d_t_o_list"):
        item = id_of(row.get("product_id"))
        data = {**_shown(row), **_listing(account, item)} if item else {}
        if item and known.get(item) != (said := documents.digest(data)[:10]):
            raws.append(documents.raw("listing", f"{item}:{said}:{at}", {**data, "at": at}, thread=f"item:{item}"))
            known[item] = said
    more = page < (count(inner.get("total_page")) or 0)
    return Fetched(raws, json.dumps([page + 1 if more else 1, dict(list(known.items())[-KEPT:])]), more=more)


def _remembered(cursor: str) -> tuple[int, dict[str, str]]:
    try:
        page, known = json.loads(cursor)
        return max(int(page), 1), dict(known)
    except (ValueError, TypeError):
        return 1, {}


def _listing(account: Account, item: str) -> Json:
    return _shown(unless_refused(lambda: result(call(account, PRODUCT, {"product_id": item}))))


def _shown(data: Json) -> Json:
    """Without the long texts nobody reads here."""
    told_of = (
        "product_id", "subject", "currency_code", "image_u_r_ls", "image_urls", "product_status_type", "product_price",
        "aeop_ae_product_s_k_us",
    )  # fmt: skip
    return {name: data[name] for name in told_of if name in data}


def reviews(account: Account, cursor: str) -> Fetched:
    """Reviews that took effect lately; the call knows spans only, no pages, so spans are short [O]."""
    now = server_now(account)
    since = _at(int(cursor)) if cursor.isdigit() and len(cursor) < 12 else now - FIRST_REVIEWS
    upto = min(now, since + REVIEW_SPAN)
    asked = {"start_valid_date": earliest(since), "end_valid_date": latest(upto)}
    answer = result(call(account, REVIEWS, {"trade_evaluation_request": asked}))
    raws = [_as_review(row) for row in rows(answer, "target_list") if id_of(row.get("order_id"))]
    more = upto < now
    return Fetched(raws, str(int((upto if more else now - LATER_REVIEWS).timestamp())), more=more)


def _as_review(row: Json) -> Raw:
    number = id_of(row.get("order_id"))
    return documents.raw("review", f"{number}:{documents.digest(row)}", row, thread=f"review:{number}")


def returns(account: Account, cursor: str) -> Fetched:
    """All disputes under way, then the latest of those that were called off or settled."""
    step, page = _step(cursor)
    query = {"issue_status": STEPS[step], "current_page": page, "page_size": ISSUES_AT_ONCE}
    answer = call(account, ISSUES, {"query_dto": query})
    inner = result(answer)
    found = [row for row in rows(inner, "data_list") if id_of(row.get("issue_id"))]
    raws = [_as_issue(account, row) for row in found]
    if page * ISSUES_AT_ONCE < (count(inner.get("total_item")) or 0) and found and (step == 0 or page < ISSUE_PAGES):
        return Fetched(raws, json.dumps([step, page + 1]), more=True)
    last = step + 1 == len(STEPS)
    return Fetched(raws, "" if last else json.dumps([step + 1, 1]), more=not last)


STEPS = ("processing", "canceled_issue", "finish")


def _step(cursor: str) -> tuple[int, int]:
    try:
        step, page = json.loads(cursor)
        return int(step) % len(STEPS), max(int(page), 1)
    except (ValueError, TypeError):
        return 0, 1


def _as_issue(account: Account, row: Json) -> Raw:
    """A dispute; asked about are those under way and those that ended lately, whose money still moves: the others the list tells."""
    number, login = id_of(row.get("issue_id")), told(row.get("buyer_login_id"))
    told_of: Json = {}
    changed = moment(row.get("gmt_modified")) or moment(row.get("gmt_create"))
    lately = changed is not None and server_now(account) - changed < ENDED_LATELY
    if login and (told(row.get("issue_status")) == STEPS[0] or lately):
        told_of = unless_refused(lambda: issue_of(account, login, number))
    data = {"listed": row, "detail": told_of}
    order = id_of(row.get("parent_order_id")) or id_of(row.get("order_id"))
    return documents.raw("issue", f"{number}:{documents.digest(data)}", data, thread=f"order:{order}")


def issue_of(account: Account, login: str, number: str) -> Json:
    """How a dispute stands, as its own call tells it."""
    answer = result(call(account, ISSUE, {"buyer_login_id": login, "issue_id": number}))
    return part(answer, "result_object") or part(answer, "data") or answer


Read = Callable[[Account, str], Fetched]
FEEDS: Mapping[str, tuple[timedelta, Read]] = {
    "orders": (timedelta(minutes=5), orders),
    "parcels": (timedelta(hours=3), parcels),
    "stock": (timedelta(hours=1), stock),
    "reviews": (timedelta(hours=1), reviews),
    "returns": (timedelta(minutes=15), returns),
}
"""Each with the pause between two looks. What AliExpress thinks of the shop it tells by no call that is known."""
