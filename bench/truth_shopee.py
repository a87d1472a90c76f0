"""Shopee's own samples: every push becomes an event or is ignored by name, every answer of a call we make is understood,
and our calls carry only fields the platform knows.

push_samples.json: {name: {code, samples}}; api_samples.json: {"v2.module.call": {method, type, request?, response?}}.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from bench._shopee_calls import CALLS as TRADE
from bench._shopee_calls import asked_for, read_sample
from bench.truth import Score
from bridgedesk.channels import shopee_api, shopee_doctor, shopee_poll
from bridgedesk.channels.base import Account, Inbound, SendError, Unparsable
from bridgedesk.channels.events import (
    AuthorisationChanged,
    Ignored,
    LookAgain,
    MessageReceived,
    MessageSent,
    OrderSeen,
    ParcelSeen,
    ReturnSeen,
    ThreadAnswered,
)
from bridgedesk.channels.shopee import Shopee
from bridgedesk.channels.shopee_door import ShopeeDoor
from bridgedesk.channels.shopee_parse import AUTHORISATION, ORDER_CODES, PENALTY, RETURN, WEBCHAT
from bridgedesk.lib import clock

WANTED: dict[str, tuple[type, ...]] = {
    WEBCHAT: (MessageReceived, MessageSent, ThreadAnswered),
    **dict.fromkeys(ORDER_CODES, (OrderSeen, ParcelSeen)),
    RETURN: (ReturnSeen,),
    PENALTY: (LookAgain,),
    **dict.fromkeys(AUTHORISATION, (AuthorisationChanged, Ignored)),
}
COMMON = {"partner_id", "timestamp", "sign", "access_token", "shop_id"}
OWNERS = {"shop_id", "merchant_id", "main_account_id", "partner_id"}
Sent = dict[str, Any]


class _Vault:
    """Secrets that never end."""

    def get(self, name: str) -> str:
        return "" if name == "push_key" else f"a-{name}"

    def expires(self, name: str) -> None:
        return None

    def renew(self, name: str, refresh: object, *, stale: str = "") -> str:
        return self.get(name)


def account(shop: str = "322300222") -> Account:
    """A shop of the samples."""
    return Account(1, shop, "", "https://partner.example", {"partner_id": "2001887"}, _Vault())


CALLS: dict[str, Callable[[], object]] = {
    "v2.public.get_access_token": lambda: ShopeeDoor().exchange(account(), {"code": "code", "shop_id": "322300222"}, ""),
    "v2.public.refresh_access_token": lambda: shopee_api.refreshed(account(), {"refresh_token": "r"}),
    "v2.push.get_lost_push_message": lambda: _lost(shopee_poll.Walk(since=1)),
    "v2.push.confirm_consumed_lost_push_message": lambda: _lost(shopee_poll.Walk(since=1, lost="176610")),
    "v2.push.get_app_push_config": lambda: shopee_doctor._push(account()).word,
    "v2.shop.get_shop_info": lambda: shopee_doctor._shop(account()).word,
}
"""The calls we make that the published list has; seller chat is not in it."""


def measure(folder: Path) -> Score:
    """Pushes, then calls."""
    score = Score()
    _pushes(score, folder / "push_samples.json")
    _calls(score, folder / "api_samples.json")
    return score


def _pushes(score: Score, path: Path) -> None:
    for name, page in json.loads(path.read_text()).items() if path.exists() else ():
        for number, sample in enumerate(page["samples"]):
            body = (sample["unparsable"] if "unparsable" in sample else json.dumps(sample)).encode()
            problem = _push_problem(body, broken="unparsable" in sample)
            score.count(not problem, f"{name} #{number}: {problem}")


def _push_problem(body: bytes, *, broken: bool) -> str:
    """What is wrong with how we take this push; a sample that is not JSON has to be kept, nothing more."""
    channel, shop = Shopee(), account(_shop_of(body))
    raw = channel.raw_of(shop, Inbound("https://desk.example/", {}, body))
    try:
        events = channel.parse(shop, raw)
    except Unparsable as error:
        return "" if broken else f"unparsable: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    wanted = WANTED.get(str(json.loads(body, strict=False).get("code")), (Ignored,))
    told = [event for event in events if not isinstance(event, LookAgain)] or events
    return "" if told and isinstance(told[-1], wanted) else f"gave {[type(event).__name__ for event in events]}"


def _shop_of(body: bytes) -> str:
    try:
        return str(json.loads(body).get("shop_id", ""))
    except ValueError:
        return ""


def _lost(walk: shopee_poll.Walk) -> object:
    raws = shopee_poll._lost(account("727720655"), walk)
    return [Shopee().parse(account("727720655"), raw) for raw in raws]


def _calls(score: Score, path: Path) -> None:
    samples: Mapping[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    for name, call in CALLS.items():
        sample = samples.get(name)
        if sample is None:
            continue
        mended = read_sample(sample.get("response"))
        if mended is None:
            score.skipped += 1  # published as text that is no JSON
            continue
        problem = _call_problem(name, {**sample, "response": mended}, call)
        score.count(not problem, f"{name}: {problem}")
    for name in (name for name in TRADE if name in samples):
        if read_sample(samples[name].get("response")) is None:
            score.skipped += 1
            continue
        problem = _trade_problem(name, samples)
        score.count(not problem, f"{name}: {problem}")


def _trade_problem(name: str, samples: Mapping[str, Any]) -> str:
    """A call about orders, parcels, stock, ratings, returns or health: made, answered by the samples, and understood."""
    sent: list[Sent] = []

    def answer(method: str, url: str, **request: Any) -> httpx.Response:
        path = url.partition("/api/")[2].replace("/", ".")
        sent.append({"method": method, "url": path, **request})
        return httpx.Response(200, content=json.dumps(_joined(name, path, samples)).encode())

    with patch("bridgedesk.lib.http.request", answer):
        try:
            result = TRADE[name].call(account())
        except (SendError, Unparsable) as error:
            return f"refused: {error}"
    made = next((one for one in sent if one["url"] == name), None)
    if made is None:
        return "the call was not made"
    if not TRADE[name].well(result):
        return f"not understood: {result!r}"[:200]
    return _request_problem(samples[name], made, TRADE[name].known)


def _joined(name: str, path: str, samples: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sample's answer. Samples speak of different orders: but for the list itself, the list names the one that is detailed."""
    told = read_sample(samples.get(path, {}).get("response")) or {"error": "", "response": {}}
    detailed = read_sample(samples.get("v2.order.get_order_detail", {}).get("response"))
    if path == "v2.order.get_order_list" != name and detailed:
        return {"error": "", "response": {"more": False, "order_list": detailed["response"]["order_list"]}}
    if path == "v2.returns.get_return_detail" and name.startswith("v2.returns.") and not name.startswith("v2.returns.get_return"):
        return asked_for(told, countered=name.endswith("accept_offer"))
    return told


def _call_problem(name: str, sample: Mapping[str, Any], call: Callable[[], object]) -> str:
    sent: list[Sent] = []

    def answer(method: str, url: str, **request: Any) -> httpx.Response:
        sent.append({"method": method, "url": url, **request})
        return httpx.Response(200, content=json.dumps(sample["response"]).encode())

    with patch("bridgedesk.lib.http.request", answer):
        try:
            result = call()
        except SendError as error:
            return f"refused: {error}"
    return _answer_problem(name, result) or _request_problem(sample, sent[0])


def _answer_problem(name: str, result: object) -> str:
    if name.endswith("get_lost_push_message") and not result:
        return "no push was read"
    ends = result.get("access_token", ("", None))[1] if isinstance(result, dict) else None
    return "a token that has ended at once" if ends and ends < clock.now() - timedelta(days=3650) else ""


def _request_problem(sample: Mapping[str, Any], sent: Sent, known: frozenset[str] = frozenset()) -> str:
    if sent["method"] != sample["method"]:
        return f"{sent['method']} instead of {sample['method']}"
    unknown = set(sent["params"]) - COMMON - known
    body = set(sent.get("json") or {}) - set(sample.get("request") or {}) - (OWNERS if sample["type"] == "Public" else set()) - known
    shop_call = "access_token" in sent["params"]
    return (
        f"unknown fields {sorted(unknown | body)}" if unknown | body else "" if shop_call == (sample["type"] == "Shop") else "wrong level"
    )
