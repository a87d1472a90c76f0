"""The pretend AliExpress Open Platform: what a call goes through, log-in, and every call by name.

Requests are held against what the real gateway takes: parameters, time, signature over query and form, session. One app, one seller.
Where the real answer is not documented (the list of buyers), its shape is this file's guess and says so.
"""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bridgedesk.sandbox import aliexpress_im as im
from bridgedesk.sandbox import aliexpress_issues as issues
from bridgedesk.sandbox import aliexpress_market as market
from bridgedesk.sandbox import aliexpress_trade as trade
from bridgedesk.sandbox.aliexpress_im import Talk
from bridgedesk.sandbox.aliexpress_trade import Person
from bridgedesk.sandbox.shopee_keys import REFRESH_LIFE, Tokens
from bridgedesk.sandbox.web import Answer, Request, as_json
from bridgedesk.sandbox.world import Arrived, World

APP_KEY, APP_SECRET = "500600", "sandbox-aliexpress-secret"
SELLER, NAME = 2_671_514_005, "Lumen Official Store"
STUCK_AGO = timedelta(days=24, hours=18)
"""So long ago somebody bought whose parcel does not move and whose time to confirm ends in two days."""
TOLERANCE_MS = 10 * 60 * 1000
CREATE, REFRESH = "/auth/token/create", "/auth/token/refresh"
Params = dict[str, Any]
Heard = Callable[[Talk, str], None]


class Refused(Exception):
    """Answered with the gateway's error: `kind` is its type."""

    def __init__(self, code: str, words: str, kind: str = "ISV", sub: str = "") -> None:
        super().__init__(words)
        self.code, self.words, self.kind, self.sub = code, words, kind, sub


class AliExpress:
    """One seller's account behind one app."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = Tokens(int(world.now().timestamp() * 1000))
        self.talks: dict[int, Talk] = {}
        self.on_answer: list[Heard] = []
        self.calls: Counter[str] = Counter()
        self.forbidden: set[str] = set()
        self.market = market.Market(world)

    def answer(self, request: Request) -> Answer | None:
        """The answer to a call of this gateway, None for a path of somebody else's."""
        if request.path == "/oauth/authorize":
            return self.authorise(request)
        if request.path != "/sync" and not request.path.startswith("/rest/"):
            return None
        method = request.query.get("method", "") or request.path
        self.calls[method] += 1
        params = dict(request.query) | dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            path = request.path.removeprefix("/rest") if request.path != "/sync" else ""
            self._proved(params, path)
            return as_json(self._rest(path, params) if path else self._sync(method, params))
        except Refused as refusal:
            return as_json(self._error(refusal, by_name=request.path == "/sync"))

    def _proved(self, params: Params, path: str) -> None:
        for name in ("app_key", "timestamp", "sign_method", "sign"):
            if not params.get(name):
                raise Refused("MissingParameter", f"The input parameter {name} that is mandatory is not supplied.")
        if params["app_key"] != APP_KEY:
            raise Refused("InvalidAppKey", "The specified app_key is invalid.")
        now = int(self.world.now().timestamp() * 1000)
        if not params["timestamp"].isdigit() or abs(int(params["timestamp"]) - now) > TOLERANCE_MS:
            raise Refused("IllegalTimestamp", "The specified timestamp is expired or illegal.")
        if params["sign"] != signature(params, path):
            raise Refused("IncompleteSignature", "The request signature does not conform to platform standards.")

    def _rest(self, path: str, params: Params) -> Params:
        now = self.world.now()
        kind, given = {CREATE: ("code", params.get("code", "")), REFRESH: ("refresh", params.get("refresh_token", ""))}.get(path, ("", ""))
        if not kind:
            raise Refused("InvalidApiPath", "The specified path does not exist.")
        if self.tokens.redeem(kind, given, now) != SELLER:
            raise Refused("InvalidCode" if kind == "code" else "IllegalRefreshToken", "The given token is invalid or expired.")
        return {"code": "0", "request_id": self._serial(), "account": "lumen@sandbox.example", **self.pair()}

    def pair(self) -> dict[str, str]:
        """A fresh pair of tokens as the platform tells it."""
        now = self.world.now()
        made = self.tokens.pair(SELLER, now)
        span, refresh = int(str(made["expire_in"])), int(REFRESH_LIFE.total_seconds())
        return {
            "access_token": str(made["access_token"]), "refresh_token": str(made["refresh_token"]), "expires_in": str(span),
            "refresh_expires_in": str(refresh), "expire_time": str(int((now + timedelta(seconds=span)).timestamp() * 1000)),
            "refresh_token_valid_time": str(int((now + timedelta(seconds=refresh)).timestamp() * 1000)),
            "seller_id": str(SELLER), "user_id": str(SELLER), "havana_id": "0", "sp": "ae", "locale": "zh_CN",
            "account_platform": "seller_center",
        }  # fmt: skip

    def _sync(self, method: str, params: Params) -> Params:
        if params.get("v") != "2.0" or params.get("format") != "json" or not method:
            raise Refused("MissingParameter", "method, v and format are mandatory.")
        if not self.tokens.opens(params.get("session", ""), SELLER, self.world.now()):
            raise Refused("IllegalAccessToken", "The specified access token is invalid or expired.")
        if method in self.forbidden:
            raise Refused("InsufficientPermission", "App does not have permission to access this api.")
        if fault := self.world.trouble(method, "error"):
            raise Refused(fault.code, "Injected by the sandbox.", "ISP" if fault.code == "ServiceTimeout" else "ISV")
        talked, traded = CALLS.get(method), market.CALLS.get(method) or issues.CALLS.get(method)
        try:
            answer = talked(self, params) if talked else traded(self.market, params) if traded else None
        except (KeyError, ValueError) as error:
            raise Refused("MissingParameter", f"The parameters are not valid: {error}") from None
        if answer is None:
            raise Refused("InvalidApiPath", f"Api {method} does not exist.")
        answer |= {"request_id": self._serial()}
        return answer if params.get("simplify") == "true" else {method.replace(".", "_").replace("/", "_") + "_response": answer}

    def _error(self, refusal: Refused, *, by_name: bool) -> Params:
        told = {"type": refusal.kind, "code": refusal.code, "request_id": self._serial()}
        if not by_name:
            return told | {"message": refusal.words}
        return {"error_response": told | {"msg": refusal.words, "sub_code": refusal.sub, "sub_msg": ""}}

    def _serial(self) -> str:
        return f"{self.world.serial():032x}"

    def authorise(self, request: Request) -> Answer:
        """The seller's log-in page: with `yes` the redirect back, else a page to say yes on."""
        back = request.query.get("redirect_uri", "")
        if request.query.get("client_id") != APP_KEY or request.query.get("response_type") != "code" or not back:
            return Answer(400, b"unknown app", "text/plain")
        if not request.query.get("yes"):
            link = escape("?" + urlencode({**request.query, "yes": "1"}))
            page = f'<!doctype html><title>Sandbox</title><h1>{NAME}</h1><p><a href="{link}">Authorise</a></p>'
            return Answer(200, page.encode(), "text/html; charset=utf-8")
        given = {"code": self.tokens.code(SELLER, self.world.now())} | ({"state": s} if (s := request.query.get("state")) else {})
        return Answer(302, headers={"Location": back + ("&" if "?" in back else "?") + urlencode(given)})

    def talk(self, buyer_id: int, name: str = "") -> Talk:
        """The talk with a buyer, begun if there is none."""
        return self.talks.setdefault(buyer_id, Talk(SELLER, buyer_id, name or f"buyer{buyer_id}"))

    def buyer_writes(self, buyer_id: int, name: str, text: str, *, order: str = "", image: str = "") -> im.Line:
        """A buyer writes now; a talk about an order begins with its card, which the platform puts there."""
        talk = self.talk(buyer_id, name)
        if order and order not in talk.cards:
            talk.cards.add(order)
            talk.say(self.world, im.ORDER, {"order_id": order}, from_buyer=True, system=True)
        kind, content = (im.IMAGE, {"img_url": image}) if image else (im.TEXT, {"txt": text})
        return talk.say(self.world, kind, content, from_buyer=True)

    def remember(self, bought: list[tuple[Person, str]]) -> None:
        """Those of the seeded past: their talks are known, and their orders have gone their ways by now."""
        now = self.world.now()
        for place, (buyer, number) in enumerate(bought):
            self.talk(buyer.buyer_id, buyer.login)
            ago = STUCK_AGO if place == 1 else timedelta(hours=3 + (place * 37) % 900)
            trade.grow(self.market.buy(buyer, number, ago=ago), place, now)

    def shop_writes_elsewhere(self, buyer_id: int, text: str) -> im.Line:
        """The seller answers in the platform's own app."""
        return self.talk(buyer_id).say(self.world, im.TEXT, {"txt": text}, from_buyer=False)

    def send(self, params: Params) -> Params:
        """A message of the shop."""
        asked = _object(params, "im_send_message_dto")
        content = asked.get("message_content_dto") or {}
        if asked.get("template_id") != im.TEXT or not content.get("txt") or asked.get("scene_id") not in range(1, 7):
            return _failed("PARAM_ERROR", "template_id, scene_id or message_content_dto is invalid")
        talk = self.talks.get(int(asked.get("buyer_id") or 0))
        if talk is None:
            return _failed("BUYER_NOT_EXIST", "the buyer does not exist")
        line = talk.say(self.world, im.TEXT, {"txt": content["txt"]}, from_buyer=False)
        self.world.arrived.append(
            Arrived("aliexpress", str(SELLER), str(talk.buyer_id), content["txt"], line.at, kind=f"scene {asked['scene_id']}",
                    external_id=line.message_id, automatic=asked["scene_id"] == 2)
        )  # fmt: skip
        for heard in self.on_answer:
            heard(talk, content["txt"])
        return _well({"message_id": line.message_id, "send_time": im.millis(line.at)})

    def open(self, params: Params) -> Params:
        """The conversation with the buyer of that login name."""
        login = _object(params, "im_session_open_dto").get("buyer_login_id")
        found = next((talk for talk in self.talks.values() if talk.buyer_name == login), None)
        return _well({"open_result": "SUCCESS" if found else "FAIL", "current_buyer_id": found.buyer_id if found else 0})

    def buyers(self, params: Params) -> Params:
        """Buyers, the last who wrote first. Not documented: guessed by the manner of the messages' call."""
        asked = _object(params, "ae_im_query_session_dto")
        return _well(im.buyers_page(list(self.talks.values()), asked))

    def messages(self, params: Params) -> Params:
        """The messages with one buyer, newest first."""
        asked = _object(params, "im_query_message_dto")
        talk = self.talks.get(int(asked.get("buyer_id") or 0))
        if talk is None or not 1 <= int(asked.get("page_size") or 0) <= 20:
            return _failed("PARAM_ERROR", "buyer_id or page_size is invalid")
        return _well(im.message_page(talk, asked))


def signature(params: Params, path: str) -> str:
    """As the gateway computes it."""
    named = "".join(name + params[name] for name in sorted(params) if params[name] and name != "sign")
    return hmac.new(APP_SECRET.encode(), (path + named).encode(), hashlib.sha256).hexdigest().upper()


def _object(params: Params, name: str) -> Params:
    """A parameter that is an object, sent as JSON text."""
    try:
        value = json.loads(params.get(name, ""))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Refused("MissingParameter", f"The input parameter {name} that is mandatory is not supplied or not valid.")
    return value


def _well(data: Params) -> Params:
    return {"result": {"success": True, "error_code": "", "error_message": "", "data": data}}


def _failed(code: str, words: str) -> Params:
    return {"result": {"success": False, "error_code": code, "error_message": words}}


CALLS: dict[str, Callable[[AliExpress, Params], Params]] = {
    "aliexpress/message/send": AliExpress.send,
    "aliexpress/message/session/open": AliExpress.open,
    "aliexpress/message/history/buyer/list": AliExpress.buyers,
    "aliexpress/message/list2": AliExpress.messages,
}
