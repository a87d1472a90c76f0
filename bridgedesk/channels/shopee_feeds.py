"""What Shopee is asked for besides messages, and how often: each feed reads one page a call and says how to go on."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta

from bridgedesk.channels import shopee_documents as documents
from bridgedesk.channels import shopee_windows as windows
from bridgedesk.channels.base import Account, Fetched, Raw, unless_refused
from bridgedesk.channels.documents import digest
from bridgedesk.channels.shopee_api import call, on_server_clock
from bridgedesk.channels.shopee_orders import OPTIONAL, order_of
from bridgedesk.channels.shopee_parcels import at_rest
from bridgedesk.channels.shopee_values import Json, id_of, is_yes, moment, rows, text_of
from bridgedesk.channels.shopee_windows import Page, Window
from bridgedesk.lib import clock

FIRST_ORDERS = timedelta(days=30)
AT_ONCE = 50
"""Orders of one detail call, and listings of one [O]."""
PARCELS_AT_ONCE = 10
"""Orders whose parcels one page reads: two calls a parcel."""
UNDER_WAY = timedelta(days=60)
"""How old an order on its way may be to be looked at still."""
FIRST_ARRIVALS = timedelta(days=15)
ARRIVED = ("TO_CONFIRM_RECEIVE", "COMPLETED")
LAST_LOOKS, MOST_LATE = 16, 500
"""How often a parcel without its last scan is looked at again, and of how many that is remembered."""
FIRST_REVIEWS, LATER_REVIEWS = timedelta(days=90), timedelta(days=45)
"""A buyer rates within 15 days and may change it within 30 [P, O]."""
REVIEWS_AT_ONCE = RETURNS_AT_ONCE = 50
FIRST_RETURNS = timedelta(days=30)
HEALTH_AT_ONCE, PAGES_OF_HEALTH = 100, 20
KNOWN_LISTINGS = 20_000
"""Of so many listings it is remembered what they said; more are stored at every look."""


def orders(account: Account, cursor: str) -> Fetched:
    """Orders changed since the last look, with all their details."""
    return windows.fetch(account, cursor, FIRST_ORDERS, lambda window: _orders_page(account, window))


def _orders_page(account: Account, window: Window) -> Page:
    listed, page = _listed(account, "update_time", window, AT_ONCE)
    return [_as_order(account, row) for row in details(account, listed)], page


def _listed(
    account: Account, field: str, window: Window, size: int, among: Collection[str] = (), **more: object
) -> tuple[list[str], str]:  # fmt: skip
    """The numbers of a page of orders, of those in a status `among` these if any are named, and where the next begins."""
    asked = {"time_range_field": field, "time_from": window.since, "time_to": window.upto, "page_size": size, **more}
    answer = call(account, "GET", "order/get_order_list", params=asked | ({"cursor": window.page} if window.page else {}))
    following = text_of(answer.get("next_cursor")) if is_yes(answer.get("more")) else ""
    found = [row for row in rows(answer, "order_list") if not among or text_of(row.get("order_status")) in among]
    return [number for row in found if (number := order_of(row))], "" if following == window.page else following


def details(account: Account, numbers: Iterable[str]) -> list[Json]:
    """The details of orders; one the platform does not tell of is at least named."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        return []
    asked = {"order_sn_list": ",".join(wanted), "response_optional_fields": OPTIONAL}
    found = {order_of(row): row for row in rows(call(account, "GET", "order/get_order_detail", params=asked), "order_list")}
    return [found.get(number, {"order_sn": number}) for number in wanted]


def _as_order(account: Account, row: Json) -> Raw:
    number = order_of(row)
    return documents.raw(account, "order", f"{number}:{digest(row)}", row, thread=f"order:{number}")


def parcels(account: Account, cursor: str) -> Fetched:
    """Number and scans of every parcel on its way, the oldest orders first."""
    now = int(on_server_clock(account, clock.now()).timestamp())
    window = _walk(cursor) or Window(since=now - int(UNDER_WAY.total_seconds()))
    window.upto = min(now, window.since + int(windows.SPAN.total_seconds()))
    listed, window.page = _listed(account, "create_time", window, PARCELS_AT_ONCE, order_status="SHIPPED")
    found = [raw for row in details(account, listed) for raw in _parcels_of(account, row)]
    if not window.page:
        window = Window(since=window.upto)
    more = bool(window.page) or window.since < now
    return Fetched(found, json.dumps([window.since, window.page]) if more else "", more=more)


def arrivals(account: Account, cursor: str) -> Fetched:
    """The parcels of orders that arrived since the last look: their last scan is told when they are no longer on their way.

    The cursor remembers those whose last scan was not there yet, with how often they were looked at.
    """
    since, late = _remembered_late(cursor)
    found: list[Raw] = []
    if not since.page:
        found += _last_scans(account, list(late)[:PARCELS_AT_ONCE], late)

    def page(window: Window) -> Page:
        asked: Json = {"response_optional_fields": "order_status"}
        listed, following = _listed(account, "update_time", window, PARCELS_AT_ONCE, ARRIVED, **asked)
        return _last_scans(account, listed, late), following

    fetched = windows.fetch(account, json.dumps(asdict(since)) if since.since else "", FIRST_ARRIVALS, page)
    kept = dict(list(late.items())[-MOST_LATE:])
    return Fetched([*found, *fetched.raws], json.dumps([fetched.cursor, kept]), more=fetched.more)


def _remembered_late(cursor: str) -> tuple[Window, dict[str, int]]:
    try:
        window, late = json.loads(cursor)
        return Window(**json.loads(window)), {str(number): int(times) for number, times in late.items()}
    except (ValueError, TypeError, AttributeError):
        return Window(0), {}


def _last_scans(account: Account, numbers: list[str], late: dict[str, int]) -> list[Raw]:
    """What is told of their parcels; orders whose last scan lacks are kept in `late`, behind the others, a number of times."""
    found = []
    for row in details(account, numbers):
        number, times = order_of(row), late.pop(order_of(row), 0)
        told = [parcel for package in rows(row, "package_list") if (parcel := _asked(account, number, package))]
        found += [_as_parcel(account, parcel) for parcel in told]
        if times < LAST_LOOKS and not (told and all(map(at_rest, told))):
            late[number] = times + 1
    return found


def _walk(cursor: str) -> Window | None:
    try:
        since, page = json.loads(cursor)
        return Window(int(since), page=str(page))
    except (ValueError, TypeError):
        return None


def _parcels_of(account: Account, order: Json) -> list[Raw]:
    return [_as_parcel(account, told) for row in rows(order, "package_list") if (told := _asked(account, order_of(order), row))]


def _asked(account: Account, order: str, row: Json) -> Json | None:
    """What two calls tell of a parcel; None if the platform has nothing to tell of it."""
    package = id_of(row.get("package_number"))
    named = {"order_sn": order} | ({"package_number": package} if package else {})
    told = {
        name: _unless_refused(account, f"logistics/{path}", named)
        for name, path in (("number", "get_tracking_number"), ("info", "get_tracking_info"))
    }
    if not any(told.values()):
        return None
    return {**named, "shipping_carrier": row.get("shipping_carrier"), **told}


def _as_parcel(account: Account, data: Json) -> Raw:
    order, package = order_of(data), id_of(data.get("package_number"))
    return documents.raw(account, "parcel", f"{order}:{package}:{digest(data)}", data, thread=f"order:{order}")


def _unless_refused(account: Account, path: str, asked: Json) -> Json:
    answer = unless_refused(lambda: call(account, "GET", path, params=asked))
    return {name: value for name, value in answer.items() if name != "request_id"}


def stock(account: Account, cursor: str) -> Fetched:
    """What every listing says of its stock. The cursor remembers what was said last, so that only changes are stored."""
    offset, known = _remembered(cursor)
    asked = {"offset": offset, "page_size": AT_ONCE, "item_status": ["NORMAL", "UNLIST"]}
    page = call(account, "GET", "product/get_item_list", params=asked)
    at = int(clock.now().timestamp())
    raws = []
    for data in _listings(account, [number for row in rows(page, "item") if (number := id_of(row.get("item_id")))]):
        number, said = id_of(data["item"]["item_id"]), digest(data)[:10]
        if known.get(number) != said:
            raws.append(documents.raw(account, "item", f"{number}:{said}:{at}", {**data, "at": str(at)}, thread=f"item:{number}"))
            known[number] = said
    following = text_of(page.get("next_offset"))
    more = is_yes(page.get("has_next_page")) and following.isdigit() and int(following) > offset
    kept = dict(list(known.items())[-KNOWN_LISTINGS:])
    return Fetched(raws, json.dumps([int(following) if more else 0, kept]), more=more)


def _remembered(cursor: str) -> tuple[int, dict[str, str]]:
    try:
        offset, known = json.loads(cursor)
        return int(offset), dict(known)
    except (ValueError, TypeError):
        return 0, {}


def _listings(account: Account, numbers: list[str]) -> list[Json]:
    """Listings with their variations."""
    if not numbers:
        return []
    answer = call(account, "GET", "product/get_item_base_info", params={"item_id_list": ",".join(numbers)})
    items = [item for item in rows(answer, "item_list") if id_of(item.get("item_id"))]
    return [{"item": _shown(item), "models": _variations(account, item)} for item in items]


def _shown(item: Json) -> Json:
    """Without the long texts nobody reads here."""
    told = ("item_id", "item_name", "item_sku", "item_status", "has_model", "price_info", "stock_info_v2", "image")
    return {name: item[name] for name in told if name in item}


def _variations(account: Account, item: Json) -> Json:
    if not is_yes(item.get("has_model")):
        return {}
    answer = _unless_refused(account, "product/get_model_list", {"item_id": id_of(item.get("item_id"))})
    return {name: answer[name] for name in ("tier_variation", "model") if name in answer}


def reviews(account: Account, cursor: str) -> Fetched:
    """Ratings of which anything may still change, newest first as the platform lists them [C]; the very first look goes further."""
    page, oldest = _place(cursor)
    floor = oldest or int((clock.now() - FIRST_REVIEWS).timestamp())
    asked: Json = {"page_size": REVIEWS_AT_ONCE} | ({"cursor": page} if page else {})
    answer = call(account, "GET", "product/get_comment", params=asked)
    found = rows(answer, "item_comment_list")
    raws = [_as_review(account, row) for row in found if id_of(row.get("comment_id"))]
    following = text_of(answer.get("next_cursor")) if is_yes(answer.get("more")) else ""
    times = [at.timestamp() for row in found if (at := moment(row.get("create_time")))]
    if following and following != page and max(times, default=0) >= floor:
        return Fetched(raws, json.dumps([following, floor]), more=True)
    return Fetched(raws, json.dumps(["", int((clock.now() - LATER_REVIEWS).timestamp())]))


def _place(cursor: str) -> tuple[str, int]:
    try:
        page, oldest = json.loads(cursor)
        return str(page), int(oldest)
    except (ValueError, TypeError):
        return "", 0


def _as_review(account: Account, row: Json) -> Raw:
    number = id_of(row.get("comment_id"))
    return documents.raw(account, "review", f"{number}:{digest(row)}", row, thread=f"review:{number}")


def returns(account: Account, cursor: str) -> Fetched:
    """Returns changed since the last look, with what only the detail tells."""
    return windows.fetch(account, cursor, FIRST_RETURNS, lambda window: _returns_page(account, window))


def _returns_page(account: Account, window: Window) -> Page:
    number = int(window.page or 0)
    asked = {"page_no": number, "page_size": RETURNS_AT_ONCE, **window.span}
    answer = call(account, "GET", "returns/get_return_list", params=asked)
    found = rows(answer, "return")
    raws = [_as_return(account, row | _detail(account, row)) for row in found if id_of(row.get("return_sn"))]
    return raws, str(number + 1) if found and is_yes(answer.get("more")) else ""


def _detail(account: Account, row: Json) -> Json:
    return _unless_refused(account, "returns/get_return_detail", {"return_sn": id_of(row.get("return_sn"))})


def _as_return(account: Account, row: Json) -> Raw:
    key = f"{id_of(row.get('return_sn'))}:{digest(row)}"
    return documents.raw(account, "return", key, row, thread=f"order:{order_of(row)}")


def health(account: Account, cursor: str) -> Fetched:
    """The shop's figures, its late orders, its penalty points: one after the other, for lists may have several pages."""
    step, page = _step(cursor)
    raws, more = HEALTH[step](account, page)
    if more and page < PAGES_OF_HEALTH:
        return Fetched(raws, json.dumps([step, page + 1]), more=True)
    last = step + 1 == len(HEALTH)
    return Fetched(raws, "" if last else json.dumps([step + 1, 1]), more=not last)


def _step(cursor: str) -> tuple[int, int]:
    try:
        step, page = json.loads(cursor)
        return int(step) % len(HEALTH), max(int(page), 1)
    except (ValueError, TypeError):
        return 0, 1


def _figures(account: Account, _page: int) -> tuple[list[Raw], bool]:
    answer = call(account, "GET", "account_health/get_shop_performance")
    return [_as_of_now(account, "figures", answer)], False


def _late(account: Account, page: int) -> tuple[list[Raw], bool]:
    answer = call(account, "GET", "account_health/get_late_orders", params={"page_no": page, "page_size": HEALTH_AT_ONCE})
    return [_as_of_now(account, "late", answer)], len(rows(answer, "late_order_list")) == HEALTH_AT_ONCE


def _penalties(account: Account, page: int) -> tuple[list[Raw], bool]:
    asked = {"page_no": page, "page_size": HEALTH_AT_ONCE}
    found = rows(call(account, "GET", "account_health/get_penalty_point_history", params=asked), "penalty_point_list")
    raws = [documents.raw(account, "penalty", digest(row), row) for row in found if id_of(row.get("reference_id"))]
    return raws, len(found) == HEALTH_AT_ONCE


def _as_of_now(account: Account, kind: str, answer: Json) -> Raw:
    at = int(clock.now().timestamp())
    return documents.raw(account, kind, f"{at}:{digest(answer)}", {**answer, "at": str(at)}, thread="health")


HEALTH = (_figures, _late, _penalties)
Read = Callable[[Account, str], Fetched]
FEEDS: Mapping[str, tuple[timedelta, Read]] = {
    "orders": (timedelta(minutes=5), orders),
    "parcels": (timedelta(hours=3), parcels),
    "arrivals": (timedelta(hours=1, minutes=30), arrivals),
    "stock": (timedelta(hours=1), stock),
    "reviews": (timedelta(hours=1), reviews),
    "returns": (timedelta(minutes=15), returns),
    "health": (timedelta(hours=6), health),
}
"""Each with the pause between two looks: pushes bring the urgent news of orders and returns, these find what they missed."""
