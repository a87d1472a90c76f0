"""Signatures and tokens of the pretend Shopee, as marketplaces define them: partner signing and OAuth pairs.

Tokens carry their own proof, so the pretend platform still knows them after a restart.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

PARTNER_ID = "2009000"
PARTNER_KEY = "sandbox-partner-key-0123456789abcdef0123456789abcdef"
ACCESS_LIFE = timedelta(hours=4)
REFRESH_LIFE = timedelta(days=30)
MAIN_ACCOUNT = 990_001
"""Whose code and first pair are for every shop; each shop renews the pair for itself."""
OLD_TOKEN_GRACE = timedelta(minutes=5)
CODE_LIFE = timedelta(minutes=10)


def mac(text: str, key: str = PARTNER_KEY) -> str:
    """Lower-case hex HMAC-SHA256."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def request_sign(path: str, timestamp: str, access_token: str = "", shop_id: str = "") -> str:
    """The `sign` of a call: public when token and shop are empty."""
    return mac(f"{PARTNER_ID}{path}{timestamp}{access_token}{shop_id}")


def push_sign(callback: str, body: bytes) -> str:
    """The `Authorization` of a push."""
    return hmac.new(PARTNER_KEY.encode(), callback.encode() + b"|" + body, hashlib.sha256).hexdigest()


def token(kind: str, shop_id: int, serial: int, until: datetime) -> str:
    """A token of `kind` ("access", "refresh", "code") that ends at `until`."""
    core = f"{kind[0]}{shop_id:x}g{serial:x}g{int(until.timestamp()):x}"
    return f"{core}g{mac(core)[:24]}"


@dataclass(frozen=True)
class Claim:
    """What a valid token says."""

    kind: str
    shop_id: int
    serial: int
    until: float


def read(text: str) -> Claim | None:
    """The claim of a token of ours; None for anything else."""
    core, _, proof = text.rpartition("g")
    if not core or not hmac.compare_digest(mac(core)[:24], proof):
        return None
    shop, serial, until = core[1:].split("g")
    return Claim(core[0], int(shop, 16), int(serial, 16), int(until, 16))


class Tokens:
    """Who may call: single-use codes and refresh tokens, four-hour access tokens, five minutes' grace for the replaced one."""

    def __init__(self, start: int) -> None:
        self._serials = count(start)
        self._used: set[str] = set()
        self._current: dict[int, str] = {}
        self._ended: dict[str, datetime] = {}
        self._floor: dict[int, int] = {}
        self._revoked: set[int] = set()

    def code(self, shop_id: int, now: datetime) -> str:
        """A code for the redirect back."""
        self._revoked.discard(shop_id)
        return token("code", shop_id, next(self._serials), now + CODE_LIFE)

    def pair(self, shop_id: int, now: datetime) -> dict[str, object]:
        """A new access and refresh token; the old access token ends soon."""
        if old := self._current.get(shop_id):
            self._ended[old] = now + OLD_TOKEN_GRACE
        access = token("access", shop_id, next(self._serials), now + ACCESS_LIFE)
        refresh = token("refresh", shop_id, next(self._serials), now + REFRESH_LIFE)
        self._current[shop_id] = access
        return {"access_token": access, "refresh_token": refresh, "expire_in": int(ACCESS_LIFE.total_seconds())}

    def redeem(self, kind: str, text: str, now: datetime, shop_id: int = 0) -> int | None:
        """Whose code or refresh token it is, once, a main account's once for each shop; None when wrong, ended or used."""
        claim = read(text)
        used = f"{text} {shop_id}" if claim and claim.shop_id == MAIN_ACCOUNT else text
        if not claim or claim.kind != kind[0] or claim.until < now.timestamp() or used in self._used or claim.shop_id in self._revoked:
            return None
        self._used.add(used)
        return claim.shop_id

    def opens(self, text: str, shop_id: int, now: datetime) -> bool:
        """Whether the access token opens that shop now."""
        claim = read(text)
        if not claim or claim.kind != "a" or claim.shop_id not in (shop_id, MAIN_ACCOUNT) or shop_id in self._revoked:
            return False
        if claim.serial <= self._floor.get(shop_id, 0):
            return False
        return claim.until > now.timestamp() and self._ended.get(text, now) >= now

    def expire(self, shop_id: int) -> None:
        """End every access token the shop has, as time would."""
        self._floor[shop_id] = next(self._serials)

    def revoke(self, shop_id: int) -> None:
        """The seller withdrew the authorisation."""
        self._revoked.add(shop_id)
