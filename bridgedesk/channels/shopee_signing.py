"""Shopee signatures: pure functions. Source: Open Platform guides 16 (requests) and 18 (pushes)."""

import hashlib
import hmac
from collections.abc import Iterable


def sign(partner_key: str, base: str) -> str:
    """Lower-case hex HMAC-SHA256 of `base` under the partner key."""
    return hmac.new(partner_key.encode(), base.encode(), hashlib.sha256).hexdigest()


def request_base(partner_id: str, path: str, timestamp: int, access_token: str = "", owner_id: str = "") -> str:
    """What a request signs. `owner_id` is the shop's or merchant's id; both last parts stay empty for public calls."""
    return f"{partner_id}{path}{timestamp}{access_token}{owner_id}"


def push_signature(key: str, callback_url: str, body: bytes) -> str:
    """What the platform writes into `Authorization`: over the address as typed in its console and the raw bytes."""
    return hmac.new(key.encode(), callback_url.encode() + b"|" + body, hashlib.sha256).hexdigest()


def is_genuine(given: str, keys: Iterable[str], callback_url: str, body: bytes) -> bool:
    """Whether one of `keys` made the signature; every key is tried, so the time tells nothing."""
    wanted = given.strip().lower().encode("utf-8", "replace")
    fits = [hmac.compare_digest(push_signature(key, callback_url, body).encode(), wanted) for key in keys if key]
    return any(fits)
