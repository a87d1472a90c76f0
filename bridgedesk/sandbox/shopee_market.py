"""The calls of the pretend Shopee about orders, parcels, stock, ratings, returns and the shop's health, in the platform's shapes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bridgedesk.sandbox import shopee_goods as goods
from bridgedesk.sandbox import shopee_returns as returns
from bridgedesk.sandbox.shopee_chat import ShopeeShop
from bridgedesk.sandbox.shopee_common import Refused, seconds
from bridgedesk.sandbox.shopee_trade import TO_SHIP, Sale, Trade
from bridgedesk.sandbox.web import Request

SPAN = 15 * 86400
Answered = dict[str, Any]


def order_list(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Numbers of orders made or changed in a span of at most fifteen days."""
    query = request.query
    since, upto = _span(query.get("time_from"), query.get("time_to"))
    changed = query.get("time_range_field") == "update_time"
    found = sorted(
        (s for s in trade.sales.values() if s.shop is shop and since <= seconds(s.updated if changed else s.at) <= upto),
        key=lambda sale: (seconds(sale.updated if changed else sale.at), sale.order_sn),
    )
    if wanted := query.get("order_status"):
        found = [sale for sale in found if sale.status == wanted]
    start, size = int(query.get("cursor") or 0), _size(query, "page_size")
    page = found[start : start + size]
    more = len(found) > start + size
    told = {"order_status"} & set(query.get("response_optional_fields", "").split(","))
    rows = [{"order_sn": sale.order_sn} | dict.fromkeys(told, sale.status) for sale in page]
    return {"more": more, "next_cursor": str(start + size) if more else "", "order_list": rows}


def _span(since: str | None, upto: str | None) -> tuple[int, int]:
    first, last = int(since or 0), int(upto or 0)
    if not first or last < first or last - first > SPAN:
        raise Refused("error_param", "The time range must be within 15 days.")
    return first, last


def _size(query: Any, name: str) -> int:
    size = int(query.get(name) or 0)
    if not 1 <= size <= 100:
        raise Refused("error_param", f"{name} must be 1 to 100.")
    return size


def order_detail(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Orders by number, with what was asked for; unknown ones are left out, as the platform does."""
    numbers = request.query.get("order_sn_list", "").split(",")
    if len(numbers) > 50:
        raise Refused("error_param", "order_sn_list takes at most 50.")
    asked = set(request.query.get("response_optional_fields", "").split(","))
    found = [trade.sales[number] for number in numbers if number in trade.sales and trade.sales[number].shop is shop]
    return {"order_list": [_detail(sale, asked) for sale in found]}


def _detail(sale: Sale, asked: set[str]) -> Answered:
    always = {
        "order_sn": sale.order_sn, "region": sale.shop.region, "currency": sale.items[0][0].currency, "cod": False,
        "order_status": sale.status, "create_time": seconds(sale.at), "update_time": seconds(sale.updated), "days_to_ship": 2,
        "message_to_seller": "", "ship_by_date": seconds(sale.at + TO_SHIP),
    }  # fmt: skip
    total = sum(listed.price * pieces for listed, _variation, pieces in sale.items)
    optional = {
        "buyer_user_id": sale.buyer_id, "buyer_username": sale.buyer, "total_amount": total, "pay_time": seconds(sale.paid or sale.at),
        "note": sale.note, "note_update_time": 0, "payment_method": "Credit Card", "shipping_carrier": _carrier(sale),
        "buyer_cancel_reason": sale.wish, "cancel_by": "", "cancel_reason": sale.wish if sale.status == "CANCELLED" else "",
        "fulfillment_flag": "fulfilled_by_local_seller", "recipient_address": _address(sale),
        "pickup_done_time": seconds(sale.scans[0][0]) if sale.scans else 0,
        "item_list": [_item(place, *row) for place, row in enumerate(sale.items)],
        "package_list": [_package(sale, *row) for row in sale.packages],
    }  # fmt: skip
    if sale.guaranteed_until and sale.status in ("SHIPPED", "TO_CONFIRM_RECEIVE"):
        optional["return_request_due_date"] = seconds(sale.guaranteed_until)
    return always | {name: value for name, value in optional.items() if name in asked}


def _address(sale: Sale) -> Answered:
    town = ("台北市", "", "大安區", "106") if sale.shop.region == "TW" else ("Petaling Jaya", "Selangor", "", "46000")
    return {"name": f"{sale.buyer[:1]}****", "phone": f"******{sale.buyer_id % 100:02d}", "town": "", "district": town[2], "city": town[0],
            "state": town[1], "region": sale.shop.region, "zipcode": town[3], "full_address": f"{town[0]}{town[2]}****"}  # fmt: skip


def _item(place: int, listed: goods.Listed, variation: goods.Variation, pieces: int) -> Answered:
    return {
        "item_id": listed.item_id, "item_name": listed.title, "item_sku": "", "model_id": variation.model_id,
        "model_name": variation.option, "model_sku": variation.sku, "model_quantity_purchased": pieces,
        "model_original_price": listed.price * 1.2, "model_discounted_price": listed.price,
        "order_item_id": place + 1, "promotion_group_id": 0, "image_info": {"image_url": ""},
    }  # fmt: skip


def _package(sale: Sale, number: str, held: list[tuple[int, int]]) -> Answered:
    rows = [
        {"item_id": sale.items[place][0].item_id, "model_id": sale.items[place][1].model_id, "order_item_id": place + 1,
         "promotion_group_id": 0, "model_quantity": pieces}
        for place, pieces in held
    ]  # fmt: skip
    return {"package_number": number, "logistics_status": sale.logistics, "shipping_carrier": _carrier(sale), "item_list": rows}


def _carrier(sale: Sale) -> str:
    return "賣家宅配" if sale.own_carrier else "SPX Express"


def _sale(trade: Trade, shop: ShopeeShop, number: object) -> Sale:
    sale = trade.sales.get(str(number))
    if sale is None or sale.shop is not shop:
        raise Refused("error_not_found", "Wrong parameters, detail: the order is not found.")
    return sale


def set_note(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """The shop's note on an order."""
    body = request.json()
    sale = _sale(trade, shop, body.get("order_sn"))
    sale.note, sale.updated = str(body.get("note", "")), trade.world.now()
    return {}


def cancel_order(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """The shop cancels, before it is shipped."""
    body = request.json()
    sale = _sale(trade, shop, body.get("order_sn"))
    if sale.status not in ("UNPAID", "READY_TO_SHIP", "PROCESSED"):
        raise Refused("error_param", "The order can not be cancelled in its status.")
    if body.get("cancel_reason") == "OUT_OF_STOCK" and not (body.get("item_list") or body.get("partial_cancel_item_list")):
        raise Refused("error_param", "item_list is required when the reason is OUT_OF_STOCK.")
    trade.set_status(sale, "CANCELLED")
    return {"update_time": seconds(sale.updated)}


def answer_cancellation(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Yes or no to the buyer's wish."""
    body = request.json()
    sale = _sale(trade, shop, body.get("order_sn"))
    if sale.status != "IN_CANCEL" or body.get("operation") not in ("ACCEPT", "REJECT"):
        raise Refused("error_param", "There is no cancellation to answer.")
    trade.set_status(sale, "CANCELLED" if body["operation"] == "ACCEPT" else sale.before_wish)
    return {"update_time": seconds(sale.updated)}


def split_order(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Into several parcels; every piece in exactly one."""
    body = request.json()
    sale = _sale(trade, shop, body.get("order_sn"))
    parts = [[(int(i["order_item_id"]) - 1, int(i["model_quantity"])) for i in row["item_list"]] for row in body.get("package_list", [])]
    held = [sum(pieces for part in parts for place, pieces in part if place == n) for n in range(len(sale.items))]
    if sale.status != "READY_TO_SHIP" or len(parts) < 2 or held != [pieces for _l, _v, pieces in sale.items]:
        raise Refused("error_param", "package_list does not hold every item of the order.")
    sale.parts, sale.updated = parts, trade.world.now()
    return {"order_sn": sale.order_sn, "package_list": [{"package_number": n, "item_list": []} for n, _items in sale.packages]}


def shipping_parameter(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Handed over without a word, or fetched from an address at a time; with a carrier of the shop's own its number is wanted."""
    if _sale(trade, shop, request.query.get("order_sn")).own_carrier:
        return {"info_needed": {"non_integrated": ["tracking_number"]}, "dropoff": None, "pickup": None}
    slot = {"date": seconds(trade.world.now() + timedelta(days=1)), "pickup_time_id": "1", "flags": ["recommended"]}
    address = {"address_id": 100, "region": shop.region, "address_flag": ["pickup_address"], "time_slot_list": [slot]}
    return {
        "info_needed": {"dropoff": [], "pickup": ["address_id", "pickup_time_id"]},
        "dropoff": None,
        "pickup": {"address_list": [address]},
    }


def ship_order(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """The shop arranges the shipment."""
    body = request.json()
    sale = _sale(trade, shop, body.get("order_sn"))
    if sale.status not in ("READY_TO_SHIP", "RETRY_SHIP"):
        raise Refused("error_param", "The order is not ready to ship.")
    if not any(name in body for name in ("pickup", "dropoff", "non_integrated")):
        raise Refused("error_param", "pickup, dropoff or non_integrated is required.")
    trade.arrange(sale, str((body.get("non_integrated") or {}).get("tracking_number", "")))
    return {}


def tracking_number(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """The parcel's number, once there is one."""
    sale = _sale(trade, shop, request.query.get("order_sn"))
    return {"tracking_number": sale.number, "first_mile_tracking_number": "", "hint": "" if sale.number else "not yet"}


def tracking_info(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """The parcel's scans, the newest first."""
    sale = _sale(trade, shop, request.query.get("order_sn"))
    rows = [{"update_time": seconds(at), "description": text, "logistics_status": status} for at, status, text in reversed(sale.scans)]
    package = request.query.get("package_number") or sale.packages[0][0]
    return {"order_sn": sale.order_sn, "package_number": package, "logistics_status": sale.logistics, "tracking_info": rows}


def item_list(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """The shop's listings, page by page."""
    items = list(trade.goods[shop.shop_id])
    start, size = int(request.query.get("offset") or 0), _size(request.query, "page_size")
    more = len(items) > start + size
    rows = [{"item_id": item, "item_status": "NORMAL", "update_time": 1} for item in items[start : start + size]]
    return {"item": rows, "total_count": len(items), "has_next_page": more, "next_offset": start + size if more else 0}


def item_base_info(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Listings by id."""
    known = trade.goods[shop.shop_id]
    wanted = [int(one) for one in request.query.get("item_id_list", "").split(",") if one.isdigit()]
    return {"item_list": [goods.base_info(known[item]) for item in wanted if item in known]}


def model_list(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """The variations of a listing."""
    listed = trade.goods[shop.shop_id].get(int(request.query.get("item_id") or 0))
    if listed is None:
        raise Refused("error_item_not_found", "Product not found.")
    return goods.models(listed)


def update_stock(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Set stock; what is unknown or negative is named, the rest is set."""
    body = request.json()
    listed = trade.goods[shop.shop_id].get(int(body.get("item_id") or 0))
    if listed is None:
        raise Refused("error_item_not_found", "Product not found.")
    known, failed, done = {one.model_id: one for one in listed.variations}, [], []
    for row in body.get("stock_list", []):
        one, stock = known.get(int(row["model_id"])), int(row["seller_stock"][0]["stock"])
        if one is None or stock < 0:
            failed.append({"model_id": row["model_id"], "failed_reason": "model not found" if one is None else "stock is invalid"})
        else:
            one.stock = stock
            done.append({"model_id": one.model_id, "location_id": "", "stock": stock})
    return {"failure_list": failed, "success_list": done}


def comments(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Ratings, the newest first."""
    found = trade.comments[shop.shop_id]
    start, size = int(request.query.get("cursor") or 0), _size(request.query, "page_size")
    more = len(found) > start + size
    return {"item_comment_list": found[start : start + size], "more": more, "next_cursor": str(start + size) if more else ""}


def reply_comment(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Answers to ratings, each once."""
    known = {row["comment_id"]: row for row in trade.comments[shop.shop_id]}
    results = []
    for said in request.json().get("comment_list", []):
        row = known.get(said["comment_id"])
        if row is None or row["comment_reply"] or not 1 <= len(said["comment"]) <= 500:
            results.append(
                {"comment_id": said["comment_id"], "fail_error": "error_param", "fail_message": "The comment can not be replied."}
            )
        else:
            row["comment_reply"] = {"reply": said["comment"], "hidden": False, "create_time": seconds(trade.world.now())}
            results.append({"comment_id": said["comment_id"]})
    return {"result_list": results}


def return_list(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Returns that changed in a span of at most fifteen days."""
    returns.age(trade, shop.shop_id)
    since, upto = _span(request.query.get("update_time_from"), request.query.get("update_time_to"))
    found = [row for row in trade.returns[shop.shop_id] if since <= row["update_time"] <= upto]
    start, size = int(request.query.get("page_no") or 0), _size(request.query, "page_size")
    page = found[start * size : (start + 1) * size]
    return {"more": len(found) > (start + 1) * size, "return": [{k: v for k, v in row.items() if k != "negotiation"} for row in page]}


def _of_return(answer: Callable[[Trade, int, Answered, Answered], Answered]) -> "Call":
    """A call about one return of the shop, as it stands by now."""

    def one(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
        returns.age(trade, shop.shop_id)
        body = request.json()
        number = body.get("return_sn") or request.query.get("return_sn")
        row = next((row for row in trade.returns[shop.shop_id] if row["return_sn"] == number), None)
        if row is None:
            raise Refused("error_data", "The return you queried doesn't exist.")
        return answer(trade, shop.shop_id, row, body)

    return one


def late_orders(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Orders that should have left already."""
    now = trade.world.now()
    late = [s for s in trade.sales.values() if s.shop is shop and s.status == "READY_TO_SHIP" and s.at + TO_SHIP < now]
    rows = [
        {"order_sn": s.order_sn, "shipping_deadline": seconds(s.at + TO_SHIP), "late_by_days": (now - s.at - TO_SHIP).days} for s in late
    ]
    return {"late_order_list": rows, "total_count": len(rows)}


def penalties(trade: Trade, shop: ShopeeShop, request: Request) -> Answered:
    """Points given this quarter."""
    rows = trade.penalties[shop.shop_id]
    return {"penalty_point_list": rows, "total_count": len(rows)}


Call = Callable[[Trade, ShopeeShop, Request], Answered]
CALLS: dict[tuple[str, str], Call] = {
    (verb, f"/api/v2/{path}"): call
    for verb, path, call in (
        ("GET", "order/get_order_list", order_list),
        ("GET", "order/get_order_detail", order_detail),
        ("POST", "order/set_note", set_note),
        ("POST", "order/cancel_order", cancel_order),
        ("POST", "order/handle_buyer_cancellation", answer_cancellation),
        ("POST", "order/split_order", split_order),
        ("GET", "logistics/get_shipping_parameter", shipping_parameter),
        ("POST", "logistics/ship_order", ship_order),
        ("GET", "logistics/get_tracking_number", tracking_number),
        ("GET", "logistics/get_tracking_info", tracking_info),
        ("GET", "product/get_item_list", item_list),
        ("GET", "product/get_item_base_info", item_base_info),
        ("GET", "product/get_model_list", model_list),
        ("POST", "product/update_stock", update_stock),
        ("GET", "product/get_comment", comments),
        ("POST", "product/reply_comment", reply_comment),
        ("GET", "returns/get_return_list", return_list),
        ("GET", "returns/get_return_detail", _of_return(lambda _trade, _shop, row, _body: row)),
        ("GET", "returns/get_available_solutions", _of_return(returns.solutions)),
        ("POST", "returns/confirm", _of_return(returns.confirm)),
        ("POST", "returns/offer", _of_return(returns.offer)),
        ("POST", "returns/accept_offer", _of_return(returns.accept_offer)),
        ("GET", "account_health/get_late_orders", late_orders),
        ("GET", "account_health/get_penalty_point_history", penalties),
    )
}
