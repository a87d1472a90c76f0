"""The control side of the sandbox (`/sandbox/…`): what tests and the demo turn, and look at. Loopback only, no secrets."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bridgedesk.sandbox import letters, shopee_returns
from bridgedesk.sandbox.aliexpress import SELLER
from bridgedesk.sandbox.aliexpress_trade import AliOrder
from bridgedesk.sandbox.letters import Letter
from bridgedesk.sandbox.shopee_trade import Sale
from bridgedesk.sandbox.web import Answer, Request, as_json
from bridgedesk.sandbox.world import Chaos, Fault

if TYPE_CHECKING:
    from bridgedesk.sandbox.servers import Servers


def control(servers: "Servers", request: Request) -> Answer:
    """One call of the control side."""
    call = CALLS.get((request.method, request.path))
    if call is None:
        return as_json({"calls": sorted(f"{verb} {path}" for verb, path in CALLS)}, 404)
    try:
        return as_json(call(servers, request))
    except (KeyError, TypeError, ValueError) as error:
        return as_json({"error": f"{type(error).__name__}: {error}"}, 400)


def arrived(servers: "Servers", request: Request) -> list[dict[str, Any]]:
    """Everything our side sent that arrived; `?channel=`, `?to=` narrow it."""
    wanted = {name: value for name, value in request.query.items() if name in ("channel", "to", "shop")}
    rows = [a for a in servers.world.arrived if all(getattr(a, name) == value for name, value in wanted.items())]
    return [asdict(row) | {"at": row.at.isoformat()} for row in rows]


def set_fault(servers: "Servers", request: Request) -> dict[str, Any]:
    """Add a fault (the fields of `world.Fault`)."""
    servers.world.faults.append(Fault(**request.json()))
    return {"faults": [asdict(fault) for fault in servers.world.faults]}


def clear_faults(servers: "Servers", _request: Request) -> dict[str, Any]:
    """Forget all faults."""
    servers.world.faults.clear()
    return {"faults": []}


def set_chaos(servers: "Servers", request: Request) -> dict[str, Any]:
    """How badly pushes travel (the fields of `world.Chaos`)."""
    servers.world.chaos = Chaos(**request.json())
    return asdict(servers.world.chaos)


def write(servers: "Servers", request: Request) -> dict[str, Any]:
    """Make a buyer write now. By mail when `to` is a mailbox of ours, else in the shop `shop_id` of Shopee or AliExpress.

    Shopee, AliExpress: shop_id, buyer_id, name, text, order_sn, image (true: a photo). Mail: to, address, name, subject, text, language,
    client, order (through Amazon's relay), image. Both: `story`, to let a buyer act from now on.
    """
    body = request.json()
    if story := body.get("story"):
        return servers.cast.enter(story, shop=str(body.get("shop_id") or body["to"]), language=body.get("language", ""))
    image = letters.photo(servers.world.random) if body.get("image") else b""
    if str(body.get("shop_id")) == str(SELLER):
        said = servers.aliexpress.buyer_writes(int(body["buyer_id"]), body.get("name", ""), body["text"], order=body.get("order_sn", ""))
        return {"message_id": said.message_id}
    if "to" not in body:
        line = servers.shopee.buyer_writes(
            int(body["shop_id"]),
            int(body["buyer_id"]),
            body.get("name", ""),
            body.get("text", ""),
            order_sn=body.get("order_sn", ""),
            image=image,
        )
        return {"message_id": line.message_id}
    letter = Letter(
        body.get("name", "Buyer"), body["address"], body["to"], body.get("subject", "Question"), body["text"], body.get("language", "en"),
        servers.world.now(), body.get("client", "gmail"), photo=image,
    )  # fmt: skip
    return {"message_id": servers.mail.buyer_writes(letter, relay_order=body.get("order", ""))}


def set_callback(servers: "Servers", request: Request) -> dict[str, Any]:
    """Where pushes go: `url`, for `shop_id` only when given."""
    body = request.json()
    if shop_id := body.get("shop_id"):
        servers.shopee.pushes.callbacks[int(shop_id)] = body["url"]
    else:
        servers.shopee.pushes.callback = body["url"]
    return {"callback": servers.shopee.pushes.callback, "callbacks": servers.shopee.pushes.callbacks}


def tokens(servers: "Servers", request: Request) -> dict[str, Any]:
    """A fresh pair for `shop_id`; with `expire` or `revoke` true the present ones end instead."""
    body = request.json()
    shop_id = int(body["shop_id"])
    if body.get("revoke"):
        servers.shopee.tokens.revoke(shop_id)
        servers.shopee.pushes.send(shop_id, 2, {"shop_id": shop_id, "success": 1})
        return {}
    if body.get("expire"):
        servers.shopee.tokens.expire(shop_id)
        return {}
    return servers.shopee.tokens.pair(shop_id, servers.world.now())


def elsewhere(servers: "Servers", request: Request) -> dict[str, Any]:
    """The seller answers in the platform's own app (shop_id, buyer_id, text)."""
    body = request.json()
    return {"message_id": servers.shopee.shop_writes_elsewhere(int(body["shop_id"]), int(body["buyer_id"]), body["text"]).message_id}


def push(servers: "Servers", request: Request) -> dict[str, Any]:
    """Send any push: shop_id, code, data."""
    body = request.json()
    servers.shopee.pushes.send(int(body["shop_id"]), int(body["code"]), body.get("data", {}))
    return {}


def trade(servers: "Servers", request: Request) -> dict[str, Any]:
    """Let something happen to an order on Shopee. `act`: "buy" (shop_id), or with an order_sn "cancel", "postpone", "rate" (stars),
    "send_back" (money_only), "prolong", "delay" (step of its way, days), "answer" (to the shop's offer: yes); "punish" (shop_id, kind,
    points)."""
    body, market = request.json(), servers.shopee.trade
    if body["act"] == "buy":
        return {"order_sn": servers.cast.order(str(body.get("shop_id", "")))}
    if body["act"] == "punish":
        market.punish(int(body["shop_id"]), int(body.get("kind", 5)), int(body.get("points", 1)))
        return {}
    sale = market.sales[body["order_sn"]]
    if body["act"] == "rate":
        return market.rate(sale, int(body.get("stars", 0)))
    if body["act"] == "send_back":
        return market.send_back(sale, money_only=bool(body.get("money_only")))
    if body["act"] == "answer":
        row = next(row for row in market.returns[sale.shop.shop_id] if row["order_sn"] == sale.order_sn)
        shopee_returns.agree(market, sale.shop.shop_id, row, yes=bool(body["yes"]))
        return row
    if body["act"] == "delay":
        sale.delays[int(body["step"])] = timedelta(days=float(body["days"]))
        return {"status": sale.status}
    acts: dict[str, Callable[[Sale], object]] = {
        "cancel": market.wish_to_cancel, "postpone": market.postpone, "prolong": market.prolong,
    }  # fmt: skip
    acts[body["act"]](sale)
    return {"status": sale.status}


def trade_on_aliexpress(servers: "Servers", request: Request) -> dict[str, Any]:
    """Let something happen to an order on AliExpress. `act`: "buy", or with an `order` "cancel", "dispute", "rate" (stars),
    "answer" (to the seller's proposal: yes)."""
    body, market = request.json(), servers.aliexpress.market
    if body["act"] == "buy":
        return {"order": servers.cast.order(str(SELLER))}
    order = market.orders[body["order"]]
    acts: dict[str, Callable[[AliOrder], object]] = {"cancel": market.wish_to_cancel, "dispute": market.dispute}
    if body["act"] == "rate":
        order.stars = int(body["stars"])
    elif body["act"] == "answer" and order.issue:
        order.issue.buyer_says(yes=bool(body["yes"]), at=servers.world.now())
    else:
        acts[body["act"]](order)
    return {"status": order.status(servers.world.now())}


def state(servers: "Servers", _request: Request) -> dict[str, Any]:
    """Counts, for a look at what goes on."""
    pushes = servers.shopee.pushes
    return {
        "talks": len(servers.shopee.talks), "pushed": pushes.delivered, "lost": len(pushes.lost), "arrived": len(servers.world.arrived),
        "mails": {box.address: len(box.inbox.mails) for box in servers.mail.boxes.values()}, "acting": len(servers.cast.actors),
        "calls": dict(servers.shopee.calls),
    }  # fmt: skip


CALLS: dict[tuple[str, str], Callable[["Servers", Request], Any]] = {
    ("GET", "/sandbox/arrived"): arrived,
    ("GET", "/sandbox/state"): state,
    ("POST", "/sandbox/faults"): set_fault,
    ("DELETE", "/sandbox/faults"): clear_faults,
    ("POST", "/sandbox/chaos"): set_chaos,
    ("POST", "/sandbox/buyers/write"): write,
    ("POST", "/sandbox/callback"): set_callback,
    ("POST", "/sandbox/tokens"): tokens,
    ("POST", "/sandbox/elsewhere"): elsewhere,
    ("POST", "/sandbox/push"): push,
    ("POST", "/sandbox/shopee/orders"): trade,
    ("POST", "/sandbox/aliexpress/orders"): trade_on_aliexpress,
}
