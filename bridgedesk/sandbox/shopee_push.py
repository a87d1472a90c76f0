"""Pushes of the pretend Shopee: signed over callback and body, repeated, late, out of order, sometimes lost, retried."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from bridgedesk.sandbox import shopee_keys as keys
from bridgedesk.sandbox.world import World

WEBCHAT = 10
RETRIES = {WEBCHAT: (2.0, (1, 2, 3))}  # code -> timeout, pauses before each retry
OTHERS = (3.0, (300, 1800, 10800))
LOST_KEPT = timedelta(days=3)
LOST_PAGE = 100


@dataclass(frozen=True)
class Lost:
    """A push that never got through, as the lost-push call gives it."""

    serial: int
    shop_id: int
    code: int
    timestamp: int
    data: dict[str, Any]


class Pushes:
    """Delivers to the callback of a shop: its own if one was set, else the app's."""

    def __init__(self, world: World, find_callback: Callable[[int], str] | None = None) -> None:
        self.world = world
        self.callback = ""
        self.callbacks: dict[int, str] = {}
        self.find_callback = find_callback
        self.lost: list[Lost] = []
        self.delivered = 0
        self._client = httpx.AsyncClient(trust_env=False)  # the world outside, not our way out

    async def end(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def target(self, shop_id: int) -> str:
        """Where this shop's pushes go; "" when nowhere."""
        if shop_id not in self.callbacks and self.find_callback and (found := self.find_callback(shop_id)):
            self.callbacks[shop_id] = found
        return self.callbacks.get(shop_id) or self.callback

    def send(self, shop_id: int, code: int, data: dict[str, Any]) -> None:
        """Push, as chance and faults have it."""
        body: dict[str, Any] = {"data": data, "shop_id": shop_id, "code": code, "timestamp": int(self.world.now().timestamp())}
        if code == WEBCHAT:
            body = {"msg_id": f"{self.world.serial():x}", **body}
        chaos, chance = self.world.chaos, self.world.random
        dropped = self.world.trouble("push", "drop") or chance.random() < chaos.lost
        if dropped or not self.target(shop_id):
            self._lose(body)
            return
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.world.spawn(self._deliver(body, raw, self._lateness()))
        if chance.random() < chaos.repeat:
            self.world.spawn(self._deliver(body, raw, self._lateness() + 1))

    def _lateness(self) -> float:
        chaos, chance = self.world.chaos, self.world.random
        return chance.uniform(0, chaos.late_seconds) if chance.random() < chaos.late else 0.0

    def _lose(self, body: dict[str, Any]) -> None:
        self.lost.append(Lost(self.world.serial(), body["shop_id"], body["code"], body["timestamp"], body["data"]))

    async def _deliver(self, body: dict[str, Any], raw: bytes, late: float) -> None:
        timeout, pauses = RETRIES.get(body["code"], OTHERS)
        await self.world.wait(late)
        for pause in (*pauses, 0):
            if await self._post(self.target(body["shop_id"]), raw, timeout):
                self.delivered += 1
                return
            await self.world.wait(pause)
        self._lose(body)

    async def _post(self, url: str, raw: bytes, limit: float) -> bool:
        headers = {"Authorization": keys.push_sign(url, raw), "Content-Type": "application/json"}
        try:
            answer = await self._client.post(url, content=raw, headers=headers, timeout=limit)
        except httpx.HTTPError:
            return False
        return answer.is_success and not answer.content

    def lost_page(self) -> dict[str, Any]:
        """What `get_lost_push_message` gives: the oldest hundred of three days; `data` is a JSON string."""
        since = (self.world.now() - LOST_KEPT).timestamp()
        self.lost = [push for push in self.lost if push.timestamp >= since]
        page = self.lost[:LOST_PAGE]
        return {
            "push_message_list": [
                {"shop_id": p.shop_id, "code": p.code, "timestamp": p.timestamp, "data": json.dumps(p.data, ensure_ascii=False)}
                for p in page
            ],
            "has_next_page": len(self.lost) > LOST_PAGE,
            "last_message_id": page[-1].serial if page else 0,
        }

    def confirm(self, last: int) -> None:
        """`confirm_consumed_lost_push_message`: forget up to and including `last`."""
        self.lost = [push for push in self.lost if push.serial > last]
