"""Calls to Shopee Open Platform v2: signed, authorised, with its errors as ours. Sources: guides 16 (calls), 20 (authorisation) [O]."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import shopee_errors as errors
from bridgedesk.channels.base import Account, NeedsReconnect, SendError, Uncertain, Unparsable
from bridgedesk.channels.shopee_signing import request_base, sign
from bridgedesk.channels.shopee_values import Json, load
from bridgedesk.lib import clock, http

Level = Literal["public", "shop"]
Ends = tuple[str, datetime | None]

HOSTS = {
    "https://partner.shopeemobile.com": noop("Shopee (all regions)"),
    "https://openplatform.shopee.cn": noop("Shopee for sellers in mainland China"),
    "https://openplatform.shopee.com.br": noop("Shopee Brazil"),
    "https://openplatform.sandbox.test-stable.shopee.sg": noop("Shopee's test environment"),
    "https://openplatform.sandbox.test-stable.shopee.cn": noop("Shopee's test environment, mainland China"),
}
"""API hosts [O guide 16, 13 May 2026]. The older partner.test-stable host answers every call with error_sign."""
REFRESH_LIFE = timedelta(days=30)
_measured: dict[str, timedelta] = {}  # how far each host's clock was ahead of ours in its last answer
_offsets: dict[str, timedelta] = {}  # what signatures add to our clock, since a host complained about it


def host(account: Account) -> str:
    """The API host of the shop: its own address if one was typed, else the chosen one."""
    return (account.options.get("custom_base_url") or account.base_url or next(iter(HOSTS))).rstrip("/")


def call(
    account: Account,
    method: Literal["GET", "POST"],
    path: str,
    *,
    params: Mapping[str, object] | None = None,
    body: Mapping[str, object] | None = None,
    files: Any = None,
    level: Level = "shop",
    acts: bool = False,
) -> Json:
    """The answer's `response` (or all of it where the platform does not wrap), ids as exact text.

    An ended token is renewed and a clock complaint learnt from, once each, before giving up. With `acts` the call has an
    effect a buyer sees: Uncertain when it may have happened. SendError and NeedsReconnect as channels.base says.
    """
    once = _Call(account, method, f"/api/v2/{path}", params or {}, body, files, acts)
    token, tuned, renewed = access_token(account) if level == "shop" else "", False, False
    while True:
        answer = once.make(token)
        code, said = errors.plain(_text(answer, "error")), _text(answer, "message")
        if not code:
            inner = answer.get("response")
            return inner if isinstance(inner, dict) else answer
        if not tuned and "timestamp" in said.lower() and _learn_offset(account):
            tuned = True
        elif token and not renewed and code in errors.TOKEN_ENDED:
            token, renewed = access_token(account, stale=token), True
        elif acts and code in errors.UNSURE:
            raise Uncertain(f"{errors.MEANINGS[code].word} ({code})")
        else:
            raise errors.error_for(code, said)


@dataclass(frozen=True)
class _Call:
    """One request, ready to be made again with another token or time."""

    account: Account
    method: str
    path: str
    params: Mapping[str, object]
    body: Mapping[str, object] | None
    files: Any
    acts: bool

    def make(self, token: str) -> Json:
        """The answer, whatever it says."""
        query = {**signed_query(self.account, self.path, token), **self.params}
        try:
            answer = http.request(self.method, host(self.account) + self.path, params=query, json=self.body, files=self.files, timeout=15)
        except http.Blocked as error:
            raise SendError(
                noop("The address of the platform is not a public one.") + f" ({error})", permanent=True, code="blocked"
            ) from None
        except http.Unreachable as error:
            raise _unreachable(error, acts=self.acts) from None
        if (offset := server_offset(answer.headers.get("date", ""))) is not None:
            _measured[host(self.account)] = offset
        return self._read(answer)

    def _read(self, answer: http.Response) -> Json:
        """JSON whatever the status says; else what the status says."""
        try:
            return load(answer.content)
        except Unparsable:
            word = noop("Shopee gave no readable answer.") + f" (HTTP {answer.status_code})"
        if answer.status_code == 429:
            raise errors.error_for("error_rate_limit", retry_after=_retry_after(answer)) from None
        if self.acts and (answer.status_code < 400 or answer.status_code >= 500):
            raise Uncertain(word) from None
        raise SendError(word, permanent=False, code=f"http_{answer.status_code}") from None


def _unreachable(error: http.Unreachable, *, acts: bool) -> SendError:
    word = noop("Shopee cannot be reached.") + f" ({error})"
    return Uncertain(word) if acts and error.sent else SendError(word, permanent=False, code="unreachable")


def _retry_after(answer: http.Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(seconds), 86400)) if seconds.isascii() and seconds.isdigit() and len(seconds) < 9 else None


def signed_query(account: Account, path: str, token: str = "") -> dict[str, object]:
    """The parameters every call carries; with `token` those of a shop's call."""
    partner, key = partner_of(account)
    timestamp = int((clock.now() + _offsets.get(host(account), timedelta())).timestamp())
    query: dict[str, object] = {"partner_id": partner, "timestamp": timestamp}
    if token:
        query |= {"access_token": token, "shop_id": account.external_id}
    owner = account.external_id if token else ""
    return {**query, "sign": sign(key, request_base(partner, path, timestamp, token, owner))}


def partner_of(account: Account) -> tuple[str, str]:
    """Partner id and key; SendError if the shop has none."""
    partner, key = account.options.get("partner_id", ""), account.vault.get("partner_key")
    if not partner.isdigit() or not key:
        raise SendError(noop("The partner ID or key of the Shopee app is missing."), permanent=True, code="no_partner")
    return partner, key


def server_offset(date: str) -> timedelta | None:
    """How far a server's clock is ahead of ours, by its Date header; None if it says nothing."""
    try:
        return parsedate_to_datetime(date).astimezone(UTC) - clock.now()
    except ValueError:
        return None


def on_server_clock(account: Account, at: datetime) -> datetime:
    """The moment `at` of our clock as the platform's clock showed it."""
    return at + _measured.get(host(account), timedelta())


def _learn_offset(account: Account) -> bool:
    """Sign by the host's own clock from now on in this process; False if that changes nothing."""
    offset, known = _measured.get(host(account), timedelta()), _offsets.get(host(account), timedelta())
    _offsets[host(account)] = offset
    return abs(offset - known) > timedelta(seconds=5)


def access_token(account: Account, *, stale: str = "") -> str:
    """A token that opens the shop, renewed by one process at a time when it has ended or is `stale`."""
    return account.vault.renew("access_token", lambda secrets: refreshed(account, secrets), stale=stale)


def refreshed(account: Account, secrets: Mapping[str, str]) -> Mapping[str, Ends]:
    """A new pair of tokens for the old refresh token, which is good for one use within 30 days [O]."""
    token = secrets.get("refresh_token", "")
    if not token:
        raise NeedsReconnect(noop("The shop has not been authorised yet. Connect it."))
    try:
        answer = call(account, "POST", "auth/access_token/get", level="public", body={"refresh_token": token, **_owner(account)})
    except SendError as error:
        raise (
            NeedsReconnect(noop("Shopee does not renew the authorisation.") + f" ({error})") if error.code == "error_param" else error
        ) from None
    return pair(answer)


def _owner(account: Account) -> dict[str, int]:
    partner, _ = partner_of(account)
    merchant = account.options.get("merchant_id", "")
    owner = {"shop_id": int(account.external_id)} if account.external_id.isdigit() else {"merchant_id": int(merchant or 0)}
    return {"partner_id": int(partner), **owner}


def pair(answer: Json) -> Mapping[str, Ends]:
    """Both tokens with their ends. `expire_in` is a span, in one official sample a moment: above 10^9 it is taken as that."""
    access, refresh = _text(answer, "access_token"), _text(answer, "refresh_token")
    span = _text(answer, "expire_in")
    if not access or not refresh or not span.isdigit() or len(span) > 10:
        raise SendError(noop("Shopee gave no tokens."), permanent=False, code="no_tokens")
    ends = datetime.fromtimestamp(int(span), UTC) if int(span) > 1_000_000_000 else clock.now() + timedelta(seconds=int(span))
    return {"access_token": (access, ends), "refresh_token": (refresh, clock.now() + REFRESH_LIFE)}


def _text(answer: Json, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""
