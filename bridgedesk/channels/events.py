"""What a channel tells us, in our words. Every platform's payload becomes some of these; ids from outside are strings."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from bridgedesk.lib.money import Money

Kind = Literal["text", "image", "video", "file", "sticker", "item", "order", "call", "unsupported"]


@dataclass(frozen=True)
class Person:
    """The buyer as the platform knows them. `kind` is the sort of id: "user", "login", "email", "phone".

    `login` is the name by which the platform's orders know the buyer where its messages know them by another id.
    """

    external_id: str
    kind: str = "user"
    name: str = ""
    email: str = ""
    country: str = ""
    language: str = ""
    login: str = ""


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
class Address:
    """Where a parcel goes, as the platform told it. `country` ISO 3166 alpha-2; `masked` where it hides parts with asterisks.

    `kind` is "residential", "commercial", "pickup" or "".
    """

    name: str = ""
    phone: str = ""
    lines: tuple[str, ...] = ()
    district: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    kind: str = ""
    masked: bool = False


@dataclass(frozen=True)
class LineSeen:
    """One line of an order. `item` and `model` are the platform's ids of listing and variation, `sku` the seller's own code."""

    external_id: str
    quantity: int
    title: str = ""
    item: str = ""
    model: str = ""
    sku: str = ""
    options: tuple[tuple[str, str], ...] = ()
    price: Money | None = None
    image: str = ""


@dataclass(frozen=True)
class TrackEvent:
    """One scan. `status` is one of TRACK_STATES; `raw` the tracker's own code."""

    at: datetime
    text: str
    status: str = ""
    place: str = ""
    raw: str = ""


@dataclass(frozen=True)
class ParcelSeen:
    """A parcel of an order: planned, sent, or moved. Only what was told; `events` None: nothing was told of scans.

    `external_id` is the platform's package number ("" where it has none: then the tracking number names it). `at` is since when it
    is in that state, None: nobody said; the moment it was heard of is never taken for it.
    """

    order: str
    external_id: str = ""
    number: str = ""
    carrier: str = ""
    service: str = ""
    status: str = ""
    raw_status: str = ""
    at: datetime | None = None
    lines: tuple[tuple[str, int], ...] = ()
    events: tuple[TrackEvent, ...] | None = None
    pickup_code: str = ""
    website: str = ""
    ship_by: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True)
class OrderSeen:
    """An order was named or changed; only what the platform said: "" and None mean untold, and change nothing that is known.

    `status` is the platform's own word, `state` ours (STATES). `receive_by` ends the buyer's protection or the time to confirm
    receipt; `cancel_answer_by` the time to answer a buyer's wish to cancel (`cancel_wish`: the reason given, None: no wish, untold).
    """

    external_id: str
    status: str = ""
    at: datetime | None = None
    buyer: Person | None = None
    state: str = ""
    placed_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    ship_by: datetime | None = None
    deliver_by: datetime | None = None
    receive_by: datetime | None = None
    total: Money | None = None
    lines: tuple[LineSeen, ...] | None = None
    address: Address | None = None
    shipping_method: str = ""
    payment_method: str = ""
    cash_on_delivery: bool = False
    fulfilled_by: str = ""
    buyer_note: str = ""
    seller_note: str | None = None
    parcels: tuple[ParcelSeen, ...] = ()
    cancel_wish: str | None = None
    cancel_answer_by: datetime | None = None
    cancel_reason: str = ""
    url: str = ""
    meta: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class StockSeen:
    """What a listing says of one variation. `listed` pieces can be bought; `reserved` are in orders already."""

    item: str
    model: str = ""
    sku: str = ""
    title: str = ""
    options: tuple[tuple[str, str], ...] = ()
    listed: int | None = None
    reserved: int | None = None
    price: Money | None = None
    image: str = ""
    on_sale: bool | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class ReviewSeen:
    """A buyer rated. `stars` 1 to 5; `changeable` "yes", "used", "no", or "" where the platform does not say."""

    external_id: str
    order: str = ""
    line: str = ""
    item: str = ""
    model: str = ""
    stars: int = 0
    text: str = ""
    at: datetime | None = None
    buyer: str = ""
    images: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    reply: str = ""
    replied_at: datetime | None = None
    changeable: str = ""
    change_until: datetime | None = None
    hidden: bool = False


@dataclass(frozen=True)
class ReturnSeen:
    """A return, refund or dispute at the platform. `state` ours (RETURN_STATES), `status` its word; the three times are clocks.

    `money` is how far it is (RETURN_MONEY), `settling` the sum that is offered or agreed, where the platform tells that.
    """

    external_id: str
    order: str
    status: str = ""
    state: str = ""
    reason: str = ""
    text: str = ""
    refund: Money | None = None
    at: datetime | None = None
    answer_by: datetime | None = None
    buyer_ships_by: datetime | None = None
    check_by: datetime | None = None
    goods_come_back: bool | None = None
    lines: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    number: str = ""
    money: str = ""
    settling: Money | None = None
    meta: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class HealthSeen:
    """A figure by which the platform measures the shop.

    `comparator` is "<", "<=", ">", ">=" or ""; `unit` "percent", "hours", "days" or "count".
    """

    name: str
    value: Decimal | None
    unit: str
    at: datetime
    target: Decimal | None = None
    comparator: str = ""
    title: str = ""


@dataclass(frozen=True)
class PenaltySeen:
    """Points were given or taken back (`points` negative)."""

    external_id: str
    points: int
    kind: str
    at: datetime


@dataclass(frozen=True)
class AuthorisationChanged:
    """The shop's authorisation was given, withdrawn, or will end at `until`."""

    granted: bool
    until: datetime | None = None


@dataclass(frozen=True)
class LookAgain:
    """Something of that `feed` changed and the platform did not say all of it: it is asked at once, not at its next turn."""

    feed: str


@dataclass(frozen=True)
class Ignored:
    """Understood and of no use to us; `reason` is shown on the sync page."""

    reason: str


STATES = (
    "unpaid", "held", "to_ship", "part_shipped", "shipped", "delivered", "completed", "cancelling", "cancelled", "returning", "disputed",
)  # fmt: skip
"""Of an order. "held": the platform keeps it back (payment check, risk); "delivered": at the buyer, not yet confirmed."""

TRACK_STATES = (
    "unknown", "info_received", "in_transit", "customs", "out_for_delivery", "pickup_ready", "attempt_failed", "delivered", "returned",
    "exception", "expired",
)  # fmt: skip

RETURN_MONEY = ("", "asked", "offered", "agreed", "paid", "refused")
"""Of a return: nothing told, the buyer wants it, we offered it, both agree and the platform pays, it was paid, it never will be."""
RETURN_STATES = ("asked", "agreed", "under_way", "judged", "closed", "withdrawn")

Event = (
    MessageReceived
    | MessageSent
    | ThreadAnswered
    | Bounced
    | OrderSeen
    | ParcelSeen
    | StockSeen
    | ReviewSeen
    | ReturnSeen
    | HealthSeen
    | PenaltySeen
    | AuthorisationChanged
    | LookAgain
    | Ignored
)
