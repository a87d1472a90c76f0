"""Orders of the pretend AliExpress: their state follows from the sandbox's clock and from what the seller and the buyer did."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bridgedesk.sandbox.aliexpress_disputes import REFUND, WAITS_SELLER, Issue, Solution

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAID, CHECKED, TO_SHIP, TO_ANSWER, RECEIPT = HOUR / 3, HOUR, 7 * DAY, 5 * DAY, 25 * DAY
MOST_EXTENDED = 60
"""Days in all; the real platform does not publish its own."""
CONFIRMS, SETTLED, RATED = 3 * DAY, 2 * DAY, 4 * DAY
WAY = (
    (6 * HOUR, "PU_PICKUP_SUCCESS", "Accepted by carrier", "Shenzhen"),
    (1 * DAY, "SC_INBOUND_SUCCESS", "Inbound in sorting center", "Dongguan"),
    (3 * DAY, "LH_DEPART", "Leaving from departure country/region", "Guangzhou"),
    (8 * DAY, "CC_IM_START", "Import customs clearance start", ""),
    (9 * DAY, "CC_IM_SUCCESS", "Import customs clearance complete", ""),
    (11 * DAY, "GTMS_ACCEPT", "Received by local delivery company", ""),
    (13 * DAY, "GTMS_WAIT_SELF_PICK", "Waiting for pick up by the buyer", ""),
    (15 * DAY, "GTMS_SIGNED", "Delivered", ""),
)
STUCK_AT = 3
SERVICES = (
    ("CAINIAO_STANDARD", "AliExpress Standard Shipping", "Cainiao", r"[A-Z0-9]{10,20}"),
    ("YANWEN_AM", "China Post Registered Air Mail (Yanwen)", "Yanwen", r"[A-Z]{2}\d{9}[A-Z]{2}"),
    ("Other", "Seller's Shipping Method", "", ""),
)


@dataclass
class Variation:
    """One variation on sale, by the seller's own code."""

    code: str
    option: str
    stock: int


@dataclass(frozen=True)
class Product:
    """A listing. `cents` US dollars."""

    id: int
    title: str
    cents: int
    variations: tuple[Variation, ...]


@dataclass(frozen=True)
class Person:
    """Who buys. `buyer_id` is that of instant messages, `login` that of orders; `street` as typed, "" the usual one of the country."""

    buyer_id: int
    login: str
    name: str
    country: str
    street: str = ""


@dataclass
class Sent:
    """A shipment the seller declared. `stuck`: it never gets farther than the departure; `delays`: how much later it comes to a step."""

    number: str
    service: str
    at: datetime
    lines: tuple[str, ...]
    stuck: bool = False
    delays: dict[int, timedelta] = field(default_factory=dict)

    def scans(self, now: datetime) -> list[tuple[datetime, str, str, str]]:
        """What carriers wrote so far: (when, code, text, place)."""
        late, seen = self.at, []
        for place, (after, code, text, where) in enumerate(WAY[:STUCK_AT] if self.stuck else WAY):
            late += self.delays.get(place, timedelta())
            seen.append((late + after, code, text, where))
        return [scan for scan in seen if scan[0] <= now]

    def received(self, now: datetime) -> datetime | None:
        """When it was delivered, if it was."""
        found = [at for at, code, _text, _place in self.scans(now) if code == "GTMS_SIGNED"]
        return found[0] if found else None


@dataclass
class AliOrder:
    """One order."""

    id: str
    placed: datetime
    buyer: Person
    lines: tuple[tuple[str, Product, Variation, int], ...]
    note: str = ""
    remark: str = ""
    sent: list[Sent] = field(default_factory=list)
    extended: int = 0
    wish_at: datetime | None = None
    cancelled_at: datetime | None = None
    issue: Issue | None = None
    stars: int = 0
    reply: str = ""
    touched: list[datetime] = field(default_factory=list)

    @property
    def paid(self) -> datetime:
        """When the money came."""
        return self.placed + PAID

    @property
    def ship_by(self) -> datetime:
        """Until when it has to leave."""
        return self.paid + CHECKED + TO_SHIP

    def left(self) -> list[str]:
        """Lines still to be sent."""
        gone = {line for parcel in self.sent for line in parcel.lines}
        return [line for line, *_rest in self.lines if line not in gone]

    @property
    def shipped_at(self) -> datetime | None:
        """When the last of it left."""
        return max(parcel.at for parcel in self.sent) if self.sent and not self.left() else None

    @property
    def receive_by(self) -> datetime | None:
        """Until when the buyer has to confirm, or it counts as confirmed."""
        return self.shipped_at + RECEIPT + self.extended * DAY if self.shipped_at else None

    def confirmed_at(self, now: datetime) -> datetime | None:
        """When the buyer confirmed, or the time to do so ran out."""
        if self.receive_by is None or (self.issue and not self.issue.ended):
            return None
        times = [parcel.received(now) for parcel in self.sent]
        arrived = max(at + CONFIRMS for at in times if at) if all(times) else self.receive_by
        ended = min(arrived, self.receive_by)
        return ended if ended <= now else None

    def end(self, now: datetime) -> tuple[datetime, str] | None:
        """When and why it was over."""
        if self.cancelled_at:
            return self.cancelled_at, "cancel_order_close_trade"
        if not self.sent and self.ship_by <= now and not self.wish_at:
            return self.ship_by, "seller_send_goods_timeout"
        confirmed = self.confirmed_at(now)
        return (confirmed + SETTLED, "buyer_accept_goods") if confirmed and confirmed + SETTLED <= now else None

    def status(self, now: datetime) -> str:
        """The platform's word for it."""
        if self.end(now):
            return "FINISH"
        if now < self.paid:
            return "PLACE_ORDER_SUCCESS"
        if now < self.paid + CHECKED:
            return "RISK_CONTROL"
        if self.wish_at:
            return "IN_CANCEL"
        if self.left():
            return "SELLER_PART_SEND_GOODS" if self.sent else "WAIT_SELLER_SEND_GOODS"
        return "FUND_PROCESSING" if self.confirmed_at(now) else "WAIT_BUYER_ACCEPT_GOODS"

    def ends(self, now: datetime) -> datetime | None:
        """When its present status runs out."""
        status = self.status(now)
        if status == "IN_CANCEL" and self.wish_at:
            return self.wish_at + TO_ANSWER
        if status in ("WAIT_SELLER_SEND_GOODS", "SELLER_PART_SEND_GOODS"):
            return self.ship_by
        return self.receive_by if status == "WAIT_BUYER_ACCEPT_GOODS" else None

    def updated(self, now: datetime) -> datetime:
        """The last moment anything about it changed."""
        end, confirmed = self.end(now), self.confirmed_at(now)
        moments = [self.placed, self.paid, self.paid + CHECKED, self.wish_at, confirmed, *self.touched, *(p.at for p in self.sent)]
        moments += [end[0] if end else None, *(p.received(now) for p in self.sent)]
        return max(at for at in moments if at and at <= now)

    def rated_at(self, now: datetime) -> datetime | None:
        """When the buyer rated, if they did."""
        end = self.end(now)
        if not self.stars or not end or end[1] != "buyer_accept_goods":
            return None
        return end[0] + RATED if end[0] + RATED <= now else None


def products() -> dict[int, Product]:
    """What the seller lists."""
    rows = (
        ("Nordic ceramic table lamp E27", 3290, "LAMP-CER", ("White", "Mist blue"), 40),
        ("LED reading light, USB rechargeable", 1450, "LAMP-READ", ("Cool white", "Warm white"), 110),
        ("Rattan pendant lamp", 6900, "PEND-RAT", ("30 cm", "45 cm"), 7),
        ("Motion sensor night light, 2 pieces", 790, "NIGHT-SEN", ("2 pieces",), 260),
    )
    made = {}
    for place, (title, cents, code, options, stock) in enumerate(rows, 1):
        kinds = tuple(Variation(f"{code}-{n}", option, stock - 3 * n) for n, option in enumerate(options, 1))
        made[1_005_006_000_000_000 + place] = Product(1_005_006_000_000_000 + place, title, cents, kinds)
    return made


def wanted(number: str, placed: datetime, buyer: Person, goods: dict[int, Product], codes: dict[str, int]) -> AliOrder:
    """An order of these articles, by the seller's codes, and so many of each."""
    offered = {kind.code: (one, kind) for one in goods.values() for kind in one.variations}
    lines = tuple((f"{number[:-1]}{n}", *offered[code], pieces) for n, (code, pieces) in enumerate(codes.items(), 1))
    return AliOrder(number, placed, buyer, lines)


def new(number: str, placed: datetime, buyer: Person, goods: dict[int, Product], chance: Random) -> AliOrder:
    """An order of one or two articles."""
    chosen = chance.sample(list(goods.values()), chance.choice((1, 1, 2)))
    lines = tuple((f"{number[:-1]}{n}", one, chance.choice(one.variations), chance.choice((1, 1, 2))) for n, one in enumerate(chosen, 1))
    return AliOrder(number, placed, buyer, lines, note=chance.choice(("", "", "Please pack well, it is a gift")))


def grow(order: AliOrder, place: int, now: datetime) -> None:
    """What has happened to an order of the past by now; `place` decides which course it took."""
    leaves = order.paid + CHECKED + DAY
    if leaves > now or place % 13 == 6:
        order.wish_at = now - HOUR if place % 9 == 4 and order.paid + CHECKED < now < order.ship_by else None
        return
    number = f"LP{int(order.placed.timestamp()) % 10**10:010d}{place:02d}CN"
    order.sent.append(Sent(number, "CAINIAO_STANDARD", leaves, tuple(order.left()), stuck=place % 5 == 1))
    order.stars = (5, 4, 0, 5, 2, 1, 0, 5)[place % 8]
    if place % 7 == 3 and leaves + 10 * DAY < now:
        order.issue = disputed(order, int(order.id[-12:]) + 7, min(now - HOUR, leaves + 12 * DAY))


def disputed(order: AliOrder, number: int, at: datetime, kind: str = REFUND) -> Issue:
    """The buyer opens a dispute about the first article and wants all its money."""
    line, one, _variation, pieces = order.lines[0]
    wanted = Solution(number * 10 + 1, kind, one.cents * pieces, "buyer", at, WAITS_SELLER, "The lamp does not light up.")
    order.touched.append(at)
    return Issue(number, at, line, one.cents * pieces, solutions=[wanted])


HOMES = {
    "ES": ("Calle de la Luna 14, 2B", "Madrid", "Madrid", "28004", "+34", "612{:06d}"),
    "MX": ("Av. Juárez 210, Int. 4", "Guadalajara", "Jal.", "44100", "+52", "3312{:06d}"),
    "AR": ("Av. Rivadavia 1420, 3º A", "Buenos Aires", "Ciudad Autónoma de Buenos Aires", "C1033AAP", "+54", "91134{:06d}"),
    "CL": ("Calle Merced 812, depto 51", "Santiago", "Región Metropolitana", "8320146", "+56", "961{:06d}"),
    "FR": ("8 rue des Lilas", "Lyon", "", "69003", "+33", "612{:06d}"),
    "BE": ("Rue de la Loi 42", "Bruxelles", "", "1040", "+32", "471{:06d}"),
    "CH": ("Bahnhofstrasse 7", "Zürich", "", "8001", "+41", "791{:06d}"),
    "BR": ("Rua das Flores 220", "Curitiba", "PR", "80020-090", "+55", "41991{:06d}"),
    "PT": ("Rua Augusta 88, 2 Dto", "Lisboa", "", "1100-053", "+351", "912{:06d}"),
    "PL": ("ul. Lipowa 7/12", "Kraków", "", "30-702", "+48", "512{:06d}"),
    "RU": ("ул. Лесная, д. 5, кв. 18", "Казань", "Татарстан", "420111", "+7", "9172{:06d}"),
    "KZ": ("пр. Абая 44, кв. 9", "Алматы", "", "050000", "+7", "7012{:06d}"),
    "BY": ("ул. Немига 12, кв. 3", "Минск", "", "220030", "+375", "291{:06d}"),
    "KR": ("테헤란로 12, 301호", "강남구", "서울특별시", "06134", "+82", "1012{:06d}"),
    "DE": ("Lindenweg 14", "Kassel", "", "34117", "+49", "15112{:06d}"),
    "AT": ("Mariahilfer Straße 21", "Wien", "", "1060", "+43", "66412{:06d}"),
}  # fmt: skip


def address(buyer: Person) -> dict[str, Any]:
    """Where they live, before it is put into cipher."""
    street, city, province, code, prefix, number = HOMES.get(buyer.country, HOMES["ES"])
    return {"contact_person": buyer.name, "detail_address": buyer.street or street, "address2": "", "city": city, "province": province,
            "zip": code,
            "country": buyer.country or "ES", "phone_country": prefix, "mobile_no": number.format(buyer.buyer_id % 10**6)}  # fmt: skip
