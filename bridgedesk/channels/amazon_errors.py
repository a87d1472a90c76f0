"""What Amazon's refusals mean for us. Source: SP-API "Response codes" and the error lists of the models; LWA's OAuth errors [O]."""

from datetime import timedelta

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import NeedsReconnect, NotPermitted, SendError, Uncertain, Unparsable
from bridgedesk.channels.values import Json, load, rows, text_of
from bridgedesk.lib import http
from bridgedesk.lib.secrets import mask

NO_ROLE = "no_role"
"""The code of a refusal for want of a role: the app is well otherwise."""
LONGEST = timedelta(hours=6)
WORDS = {
    400: noop("Amazon did not accept this request."),
    403: noop("Amazon does not allow this app to do that. Give it the role in the Solution Provider Portal, then authorise it again."),
    404: noop("Amazon does not know this."),
    413: noop("This is too large for Amazon."),
    429: noop("Too many calls in a short time. It is tried again."),
}
BUSY = noop("Amazon is busy. It is tried again.")
REFUSED = noop("Amazon refused.")
APP_UNKNOWN = noop("Amazon rejects the client ID or secret of the app. Enter them again; a secret ends after 180 days.")
WITHDRAWN = noop("Amazon's authorisation has ended. Authorise the app again and enter the new refresh token.")


def body_of(answer: http.Response) -> Json:
    """The JSON object of an answer, {} where there is none."""
    try:
        return load(answer.content)
    except Unparsable:
        return {}


def said(body: Json) -> tuple[str, str]:
    """Code and words of the first error."""
    first = next(iter(rows(body, "errors")), {})
    words = " ".join(filter(None, (text_of(first.get("message")), text_of(first.get("details")))))
    return text_of(first.get("code")), words


def about_token(answer: http.Response) -> bool:
    """Whether the refusal is about the access token (ended, revoked), not about what it may do."""
    words = said(body_of(answer))[1].lower()
    return answer.status_code == 401 or (answer.status_code == 403 and "access token" in words)


def error_for(answer: http.Response, *, acts: bool, rate: float) -> SendError:
    """The exception for an answer that is no success. `rate` is calls per second allowed; what Amazon said is added, masked and short."""
    status, (code, words) = answer.status_code, said(body_of(answer))
    told = mask(" ".join(words.split()))[:200]
    word = f"{WORDS.get(status, BUSY if status >= 500 else REFUSED)} ({code or f'HTTP {status}'}{': ' + told if told else ''})"
    if about_token(answer):
        return NeedsReconnect(f"{WITHDRAWN} ({code or status})")
    if status == 429:
        return SendError(word, permanent=False, retry_after=pause(answer, rate), code="rate")
    if status >= 500:
        return Uncertain(word) if acts else SendError(word, permanent=False, code=f"http_{status}")
    return NotPermitted(word, code=NO_ROLE) if status == 403 else SendError(word, permanent=True, code=code or f"http_{status}")


def pause(answer: http.Response, rate: float) -> timedelta:
    """Until one more call is allowed: as Amazon says, else by the rate of the operation."""
    seconds = _number(answer.headers.get("retry-after", ""))
    return min(LONGEST, timedelta(seconds=seconds or 1 / (limit_of(answer) or rate)))


def limit_of(answer: http.Response) -> float | None:
    """Calls per second that Amazon grants this app for this operation [O: x-amzn-RateLimit-Limit]."""
    return _number(answer.headers.get("x-amzn-ratelimit-limit", ""))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 1e-5 < value < 1e5 else None


def login_error(answer: http.Response) -> SendError:
    """What a refused log-in means: the app, the authorisation, or just a bad moment."""
    code = text_of(body_of(answer).get("error"))
    if code in ("invalid_client", "unauthorized_client"):
        return NeedsReconnect(f"{APP_UNKNOWN} ({code})")
    if code in ("invalid_grant", "access_denied"):
        return NeedsReconnect(f"{WITHDRAWN} ({code})")
    if answer.status_code == 429 or answer.status_code >= 500:
        return SendError(f"{BUSY} (HTTP {answer.status_code})", permanent=False, retry_after=timedelta(seconds=30), code="lwa_busy")
    return SendError(f"{REFUSED} ({code or answer.status_code})", permanent=True, code=code or "lwa")
