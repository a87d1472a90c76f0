"""Services that follow parcels. A tracker only translates: it registers numbers, asks, verifies and reads hooks; it knows no tables.

17TRACK and AfterShip stand in files of their own; the platforms' own tracking comes as ParcelSeen, a person's entry likewise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.events import TrackEvent
from bridgedesk.lib import http


class TrackerError(Exception):
    """The service gave no answer; nothing is lost. `permanent` needs a person (key, quota). The message is a msgid for agents."""

    def __init__(self, message: str, *, permanent: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True)
class Service:
    """A configured tracker. Key and secret are plain here and nowhere else; `sign` says how hooks are verified (17TRACK)."""

    base_url: str = ""
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    sign: str = ""


@dataclass(frozen=True)
class Told:
    """What a tracker says of one number. `raw` is its own word for the state, which is one of TRACK_STATES."""

    number: str
    status: str
    raw: str
    carrier: str = ""
    events: tuple[TrackEvent, ...] = ()


@dataclass(frozen=True)
class Looked:
    """What came of asking: answers, and numbers that were refused with the reason."""

    told: Sequence[Told] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Quota:
    """How many numbers may still be followed."""

    left: int
    total: int


class Tracker(Protocol):
    """One service. `batch` numbers a call at most, `calls` a second at most."""

    name: str
    title: str
    batch: int
    calls: int

    def register(self, service: Service, numbers: Sequence[str]) -> Mapping[str, str]:
        """Have these followed; those refused, with the reason. Known already is no refusal."""

    def look(self, service: Service, numbers: Sequence[str]) -> Looked:
        """What is known of these now."""

    def quota(self, service: Service) -> Quota | None:
        """What is left; None where the service does not tell. Raises TrackerError for a wrong key: the test button."""

    def verified(self, service: Service, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a hook is proved to be theirs. Header names lower case."""

    def read(self, body: bytes) -> Sequence[Told]:
        """What a hook tells. ValueError for a shape unknown to us."""


def answer(method: str, url: str, headers: Mapping[str, str], json: Any = None) -> Any:
    """The JSON of a call, or TrackerError in words."""
    try:
        got = http.request(method, url, headers=headers, json=json, timeout=20.0)
    except (http.Blocked, http.Unreachable) as error:
        raise TrackerError(str(error)) from None
    if got.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise TrackerError(noop("The tracking service refused the key."), permanent=True)
    if got.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise TrackerError(noop("The tracking service asks for a pause."), retry_after=timedelta(seconds=60))
    if got.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TrackerError(noop("The tracking service is out of order."))
    try:
        return got.json()
    except ValueError:
        raise TrackerError(noop("The tracking service answered with something unreadable.")) from None


def moment(text: object) -> datetime | None:
    """A time as trackers write it (ISO 8601; without a zone it is taken for UTC); None for anything else."""
    if not isinstance(text, str) or not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def inside(value: Any, *path: str) -> Any:
    """The value under these names; None where one of them is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing for what is none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string or a number as text; "" for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
