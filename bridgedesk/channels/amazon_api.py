"""Calls to Amazon's Selling Partner API: logged in, paced, with its errors as ours. Source: SP-API docs and models [O]."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import amazon_errors as errors
from bridgedesk.channels.amazon_places import host, lwa
from bridgedesk.channels.base import Account, NeedsReconnect, SendError, Uncertain, Unparsable
from bridgedesk.channels.values import Json, load, text_of
from bridgedesk.lib import clock, http

Ends = tuple[str, datetime | None]
_granted: dict[tuple[int, str], float] = {}  # calls per second Amazon granted a shop for an operation, as its last answer said


@dataclass(frozen=True)
class Operation:
    """One call of the API. Its usual plan: `rate` calls per second, `burst` at once; Amazon may grant more and says so."""

    name: str
    verb: str
    path: str
    rate: float
    burst: float
    acts: bool = False


SEARCH_ORDERS = Operation("searchOrders", "GET", "/orders/2026-01-01/orders", 0.0056, 20)
GET_ORDER = Operation("getOrder", "GET", "/orders/2026-01-01/orders/{order}", 0.5, 30)
CONFIRM_SHIPMENT = Operation("confirmShipment", "POST", "/orders/v0/orders/{order}/shipmentConfirmation", 2, 10, acts=True)
MESSAGING_ACTIONS = Operation("getMessagingActionsForOrder", "GET", "/messaging/v1/orders/{order}", 1, 5)
ATTRIBUTES = Operation("GetAttributes", "GET", "/messaging/v1/orders/{order}/attributes", 1, 5)
MESSAGE = Operation("createMessage", "POST", "/messaging/v1/orders/{order}/messages/{kind}", 1, 5, acts=True)
SOLICITATION_ACTIONS = Operation("getSolicitationActionsForOrder", "GET", "/solicitations/v1/orders/{order}", 1, 5)
SOLICIT = Operation(
    "createProductReviewAndSellerFeedbackSolicitation",
    "POST",
    "/solicitations/v1/orders/{order}/solicitations/productReviewAndSellerFeedback",
    1,
    5,
    acts=True,
)
UPLOAD_DESTINATION = Operation(
    "createUploadDestinationForResource",
    "POST",
    "/uploads/2020-11-01/uploadDestinations/messaging/v1/orders/{order}/messages/{kind}",
    10,
    10,
)
CREATE_REPORT = Operation("createReport", "POST", "/reports/2021-06-30/reports", 0.0167, 15)
GET_REPORT = Operation("getReport", "GET", "/reports/2021-06-30/reports/{report}", 2, 15)
GET_DOCUMENT = Operation("getReportDocument", "GET", "/reports/2021-06-30/documents/{document}", 0.0167, 15)
PATCH_LISTING = Operation("patchListingsItem", "PATCH", "/listings/2021-08-01/items/{seller}/{sku}", 5, 5)
FBA_SUMMARIES = Operation("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", 2, 2)
PARTICIPATIONS = Operation("getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations", 0.016, 15)


def call(
    account: Account,
    operation: Operation,
    *,
    params: Mapping[str, str | int | Sequence[str]] | None = None,
    body: Mapping[str, object] | None = None,
    **places: str,
) -> Json:
    """The answer as an object, {} where Amazon answers nothing. `places` fill the path.

    A token that Amazon refuses is renewed once. SendError, NeedsReconnect and Uncertain as channels.base says; a call that would
    exceed the plan is not made (code "rate").
    """
    url = host(account) + operation.path.format_map({name: quoted(value) for name, value in places.items()})
    query = {name: value if isinstance(value, str | int) else ",".join(value) for name, value in (params or {}).items()}
    _keep_pace(account, operation)
    token = access_token(account)
    answer = _ask(operation, url, query, body, token)
    if errors.about_token(answer):
        answer = _ask(operation, url, query, body, access_token(account, stale=token))
    if granted := errors.limit_of(answer):
        _granted[account.key, operation.name] = granted
    if not answer.is_success:
        raise errors.error_for(answer, acts=operation.acts, rate=operation.rate)
    return _read(answer, acts=operation.acts)


def quoted(part: str) -> str:
    """A piece of a path: everything but plain characters escaped, so that no id of a buyer's file leads elsewhere."""
    return quote(part, safe="")


def _keep_pace(account: Account, operation: Operation) -> None:
    rate = _granted.get((account.key, operation.name), operation.rate)
    if wait := account.pace(f"amazon {operation.name}", rate, operation.burst):
        raise SendError(errors.WORDS[429], permanent=False, retry_after=wait, code="rate")


def _ask(operation: Operation, url: str, query: Mapping[str, str | int], body: Mapping[str, object] | None, token: str) -> http.Response:
    try:
        return http.request(operation.verb, url, params=query, json=body, headers={"x-amz-access-token": token}, timeout=30)
    except http.Blocked as error:
        raise SendError(noop("The address of the platform is not a public one.") + f" ({error})", permanent=True, code="blocked") from None
    except http.Unreachable as error:
        word = noop("Amazon cannot be reached.") + f" ({error})"
        if operation.acts and error.sent:
            raise Uncertain(word) from None
        raise SendError(word, permanent=False, code="unreachable") from None


def _read(answer: http.Response, *, acts: bool) -> Json:
    """The object; the answer to an act need not say anything."""
    if not answer.content.strip():
        return {}
    try:
        return load(answer.content)
    except Unparsable:
        if acts:
            return {}
        word = noop("Amazon gave no readable answer.") + f" (HTTP {answer.status_code})"
        raise SendError(word, permanent=False, code="unreadable") from None


def access_token(account: Account, *, stale: str = "") -> str:
    """A token of an hour, renewed by one process at a time when it has ended or is `stale`."""
    return account.vault.renew("access_token", lambda secrets: refreshed(account, secrets), stale=stale)


def refreshed(account: Account, secrets: Mapping[str, str]) -> Mapping[str, Ends]:
    """A new access token for the refresh token, and the refresh token if Amazon changed it."""
    grant = login_form(account, secrets)
    try:
        answer = http.request("POST", lwa(account), data=grant, timeout=15)
    except http.Blocked as error:
        raise SendError(noop("The address of the platform is not a public one.") + f" ({error})", permanent=True, code="blocked") from None
    except http.Unreachable as error:
        raise SendError(noop("Amazon cannot be reached.") + f" ({error})", permanent=False, code="unreachable") from None
    if not answer.is_success:
        raise errors.login_error(answer)
    return tokens(errors.body_of(answer), secrets)


def login_form(account: Account, secrets: Mapping[str, str]) -> Mapping[str, str]:
    """What Login with Amazon is asked; NeedsReconnect while something is missing."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": secrets.get("refresh_token", ""),
        "client_id": account.options.get("client_id", ""),
        "client_secret": secrets.get("client_secret", ""),
    }
    if not all(form.values()):
        raise NeedsReconnect(noop("The client ID, client secret or refresh token of the Amazon app is missing."))
    return form


def tokens(answer: Json, secrets: Mapping[str, str]) -> Mapping[str, Ends]:
    """Both tokens with their ends; a refresh token has none."""
    access, span = text_of(answer.get("access_token")), text_of(answer.get("expires_in"))
    if not access or not (span.isascii() and span.isdigit()) or len(span) > 8:
        raise SendError(noop("Amazon gave no token."), permanent=False, code="no_token")
    refresh = text_of(answer.get("refresh_token")) or secrets.get("refresh_token", "")
    return {"access_token": (access, clock.now() + clock.real(timedelta(seconds=int(span)))), "refresh_token": (refresh, None)}


def stamp(at: datetime) -> str:
    """A time as Amazon writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(value: object) -> datetime | None:
    """A time of Amazon's as ISO 8601 with or without seconds; UTC where it names no zone; None if it is none."""
    try:
        found = datetime.fromisoformat(text_of(value).strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
