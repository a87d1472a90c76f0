"""Calls to the AliExpress Open Platform: signed, authorised, paced, with its errors as ours. Source: the official IOP SDK [O]."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import aliexpress_errors as errors
from bridgedesk.channels.aliexpress_errors import Failure
from bridgedesk.channels.aliexpress_signing import sign
from bridgedesk.channels.aliexpress_values import Json, is_yes, load, millis, moment, part, text_of, told
from bridgedesk.channels.base import Account, NeedsReconnect, SendError, Uncertain, Unparsable
from bridgedesk.channels.server_time import ServerTime
from bridgedesk.lib import clock, http

HOST = "https://api-sg.aliexpress.com"
RATE, BURST = 20.0, 100.0
"""Calls a second and at once per shop. A limit of our own: the platform publishes none, its refusals set the rest [?]."""
PARTNER = "bridgedesk"
ABOUT_THE_CALL = ("request_id", "time_stamp", "code", "_trace_id_")
SUCCESS = ("success", "is_success", "result_success")
CODES = ("error_code", "sub_error_code", "result_error_code", "result_code")
REASONS = ("error_message", "result_error_desc", "error_desc", "memo", "error_msg", "result_info")
Ends = tuple[str, datetime | None]
TIME = ServerTime()


def host(account: Account) -> str:
    """The gateway: its own address if one was typed."""
    return (account.options.get("custom_base_url") or account.base_url or HOST).rstrip("/")


def call(account: Account, method: str, params: Mapping[str, object] | None = None, *, acts: bool = False) -> Json:
    """The answer to a call by name, without its wrapper.

    An ended token is renewed and a clock complaint learnt from, once each. With `acts` the call has an effect others see: Uncertain
    when it may have happened. SendError and NeedsReconnect as channels.base says.
    """
    form = _form(params or {})
    token, tuned, renewed = access_token(account), False, False
    while True:
        answer = _sync(account, method, form, token, acts=acts)
        failure = failure_of(answer)
        if failure is None:
            return unwrapped(answer, method)
        if not tuned and failure.among(errors.CLOCK) and TIME.learn(host(account)):
            tuned = True
        elif not renewed and failure.among(errors.TOKEN_ENDED):
            token, renewed = access_token(account, stale=token), True
        elif acts and failure.is_theirs:
            raise Uncertain(f"{errors.BUSY} ({failure.sub or failure.code})")
        else:
            raise errors.error_for(failure)


def server_now(account: Account) -> datetime:
    """The moment by the platform's clock, which a process that has not spoken to it yet asks for first."""
    if host(account) not in TIME.measured:
        TIME.note(host(account), _request(account, "GET", "/", acts=False).headers.get("date", ""))
    return TIME.at(host(account), clock.now())


def result(answer: Json) -> Json:
    """The inner answer, or the answer itself where there is none; SendError where it says that it is no success, with the code it names."""
    inner = part(answer, "result") or {name: value for name, value in answer.items() if name not in ABOUT_THE_CALL}
    if not any(field in inner and not is_yes(inner[field]) for field in SUCCESS):
        return inner
    code, words = (next(filter(None, (told(inner.get(name)) for name in names)), "") for names in (CODES, REASONS))
    raise errors.refusal(code, words)


def failure_of(answer: Json) -> Failure | None:
    """What an answer refuses with: in a wrapper for calls by name, bare for calls by path [O]; None for a success."""
    inner = part(answer, "error_response")
    code = told(inner.get("code")) if inner else told(answer.get("code"))
    if not inner and (code in ("", "0", "200") or ("type" not in answer and "message" not in answer)):
        return None
    said = inner or answer
    words = next(filter(None, (told(said.get(name)) for name in ("sub_msg", "msg", "message"))), "")
    return Failure(code or "unknown", words, text_of(said.get("type")), told(said.get("sub_code")))


def unwrapped(answer: Json, method: str) -> Json:
    """Without the `<method>_response` that stands around it when the gateway does not simplify [O]."""
    inner = answer.get(method.replace(".", "_").replace("/", "_") + "_response")
    return inner if isinstance(inner, dict) else answer


def _form(params: Mapping[str, object]) -> dict[str, str]:
    """As a form's fields: objects and lists as JSON text, booleans as words, nothing empty."""
    return {name: text for name, value in params.items() if (text := _written(value))}


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else str(value)


def _sync(account: Account, method: str, form: dict[str, str], token: str, *, acts: bool) -> Json:
    """One call by name: the common parameters in the query, those of the call in the form, all signed."""
    if wait := account.pace("aliexpress", RATE, BURST):
        raise SendError(errors.OFTEN, permanent=False, retry_after=wait, code="rate")
    query = _common(account) | {"v": "2.0", "method": method, "session": token, "format": "json", "simplify": "true"}
    return _post(account, "/sync", query, form, acts=acts, signed="")


def system(account: Account, path: str, form: dict[str, str]) -> Json:
    """One call by path; those of the tokens need none. SendError where it is refused."""
    for last in (False, True):
        answer = _post(account, f"/rest{path}", _common(account), form, acts=False, signed=path)
        failure = failure_of(answer)
        if failure is None:
            return answer
        if last or not failure.among(errors.CLOCK) or not TIME.learn(host(account)):
            raise errors.error_for(failure)
    return {}


def _common(account: Account) -> dict[str, str]:
    app, _ = app_of(account)
    at = str(millis(TIME.now(host(account))))
    return {"app_key": app, "timestamp": at, "sign_method": "sha256", "partner_id": PARTNER}


def _post(account: Account, path: str, query: dict[str, str], form: dict[str, str], *, acts: bool, signed: str) -> Json:
    query["sign"] = sign(app_of(account)[1], {**query, **form}, signed)
    answer = _request(account, "POST", path, params=query, data=form, acts=acts)
    TIME.note(host(account), answer.headers.get("date", ""))
    return _read(answer, acts=acts)


def _request(account: Account, verb: str, path: str, *, acts: bool, **sent: Any) -> http.Response:
    try:
        return http.request(verb, host(account) + path, timeout=20, **sent)
    except http.Blocked as error:
        raise SendError(noop("The address of the platform is not a public one.") + f" ({error})", permanent=True, code="blocked") from None
    except http.Unreachable as error:
        word = f"{errors.UNREACHABLE} ({error})"
        raise (Uncertain(word) if acts and error.sent else SendError(word, permanent=False, code="unreachable")) from None


def _read(answer: http.Response, *, acts: bool) -> Json:
    try:
        return load(answer.content)
    except Unparsable:
        word = f"{errors.UNREADABLE} (HTTP {answer.status_code})"
    if acts and (answer.status_code < 400 or answer.status_code >= 500):
        raise Uncertain(word)
    raise SendError(word, permanent=False, code=f"http_{answer.status_code}")


def app_of(account: Account) -> tuple[str, str]:
    """App key and secret; SendError if the shop has none."""
    key, secret = account.options.get("app_key", ""), account.vault.get("app_secret")
    if not key or not secret:
        raise SendError(noop("The app key or secret of the AliExpress app is missing."), permanent=True, code="no_app")
    return key, secret


def access_token(account: Account, *, stale: str = "") -> str:
    """A token that opens the shop, renewed by one process at a time when it has ended or is `stale`."""
    return account.vault.renew("access_token", lambda secrets: refreshed(account, secrets), stale=stale)


def refreshed(account: Account, secrets: Mapping[str, str]) -> Mapping[str, Ends]:
    """A new pair of tokens for the refresh token. One that the platform refuses for good needs a person."""
    token = secrets.get("refresh_token", "")
    if not token:
        raise NeedsReconnect(noop("The shop has not been authorised yet. Connect it."))
    try:
        return pair(system(account, "/auth/token/refresh", {"refresh_token": token}), token)
    except SendError as error:
        if not error.permanent or error.code in ("no_app", "blocked"):
            raise
        raise NeedsReconnect(noop("AliExpress does not renew the authorisation.") + f" ({error})") from None


def pair(answer: Json, refresh: str = "") -> Mapping[str, Ends]:
    """Both tokens with their ends, told as a moment in milliseconds or as a span in seconds [O]. A refresh token may stay as it is."""
    access, renewed = text_of(answer.get("access_token")), text_of(answer.get("refresh_token")) or refresh
    if not access:
        raise SendError(noop("AliExpress gave no tokens."), permanent=False, code="no_tokens")
    ends = _end(answer, "expire_time", "expires_in")
    return {"access_token": (access, ends), "refresh_token": (renewed, _end(answer, "refresh_token_valid_time", "refresh_expires_in"))}


def _end(answer: Json, at: str, span: str) -> datetime | None:
    """When a token ends; None if it is not told, and then the platform's refusal tells."""
    seconds = told(answer.get(span))
    if seconds.isascii() and seconds.isdigit() and 0 < len(seconds) < 10:
        return clock.now() + timedelta(seconds=int(seconds))
    return moment(answer.get(at)) if told(answer.get(at)).isdigit() else None
