"""The messages Amazon lets a seller begin: fixed kinds, offered order by order. Source: Messaging API v1 and Uploads API 2020-11-01 [O].

There is no chat here: an answer to what a buyer wrote goes by the mail relay.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from mimetypes import guess_type

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.amazon_api import ATTRIBUTES, MESSAGE, MESSAGING_ACTIONS, UPLOAD_DESTINATION, call, stamp
from bridgedesk.channels.amazon_places import marketplace
from bridgedesk.channels.base import Account, SendError
from bridgedesk.channels.events import File
from bridgedesk.channels.values import Json, part, rows, text_of, told
from bridgedesk.lib import http

MOST_FILES = 5
FILE_BYTES = 10_000_000
"""Unconfirmed for this interface; the mail relay takes as much."""


@dataclass(frozen=True)
class Kind:
    """One kind of message. `text` is its longest text in characters, 0 where it has none; `files` from how many to how many."""

    name: str
    title: str
    text: int = 0
    files: tuple[int, int] = (0, 0)
    coverage: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("confirmOrderDetails", noop("Ask about an order detail before shipping"), 2000),
        Kind("confirmDeliveryDetails", noop("Arrange the delivery"), 2000),
        Kind("confirmServiceDetails", noop("Arrange the home service"), 2000),
        Kind("unexpectedProblem", noop("Tell of an unexpected problem"), 2000),
        Kind("confirmCustomizationDetails", noop("Ask about the customisation"), 800, (0, MOST_FILES)),
        Kind("digitalAccessKey", noop("Send the key of a digital product"), 400, (0, MOST_FILES)),
        Kind("legalDisclosure", noop("Send a legal notice"), 0, (1, MOST_FILES)),
        Kind("warranty", noop("Send the warranty"), 0, (1, MOST_FILES), coverage=True),
        Kind("invoice", noop("Send the invoice"), 0, (1, MOST_FILES)),
    )
}
"""Every kind there is. Amazon still lists others (negativeFeedbackRemoval, amazonMotors) that have no call any more."""
OFFERED_AS = {"sendInvoice": "invoice"}
BY_PURPOSE = {
    "order_problem": "unexpectedProblem",
    "delay_notice": "unexpectedProblem",
    "confirm_order": "confirmOrderDetails",
    "pickup_reminder": "confirmDeliveryDetails",
}
"""The kind that serves a purpose of ours; other purposes have none."""


def kinds(account: Account, order: str) -> tuple[Kind, ...]:
    """What may be written to the buyer of this order now, in our order."""
    answer = call(account, MESSAGING_ACTIONS, params={"marketplaceIds": marketplace(account).id}, order=order)
    offered = offered_names(answer)
    return tuple(kind for name, kind in KINDS.items() if name in offered)


def offered_names(answer: Json) -> set[str]:
    """The names under _links.actions, as messages are called."""
    names = {told(row.get("name")) for row in rows(part(answer, "_links"), "actions")}
    return {OFFERED_AS.get(name, name) for name in names}


def buyers_locale(account: Account, order: str) -> str:
    """The language the buyer wants to be written to in ("en-US"); "" if Amazon does not say."""
    answer = call(account, ATTRIBUTES, params={"marketplaceIds": marketplace(account).id}, order=order)
    return told(part(answer, "buyer").get("locale"))


def write(
    account: Account,
    order: str,
    kind: Kind,
    text: str = "",
    files: Sequence[File] = (),
    coverage: tuple[datetime, datetime] | None = None,
) -> None:
    """Send one, if Amazon offers its kind for the order now. SendError before anything is sent if it does not fit the kind."""
    check(kind, text, len(files), coverage)
    if kind not in kinds(account, order):
        word = noop("Amazon does not offer this kind of message for the order now. Answer by the relay mailbox instead.")
        raise SendError(word, permanent=True, code="not_offered")
    uploaded = [(upload(account, order, kind, file), file.name) for file in files]
    params = {"marketplaceIds": marketplace(account).id}
    call(account, MESSAGE, params=params, body=body_of(kind, text, uploaded, coverage), order=order, kind=kind.name)


def check(kind: Kind, text: str, files: int, coverage: tuple[datetime, datetime] | None) -> None:
    """SendError where the message does not fit its kind."""
    least, most = kind.files
    problem = ""
    if kind.text and not text.strip():
        problem = noop("Amazon wants a text in this kind of message.")
    elif len(text) > kind.text:
        problem = noop("This text is too long for this kind of message.") if kind.text else noop("This kind of message has no text.")
    elif not least <= files <= most:
        problem = (
            noop("Amazon takes at most five files, and only in some kinds of message.") if files else noop("Attach at least one file.")
        )
    elif kind.coverage and (coverage is None or coverage[0] > coverage[1]):
        problem = noop("Name the first and the last day of the warranty.")
    if problem:
        raise SendError(problem, permanent=True, code="letter")


def body_of(
    kind: Kind, text: str, uploaded: Sequence[tuple[str, str]], coverage: tuple[datetime, datetime] | None = None
) -> Mapping[str, object]:
    """The request's body by the model: only what the kind knows. `uploaded` are (destination id, file name)."""
    body: dict[str, object] = {"text": text} if kind.text else {}
    if uploaded:
        body["attachments"] = [{"uploadDestinationId": number, "fileName": name} for number, name in uploaded]
    if kind.coverage and coverage:
        body |= {"coverageStartDate": stamp(coverage[0]), "coverageEndDate": stamp(coverage[1])}
    return body


def upload(account: Account, order: str, kind: Kind, file: File) -> str:
    """The id of the uploaded file; nothing reaches the buyer yet, so a failure may be repeated.

    That the file is PUT with the headers Amazon names, and its digest in Base64, is known from sellers' reports only [C].
    """
    data = file.data or b""
    if not data or len(data) > FILE_BYTES:
        raise SendError(noop("The file is empty or too large."), permanent=True, code="file")
    sum_ = b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    type_ = guess_type(file.name)[0] or "application/octet-stream"
    params = {"marketplaceIds": marketplace(account).id, "contentMD5": sum_, "contentType": type_}
    payload = part(call(account, UPLOAD_DESTINATION, params=params, order=order, kind=kind.name), "payload")
    number, url = told(payload.get("uploadDestinationId")), told(payload.get("url"))
    if not number or not url:
        raise SendError(noop("Amazon did not take the file."), permanent=True, code="upload")
    headers = {name: text_of(value) for name, value in part(payload, "headers").items() if name.lower() != "content-md5"}
    _put(url, data, {**headers, "Content-MD5": sum_, "Content-Type": type_})
    return number


def _put(url: str, data: bytes, headers: Mapping[str, str]) -> None:
    try:
        answer = http.request("PUT", url, content=data, headers=headers, timeout=60)
    except http.Blocked as error:
        raise SendError(str(error), permanent=True, code="blocked") from None
    except http.Unreachable as error:
        raise SendError(str(error), permanent=False, code="unreachable") from None
    if not answer.is_success:
        refused = 400 <= answer.status_code < 500
        raise SendError(noop("Amazon did not take the file."), permanent=refused, code=f"upload_{answer.status_code}")
