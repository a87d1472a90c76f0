"""What channels without an interface share: bytes written by us from what a person entered, and no way to send."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import (
    MESSAGES,
    Account,
    ByHand,
    CannotTell,
    Check,
    Fetched,
    Outgoing,
    Quiet,
    Raw,
    Sent,
    Unparsable,
)
from bridgedesk.channels.events import File

INSTRUCTION = noop("Copy the text, send it in the platform's own tool, then mark it as sent.")


class Entered(Quiet):
    """The parts of the protocol that are the same wherever a person enters and sends by hand."""

    pushes = False
    polls = False
    sends = False

    def fetch(self, account: Account, cursor: str, feed: str = MESSAGES) -> Fetched:
        """Nothing is polled here."""
        return Fetched((), cursor)

    def send(self, account: Account, message: Outgoing) -> Sent:
        """Always ByHand."""
        raise ByHand(INSTRUCTION)

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """Only the person who sent it knows."""
        raise CannotTell(INSTRUCTION)

    def fetch_file(self, account: Account, file: File) -> bytes:
        """The bytes entered with it."""
        return file.data or b""

    def check(self, account: Account) -> list[Check]:
        """Nothing to log in to."""
        return [Check(noop("By hand"), ok=True, word=noop("Messages are entered and sent by hand."))]


def entered(what: Mapping[str, Any], *, thread: str, repeat: int = 0) -> Raw:
    """What a person entered, as a row. Equal content is one row however often it is entered; `repeat` tells real ones apart."""
    body = json.dumps(dict(what), ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{thread}|{repeat}|{body}".encode()).hexdigest()
    return Raw(f"entered:{digest}", body.encode(), "manual", thread=thread)


def read(raw: Raw) -> dict[str, str]:
    """What was entered, every value as text; Unparsable if it is not of `entered`."""
    try:
        found = json.loads(raw.body.decode())
    except (ValueError, RecursionError):
        raise Unparsable(noop("not what was entered by hand")) from None
    if not isinstance(found, dict):
        raise Unparsable(noop("not what was entered by hand"))
    return {str(name): value for name, value in found.items() if isinstance(value, str) and "\0" not in value}


def moment(text: str) -> datetime:
    """A moment as `entered` wrote it; Unparsable without a zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unparsable(f"not a moment: {text[:40]!r}") from None
    if at.tzinfo is None:
        raise Unparsable(noop("a moment without a zone"))
    return at
