"""A scripted buyer in our rows: their shop, order, parcel, review, and what they write, as the platform would tell of it."""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench._scripts import Reply, Script
from bridgedesk.channels.events import (
    Address,
    Event,
    File,
    LineSeen,
    MessageReceived,
    OrderSeen,
    ParcelSeen,
    Person,
    ReturnSeen,
    ReviewSeen,
    TrackEvent,
)
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import clock, languages
from bridgedesk.lib.money import Money
from bridgedesk.orders.models import Order, Payment
from bridgedesk.products.models import Fact, Listing, Product, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.sync import followup
from bridgedesk.sync.apply import APPLY

ZONES = {"TW": "Asia/Taipei", "BR": "America/Sao_Paulo", "US": "America/New_York", "DE": "Europe/Berlin", "JP": "Asia/Tokyo"}
NAMES = ("Ana", "Mei Lin", "Jonas", "Sofia", "Marek", "Yuki", "Oleg", "Claire", "Somchai", "Linh", "Dewi", "Marco", "Kim", "Pilar", "Noah")


@dataclass
class Buyer:
    """One script being played: `said` counts how often each reply was used, `picked` is what the buyer chose of several things."""

    script: Script
    shop: Shop
    number: str
    now: datetime
    person: Person
    said: dict[int, int] = field(default_factory=dict)
    picked: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    means: str = ""

    @property
    def thread(self) -> str:
        return f"thread-{self.number}"

    @property
    def order(self) -> Order | None:
        return Order.objects.filter(shop=self.shop, external_id=self.number).first()

    @property
    def conversation(self) -> Conversation:
        rows = Conversation.objects.select_related("shop", "customer")
        return rows.get(shop=self.shop, messages__thread=self.thread, messages__part=0, messages__direction="in", messages__at=self.now)

    def writes(self, texts: Iterable[str], *, photo: bool = False, at: datetime) -> Conversation:
        """One or several messages in a row; what follows messages happens."""
        self.now = at
        parts = list(texts)
        for place, text in enumerate(parts):
            files = (File("photo.png", data=picture()),) if photo and place == len(parts) - 1 else ()
            self.now = at + timedelta(seconds=20 * place)
            with clock.frozen(self.now):
                message = self._told(text, files)
        return Conversation.objects.select_related("shop", "customer").get(pk=message.conversation_id)

    def _told(self, text: str, files: tuple[File, ...]) -> Message:
        order = self.number if self.script.order is not None and self.script.names_order else ""
        event = MessageReceived(
            thread=self.thread, external_id=f"{self.thread}/{len(self.lines)}", buyer=self.person, at=self.now, text=text, order=order,
            files=files,
        )  # fmt: skip
        self.lines.append((text, self.means))
        [message] = APPLY[MessageReceived](self.shop, [event])
        assert message
        followed([message.pk])
        return message

    def answer(self, moves: Sequence[str], share: int) -> Reply | None:
        """What the buyer writes after a letter that is `moves` and offers `share` per cent; None: nothing more."""
        for place, reply in enumerate(self.script.replies):
            fits = "*" in reply.to or set(reply.to) & set(moves)
            enough = reply.below is not None and share >= reply.below
            if fits and not enough and self.said.get(place, 0) < reply.times:
                self.said[place] = self.said.get(place, 0) + 1
                self.picked, self.means = reply.picks, reply.means
                return reply
        return None


def followed(ids: Sequence[int]) -> None:
    """What follows messages once they are stored, as the worker does it."""
    for step in followup.STEPS:
        step(_loaded(ids))
    followup.question_parcels([message for message in _loaded(ids) if message.conversation.topic == "not_received"])


def _loaded(ids: Sequence[int]) -> list[Message]:
    rows = Message.objects.filter(pk__in=list(ids)).select_related("shop", "conversation__customer", "conversation__shop")
    return list(rows.order_by("pk"))


def shop_for(script: Script) -> Shop:
    """The shop of that platform and country: one for all its buyers, so that what one case teaches is known in the next."""
    name = f"{script.platform} {script.country}"
    tags = languages.of_country(script.country)
    made, _new = Shop.objects.get_or_create(
        name=name, platform=script.platform,
        defaults={
            "external_id": name, "region": script.country, "language": tags[0] if tags else "en", "created_at": clock.now(),
            "timezone": ZONES.get(script.country, "UTC"), "options": {"address": "shop@example.com"},
        },
    )  # fmt: skip
    return made


def settle_in(script: Script, at: datetime, number: int) -> Buyer:
    """The buyer with everything they bought, as it stands at `at`."""
    shop, order = shop_for(script), f"{at:%y%m%d}{number:06}"
    name = script.name or NAMES[number % len(NAMES)]
    person = Person(f"buyer-{number}", name=name, country=script.country, email=f"buyer{number}@example.net" if _mails(script) else "")
    buyer = Buyer(script, shop, order, at, person)
    with clock.frozen(at):
        for event in _history(script, buyer, at):
            APPLY[type(event)](shop, [event])
        if script.order:
            _money(script.order, buyer.order, at)
    return buyer


def _mails(script: Script) -> bool:
    return script.platform in ("amazon", "email")


def _history(script: Script, buyer: Buyer, at: datetime) -> Iterator[Event]:
    order = script.order
    if order is None:
        return
    currency = order.get("currency", "USD")
    lines = tuple(_line(buyer, currency, order, n, item) for n, item in enumerate(_items(order)))
    yield OrderSeen(
        buyer.number, buyer=buyer.person, at=_ago(at, order, order["state"]), state=order["state"],
        placed_at=_days(at, order.get("placed", 12)), paid_at=_days(at, order.get("placed", 12)), shipped_at=_days(at,
        order.get("shipped")), total=Money.of(order["total"], currency),
        lines=lines, address=address(script, buyer), shipping_method="Standard International",
        ship_by=at + timedelta(days=order.get("ship_by", 2)), cash_on_delivery=bool(order.get("cash_on_delivery")),
        deliver_by=at + timedelta(days=order["promised"]) if "promised" in order else None,
    )  # fmt: skip
    if parcel := order.get("parcel"):
        yield _parcel(buyer, order, parcel, at)
    if order.get("case"):
        yield ReturnSeen(f"R{buyer.number}", buyer.number, state="asked", reason="ITEM_DAMAGED", at=at, answer_by=at + timedelta(days=2))
    if review := script.review:
        yield ReviewSeen(f"V{buyer.number}", order=buyer.number, at=_days(at, 1), buyer=buyer.person.name, **review)


def _items(order: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return order.get("items") or [{"title": "Desk lamp", "price": order["total"]}]


def _line(buyer: Buyer, currency: str, order: Mapping[str, Any], place: int, item: Mapping[str, Any]) -> LineSeen:
    code, price = f"{buyer.number}-{place}", Money.of(item.get("price", order["total"]), currency)
    product = Product.objects.create(name=item["title"], category="bench", created_at=buyer.now)
    cost = item.get("cost")
    sku = Sku.objects.create(
        product=product, code=code, name=item["title"], on_hand=item.get("stock", 40), counted_at=buyer.now, created_at=buyer.now,
        cost_minor=Money.of(cost, currency).minor if cost else price.minor * 3 // 10, cost_currency=currency, weight_g=600,
    )  # fmt: skip
    Listing.objects.create(shop=buyer.shop, sku=sku, item=code, title=item["title"], seen_at=buyer.now)
    for language, text in item.get("facts", {}).items():
        Fact.objects.create(product=product, language=language, text=text, changed_at=buyer.now)
    return LineSeen(f"{place + 1}", item.get("quantity", 1), title=item["title"], item=code, sku=code, price=price)


def _parcel(buyer: Buyer, order: Mapping[str, Any], parcel: Mapping[str, Any], at: datetime) -> ParcelSeen:
    scans = tuple(TrackEvent(_days(at, days) or at, text, status) for days, status, text in parcel.get("scans", ()))
    return ParcelSeen(
        buyer.number, external_id=f"P{buyer.number}", number=parcel.get("number", f"YT{buyer.number}001"),
        carrier=parcel.get("carrier", "yunexpress"), status=parcel["status"], at=max((scan.at for scan in scans), default=_days(at,
        order.get("shipped"))), events=scans,
    )  # fmt: skip


def _money(order: Mapping[str, Any], row: Order | None, at: datetime) -> None:
    """What was paid, and given back before; delivery as the scan says it."""
    assert row
    Order.objects.filter(pk=row.pk).update(delivered_at=_days(at, order.get("delivered")))
    Payment.objects.create(order=row, kind="payment", minor=row.total_minor or 0, currency=row.currency, at=at, settled_at=at)
    if order.get("refunded"):
        settled = at if order.get("settled") else None
        Payment.objects.create(order=row, kind="refund", minor=row.total_minor or 0, currency=row.currency, at=at, settled_at=settled)


def address(script: Script, buyer: Buyer, street: str = "12 Long Street") -> Address:
    return Address(name=buyer.person.name, lines=(street,), city="Town", postcode="12345", country=script.country)


def _ago(at: datetime, order: Mapping[str, Any], state: str) -> datetime:
    since = {"delivered": "delivered", "completed": "delivered", "shipped": "shipped"}.get(state, "placed")
    return _days(at, order.get(since, 12)) or at


def _days(at: datetime, days: float | None) -> datetime | None:
    return None if days is None else at - timedelta(days=days)


def picture() -> bytes:
    """A photo: one grey pixel, as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")
