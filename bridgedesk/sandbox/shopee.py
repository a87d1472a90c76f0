"""The pretend Shopee Open Platform v2: what a call goes through, and every call the product makes."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import HTTP
from html import escape
from typing import Any
from urllib.parse import urlencode

from bridgedesk.sandbox import shopee_chat as chat
from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox import shopee_market as market
from bridgedesk.sandbox.shopee_chat import ShopeeShop, Talk
from bridgedesk.sandbox.shopee_common import Refused
from bridgedesk.sandbox.shopee_push import Pushes
from bridgedesk.sandbox.shopee_trade import Trade
from bridgedesk.sandbox.web import Answer, Request, as_json
from bridgedesk.sandbox.world import Arrived, World

CLOCK_TOLERANCE = 300
YEAR = 365 * 86400
CALLS_PER_SECOND = 50
MAX_IMAGE = 2 * 1024 * 1024
IMAGE_STARTS = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"GIF8": "gif"}
Heard = Callable[[Talk, str, tuple[tuple[str, int], ...]], None]


__all__ = ["Refused", "Shopee"]


class Shopee:
    """All shops of the pretend platform, behind one partner."""

    def __init__(self, world: World, shops: tuple[ShopeeShop, ...], find_callback: Callable[[int], str] | None = None) -> None:
        self.world = world
        self.shops = {shop.shop_id: shop for shop in shops}
        self.tokens = keys.Tokens(int(world.now().timestamp() * 1000))
        self.pushes = Pushes(world, find_callback)
        self.talks: dict[tuple[int, int], Talk] = {}
        self.files: dict[str, bytes] = {}
        self.trade = Trade(world, shops, self.pushes)
        self.on_answer: list[Heard] = []
        self.calls: Counter[str] = Counter()
        self._rate: tuple[int, int] = (0, 0)

    def talk(self, shop_id: int, buyer_id: int, name: str = "") -> Talk:
        """The talk of a buyer with a shop, begun if there is none."""
        found = self.talks.setdefault((shop_id, buyer_id), Talk(self.shops[shop_id], buyer_id, name or f"buyer{buyer_id}"))
        if name:
            found.buyer_name = name
        return found

    def buyer_writes(self, shop_id: int, buyer_id: int, name: str, text: str, *, order_sn: str = "", image: bytes = b"") -> chat.Line:
        """A buyer writes now; the push goes out."""
        talk = self.talk(shop_id, buyer_id, name)
        kind, content = ("image", self.keep(image)) if image else ("text", {"text": text})
        line = talk.say(self.world, kind, content, from_buyer=True, order_sn=order_sn)
        if order_sn:
            self._know(order_sn, talk)
        self.pushes.send(shop_id, 10, chat.as_push(talk, line))
        return line

    def _know(self, order_sn: str, talk: Talk) -> None:
        """The order a buyer speaks of was made some days ago and is on its way."""
        if order_sn not in self.trade.sales:
            self.trade.follow(self.trade.buy(talk.shop, talk.buyer_id, talk.buyer_name, order_sn, ago=timedelta(days=3), push=False))

    def shop_writes_elsewhere(self, shop_id: int, buyer_id: int, text: str) -> chat.Line:
        """The seller answers in the platform's own app: pushed to us as our own message."""
        talk = self.talk(shop_id, buyer_id)
        line = talk.say(self.world, "text", {"text": text}, from_buyer=False)
        self.pushes.send(shop_id, 10, chat.as_push(talk, line))
        return line

    def keep(self, data: bytes) -> dict[str, Any]:
        """Store a file and give the content of an image message."""
        name = hashlib.sha256(data).hexdigest()[:32]
        self.files[name] = data
        url = f"{self.world.base_url}/file/{name}"
        return {"url": url, "thumb_url": url, "thumb_width": 320, "thumb_height": 320, "file_server_id": 0}

    def answer(self, request: Request) -> Answer:
        """One call, from signature to envelope."""
        self.calls[request.path] += 1
        if request.path in PAGES:
            return PAGES[request.path](self, request)
        if request.path.startswith("/file/"):
            data = self.files.get(request.path.removeprefix("/file/"))
            return Answer(200, data, "image/png") if data else Answer(404, b"", "text/plain")
        try:
            return as_json(self._envelope(request, self._call(request)))
        except Refused as refusal:
            return as_json(self._error(refusal))

    def _call(self, request: Request) -> dict[str, Any]:
        call, traded = CALLS.get((request.method, request.path)), market.CALLS.get((request.method, request.path))
        if call is None and traded is None:
            raise Refused("error_not_found", "The requested API does not exist.")
        self._proved(request, shop=not request.path.startswith(PUBLIC))
        self._within_rate()
        if fault := self.world.trouble(request.path, "error"):
            raise Refused(fault.code, "Injected by the sandbox.")
        return traded(self.trade, self._shop(request), request) if traded else call(self, request) if call else {}

    def _proved(self, request: Request, *, shop: bool) -> None:
        query = request.query
        missing = [name for name in ("partner_id", "timestamp", "sign") if not query.get(name)]
        if missing:
            raise Refused("error_param", f"There is no {missing[0]} in query.")
        if query["partner_id"] != keys.PARTNER_ID:
            raise Refused("invalid_partner_id", "partner_id is invalid.")
        token, shop_id = (query.get("access_token", ""), query.get("shop_id", "")) if shop else ("", "")
        if query["sign"] != keys.request_sign(request.path, query["timestamp"], token, shop_id):
            raise Refused("error_sign", "Wrong sign.")
        if not _near(query["timestamp"], self.world.now().timestamp()):
            raise Refused("error_param", "Invalid timestamp.")
        if shop:
            self._authorised(token, shop_id)

    def _authorised(self, token: str, shop_id: str) -> None:
        if not shop_id.isdigit() or int(shop_id) not in self.shops:
            raise Refused("partner_shop_no_link", "partner and shop has no linked.")
        if not self.tokens.opens(token, int(shop_id), self.world.now()):
            raise Refused("invalid_acceess_token", "Invalid access_token, please have a check.")

    def _within_rate(self) -> None:
        second, used = self._rate
        now = int(time.monotonic())
        self._rate = (now, used + 1 if second == now else 1)
        if self._rate[1] > CALLS_PER_SECOND:
            raise Refused("error_rate_limit", "Too many calls, slow down.")

    def _envelope(self, request: Request, value: dict[str, Any]) -> dict[str, Any]:
        head = {"error": "", "message": "", "request_id": f"{self.world.serial():032x}"}
        return head | (value if request.path.startswith(FLAT) else {"response": value})

    def _error(self, refusal: Refused) -> dict[str, Any]:
        return {"error": refusal.code, "message": refusal.word, "request_id": f"{self.world.serial():032x}"}

    def token_get(self, request: Request) -> dict[str, Any]:
        """Code against the first pair."""
        body = request.json()
        owner = self.tokens.redeem("code", str(body.get("code", "")), self.world.now())
        if owner is None or owner != body.get("main_account_id" if owner == keys.MAIN_ACCOUNT else "shop_id", owner):
            raise Refused("error_param", "Invalid code.")
        shops = list(self.shops) if owner == keys.MAIN_ACCOUNT else [owner]
        pair = self.tokens.pair(owner, self.world.now())
        return pair | {"shop_id_list": shops, "merchant_id_list": [], "supplier_id_list": [], "user_id_list": []}

    def token_refresh(self, request: Request) -> dict[str, Any]:
        """Refresh token against the next pair, once."""
        body = request.json()
        shop_id = int(body.get("shop_id") or 0)
        owner = self.tokens.redeem("refresh", str(body.get("refresh_token", "")), self.world.now(), shop_id)
        if owner is None or shop_id not in self.shops or owner not in (shop_id, keys.MAIN_ACCOUNT):
            raise Refused("error_auth", "Invalid refresh_token.")
        return {"partner_id": int(keys.PARTNER_ID), "shop_id": shop_id} | self.tokens.pair(shop_id, self.world.now())

    def authorise(self, request: Request) -> Answer:
        """The seller's log-in page: with an owner the redirect back at once, else a page with the shops to choose from."""
        back = request.query.get("redirect") or request.query.get("redirect_uri") or ""
        if owner := self._owner(request):
            name, chosen = owner
            given = {"code": self.tokens.code(chosen, self.world.now()), name: str(chosen)}
            if state := request.query.get("state"):
                given["state"] = state
            return Answer(302, headers={"Location": back + ("&" if "?" in back else "?") + urlencode(given)})
        links = (
            f'<li><a href="?{escape(urlencode({**request.query, "shop_id": shop.shop_id}))}">{escape(shop.name)} ({shop.region})</a></li>'
            for shop in self.shops.values()
        )
        whole = f'<a href="?{escape(urlencode({**request.query, "main_account_id": keys.MAIN_ACCOUNT}))}">All, by the main account</a>'
        page = f"<!doctype html><title>Sandbox</title><h1>Authorise which shop?</h1><ul>{''.join(links)}<li>{whole}</li></ul>"
        return Answer(200, page.encode(), "text/html; charset=utf-8")

    def _owner(self, request: Request) -> tuple[str, int] | None:
        """Who signed in: a shop, or the main account of all."""
        shop = request.query.get("shop_id", "")
        if request.query.get("main_account_id") == str(keys.MAIN_ACCOUNT):
            return "main_account_id", keys.MAIN_ACCOUNT
        return ("shop_id", int(shop)) if shop.isdigit() and int(shop) in self.shops else None

    def _shop(self, request: Request) -> ShopeeShop:
        return self.shops[int(request.query["shop_id"])]

    def _talk_named(self, request: Request, conversation_id: str) -> Talk:
        shop = self._shop(request)
        for talk in self.talks.values():
            if talk.shop is shop and talk.conversation_id == conversation_id:
                return talk
        raise Refused("error_param", "conversation not found")

    def conversation_list(self, request: Request) -> dict[str, Any]:
        """Newest talks first."""
        shop = self._shop(request)
        return chat.list_page([t for t in self.talks.values() if t.shop is shop], dict(request.query))

    def one_conversation(self, request: Request) -> dict[str, Any]:
        """One talk's head."""
        return chat.as_conversation(self._talk_named(request, request.query.get("conversation_id", "")))

    def messages(self, request: Request) -> dict[str, Any]:
        """One talk's messages."""
        return chat.message_page(self._talk_named(request, request.query.get("conversation_id", "")), dict(request.query))

    def unread(self, request: Request) -> dict[str, Any]:
        """How many talks have unread messages."""
        shop = self._shop(request)
        return {"total_unread_count": sum(t.unread > 0 for t in self.talks.values() if t.shop is shop)}

    def read(self, request: Request) -> dict[str, Any]:
        """Mark a talk read up to a message."""
        body = request.json()
        talk = self._talk_named(request, str(body.get("conversation_id", "")))
        talk.read_to, talk.unread = str(body.get("last_read_message_id", "")), 0
        return {}

    def send(self, request: Request) -> dict[str, Any]:
        """A message of the shop: text, image, item, order or sticker."""
        return self._say(request, request.json(), automatic=False)

    def send_automatic(self, request: Request) -> dict[str, Any]:
        """An automatic answer: never counts as one."""
        return self._say(request, request.json() | {"message_type": "text"}, automatic=True)

    def _say(self, request: Request, body: dict[str, Any], *, automatic: bool) -> dict[str, Any]:
        kind, content = str(body.get("message_type", "")), _content(body)
        if not isinstance(body.get("to_id"), int) or body["to_id"] not in chat.BUYER_IDS:
            raise Refused("error_param", "to_id is invalid.")
        talk = self.talk(self._shop(request).shop_id, body["to_id"])
        line = talk.say(self.world, kind, content, from_buyer=False, status="auto_reply" if automatic else "normal")
        text = str(content.get("text", ""))
        files = (("image", len(self.files.get(content["url"].rsplit("/", 1)[-1], b""))),) if kind == "image" else ()
        self.world.arrived.append(
            Arrived("shopee", str(talk.shop.shop_id), str(talk.buyer_id), text, line.at, kind=kind, external_id=line.message_id,
                    files=files, automatic=automatic)
        )  # fmt: skip
        self.pushes.send(talk.shop.shop_id, 10, chat.as_push(talk, line))
        if not automatic:
            for heard in self.on_answer:
                heard(talk, text, files)
        shown = ("message_id", "to_id", "message_type", "content", "conversation_id", "created_timestamp", "region", "message_option")
        message = chat.as_message(talk, line)
        return {name: message[name] for name in shown}

    def upload(self, request: Request) -> dict[str, Any]:
        """An image for a message."""
        head = b"Content-Type: " + request.headers.get("content-type", "").encode() + b"\r\n\r\n"
        form = message_from_bytes(head + request.body, policy=HTTP)
        parts = {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in form.iter_parts()}
        data = parts.get("file")
        if not isinstance(data, bytes) or not any(data.startswith(start) for start in IMAGE_STARTS):
            raise Refused("error_param", "file must be jpg, png or gif.")
        if len(data) > MAX_IMAGE:
            raise Refused("error_param", "file is too large.")
        content = self.keep(data)
        return content | {"thumbnail": content["thumb_url"]}

    def lost(self, request: Request) -> dict[str, Any]:
        """Pushes that never got through."""
        return self.pushes.lost_page()

    def confirm_lost(self, request: Request) -> dict[str, Any]:
        """Forget the lost pushes that were read."""
        self.pushes.confirm(int(request.json().get("last_message_id") or 0))
        return {}

    def configure_push(self, request: Request) -> dict[str, Any]:
        """Set where pushes go."""
        self.pushes.callback = str(request.json().get("callback_url", self.pushes.callback))
        return {"result": "success"}

    def push_config(self, request: Request) -> dict[str, Any]:
        """Where pushes go, and which."""
        told = self.pushes.callback or next(filter(None, map(self.pushes.target, self.shops)), "")
        return {"callback_url": told, "live_push_status": "normal", "suspended_time": 0, "blocked_shop_id": [],
                "push_config_on_list": [1, 2, 3, 4, 10, 12, 28, 29, 30, 47], "push_config_off_list": []}  # fmt: skip

    def shop_info(self, request: Request) -> dict[str, Any]:
        """Name, region, and when the authorisation ends."""
        shop, now = self._shop(request), int(self.world.now().timestamp())
        return {"shop_name": shop.name, "region": shop.region, "status": "NORMAL", "auth_time": now - 864000, "expire_time": now + YEAR,
                "is_cb": True, "is_sip": False, "sip_affi_shops": []}  # fmt: skip

    def shops_by_partner(self, request: Request) -> dict[str, Any]:
        """Every shop that authorised this partner."""
        now = int(self.world.now().timestamp())
        rows = [
            {
                "shop_id": s.shop_id,
                "region": s.region,
                "auth_time": now - 864000,
                "expire_time": now + YEAR,
                "sip_affi_shop_list": [],
            }
            for s in self.shops.values()
        ]
        return {"authed_shop_list": rows, "more": False}

    def performance(self, request: Request) -> dict[str, Any]:
        """Account health: the response rate with its target, and the response time."""

        def metric(number: int, name: str, value: float, unit: int, target: float, comparator: str) -> dict[str, Any]:
            return {"metric_type": 3, "metric_id": number, "parent_metric_id": 0, "metric_name": name, "current_period": value,
                    "last_period": value, "unit": unit, "target": {"value": target, "comparator": comparator}}  # fmt: skip

        overall = {"rating": 3, "fulfillment_failed": 0, "listing_failed": 0, "custom_service_failed": 0}
        metrics = [metric(11, "response_rate", 86.5, 2, 70, ">="), metric(21, "response_time", 0.3, 4, 1, "<")]
        return {"overall_performance": overall, "metric_list": metrics}


def _near(timestamp: str, now: float) -> bool:
    return timestamp.isdigit() and abs(int(timestamp) - now) <= CLOCK_TOLERANCE


def _content(body: dict[str, Any]) -> dict[str, Any]:
    """The content of a message to send, as the platform stores it; Refused when the needed field is missing."""
    needed = {"text": "text", "image": "image_url", "item": "item_id", "order": "order_sn", "sticker": "sticker_id"}
    field = needed.get(str(body.get("message_type")))
    content = body.get("content")
    if field is None or not isinstance(content, dict) or not content.get(field):
        raise Refused("error_param", "content or message_type is invalid.")
    return {"url": content["image_url"]} if field == "image_url" else content


PUBLIC = ("/api/v2/auth/", "/api/v2/push/", "/api/v2/public/")
FLAT = ("/api/v2/order/set_note", "/api/v2/logistics/ship_order", "/api/v2/auth/", "/api/v2/shop/get_shop_info", "/api/v2/public/")
PAGES: dict[str, Callable[[Shopee, Request], Answer]] = {"/auth": Shopee.authorise, "/api/v2/shop/auth_partner": Shopee.authorise}
_SELLERCHAT: dict[tuple[str, str], Callable[[Shopee, Request], dict[str, Any]]] = {
    ("GET", "get_conversation_list"): Shopee.conversation_list,
    ("GET", "get_one_conversation"): Shopee.one_conversation,
    ("GET", "get_message"): Shopee.messages,
    ("GET", "get_unread_conversation_count"): Shopee.unread,
    ("POST", "read_conversation"): Shopee.read,
    ("POST", "send_message"): Shopee.send,
    ("POST", "send_autoreply_message"): Shopee.send_automatic,
    ("POST", "upload_image"): Shopee.upload,
}
CALLS: dict[tuple[str, str], Callable[[Shopee, Request], dict[str, Any]]] = {
    ("POST", "/api/v2/auth/token/get"): Shopee.token_get,
    ("POST", "/api/v2/auth/access_token/get"): Shopee.token_refresh,
    ("GET", "/api/v2/push/get_lost_push_message"): Shopee.lost,
    ("POST", "/api/v2/push/confirm_consumed_lost_push_message"): Shopee.confirm_lost,
    ("POST", "/api/v2/push/set_app_push_config"): Shopee.configure_push,
    ("GET", "/api/v2/push/get_app_push_config"): Shopee.push_config,
    ("GET", "/api/v2/public/get_shops_by_partner"): Shopee.shops_by_partner,
    ("GET", "/api/v2/shop/get_shop_info"): Shopee.shop_info,
    ("GET", "/api/v2/account_health/get_shop_performance"): Shopee.performance,
    **{(verb, f"/api/v2/sellerchat/{name}"): call for (verb, name), call in _SELLERCHAT.items()},
}
