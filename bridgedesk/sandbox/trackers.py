"""Pretend tracking services: 17TRACK 2.4 and AfterShip 2026-07 on their real wire shapes. Parcels travel on the sandbox clock."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bridgedesk.sandbox.web import Answer, Request, as_json
from bridgedesk.sandbox.world import World

KEY, SECRET = "demo-tracker-key", "demo-tracker-secret"
SEVENTEEN, AFTERSHIP = "/track/v2.4/", "/tracking/2026-07/trackings"
ALREADY, NO_QUOTA, UNKNOWN = -18019901, -18019908, -18019902
MOST = 40


@dataclass(frozen=True)
class Step:
    """One stage of a way: days after dispatch, 17TRACK's status and sub-status, AfterShip's tag, what the carrier writes and where."""

    days: float
    status: str
    sub: str
    tag: str
    text: str
    place: str


WAY = (
    Step(0.2, "InfoReceived", "InfoReceived", "InfoReceived", "Shipment information received", "Shenzhen"),
    Step(1, "InTransit", "InTransit_PickedUp", "InTransit", "Accepted by carrier", "Shenzhen"),
    Step(3, "InTransit", "InTransit_Departure", "InTransit", "Handed over to airline", "Hong Kong"),
    Step(6, "InTransit", "InTransit_CustomsProcessing", "InTransit", "Import customs clearance started", "Frankfurt"),
    Step(8, "InTransit", "InTransit_CustomsReleased", "InTransit", "Import customs clearance completed", "Frankfurt"),
    Step(10, "OutForDelivery", "OutForDelivery_Other", "OutForDelivery", "Out for delivery", ""),
    Step(11, "AvailableForPickup", "AvailableForPickup_Other", "AvailableForPickup", "Available for pickup at parcel shop", ""),
    Step(14, "Delivered", "Delivered_Other", "Delivered", "Delivered", ""),
)


@dataclass
class Trackers:
    """Both services over one set of parcels. `ways` gives a number a way of its own; `quota` numbers may still be registered."""

    world: World
    quota: int = 1000
    ways: dict[str, Sequence[Step]] = field(default_factory=dict)
    known: dict[str, datetime] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer | None:
        """One call, None if it is for neither; 401 without the key, as both do."""
        if not request.path.startswith((SEVENTEEN, AFTERSHIP)):
            return None
        header = "17token" if request.path.startswith(SEVENTEEN) else "as-api-key"
        if request.headers.get(header) != KEY:
            return as_json({"code": -18010002, "meta": {"code": 401, "message": "invalid key"}, "data": {}}, 401)
        return self._seventeen(request) if header == "17token" else self._aftership(request)

    def steps(self, number: str) -> list[tuple[datetime, Step]]:
        """What has happened to it until now."""
        left, now = self.known[number], self.world.now()
        way = [(left + timedelta(days=step.days), step) for step in self.ways.get(number, WAY)]
        return [(at, step) for at, step in way if at <= now]

    def _seventeen(self, request: Request) -> Answer:
        name = request.path.removeprefix(SEVENTEEN)
        asked = json.loads(request.body or b"[]")
        if name == "getquota":
            return as_json({"code": 0, "data": {"quota_total": 1000, "quota_used": 1000 - self.quota, "quota_remain": self.quota}})
        if not isinstance(asked, list) or len(asked) > MOST:
            return as_json({"code": -18010013, "data": {"errors": [{"code": -18010013, "message": "too many numbers"}]}})
        numbers = [str(each.get("number", "")) for each in asked]
        done = [self._register(number) if name == "register" else self._info(number) for number in numbers]
        accepted, rejected = [one for ok, one in done if ok], [one for ok, one in done if not ok]
        return as_json({"code": 0, "data": {"accepted": accepted, "rejected": rejected}})

    def _register(self, number: str) -> tuple[bool, dict[str, Any]]:
        if number in self.known:
            return False, _rejected(number, ALREADY, "has been registered")
        if self.quota <= 0:
            return False, _rejected(number, NO_QUOTA, "quota is not enough")
        self.known[number], self.quota = self.world.now(), self.quota - 1
        return True, {"number": number, "origin": 1, "carrier": 3011}

    def _info(self, number: str) -> tuple[bool, dict[str, Any]]:
        if number not in self.known:
            return False, _rejected(number, UNKNOWN, "does not register, please register first")
        return True, self.seventeen_row(number)

    def seventeen_row(self, number: str) -> dict[str, Any]:
        """A number as gettrackinfo and the hook show it."""
        steps = self.steps(number)
        last = steps[-1][1] if steps else None
        events = [
            {"time_utc": f"{at:%Y-%m-%dT%H:%M:%SZ}", "time_iso": at.isoformat(), "description": step.text, "location": step.place,
             "stage": step.status, "sub_status": step.sub}
            for at, step in reversed(steps)
        ]  # fmt: skip
        status = {"status": last.status if last else "NotFound", "sub_status": last.sub if last else "NotFound_Other"}
        provider = {"provider": {"key": 3011, "name": "China Post", "homepage": "http://www.chinapost.com.cn"}, "events": events}
        info = {"latest_status": status, "latest_event": events[0] if events else None, "tracking": {"providers": [provider]}}
        return {"number": number, "carrier": 3011, "track_info": info}

    def _aftership(self, request: Request) -> Answer:
        if request.method == "POST":
            number = str(request.json().get("tracking_number", ""))
            if number in self.known:
                return as_json({"meta": {"code": 4003, "message": "Tracking already exists."}, "data": {}}, 400)
            self.known[number] = self.world.now()
            return as_json({"meta": {"code": 201}, "data": self.aftership_row(number)}, 201)
        wanted = request.query.get("tracking_numbers", "").split(",")
        rows = [self.aftership_row(number) for number in wanted if number in self.known]
        return as_json({"meta": {"code": 200}, "data": {"trackings": rows, "pagination": {"total": len(rows)}}})

    def aftership_row(self, number: str) -> dict[str, Any]:
        """A number as the list and the hook show it."""
        steps = self.steps(number)
        tag = steps[-1][1].tag if steps else "Pending"
        points = [
            {"checkpoint_time": at.isoformat(), "message": step.text, "location": step.place, "tag": step.tag, "subtag": f"{step.tag}_001"}
            for at, step in steps
        ]
        return {"tracking_number": number, "slug": "china-post", "tag": tag, "subtag": f"{tag}_001", "checkpoints": points}


def _rejected(number: str, code: int, message: str) -> dict[str, Any]:
    return {"number": number, "error": {"code": code, "message": message}}
