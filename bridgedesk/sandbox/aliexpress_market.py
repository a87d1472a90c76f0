"""The calls of the pretend AliExpress about orders, parcels, stock, reviews and disputes, in the platform's shapes (times US Pacific)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bridgedesk.sandbox import aliexpress_trade as trade
from bridgedesk.sandbox.aliexpress_disputes import Issue
from bridgedesk.sandbox.aliexpress_trade import AliOrder, Person, Sent
from bridgedesk.sandbox.world import World

PACIFIC = ZoneInfo("America/Los_Angeles")
Params = dict[str, Any]


def written(at: datetime | None) -> str:
    """A moment as the platform writes it."""
    return at.astimezone(PACIFIC).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def read(text: object) -> datetime | None:
    """The same the other way; None for nothing."""
    return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=PACIFIC) if text else None


def dollars(cents: int) -> Params:
    """A sum."""
    return {"amount": f"{cents / 100:.2f}", "cent": cents, "currency_code": "USD"}


class Market:
    """Everything the seller sells and sold."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = Random(11)  # noqa: S311 - pretend orders; of its own, so that the buyers of other platforms stay as they are
        self.products = trade.products()
        self.orders: dict[str, AliOrder] = {}

    def buy(
        self, buyer: Person, number: str = "", *, ago: timedelta = timedelta(), wanted: dict[str, int] | None = None
    ) -> AliOrder:  # fmt: skip
        """Somebody buys what chance wills, or the articles `wanted` by their codes."""
        placed = self.world.now() - ago
        number = number or f"81{self.world.serial() % 10**14:014d}"
        if wanted:
            order = trade.wanted(number, placed, buyer, self.products, wanted)
        else:
            order = trade.new(number, placed, buyer, self.products, self.chance)
        self.orders[number] = order
        return order

    def send(self, order: AliOrder, number: str = "LP00123456789012", *, stuck: bool = False, ago: timedelta = timedelta()) -> Sent:
        """The whole order leaves, as if the seller had declared it."""
        parcel = Sent(number, "CAINIAO_STANDARD", self.world.now() - ago, tuple(order.left()), stuck)
        order.sent.append(parcel)
        return parcel

    def wish_to_cancel(self, order: AliOrder) -> None:
        """The buyer asks to cancel."""
        order.wish_at = self.world.now()
        order.touched.append(self.world.now())

    def dispute(self, order: AliOrder, kind: str = "refund") -> Issue:
        """The buyer opens a dispute about the first article."""
        order.issue = trade.disputed(order, self.world.serial() % 10**14, self.world.now(), kind)
        return order.issue

    def listed(self, params: Params) -> Params:
        """The order list; finished orders only where they are asked for."""
        asked, now = json.loads(params["param_aeop_order_query"]), self.world.now()
        made = _within(asked, "create_date")
        changed = _within(asked, "modified_date") if asked.get("modified_date_start") else lambda _at: True
        wanted = asked.get("order_status", "")
        found = [
            order
            for order in self.orders.values()
            if made(order.placed) and changed(order.updated(now))
            and (order.status(now) == wanted if wanted else order.status(now) != "FINISH")
        ]  # fmt: skip
        found.sort(key=lambda order: (order.updated(now), order.id), reverse=True)
        size, page = int(asked["page_size"]), int(asked["current_page"])
        rows = [self._row(order, now) for order in found[(page - 1) * size : page * size]]
        return _result({"target_list": rows, "total_count": len(found), "total_page": -(-len(found) // size), "current_page": page,
                        "page_size": size})  # fmt: skip

    def _row(self, order: AliOrder, now: datetime) -> Params:
        end, left = order.end(now), order.ends(now)
        items = [
            {"child_id": int(line), "product_id": one.id, "sku_code": kind.code, "product_name": one.title, "product_count": pieces,
             "product_unit_price": dollars(one.cents), "memo": order.note, "product_img_url": "", "son_order_status": order.status(now),
             "extend_map": "{}", "logistics_service_name": "AliExpress Standard Shipping"}
            for line, one, kind, pieces in order.lines
        ]  # fmt: skip
        return {
            "order_id": int(order.id), "order_status": order.status(now), "gmt_create": written(order.placed), "biz_type": "AE_COMMON",
            "gmt_pay_time": written(order.paid) if order.paid <= now else "", "gmt_update": written(order.updated(now)),
            "order_detail_url": f"https://trade.aliexpress.com/order_detail.htm?orderId={order.id}", "frozen_status": "NO_FROZEN",
            "timeout_left_time": int((left - now).total_seconds() * 1000) if left else 0, "issue_status": _issue_status(order),
            "buyer_login_id": order.buyer.login, "buyer_signer_fullname": order.buyer.name, "end_reason": end[1] if end else "",
            "pay_amount": dollars(sum(one.cents * pieces for _line, one, _kind, pieces in order.lines)), "product_list": items,
        }  # fmt: skip

    def order(self, number: object) -> AliOrder | None:
        """The order of that number."""
        return self.orders.get(str(number))

    def detail(self, params: Params) -> Params:
        """One order, its address in cipher."""
        order, now = self.order(json.loads(params["param1"]).get("order_id")), self.world.now()
        if order is None:
            return {"result": {"success": False, "error_code": "ORDER_NOT_FOUND", "error_message": "order not found"}}
        row, end = self._row(order, now), order.end(now)
        sealed = {
            name: (f"{str(value)[:1]}***" if value and name in SEALED else value) for name, value in trade.address(order.buyer).items()
        }
        children = [
            {"id": int(line), "sku_code": kind.code, "product_name": one.title, "product_count": pieces,
             "order_status": "WAIT_SELLER_SEND_GOODS" if line in order.left() else "WAIT_BUYER_ACCEPT_GOODS",
             "product_attributes": json.dumps({"sku": [{"pName": "Option", "pValue": kind.option}]})}
            for line, one, kind, pieces in order.lines
        ]  # fmt: skip
        parcels = [
            {"logistics_no": one.number, "logistics_type_code": one.service, "logistics_service_name": _display(one.service),
             "gmt_send": written(one.at), "gmt_received": written(one.received(now)), "have_tracking_info": True,
             "receive_status": "received" if one.received(now) else "default"}
            for one in order.sent
        ]  # fmt: skip
        target = {
            "id": int(order.id), "order_status": row["order_status"], "gmt_create": row["gmt_create"],
            "gmt_pay_success": row["gmt_pay_time"],
            "gmt_modified": row["gmt_update"], "over_time_left": written(order.ends(now)), "oaid": f"oaid-{order.id}", "memo": order.note,
            "order_amount": row["pay_amount"], "receipt_address": sealed, "buyerloginid": order.buyer.login, "cod": False,
            "buyer_info": {"login_id": order.buyer.login, "country": order.buyer.country, "first_name": order.buyer.name, "last_name": ""},
            "logistic_info_list": parcels, "child_order_list": children, "issue_status": row["issue_status"],
            "order_end_reason": end[1] if end else "", "cancel_request_reason": "changed my mind" if order.wish_at else "",
        }  # fmt: skip
        return {"result": {"success": True, "target": target}}

    def decrypt(self, params: Params) -> Params:
        """The address out of its cipher."""
        order = self.order(params.get("orderId"))
        if order is None or params.get("oaid") != f"oaid-{order.id}":
            return {"result_code": 400, "result_info": "oaid is invalid"}
        return {"result_code": 200, "result_info": "", "result_obj": trade.address(order.buyer)}

    def services(self, _params: Params) -> Params:
        """Logistics services with the form of their numbers."""
        rows = [
            {"service_name": key, "display_name": name, "logistics_company": company, "tracking_no_regex": form, "min_process_day": 1,
             "max_process_day": 7}
            for key, name, company, form in trade.SERVICES
        ]  # fmt: skip
        return {"result_success": True, "result_list": rows}

    def ship(self, params: Params) -> Params:
        """The seller declares a shipment."""
        order, service = self.order(params.get("out_ref")), params.get("service_name", "")
        if order is None or not order.left() or not params.get("logistics_no"):
            return {"result_success": False, "result_error_code": "ORDER_STATUS_ERROR", "result_error_desc": "the order cannot be shipped"}
        if service not in [key for key, *_rest in trade.SERVICES] or (service == "Other" and not params.get("tracking_website")):
            return {"result_success": False, "result_error_code": "SERVICE_ERROR", "result_error_desc": "service_name is invalid"}
        lines = tuple(order.left()[:1] if params.get("send_type") == "part" else order.left())
        order.sent.append(Sent(params["logistics_no"], service, self.world.now(), lines))
        return {"result_success": True}

    def track(self, params: Params) -> Params:
        """A parcel's events, the newest first."""
        order, now = self.order(params.get("out_ref")), self.world.now()
        parcel = next((one for one in order.sent if one.number == params.get("logistics_no")), None) if order else None
        if parcel is None or params.get("origin") != "ESCROW" or params.get("service_name") != parcel.service:
            return {"result_success": False, "error_desc": "no tracking information"}
        rows = [{"event_date": written(at), "event_desc": text, "address": place, "action_code": code} for at, code, text, place in
                reversed(parcel.scans(now))]  # fmt: skip
        return {"result_success": True, "official_website": "https://global.cainiao.com/", "details": rows}

    def extend(self, params: Params) -> Params:
        """More days for the buyer to confirm."""
        order, days = self.order(params.get("param0")), int(params.get("param1") or 0)
        if order is None:
            return _no("100", "order not exist")
        if order.status(self.world.now()) != "WAIT_BUYER_ACCEPT_GOODS" or (order.issue and not order.issue.ended):
            return _no("210", "the order status does not allow it")
        if not days >= 1 or order.extended + days > trade.MOST_EXTENDED:
            return _no("201", "beyond the system allowed time")
        order.extended += days
        order.touched.append(self.world.now())
        return {"is_success": True, "memo": "", "sub_error_code": 0}

    def remark(self, params: Params) -> Params:
        """The seller's remark."""
        order = self.order(params.get("remark_id"))
        if order is None:
            return {"result": {"error_code": 1, "error_message": "order not found"}}
        order.remark = params.get("content", "")
        return {"result": {"error_code": 0}}

    def agree(self, params: Params) -> Params:
        """The seller lets the buyer cancel."""
        return self._answer(params, agree=True)

    def refuse(self, params: Params) -> Params:
        """The seller does not."""
        return self._answer(params, agree=False)

    def _answer(self, params: Params, *, agree: bool) -> Params:
        asked = json.loads(params["param_order_cancel_request"])
        order = self.order(asked.get("order_id"))
        if order is None or not order.wish_at or asked.get("buyer_login_id") != order.buyer.login:
            return {"result": {"success": False, "error_code": "STATUS_ERROR", "error_message": "nothing to answer"}}
        order.cancelled_at, order.wish_at = (self.world.now() if agree else None), None
        order.touched.append(self.world.now())
        return {"result": {"success": True, "target": True}}

    def product_list(self, params: Params) -> Params:
        """Listings on sale."""
        asked = json.loads(params["aeop_a_e_product_list_query"])
        size, page = int(asked["page_size"]), int(asked["current_page"])
        found = list(self.products.values())
        rows = [{"product_id": one.id, "subject": one.title, "currency_code": "USD", "image_u_r_ls": ""} for one in found]
        return _result({"aeop_a_e_product_display_d_t_o_list": rows[(page - 1) * size : page * size], "current_page": page,
                        "total_page": -(-len(rows) // size), "product_count": len(rows)})  # fmt: skip

    def product(self, params: Params) -> Params:
        """One listing with its variations."""
        one = self.products.get(int(params.get("product_id") or 0))
        if one is None:
            return {"result": {"success": False, "error_code": "13001", "error_message": "product not exist"}}
        kinds = [
            {"sku_code": kind.code, "ipm_sku_stock": kind.stock, "s_k_u_available_stock": kind.stock, "sku_price": f"{one.cents / 100:.2f}",
             "currency_code": "USD", "aeop_s_k_u_property_list": [{"sku_property_name": "Option", "sku_property_value": kind.option}]}
            for kind in one.variations
        ]  # fmt: skip
        return _result({"product_id": one.id, "subject": one.title, "product_status_type": "onSelling", "currency_code": "USD",
                        "aeop_ae_product_s_k_us": kinds})  # fmt: skip

    def set_stock(self, params: Params) -> Params:
        """Stock of up to twenty listings; one that fails does not hold up the others."""
        failed, done = [], []
        for wanted in json.loads(params["mutiple_product_update_list"])[:20]:
            one = self.products.get(int(wanted["product_id"]))
            known = {kind.code: kind for kind in one.variations} if one else {}
            levels = wanted["multiple_sku_update_list"]
            if any(level["sku_code"] not in known for level in levels):
                failed.append(
                    {"product_id": wanted["product_id"], "error_code": "SKU_NOT_EXIST", "error_message": "sku_code does not exist"}
                )
                continue
            for level in levels:
                known[level["sku_code"]].stock = int(level["inventory"])
            done.append({"product_id": wanted["product_id"]})
        return {"update_success": not failed, "update_error_code": "", "update_error_message": "", "update_failed_list": failed,
                "update_successful_list": done}  # fmt: skip

    def reviews(self, params: Params) -> Params:
        """Reviews that took effect in a span."""
        asked, now = json.loads(params["trade_evaluation_request"]), self.world.now()
        since, upto = read(asked["start_valid_date"]), read(asked["end_valid_date"])
        rows = []
        for order in self.orders.values():
            at = order.rated_at(now)
            if at and since and upto and since <= at <= upto:
                line, one, _kind, _pieces = order.lines[0]
                words = "It does not light up" if order.stars < 3 else "Beautiful, fast shipping!"
                rows.append({
                    "order_id": int(line), "parent_order_id": int(order.id), "product_id": one.id, "buyer_login_id": order.buyer.login,
                    "buyer_evaluation": str(order.stars), "buyer_feedback": words, "buyer_fb_date": written(at), "valid_date": written(at),
                    "seller_reply": order.reply,
                })  # fmt: skip
        return {"target_list": rows, "time_stamp": str(int(now.timestamp()))}

    def reply(self, params: Params) -> Params:
        """The seller answers a review, once."""
        order = self.order(params.get("parent_order_id"))
        if order is None or params.get("child_order_id") != order.lines[0][0] or order.reply:
            return {"result": {"success": False, "error_code": "EVALUATION_ERROR", "error_message": "it cannot be replied"}}
        order.reply = params.get("text", "")
        return {"result": {"success": True}}

    def disputes(self) -> list[tuple[AliOrder, Issue]]:
        """Every dispute as it stands by now."""
        found = [(order, order.issue) for order in self.orders.values() if order.issue]
        for _order, issue in found:
            issue.age(self.world.now())
        return found


SEALED = ("contact_person", "detail_address", "address2", "mobile_no")


def _display(service: str) -> str:
    return next((name for key, name, *_rest in trade.SERVICES if key == service), service)


def _issue_status(order: AliOrder) -> str:
    if order.issue is None:
        return "NO_ISSUE"
    return "END_ISSUE" if order.issue.ended else "IN_ISSUE"


def _within(asked: Params, name: str) -> Callable[[datetime], bool]:
    since, upto = read(asked.get(f"{name}_start")), read(asked.get(f"{name}_end"))
    return lambda at: (since is None or since <= at) and (upto is None or at <= upto)


def _result(inner: Params) -> Params:
    return {"result": {"success": True, "error_code": "", "error_message": "", **inner}}


def _no(code: str, words: str) -> Params:
    return {"is_success": False, "memo": words, "sub_error_code": int(code)}


CALLS: dict[str, Callable[[Market, Params], Params]] = {
    "aliexpress.trade.seller.orderlist.get": Market.listed,
    "aliexpress.trade.new.redefining.findorderbyid": Market.detail,
    "aliexpress.trade.seller.order.decrypt": Market.decrypt,
    "aliexpress.logistics.redefining.listlogisticsservice": Market.services,
    "aliexpress.logistics.sellershipmentfortop": Market.ship,
    "aliexpress.logistics.redefining.querytrackingresult": Market.track,
    "aliexpress.trade.redefining.extendsbuyeracceptgoodstime": Market.extend,
    "aliexpress.merchant.redefining.saveremark": Market.remark,
    "aliexpress.trade.seller.order.acceptcancel": Market.agree,
    "aliexpress.trade.seller.order.refusecancel": Market.refuse,
    "aliexpress.solution.product.list.get": Market.product_list,
    "aliexpress.solution.product.info.get": Market.product,
    "aliexpress.solution.batch.product.inventory.update": Market.set_stock,
    "aliexpress.evaluation.listorderevaluation.get": Market.reviews,
    "aliexpress.evaluation.evaluation.reply": Market.reply,
}
