"""17TRACK, API 2.4: POST with an array of at most 40 numbers, three calls a second. Codes as clients of it use them."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.events import TrackEvent
from bridgedesk.channels.trackers import Looked, Quota, Service, Told, TrackerError, answer, inside, moment, rows, text
from bridgedesk.channels.tracking_codes import state_of

BASE = "https://api.17track.net/track/v2.4"
KNOWN_ALREADY = -18019901
NO_QUOTA = (-18019907, -18019908)
SIGNS = ("confirm", "body_key")
"""How hooks are believed: "confirm" never, the number is asked for again; "body_key": SHA-256 of body, "/" and key (unconfirmed)."""


class SeventeenTrack:
    """One instance serves every installation."""

    name, title, batch, calls = "17track", "17TRACK", 40, 3

    def register(self, service: Service, numbers: Sequence[str]) -> Mapping[str, str]:
        """Have these followed. TrackerError when the quota is used up."""
        data = self._call(service, "register", [{"number": number} for number in numbers])
        errors = {text(row.get("number")): row.get("error") or {} for row in rows(data.get("rejected"))}
        if any(inside(error, "code") in NO_QUOTA for error in errors.values()):
            raise TrackerError(noop("The quota of the tracking service is used up."), permanent=True)
        return {number: text(inside(error, "message")) for number, error in errors.items() if inside(error, "code") != KNOWN_ALREADY}

    def look(self, service: Service, numbers: Sequence[str]) -> Looked:
        """What is known of these now."""
        data = self._call(service, "gettrackinfo", [{"number": number} for number in numbers])
        refused = {text(row.get("number")): text(inside(row, "error", "message")) for row in rows(data.get("rejected"))}
        return Looked([_told(row) for row in rows(data.get("accepted"))], refused)

    def quota(self, service: Service) -> Quota | None:
        """Numbers left and in all."""
        data = self._call(service, "getquota", [])
        left, total = data.get("quota_remain"), data.get("quota_total")
        return Quota(left, total) if isinstance(left, int) and isinstance(total, int) else None

    def verified(self, service: Service, headers: Mapping[str, str], body: bytes) -> bool:
        """Only where a person chose the formula; else what comes is a hint, and the number is asked for again."""
        if service.sign != "body_key" or not service.key:
            return False
        wanted = hashlib.sha256(body + b"/" + service.key.encode()).hexdigest()
        return hmac.compare_digest(wanted.encode(), headers.get("sign", "").strip().lower().encode())

    def read(self, body: bytes) -> Sequence[Told]:
        """A TRACKING_UPDATED or TRACKING_STOPPED."""
        data = inside(json.loads(body), "data")
        if not isinstance(data, dict) or not text(data.get("number")):
            raise ValueError("no number")
        return [_told(data)]

    def _call(self, service: Service, name: str, body: Any) -> dict[str, Any]:
        said = answer("POST", f"{service.base_url or BASE}/{name}", {"17token": service.key}, body)
        if inside(said, "code") in NO_QUOTA:
            raise TrackerError(noop("The quota of the tracking service is used up."), permanent=True)
        data = inside(said, "data")
        if inside(said, "code") != 0 or not isinstance(data, dict):
            raise TrackerError(noop("The tracking service did not accept the request."))
        return data


def _told(row: Mapping[str, Any]) -> Told:
    info = row.get("track_info")
    latest = inside(info, "latest_status") or {}
    sub, main = text(inside(latest, "sub_status")), text(inside(latest, "status"))
    providers = rows(inside(info, "tracking", "providers"))
    events = tuple(event for provider in providers for one in rows(provider.get("events")) if (event := _event(one)))
    carrier = text(inside(providers[0], "provider", "name")) if providers else ""
    return Told(text(row.get("number")), state_of("17track", sub, main), sub or main, carrier, events)


def _event(one: Mapping[str, Any]) -> TrackEvent | None:
    at = moment(one.get("time_utc")) or moment(one.get("time_iso"))
    sub, stage = text(one.get("sub_status")), text(one.get("stage"))
    if at is None:
        return None
    return TrackEvent(at, text(one.get("description")), state_of("17track", sub, stage), text(one.get("location")), sub or stage)
