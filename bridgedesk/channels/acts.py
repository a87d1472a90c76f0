"""What we ask a platform to do with an order, a listing, a review. A channel does what its `acts` name; a person does the rest by hand.

Every act is told once: it lies in a row (orders.PlatformAct) from the moment it is decided until the platform took it.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WriteNote:
    """Put `text` into the order's note field at the platform, in place of what stands there."""

    order: str
    text: str


@dataclass(frozen=True)
class CancelOrder:
    """`reason` is one of REASONS; `lines` (ids) where only those cannot be had."""

    order: str
    reason: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnswerCancellation:
    """Agree to the buyer's wish to cancel, or refuse it."""

    order: str
    agree: bool


@dataclass(frozen=True)
class SplitOrder:
    """Into parcels of (line id, quantity)."""

    order: str
    parcels: tuple[tuple[tuple[str, int], ...], ...]


@dataclass(frozen=True)
class ShipParcel:
    """The parcel left: tell the tracking number. `lines` empty: the whole order; `website` where the carrier is none the platform knows."""

    order: str
    parcel: str = ""
    number: str = ""
    carrier: str = ""
    service: str = ""
    lines: tuple[tuple[str, int], ...] = ()
    website: str = ""


@dataclass(frozen=True)
class ExtendReceipt:
    """Give the buyer `days` more before receipt counts as confirmed."""

    order: str
    days: int


@dataclass(frozen=True)
class Level:
    """The number of pieces a variation may sell."""

    item: str
    model: str
    sku: str
    quantity: int


@dataclass(frozen=True)
class PushStock:
    """Set the listed stock. May succeed for some and fail for others: Performed.failures names those by (item, model)."""

    levels: tuple[Level, ...]


@dataclass(frozen=True)
class AskReview:
    """The platform's own request for a review, once per order."""

    order: str


@dataclass(frozen=True)
class ReplyReview:
    """Answer a review in public."""

    review: str
    text: str
    order: str = ""


@dataclass(frozen=True)
class WriteToBuyer:
    """A message of a `kind` that the platform offers for the order, where it has no chat. `text` as the kind wants it."""

    order: str
    kind: str
    text: str


@dataclass(frozen=True)
class RefundBuyer:
    """Give `minor` units of `currency` back to the buyer. `case` is the platform's number of the return, to which this is the
    answer; "" where none runs there."""

    order: str
    minor: int
    currency: str
    case: str = ""


@dataclass(frozen=True)
class SendAgain:
    """Send pieces of (line id, quantity) again; `part`: only what is missing or broken of them."""

    order: str
    lines: tuple[tuple[str, int], ...]
    part: bool = False


@dataclass(frozen=True)
class SendReturnLabel:
    """Let the buyer send the goods back at our cost. `minor` units of `currency` are paid back when they are here (0: not decided)."""

    order: str
    case: str = ""
    minor: int = 0
    currency: str = ""


REASONS = ("out_of_stock", "customer_request", "undeliverable_area", "payment_not_supported")

Act = (
    WriteNote
    | CancelOrder
    | AnswerCancellation
    | SplitOrder
    | ShipParcel
    | ExtendReceipt
    | PushStock
    | AskReview
    | ReplyReview
    | WriteToBuyer
    | RefundBuyer
    | SendAgain
    | SendReturnLabel
)


@dataclass(frozen=True)
class Performed:
    """The platform took it. `failures` are the parts it did not take: ((item, model), reason).

    `waits` names who has to move before it is over: "buyer" (to agree to what we offered), "platform" (to pay); "" nobody.
    """

    reference: str = ""
    failures: tuple[tuple[tuple[str, str], str], ...] = ()
    told: dict[str, object] = field(default_factory=dict)
    waits: str = ""
