"""Orders of the pretend Amazon: their state follows from the sandbox's clock and from what the seller did."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

AUTHORISED, SHIP_BY, FBA_SHIPS, ON_THE_WAY = timedelta(minutes=30), timedelta(days=2), timedelta(hours=8), timedelta(days=5)
GOODS = (
    ("LH-LAMP-01", "B0SANDBX01", "Folding desk lamp, warm white", 2499),
    ("LH-TIMER-02", "B0SANDBX02", "Magnetic kitchen timer", 1290),
    ("LH-BAG-03", "B0SANDBX03", "Waterproof wash bag, grey", 1850),
)
PEOPLE = (
    ("Anja Keller", {"addressLine1": "Lindenweg 14", "city": "Kassel", "postalCode": "34117", "addressType": "RESIDENTIAL"}),
    ("Jonas Brandt", {"companyName": "Brandt Optik", "addressLine1": "Hafenstr. 3", "city": "Kiel", "postalCode": "24103",
                      "addressType": "COMMERCIAL"}),
    ("Mara Vogt", {"addressLine1": "Packstation 118", "addressLine2": "60023914", "city": "Ulm", "postalCode": "89073",
                   "addressType": "PICKUP_POINT"}),
)  # fmt: skip


def stamp(at: datetime) -> str:
    """As Amazon writes times."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Package:
    """A shipment the seller confirmed. `takes` so long until it is delivered."""

    number: str
    carrier: str
    tracking: str
    at: datetime
    items: tuple[tuple[str, int], ...]
    takes: timedelta = ON_THE_WAY


@dataclass
class AmazonOrder:
    """One order. `wish_at`: when the buyer asks to cancel, if ever."""

    id: str
    placed: datetime
    buyer: tuple[str, dict[str, str]]
    lines: tuple[tuple[str, tuple[str, str, str, int], int], ...]
    fba: bool = False
    wish_at: datetime | None = None
    packages: dict[str, Package] = field(default_factory=dict)
    touched: datetime | None = None
    asked: bool = False

    def shipped(self) -> dict[str, int]:
        """Pieces shipped by line."""
        sums: dict[str, int] = {}
        for package in self.packages.values():
            for line, pieces in package.items:
                sums[line] = sums.get(line, 0) + pieces
        return sums

    def settle(self, now: datetime) -> None:
        """Amazon packs its own."""
        if self.fba and not self.packages and now >= self.placed + FBA_SHIPS:
            items = tuple((line, pieces) for line, _goods, pieces in self.lines)
            self.packages["1"] = Package("1", "AMZN_DE", f"DE{self.id[-7:]}", self.placed + FBA_SHIPS, items)

    def delivered_at(self, now: datetime) -> datetime | None:
        """When the last parcel arrived."""
        self.settle(now)
        if not self._complete():
            return None
        last = max(package.at + package.takes for package in self.packages.values())
        return last if last <= now else None

    def _complete(self) -> bool:
        sent = self.shipped()
        return all(sent.get(line, 0) >= pieces for line, _goods, pieces in self.lines)

    def status(self, now: datetime) -> str:
        """FulfillmentStatus."""
        self.settle(now)
        if now < self.placed + AUTHORISED:
            return "PENDING"
        if self._complete():
            return "SHIPPED"
        return "PARTIALLY_SHIPPED" if self.packages else "UNSHIPPED"

    def updated(self, now: datetime) -> datetime:
        """The last moment anything about it changed."""
        self.settle(now)
        moments = [self.placed, self.placed + AUTHORISED, self.wish_at, self.touched]
        moments += [at for package in self.packages.values() for at in (package.at, package.at + package.takes)]
        return max(at for at in moments if at and at <= now)

    def told(self, now: datetime, included: set[str]) -> dict[str, Any]:
        """As the Orders API tells it, with the data sets asked for."""
        name, address = self.buyer
        whole: dict[str, Any] = {
            "orderId": self.id, "createdTime": stamp(self.placed), "lastUpdatedTime": stamp(self.updated(now)), "programs": [],
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1PA6795UKMFR9", "marketplaceName": "Amazon.de"},
            "orderItems": [self._item(line, goods, pieces, now, included) for line, goods, pieces in self.lines],
        }  # fmt: skip
        if "BUYER" in included and not self.fba:
            whole["buyer"] = {"buyerName": name, "buyerEmail": f"{self.id.replace('-', '')}@marketplace.amazon.de"}
        if "RECIPIENT" in included and not self.fba:
            whole["recipient"] = {"deliveryAddress": {"name": name, "countryCode": "DE", **address}}
        if "PROCEEDS" in included:
            whole["proceeds"] = {"grandTotal": euros(sum(goods[3] * pieces for _line, goods, pieces in self.lines))}
        if "FULFILLMENT" in included:
            whole["fulfillment"] = self._fulfilment(now)
        if "PACKAGES" in included and self.packages and not self.fba:
            whole["packages"] = [self._package(package, now) for package in self.packages.values()]
        return whole

    def _fulfilment(self, now: datetime) -> dict[str, Any]:
        return {
            "fulfillmentStatus": self.status(now), "fulfilledBy": "AMAZON" if self.fba else "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD",
            "shipByWindow": {"earliestDateTime": stamp(self.placed + AUTHORISED), "latestDateTime": stamp(self.placed + SHIP_BY)},
            "deliverByWindow": {"earliestDateTime": stamp(self.placed + timedelta(days=4)),
                                "latestDateTime": stamp(self.placed + timedelta(days=8))},
        }  # fmt: skip

    def _item(self, line: str, goods: tuple[str, str, str, int], pieces: int, now: datetime, included: set[str]) -> dict[str, Any]:
        sku, asin, title, price = goods
        item: dict[str, Any] = {
            "orderItemId": line, "quantityOrdered": pieces,
            "product": {"asin": asin, "title": title, "sellerSku": sku, "condition": {"conditionType": "NEW"},
                        "price": {"unitPrice": euros(price)}},
        }  # fmt: skip
        if "FULFILLMENT" in included:
            sent = self.shipped().get(line, 0)
            item["fulfillment"] = {"quantityFulfilled": sent, "quantityUnfulfilled": pieces - sent}
        if "CANCELLATION" in included and self.wish_at and self.wish_at <= now:
            item["cancellation"] = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "ORDERED_BY_MISTAKE"}}
        return item

    def _package(self, package: Package, now: datetime) -> dict[str, Any]:
        arrived = now >= package.at + package.takes
        return {
            "packageReferenceId": package.number, "carrier": package.carrier, "trackingNumber": package.tracking,
            "shipTime": stamp(package.at),
            "packageStatus": {"status": "DELIVERED" if arrived else "IN_TRANSIT"},
            "packageItems": [{"orderItemId": line, "quantity": pieces} for line, pieces in package.items],
        }  # fmt: skip


def euros(cents: int) -> dict[str, str]:
    """A sum as Amazon writes it."""
    return {"amount": f"{cents // 100}.{cents % 100:02d}", "currencyCode": "EUR"}


def made(now: datetime, random: Random, count: int = 12) -> dict[str, AmazonOrder]:
    """Orders of the last days: each third packed by Amazon, one with a wish to cancel, the older ones shipped already."""
    orders: dict[str, AmazonOrder] = {}
    for place in range(count):
        order = new(now - timedelta(hours=9 * place, minutes=40), random, fba=place % 3 == 2)
        if place == 1:
            order.wish_at = order.placed + timedelta(hours=2)
        if place > 6 and not order.fba:
            items = tuple((line, pieces) for line, _goods, pieces in order.lines)
            order.packages["1"] = Package("1", "DHL", f"00340434{random.randrange(10**12):012d}", order.placed + timedelta(hours=20), items)
        orders[order.id] = order
    return orders


def wanted(placed: datetime, random: Random, buyer: tuple[str, dict[str, str]], skus: dict[str, int]) -> AmazonOrder:
    """An order of that buyer (name and address) of these articles, by the seller's SKU, and so many of each."""
    made = new(placed, random)
    goods = {row[0]: row for row in GOODS}
    lines = tuple((f"{random.randrange(10**13, 10**14)}", goods[sku], pieces) for sku, pieces in skus.items())
    return AmazonOrder(made.id, placed, buyer, lines)


def new(placed: datetime, random: Random, *, fba: bool = False) -> AmazonOrder:
    """An order of one to two articles."""
    number = f"{random.randrange(301, 307)}-{random.randrange(10**7):07d}-{random.randrange(10**7):07d}"
    lines = tuple(
        (f"{random.randrange(10**13, 10**14)}", goods, random.randrange(1, 3)) for goods in random.sample(GOODS, random.randrange(1, 3))
    )
    return AmazonOrder(number, placed, random.choice(PEOPLE), lines, fba=fba)
