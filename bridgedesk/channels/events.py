"""What a channel tells us, in our words. Every platform's payload becomes some of these; ids from outside are strings."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["text", "image", "video", "file", "sticker", "item", "order", "call", "unsupported"]


@dataclass(frozen=True)
class Person:
    """The buyer as the platform knows them. `kind` is the sort of id: "user", "email", "phone"."""

    external_id: str
    kind: str = "user"
    name: str = ""
    email: str = ""
    country: str = ""
    language: str = ""


@dataclass(frozen=True)
class File:
    """An attachment: its bytes, or where the channel can fetch them later."""

    name: str
    data: bytes | None = None
    url: str = ""
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True)
class MessageReceived:
    """A buyer wrote. `thread` is the platform's conversation id; repeats of one `external_id` are no-ops.

    Bounces, auto-replies and list mail are not this but Bounced or Ignored: they open no conversation.
    `text` is what the writer newly said; `quoted` the folded rest; `html` untrusted and uncleaned.
    `reply_to` is the address an answer goes to, where it is not the buyer's id.
    """

    thread: str
    external_id: str
    buyer: Person
    at: datetime
    text: str = ""
    kind: Kind = "text"
    html: str = ""
    quoted: str = ""
    subject: str = ""
    order: str = ""
    item: str = ""
    reply_to: str = ""
    files: tuple[File, ...] = ()
    meta: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class MessageSent:
    """The shop's side wrote: an answer typed in the platform's own tool, or the echo of one of ours.

    `automatic` answers (the platform's auto-reply or chatbot) never stop the response clock.
    """

    thread: str
    external_id: str
    buyer: Person
    at: datetime
    text: str = ""
    kind: Kind = "text"
    automatic: bool = False
    sender: str = ""
    subject: str = ""
    order: str = ""
    files: tuple[File, ...] = ()
    meta: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ThreadAnswered:
    """The platform counts the thread as answered (Shopee "mark as replied")."""

    thread: str
    at: datetime


@dataclass(frozen=True)
class Bounced:
    """A mail of ours came back. `reference` is our Message-ID, "" if the report does not name it."""

    reference: str
    address: str
    permanent: bool
    reason: str
    at: datetime


@dataclass(frozen=True)
class OrderSeen:
    """An order was named or changed; only what the platform said."""

    external_id: str
    status: str = ""
    at: datetime | None = None
    buyer: Person | None = None


@dataclass(frozen=True)
class AuthorisationChanged:
    """The shop's authorisation was given, withdrawn, or will end at `until`."""

    granted: bool
    until: datetime | None = None


@dataclass(frozen=True)
class Ignored:
    """Understood and of no use to us; `reason` is shown on the sync page."""

    reason: str


Event = MessageReceived | MessageSent | ThreadAnswered | Bounced | OrderSeen | AuthorisationChanged | Ignored
