"""The trade of the pretend Shopee: orders that move on the sandbox's clock, their parcels, ratings, returns; and pushes about each.

A paid order waits for the shop to arrange its shipment; from then on the carrier, the buyer and the platform act by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from bridgedesk.sandbox import shopee_goods as goods
from bridgedesk.sandbox.shopee_chat import ShopeeShop
from bridgedesk.sandbox.shopee_common import DAY, HOUR, seconds
from bridgedesk.sandbox.shopee_push import Pushes
from bridgedesk.sandbox.world import World

JUST_ARRANGED = 5
"""The place of a seeded order whose shipment is arranged and not fetched yet: a state that lasts few hours."""
TO_SHIP = 2 * DAY
GUARANTEE = 15 * DAY
"""How long after dispatch the platform keeps the money back; the buyer may have it kept for MORE days, once."""
MORE = 7 * DAY
EVER = datetime.min.replace(tzinfo=UTC)
WAY = ("PICKED_UP", "DELIVERY_PENDING", "DELIVERY_PENDING", "DELIVERED")
STEPS = (5 * HOUR, 20 * HOUR, 30 * HOUR, 26 * HOUR)  # from one scan to the next
SCANS = {
    "TW": ("包裹已由物流收件", "包裹抵達轉運中心", "包裹已配達門市，待取件", "買家已取件"),
    "MY": ("Bungkusan telah dikutip", "Bungkusan tiba di pusat sisihan", "Bungkusan dalam penghantaran", "Bungkusan telah diserahkan"),
}
WORDS = {
    "TW": (("燈不亮，很失望", "包裝破損", "普通"), ("很漂亮，出貨快！", "跟圖片一樣")),
    "MY": (("Lampu tak menyala", "Kotak rosak", "Biasa saja"), ("Cantik, penghantaran cepat!", "Sama macam gambar")),
}
Item = tuple[goods.Listed, goods.Variation, int]
REASONS = {"TW": "想更換收件地址", "MY": "Nak tukar alamat penghantaran"}


@dataclass
class Sale:
    """One order. `scans` are what the carrier wrote; `delays` how much later than usual it comes to a step of WAY.

    `own_carrier`: sent by one that Shopee does not speak with, so that the shop names the number.
    """

    shop: ShopeeShop
    order_sn: str
    buyer_id: int
    buyer: str
    items: list[Item]
    at: datetime
    status: str = "UNPAID"
    updated: datetime = EVER
    paid: datetime | None = None
    note: str = ""
    wish: str = ""
    before_wish: str = ""
    number: str = ""
    logistics: str = "LOGISTICS_NOT_START"
    scans: list[tuple[datetime, str, str]] = field(default_factory=list)
    delays: dict[int, timedelta] = field(default_factory=dict)
    own_carrier: bool = False
    prolonged: bool = False
    parts: list[list[tuple[int, int]]] = field(default_factory=list)  # of a split order: (place of the item, pieces) by parcel

    @property
    def guaranteed_until(self) -> datetime | None:
        """When the money is given to the shop, unless the buyer objects; None before it left."""
        return self.scans[0][0] + GUARANTEE + self.prolonged * MORE if self.scans else None

    @property
    def packages(self) -> list[tuple[str, list[tuple[int, int]]]]:
        """Package numbers with what lies in each."""
        whole = [(place, pieces) for place, (_l, _v, pieces) in enumerate(self.items)]
        return [(f"OFG{self.order_sn}{n}", part) for n, part in enumerate(self.parts or [whole], 1)]


class Trade:
    """Everything bought in all shops."""

    def __init__(self, world: World, shops: tuple[ShopeeShop, ...], pushes: Pushes) -> None:
        self.world, self.pushes = world, pushes
        self.goods = {shop.shop_id: goods.listings(shop.shop_id, shop.region) for shop in shops}
        self.sales: dict[str, Sale] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {shop.shop_id: [] for shop in shops}
        self.returns: dict[int, list[dict[str, Any]]] = {shop.shop_id: [] for shop in shops}
        self.penalties: dict[int, list[dict[str, Any]]] = {shop.shop_id: [] for shop in shops}

    def buy(
        self, shop: ShopeeShop, buyer_id: int, buyer: str, order_sn: str = "", *, ago: timedelta = timedelta(), push: bool = True,
        wanted: Mapping[str, int] | None = None,
    ) -> Sale:  # fmt: skip
        """A buyer orders one or two articles, or those `wanted` by the shop's codes, and pays."""
        chance, at = self.world.random, self.world.now() - ago
        items = self._chosen(shop, wanted) if wanted else self._drawn(shop)
        number = order_sn or f"{at:%y%m%d}" + "".join(chance.choice("ABCDEFGHJKMNPQRSTUVWXYZ0123456789") for _ in range(8))
        sale = self.sales.setdefault(number, Sale(shop, number, buyer_id, buyer, items, at))
        for _listed, variation, pieces in items:
            variation.stock, variation.reserved = max(variation.stock - pieces, 0), variation.reserved + pieces
        sale.paid, sale.logistics = at, "LOGISTICS_READY"
        self.set_status(sale, "READY_TO_SHIP", at=at, push=push)
        return sale

    def _drawn(self, shop: ShopeeShop) -> list[Item]:
        chance = self.world.random
        chosen = chance.sample(list(self.goods[shop.shop_id].values()), chance.choice((1, 1, 2)))
        return [(listed, chance.choice(listed.variations), chance.choice((1, 1, 1, 2))) for listed in chosen]

    def _chosen(self, shop: ShopeeShop, wanted: Mapping[str, int]) -> list[Item]:
        offered = {one.sku: (listed, one) for listed in self.goods[shop.shop_id].values() for one in listed.variations}
        return [(*offered[code], pieces) for code, pieces in wanted.items()]

    def set_status(self, sale: Sale, status: str, *, at: datetime | None = None, push: bool = True) -> None:
        """Move an order, and tell (push 3)."""
        sale.status, sale.updated = status, at or self.world.now()
        if push:
            told = {"ordersn": sale.order_sn, "status": status, "completed_scenario": "", "items": [], "update_time": seconds(sale.updated)}
            self.pushes.send(sale.shop.shop_id, 3, told)

    def set_logistics(self, sale: Sale, status: str) -> None:
        """Move its parcels, and tell (push 30)."""
        sale.logistics = status
        for number, _items in sale.packages:
            told = {"ordersn": sale.order_sn, "package_number": number, "fulfillment_status": status, "update_time": self._now()}
            self.pushes.send(sale.shop.shop_id, 30, told)

    def arrange(self, sale: Sale, number: str = "") -> None:
        """The shop arranged the shipment: a tracking number is given (push 4), the carrier comes."""
        sale.number = number or f"{sale.shop.region}{self.world.serial() % 10**12:012d}"
        self.set_status(sale, "PROCESSED")
        self.set_logistics(sale, "LOGISTICS_REQUEST_CREATED")
        for package, _items in sale.packages:
            told = {"ordersn": sale.order_sn, "package_number": package, "tracking_no": sale.number, "forder_id": package}
            self.pushes.send(sale.shop.shop_id, 4, told)
        self.world.spawn(self._travel(sale))

    def follow(self, sale: Sale) -> None:
        """An order that was shipped some days ago: it goes on from here."""
        sale.number, sale.logistics = f"{sale.shop.region}{self.world.serial() % 10**12:012d}", "LOGISTICS_PICKUP_DONE"
        self.scan(sale, 0, sale.at + 12 * HOUR)
        self.scan(sale, 1, sale.at + 32 * HOUR)
        self.set_status(sale, "SHIPPED", at=sale.at + 32 * HOUR, push=False)
        self.world.spawn(self._travel(sale, begun=2))

    async def _travel(self, sale: Sale, begun: int = 0) -> None:
        over = 0.0
        for step, pause in list(enumerate(STEPS))[begun:]:
            over = await self.world.wait((pause + sale.delays.get(step, timedelta())).total_seconds() - over)
            if sale.status not in ("PROCESSED", "SHIPPED"):
                return
            self.scan(sale, step, self.world.now() - timedelta(seconds=over))
            if step == 0:
                self.set_status(sale, "SHIPPED")
                self.set_logistics(sale, "LOGISTICS_PICKUP_DONE")
        self.set_status(sale, "TO_CONFIRM_RECEIVE")
        self.set_logistics(sale, "LOGISTICS_DELIVERY_DONE")
        await self.world.wait(DAY.total_seconds() - over)
        self.complete(sale)

    def prolong(self, sale: Sale) -> None:
        """The buyer has the money kept back for longer, once."""
        sale.prolonged, sale.updated = True, self.world.now()

    def scan(self, sale: Sale, step: int, at: datetime) -> None:
        """The carrier writes down where the parcel is, in the buyer's language."""
        sale.scans.append((at, WAY[step], SCANS.get(sale.shop.region, SCANS["MY"])[step]))

    def complete(self, sale: Sale) -> None:
        """The buyer confirms, and some rate or send back."""
        if sale.status != "TO_CONFIRM_RECEIVE":
            return
        self.set_status(sale, "COMPLETED")
        if self.world.random.random() < 0.7:
            self.rate(sale)

    def rate(
        self, sale: Sale, stars: int = 0, *, at: datetime | None = None, words: str | None = None, images: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """The buyer rates, in these words ("": stars alone) or in some; it may still be changed."""
        stars = stars or self.world.random.choice((1, 2, 3, 4, 5, 5, 5))
        low, high = WORDS.get(sale.shop.region, WORDS["MY"])
        said = self.world.random.choice(low if stars < 4 else high) if words is None else words
        listed, variation, _pieces = sale.items[0]
        comment = {
            "comment_id": self.world.serial(), "order_sn": sale.order_sn, "comment": said,
            "buyer_username": sale.buyer, "item_id": listed.item_id, "model_id_list": [variation.model_id],
            "create_time": seconds(at or self.world.now()), "rating_star": stars, "editable": "EDITABLE", "hidden": False,
            "media": {"image_url_list": list(images), "video_url_list": []}, "comment_reply": None,
        }  # fmt: skip
        self.comments[sale.shop.shop_id].insert(0, comment)
        return comment

    def rate_again(self, comment: dict[str, Any], stars: int, words: str) -> None:
        """The buyer changes a rating, which is possible once."""
        comment.update(rating_star=stars, comment=words, editable="HAVE_EDIT_ONCE")

    def wish_to_cancel(self, sale: Sale) -> None:
        """The buyer asks to cancel; it waits for the shop's answer."""
        sale.before_wish, sale.wish = sale.status, REASONS.get(sale.shop.region, REASONS["MY"])
        self.set_status(sale, "IN_CANCEL")

    def send_back(self, sale: Sale, reason: str = "FUNCTIONAL_DMG", *, money_only: bool = False) -> dict[str, Any]:
        """The buyer wants to return it, or the money without that (push 29)."""
        now = self.world.now()
        listed, variation, pieces = sale.items[0]
        row = {
            "return_sn": self._return_number(sale), "order_sn": sale.order_sn, "reason": reason,
            "text_reason": WORDS.get(sale.shop.region, WORDS["MY"])[0][0], "currency": listed.currency, "status": "REQUESTED",
            "refund_amount": listed.price * pieces, "amount_before_discount": listed.price * pieces,
            "create_time": seconds(now), "update_time": seconds(now),
            "due_date": seconds(now + 2 * DAY), "return_ship_due_date": seconds(now + 7 * DAY), "tracking_number": "",
            "return_seller_due_date": seconds(now + 14 * DAY), "needs_logistics": not money_only, "image": [],
            "return_solution": int(money_only), "validation_type": "seller_validation",
            "negotiation": {"negotiation_status": "PENDING_RESPOND", "counter_limit": 3, "offer_due_date": seconds(now + 2 * DAY)},
            "user": {"username": sale.buyer, "email": "", "portrait": ""}, "negotiation_status": "PENDING_RESPOND",
            "item": [{"item_id": listed.item_id, "model_id": variation.model_id, "name": listed.title, "amount": pieces, "images": []}],
        }  # fmt: skip
        self.returns[sale.shop.shop_id].append(row)
        self._tell_return(sale.shop.shop_id, row, "", "REQUESTED")
        return row

    def _return_number(self, sale: Sale) -> str:
        """The same after a restart, so that what a desk knows of it still holds."""
        before = sum(row["order_sn"] == sale.order_sn for row in self.returns[sale.shop.shop_id])
        return f"{sale.at:%y%m%d}0RET{(crc32(sale.order_sn.encode()) + before) % 10**6:06d}"

    def move_return(self, shop_id: int, row: dict[str, Any], status: str, *, at: datetime | None = None) -> None:
        """A return goes on (push 29)."""
        before, row["status"], row["update_time"] = row["status"], status, seconds(at) if at else self._now()
        self._tell_return(shop_id, row, before, status)

    def _tell_return(self, shop_id: int, row: dict[str, Any], before: str, after: str) -> None:
        change = {"update_field": "return_status", "old_value": before, "new_value": after, "update_time": self._now()}
        self.pushes.send(shop_id, 29, {"order_sn": row["order_sn"], "return_sn": row["return_sn"], "updated_values": [change]})

    def postpone(self, sale: Sale, days: int = 1) -> None:
        """The platform gives more time to ship (push 47)."""
        old, new = seconds(sale.at + TO_SHIP), seconds(sale.at + TO_SHIP + days * DAY)
        sale.at += days * DAY
        sale.updated = self.world.now()
        for package, _items in sale.packages:
            told = {"order_sn": sale.order_sn, "package_number": package, "changed_fields": ["ship_by_date"], "update_time": self._now(),
                    "old": {"ship_by_date": old}, "new": {"ship_by_date": new}}  # fmt: skip
            self.pushes.send(sale.shop.shop_id, 47, told)

    def punish(self, shop_id: int, kind: int = 5, points: int = 1) -> None:
        """The platform gives points (push 28)."""
        row = {"issue_time": self._now(), "latest_point_num": points, "original_point_num": points, "reference_id": self.world.serial(),
               "violation_type": kind}  # fmt: skip
        self.penalties[shop_id].insert(0, row)
        told = {"action_type": 1, "points_issued_data": {"issued_points": points, "violation_type": kind}, "update_time": self._now()}
        self.pushes.send(shop_id, 28, told)

    def _now(self) -> int:
        return seconds(self.world.now())


def seed(trade: Trade, shop: ShopeeShop, buyers: list[tuple[int, str, str]], now: datetime) -> None:
    """Orders of the last weeks in every state, for these (user id, name, order number); nothing is pushed."""
    for place, (buyer_id, buyer, number) in enumerate(buyers):
        ago = timedelta(hours=27 if place == JUST_ARRANGED else 3 + (place * 37) % 400)
        sale = trade.buy(shop, buyer_id, buyer, number, ago=ago, push=False)
        _age(trade, sale, place, now)


def _age(trade: Trade, sale: Sale, place: int, now: datetime) -> None:
    """What has happened to an order since it was paid."""
    if now - sale.at < 26 * HOUR:
        if place % 7 == 3:
            sale.wish, sale.before_wish, sale.status = REASONS.get(sale.shop.region, REASONS["MY"]), "READY_TO_SHIP", "IN_CANCEL"
        return
    sale.number, at = f"{sale.shop.region}{seconds(sale.at):010d}{place:02d}", sale.at + 24 * HOUR
    for step, pause in enumerate(STEPS):
        at += pause
        if at > now:
            break
        trade.scan(sale, step, at)
    done = len(sale.scans)
    sale.status = ("PROCESSED", "SHIPPED", "SHIPPED", "SHIPPED", "COMPLETED")[done]
    sale.logistics = ("LOGISTICS_REQUEST_CREATED", *["LOGISTICS_PICKUP_DONE"] * 3, "LOGISTICS_DELIVERY_DONE")[done]
    sale.updated = sale.scans[-1][0] if sale.scans else sale.updated
    if done == len(STEPS) and place % 3:
        trade.rate(sale, at=min(now, at + DAY))
    if done == len(STEPS) and place % 11 == 4:
        trade.send_back(sale)
