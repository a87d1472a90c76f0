"""Calls to a Twilio-compatible provider, with its errors as ours. Source: Twilio's REST API and error dictionary."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, NeedsReconnect, SendError, Uncertain
from bridgedesk.lib import http
from bridgedesk.lib.secrets import mask

PAGES = 20
WORDS = {
    "21211": noop("This is not a telephone number."),
    "21214": noop("This number cannot be reached."),
    "21408": noop("The account may not send to this country."),
    "21610": noop("The buyer has opted out with STOP."),
    "21612": noop("The provider cannot reach this number from yours."),
    "21614": noop("This is not a mobile number."),
    "21617": noop("The text is too long."),
    "30003": noop("The telephone is switched off or out of reach."),
    "30004": noop("The buyer or the network has blocked your messages."),
    "30005": noop("This number is not in use."),
    "30006": noop("This is a landline."),
    "30007": noop("The network took the message for spam."),
}
PASSING = {"20429", "20500", "20503", "21611", "30001", "30003", "30008", "30017"}
"""Errors that may be gone at the next try: too many calls, a full queue, a telephone switched off."""


def call(account: Account, method: Literal["GET", "POST"], path: str, *, params: Mapping[str, str] | None = None, data: Any = None) -> Any:
    """The answer as an object. A POST has an effect the buyer sees: Uncertain when it may have happened."""
    sid = account.options.get("account_sid", "")
    base = f"{host(account)}/2010-04-01/Accounts/{sid}"
    return _asked(account, method, base + ("" if path.startswith(".") else "/") + path, params=params, data=data)


def messages(account: Account, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows of a list of messages, page by page."""
    page = call(account, "GET", "Messages.json", params={**asked, "PageSize": "100"})
    for _ in range(PAGES):
        rows = page.get("messages")
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
        following = page.get("next_page_uri")
        if not isinstance(following, str) or not following.startswith("/"):
            return
        page = _asked(account, "GET", host(account) + following)


def media_urls(account: Account, sid: str) -> list[str]:
    """Where the pictures of a message lie."""
    rows = call(account, "GET", f"Messages/{sid}/Media.json").get("media_list")
    uris = [str(row.get("uri")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [host(account) + uri.removesuffix(".json") for uri in uris if uri.startswith("/")]


def media(account: Account, url: str) -> bytes:
    """A picture's bytes. The log-in is shown to the provider's own host only; from there one step leads to its file server."""
    for _ in range(2):
        own = urlsplit(url).netloc == urlsplit(host(account)).netloc
        answer = _over_http(account, "GET", url, signed=own, max_bytes=25_000_000)
        if answer.is_success:
            return answer.content
        if not answer.is_redirect:
            break
        url = urljoin(url, answer.headers["location"])
    raise SendError(noop("The provider does not give this file."), permanent=answer.status_code in (403, 404, 410), code="media")


def host(account: Account) -> str:
    """The provider's API address."""
    return (account.base_url or "https://api.twilio.com").rstrip("/")


def is_permanent(code: str) -> bool:
    """Whether a person has to act on this error."""
    return code not in PASSING


def word_for(code: str) -> str:
    """What an agent is told."""
    return WORDS.get(code, noop("The provider did not deliver the message."))


def _asked(account: Account, method: str, url: str, *, params: Mapping[str, str] | None = None, data: Any = None) -> Any:
    answer = _over_http(account, method, url, params=params, data=data)
    found = _object(answer)
    if answer.is_success and found is not None:
        return found
    if answer.status_code in (401, 403):
        raise NeedsReconnect(noop("The provider does not accept the account SID or auth token."))
    if method == "POST" and (answer.status_code >= 500 or found is None):
        raise Uncertain(noop("The provider gave no clear answer.") + f" (HTTP {answer.status_code})")
    raise _refused(answer, found or {})


def _refused(answer: http.Response, found: Mapping[str, Any]) -> SendError:
    code = str(found.get("code") or answer.status_code)
    said = mask(" ".join(str(found.get("message") or "").split()))[:160]
    passing = code in PASSING or answer.status_code == 429 or answer.status_code >= 500
    pause = timedelta(seconds=30) if passing else None
    word = WORDS.get(code, noop("The provider refused."))
    return SendError(f"{word} ({code}{': ' + said if said else ''})", permanent=not passing, retry_after=pause, code=code)


def _over_http(account: Account, method: str, url: str, *, signed: bool = True, max_bytes: int = 10_000_000, **more: Any) -> http.Response:
    try:
        return http.request(method, url, headers=_log_in(account) if signed else {}, timeout=15, max_bytes=max_bytes, **more)
    except http.Blocked as error:
        raise SendError(str(error), permanent=True, code="blocked") from None
    except http.Unreachable as error:
        word = noop("The provider cannot be reached.") + f" ({error})"
        raise Uncertain(word) if method == "POST" and error.sent else SendError(word, permanent=False, code="unreachable") from None


def _log_in(account: Account) -> dict[str, str]:
    sid, token = account.options.get("account_sid", ""), account.vault.get("auth_token")
    if not sid or not token:
        raise NeedsReconnect(noop("The account SID or auth token is missing."))
    return {"Authorization": "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode()}


def _object(answer: http.Response) -> dict[str, Any] | None:
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
