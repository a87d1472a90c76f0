"""What every platform implements. A channel translates: it verifies, parses, fetches, sends; it knows no tables.

To add a platform: one file with one class, one line in `registry.py`, recorded payloads under tests/channels/.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.acts import Act, Performed
from bridgedesk.channels.events import Event, File


class SendError(Exception):
    """Sending failed. `permanent` needs a person; else try again, not before `retry_after`. The message is for agents."""

    def __init__(self, message: str, *, permanent: bool, retry_after: timedelta | None = None, code: str = "") -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.code = code


class Uncertain(SendError):
    """The request left but no answer came: it may have arrived. Never retried without asking `find_sent`."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=False, code="uncertain")


class Rejected(Exception):
    """An inbound hook that does not verify; answered 401 and counted. The message never holds a secret."""


class Unparsable(Exception):
    """A payload of a shape this channel does not know: kept, shown with its bytes, replayed after a fix."""


class NeedsReconnect(SendError):
    """The authorisation is gone: a person must connect the shop again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True, code="reconnect")


class NotPermitted(SendError):
    """The platform does not let this app do that at all, whatever it asks for: a feed rests, an act is done by hand."""

    def __init__(self, message: str, *, code: str = "not_permitted") -> None:
        super().__init__(message, permanent=True, code=code)


class Vault(Protocol):
    """A shop's secrets, with single-flight renewal across all processes."""

    def get(self, name: str) -> str:
        """The secret of that name, "" if none is stored."""

    def expires(self, name: str) -> datetime | None:
        """When it ends, if known."""

    def renew(self, name: str, refresh: "Refresh", *, stale: str = "") -> str:
        """The secret, renewed by `refresh` when it has ended or is still `stale` (a value the platform just refused).

        One caller renews, the others wait for the new one, and the new secrets are stored before anyone uses them."""


class Refresh(Protocol):
    """Fetches new secrets with the present ones."""

    def __call__(self, secrets: Mapping[str, str]) -> Mapping[str, tuple[str, datetime | None]]:
        """New values and their ends by name."""


class Pace(Protocol):
    """Keeps a shop within its platform's rate limits, across all processes."""

    def __call__(self, name: str, rate_per_s: float, burst: float) -> timedelta | None:
        """None: call now, it is counted. Else how long to wait first (wall time)."""


def unpaced(name: str, rate_per_s: float, burst: float) -> timedelta | None:
    """No limit of our own: the platform's refusals alone set the pace."""


@dataclass(frozen=True)
class Account:
    """One shop as a channel sees it. `key` is our shop id; `options` hold nothing secret."""

    key: int
    external_id: str
    region: str
    base_url: str
    options: Mapping[str, str]
    vault: Vault
    pace: Pace = unpaced


@dataclass(frozen=True)
class Inbound:
    """An HTTP request as it came. Header names lower case; `url` is the address as configured at the platform."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Raw:
    """Bytes a platform handed us, before anyone parses them. `key` makes repeats one row; `thread` keeps order.

    `shop` is the platform's id of another shop it is about, where one callback serves all shops of an app; "" for this one.
    """

    key: str
    body: bytes
    kind: Literal["push", "poll", "mail", "manual"]
    thread: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    shop: str = ""


@dataclass(frozen=True)
class Fetched:
    """One page of polling: what came, and the cursor to store together with it. `more` asks for the next page now."""

    raws: Sequence[Raw]
    cursor: str
    more: bool = False


@dataclass(frozen=True)
class Outgoing:
    """One message to send. `reference` is ours and stable over retries; `thread_token` proves a mail thread is ours.

    `since` is when the first try began: `find_sent` looks from there, and never takes one of the `known` for it (ids of
    other messages of ours in the same conversation).
    """

    reference: str
    thread: str
    to: str
    text: str
    subject: str = ""
    order: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    since: datetime | None = None
    purpose: str = "answer"
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """The platform took it."""

    external_id: str
    at: datetime


class CannotTell(Exception):
    """The platform offers no way to see whether a message arrived: an agent has to look."""


class ByHand(SendError, CannotTell):
    """This channel cannot send: a person copies the text, sends it in the platform's own tool, and says when it is done."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True, code="by_hand")


@dataclass(frozen=True)
class Limits:
    """What one message may be. `text` in characters (None: no known limit); `sure` False marks a figure unconfirmed."""

    text: int | None
    files: int
    file_bytes: int
    file_types: tuple[str, ...]
    sure: bool
    source: str
    text_with_files: bool = True


@dataclass(frozen=True)
class Field:
    """One line of the connect form. `label` and `help` are msgids; secrets are never shown again."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    kind: Literal["text", "password", "url", "number", "choice", "check"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""


@dataclass(frozen=True)
class Check:
    """One finding of `doctor`: what was looked at, whether it is well, and what to do if not (msgid in plain words)."""

    name: str
    ok: bool
    word: str
    advice: str = ""


@dataclass(frozen=True)
class GrantedShop:
    """One shop a seller let us into, as the platform names it; region and name "" where it does not say."""

    external_id: str
    region: str = ""
    name: str = ""


@dataclass(frozen=True)
class Grant:
    """What a seller's consent brought: secrets for the vault with their ends, and the shops it is for (none: it does not say)."""

    secrets: Mapping[str, tuple[str, datetime | None]]
    shops: Sequence[GrantedShop] = ()


class Door(Protocol):
    """How a seller lets us into a shop (OAuth 2 or the like): in the browser to the platform, and back with a code.

    `back` is our address the platform returns to, the same for every shop; which shop it was stands in `state`.
    """

    def link(self, account: Account, back: str, state: str) -> str:
        """Where the seller says yes; the platform brings `state` back as it is. SendError while the app's keys are missing."""

    def exchange(self, account: Account, given: Mapping[str, str], back: str) -> Grant:
        """The first secrets for what the platform sent along on the way `back`; SendError if it names no code or it is refused."""


NO_CODE = noop("The platform sent no code back. Authorise the shop once more.")
MESSAGES = "messages"
"""The feed every polled channel has; further ones are "orders", "parcels", "stock", "reviews", "returns", "health"."""


def unread(inbound: Inbound) -> Raw:
    """A push whose body tells no key: the same bytes are one row."""
    return Raw(key=f"bytes:{hashlib.sha256(inbound.body).hexdigest()}", body=inbound.body, kind="push")


class Quiet:
    """For channels that know messages only: no hook, one feed, no acts, and keys that are typed."""

    needs: tuple[str, ...] = ()
    door: Door | None = None
    feeds: Mapping[str, timedelta] = {}
    acts: frozenset[type[Act]] = frozenset()

    def verify(self, account: Account, inbound: Inbound) -> None:
        """Nothing that comes in is believed."""
        raise Rejected(noop("this channel takes no pushes"))

    def raw_of(self, account: Account, inbound: Inbound) -> Raw:
        """Never used while nothing verifies."""
        return unread(inbound)

    def perform(self, account: Account, act: Act) -> Performed:
        """Nothing can be done here but by hand."""
        raise ByHand(type(act).__name__)


class Channel(Protocol):
    """One platform. Stateless: one instance serves every shop.

    `needs` are msgids: what a person must have at hand before connecting. `door` is there where sellers authorise in the browser.
    `feeds` are what it can be asked for besides messages, with the usual pause between two polls; `acts` what `perform` does.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    fields: tuple[Field, ...]
    door: Door | None
    pushes: bool
    polls: bool
    sends: bool
    feeds: Mapping[str, timedelta]
    acts: frozenset[type[Act]]

    def limits(self, account: Account) -> Limits:
        """What a message to this shop's buyers may be."""

    def verify(self, account: Account, inbound: Inbound) -> None:
        """Prove on the raw bytes that the platform sent this; Rejected if not."""

    def raw_of(self, account: Account, inbound: Inbound) -> Raw:
        """Key and thread of a verified push, read with the least parsing; never raises on odd bodies."""

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """Our events; Unparsable when the shape is unknown. Pure: no network."""

    def fetch(self, account: Account, cursor: str, feed: str = MESSAGES) -> Fetched:
        """What is new in `feed` since `cursor` ("" the first time). Each feed has its own cursor and interval (`feeds`)."""

    def perform(self, account: Account, act: Act) -> Performed:
        """Do one of `acts` at the platform; SendError, or Uncertain when no answer came. Done twice, it must do no harm."""

    def send(self, account: Account, message: Outgoing) -> Sent:
        """Send it; SendError, or Uncertain when no answer came."""

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """Look whether an uncertain message arrived: Sent, None if surely not, CannotTell if the platform cannot say."""

    def fetch_file(self, account: Account, file: File) -> bytes:
        """The bytes behind a file's `url`."""

    def check(self, account: Account) -> list[Check]:
        """Try the log-in and what sending needs, for `doctor` and the connect wizard."""


def unless_refused(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """An answer, {} where there is none for this one thing; the app's own troubles are not this one's and are raised."""
    try:
        return ask()
    except (NeedsReconnect, NotPermitted):
        raise
    except SendError as error:
        if not error.permanent:
            raise
        return {}
