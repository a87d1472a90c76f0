"""AfterShip, tracking API 2026-07: one number a call; hooks are signed with HMAC-SHA256 over the raw body."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.events import TrackEvent
from bridgedesk.channels.trackers import Looked, Quota, Service, Told, TrackerError, answer, inside, moment, rows, text
from bridgedesk.channels.tracking_codes import state_of

BASE = "https://api.aftership.com/tracking/2026-07"
KNOWN_ALREADY = (4003, 4009)


class AfterShip:
    """One instance serves every installation."""

    name, title, batch, calls = "aftership", "AfterShip", 5, 5

    def register(self, service: Service, numbers: Sequence[str]) -> Mapping[str, str]:
        """Have these followed."""
        refused = {}
        for number in numbers:
            said = self._call(service, "POST", "/trackings", {"tracking_number": number})
            code = inside(said, "meta", "code")
            if code not in (200, 201, *KNOWN_ALREADY):
                refused[number] = text(inside(said, "meta", "message"))
        return refused

    def look(self, service: Service, numbers: Sequence[str]) -> Looked:
        """What is known of these now, all in one call."""
        said = self._call(service, "GET", f"/trackings?tracking_numbers={quote(','.join(numbers), safe=',')}", None)
        found = [_told(row) for row in rows(inside(said, "data", "trackings"))]
        return Looked([one for one in found if one.number in numbers])

    def quota(self, service: Service) -> Quota | None:
        """AfterShip does not tell; a wrong key raises."""
        self._call(service, "GET", "/trackings?limit=1", None)
        return None

    def verified(self, service: Service, headers: Mapping[str, str], body: bytes) -> bool:
        """Base64 of HMAC-SHA256 over the raw body."""
        wanted = base64.b64encode(hmac.new(service.secret.encode(), body, hashlib.sha256).digest())
        return bool(service.secret) and hmac.compare_digest(wanted, headers.get("aftership-hmac-sha256", "").encode())

    def read(self, body: bytes) -> Sequence[Told]:
        """A tracking_update."""
        message = inside(json.loads(body), "msg")
        if not isinstance(message, dict) or not text(message.get("tracking_number")):
            raise ValueError("no number")
        return [_told(message)]

    def _call(self, service: Service, method: str, path: str, body: Any) -> Any:
        said = answer(method, f"{service.base_url or BASE}{path}", {"as-api-key": service.key}, body)
        if not isinstance(inside(said, "meta", "code"), int):
            raise TrackerError(noop("The tracking service answered with something unreadable."))
        return said


def _told(row: Mapping[str, Any]) -> Told:
    tag, sub = text(row.get("tag")), text(row.get("subtag"))
    events = tuple(event for one in rows(row.get("checkpoints")) if (event := _event(one)))
    return Told(text(row.get("tracking_number")), state_of("aftership", sub, tag), sub or tag, text(row.get("slug")), events)


def _event(one: Mapping[str, Any]) -> TrackEvent | None:
    at = moment(one.get("checkpoint_time"))
    if at is None:
        return None
    tag, sub = text(one.get("tag")), text(one.get("subtag"))
    place = text(one.get("location")) or text(one.get("city"))
    return TrackEvent(at, text(one.get("message")), state_of("aftership", sub, tag), place, sub or tag)
