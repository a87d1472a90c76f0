"""Orders over all platforms: what was bought, where it goes, what changed, what to look at, what is in which parcel."""

from typing import Self, TypeVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import MD5, Coalesce, Upper

from bridgedesk.channels.events import RETURN_STATES, STATES, TRACK_STATES
from bridgedesk.customers.models import Customer, PaymentMethod
from bridgedesk.lib.money import Money
from bridgedesk.orders.packing_models import PackScan  # noqa: F401 (an app's models are found here)
from bridgedesk.orders.picture_models import Picture  # noqa: F401
from bridgedesk.orders.stockout_models import ShortLine, Stockout  # noqa: F401
from bridgedesk.orders.tracker_models import Tracker, TrackerNews  # noqa: F401 (an app's models are found here)
from bridgedesk.products.models import Listing, Sku
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

Row = TypeVar("Row", bound=models.Model)


class OfShops(models.QuerySet[Row]):
    """Rows with a `shop`."""

    def visible_to(self, agent: Agent) -> "Self":
        """Those of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class OfOrders(models.QuerySet[Row]):
    """Rows with an `order`."""

    def visible_to(self, agent: Agent) -> "Self":
        """Those of orders of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(order__shop__in=Shop.objects.visible_to(agent))


class Order(models.Model):
    """One order. `status` is the platform's own word, `state` ours; both "" until told. Money in minor units of `currency`.

    `ship_by`, `receive_by`, `cancel_answer_by` are the platform's clocks; None where it has none or did not tell.
    """

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="orders")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="orders")
    external_id = models.CharField(max_length=80)
    status = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=16, blank=True, choices=[(name, name) for name in STATES])
    status_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    placed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    ship_by = models.DateTimeField(null=True)
    deliver_by = models.DateTimeField(null=True)
    receive_by = models.DateTimeField(null=True)
    cancel_answer_by = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    total_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    address = models.JSONField(default=dict, blank=True)  # the fields of channels.events.Address
    country = models.CharField(max_length=2, blank=True)
    shipping_method = models.CharField(max_length=120, blank=True)
    payment_method = models.CharField(max_length=80, blank=True)
    cash_on_delivery = models.BooleanField(default=False)
    fulfilled_by = models.CharField(max_length=16, blank=True)  # "platform": its warehouse packs; "" or "seller": we do
    buyer_note = models.TextField(blank=True)
    seller_note = models.TextField(blank=True)
    cancel_wish = models.TextField(null=True)  # the buyer's reason; None: no wish to cancel
    cancel_reason = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=500, blank=True)
    hold = models.CharField(max_length=200, blank=True)  # why nothing of it may be packed; "" when it may
    held_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")  # None: a rule did
    held_at = models.DateTimeField(null=True)
    articles_changed_at = models.DateTimeField(null=True)  # swapped before it left; an own shop does that once
    checked_at = models.DateTimeField(null=True)  # findings computed on what was known then; None: they are to be
    recheck_at = models.DateTimeField(null=True)  # when time alone may change what was found
    attention = models.PositiveSmallIntegerField(default=0)  # 0 nobody, 1 buyer asked, 2 look, 3 do not pack before (orders.findings)
    phone_key = models.CharField(max_length=32, blank=True)  # digests (orders.rules): the same for the same number, the same place
    address_key = models.CharField(max_length=32, blank=True)

    objects = OfShops.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="order_once")]
        indexes = [
            models.Index(fields=["shop", "state", "ship_by"], name="order_state"),
            models.Index(fields=["ship_by"], condition=models.Q(state__in=["to_ship", "part_shipped"]), name="order_to_ship"),
            models.Index(fields=["placed_at"], condition=models.Q(placed_at__isnull=False), name="order_placed"),
            models.Index(fields=["shipped_at"], condition=models.Q(shipped_at__isnull=False), name="order_shipped"),
            models.Index(
                Coalesce("placed_at", "first_seen_at"),
                condition=models.Q(shipped_at=None, state__in=["shipped", "delivered", "completed"]),
                name="order_undated",
            ),
            models.Index(fields=["receive_by"], condition=models.Q(state__in=["shipped", "delivered"]), name="order_receipt"),
            models.Index(fields=["cancel_answer_by"], condition=models.Q(state="cancelling"), name="order_cancelling"),
            models.Index(fields=["delivered_at", "shop"], condition=models.Q(delivered_at__isnull=False), name="order_delivered"),
            models.Index(fields=["customer", "-placed_at"], name="order_customer"),
            models.Index(fields=["id"], condition=models.Q(checked_at__isnull=True), name="order_unchecked"),
            models.Index(fields=["recheck_at"], condition=models.Q(recheck_at__isnull=False), name="order_recheck"),
            models.Index(fields=["ship_by", "id"], condition=models.Q(attention__gte=2), name="order_attention"),
            models.Index(fields=["ship_by", "id"], condition=models.Q(attention=1), name="order_asked"),
            models.Index(fields=["ship_by", "id"], condition=~models.Q(hold=""), name="order_held"),
            models.Index(fields=["phone_key"], condition=~models.Q(phone_key=""), name="order_phone"),
            models.Index(fields=["address_key"], condition=~models.Q(address_key=""), name="order_address"),
            models.Index(OpClass("external_id", name="varchar_pattern_ops"), name="order_number"),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def total(self) -> Money | None:
        """What the buyer pays, if told."""
        return None if self.total_minor is None else Money(self.total_minor, self.currency)


class Line(models.Model):
    """One article of an order, as bought."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=80)
    sku = models.ForeignKey(Sku, null=True, on_delete=models.SET_NULL, related_name="lines")
    item = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=500, blank=True)
    options = models.JSONField(default=dict, blank=True)
    quantity = models.PositiveIntegerField()
    price_minor = models.BigIntegerField(null=True)  # of one piece
    image = models.CharField(max_length=500, blank=True)

    objects = OfOrders.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="line_once")]
        indexes = [
            models.Index(fields=["sku"], name="line_sku"),
            models.Index(OpClass(Upper("code"), name="varchar_pattern_ops"), name="line_code"),
        ]


class Payment(models.Model):
    """Money booked for an order: "payment" in, "refund" out, both positive; 0 where a change cost nothing.

    `source` is the buyer's payment method where the shop is our own; `settled_at` when the money had moved: at once on a gift
    card, else when somebody saw to it at the payment provider.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payments")
    kind = models.CharField(max_length=12)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=80, blank=True)
    source = models.ForeignKey(PaymentMethod, null=True, on_delete=models.SET_NULL, related_name="payments")
    reference = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    objects = OfOrders.as_manager()

    class Meta:
        ordering = ["id"]


class Return(models.Model):
    """Goods of an own shop that come back: for the money, or for other articles. One an order, unless it was withdrawn.

    `difference_minor` is what the other articles cost more (below 0: less) than those that come back.
    A platform's returns are cases (`remedies`).
    """

    class Kind(models.TextChoices):
        REFUND = "refund"
        EXCHANGE = "exchange"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="returns")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=[(name, name) for name in RETURN_STATES])
    reason = models.CharField(max_length=200, blank=True)
    source = models.ForeignKey(PaymentMethod, null=True, on_delete=models.SET_NULL, related_name="returns")
    difference_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    asked_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = OfOrders.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order"], condition=~models.Q(state="withdrawn"), name="own_return_once")]


class ReturnLine(models.Model):
    """Pieces of a line that come back, and the article that goes out for them in an exchange. Prices of one piece, when it was agreed."""

    returned = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="returns")
    quantity = models.PositiveIntegerField()
    listing = models.ForeignKey(Listing, null=True, on_delete=models.SET_NULL, related_name="+")
    price_minor = models.BigIntegerField()
    new_price_minor = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["id"]


class Remark(models.Model):
    """What colleagues downstream must know. The packer acknowledges it before packing."""

    class Kind(models.TextChoices):
        ADDRESS = "address"
        SWAP = "swap"
        GIFT = "gift"
        SPLIT = "split"
        MERGE = "merge"
        PRICE = "price"
        RESEND = "resend"  # goods to be sent again (orders.resending)
        CANCEL = "cancel"  # the buyer wishes to cancel: the parcel must not leave
        FREE = "free"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="remarks")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)  # by kind: the new address, line and article, other order, amount
    addressee = models.CharField(max_length=16, blank=True)  # "packing", "purchasing", "service" or ""
    due_at = models.DateTimeField(null=True)
    author = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = OfOrders.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["order"], condition=models.Q(kind="resend", withdrawn_at=None), name="remark_resend")]


class Finding(models.Model):
    """Something about an order or a parcel that somebody should look at, once. `key` tells it from others of the same code.

    `data` fills the words of `code` (orders.labels); `evidence` is shown with it. Closed by its cause going away, or by a person.
    """

    class State(models.TextChoices):
        OPEN = "open"
        WAITING = "waiting"  # the buyer was asked, or somebody else acts
        DONE = "done"
        DISMISSED = "dismissed"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="findings")
    parcel = models.ForeignKey("Parcel", null=True, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=32)
    key = models.CharField(max_length=80, blank=True)
    weight = models.CharField(max_length=5, default="warn")  # "stop": do not pack before it is settled; "warn"; "hint"
    data = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    due_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    closed_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = OfOrders.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "code", "key"], name="finding_once")]
        indexes = [models.Index(fields=["due_at", "id"], condition=models.Q(state__in=["open", "waiting"]), name="finding_open")]


class Parcel(models.Model):
    """One parcel of an order, from packing to delivery. `packed` is what went in: {line id, or "gift:" and its remark's id: pieces}."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parcels")
    external_id = models.CharField(max_length=80, blank=True)
    number = models.CharField(max_length=64, blank=True)
    carrier = models.CharField(max_length=64, blank=True)
    service = models.CharField(max_length=120, blank=True)
    website = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=16, default="unknown", choices=[(name, name) for name in TRACK_STATES])
    status_at = models.DateTimeField(null=True)  # since when it is that
    raw_status = models.CharField(max_length=80, blank=True)
    packed = models.JSONField(default=dict, blank=True)
    packed_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    packed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)  # of the latest scan
    delivered_at = models.DateTimeField(null=True)
    pickup_code = models.CharField(max_length=32, blank=True)
    tracker = models.CharField(max_length=16, blank=True)  # who follows it; "" the platform, or nobody
    looks = models.PositiveSmallIntegerField(default=0)  # how often in a row the tracker had no answer
    next_look_at = models.DateTimeField(null=True)  # when the tracker is asked again; None: never

    objects = OfOrders.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(OpClass("number", name="varchar_pattern_ops"), condition=~models.Q(number=""), name="parcel_number"),
            models.Index(fields=["next_look_at"], condition=models.Q(next_look_at__isnull=False), name="parcel_look"),
            models.Index(fields=["id"], condition=~models.Q(status__in=["delivered", "returned"]), name="parcel_under_way"),
        ]


class Scan(models.Model):
    """One event of a parcel's way, as the carrier wrote it."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="scans")
    at = models.DateTimeField()
    status = models.CharField(max_length=16, blank=True)
    text = models.TextField()
    place = models.CharField(max_length=200, blank=True)
    raw = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(models.F("parcel"), models.F("at"), MD5("text"), name="scan_once")]


class Evidence(models.Model):
    """A photo or film of packing, stored by the SHA-256 of its bytes."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="evidence")
    parcel = models.ForeignKey(Parcel, null=True, on_delete=models.SET_NULL, related_name="evidence")
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)  # media type, from the bytes
    size = models.PositiveIntegerField()
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    objects = OfOrders.as_manager()


class PlatformAct(models.Model):
    """An act (channels.acts) on its way to the platform: truth lies here, a job only wakes it. Taken once, or a person does it by hand."""

    class State(models.TextChoices):
        QUEUED = "queued"
        DOING = "doing"
        DONE = "done"
        FAILED = "failed"
        UNSURE = "unsure"  # it left, and no answer came
        TAKEN = "taken"  # the platform has it; told["waits"] says who moves before it is over: "buyer" or "platform"
        BY_HAND = "by_hand"  # no interface for it: orders.guides says where to click
        WITHDRAWN = "withdrawn"

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="acts")
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="acts")
    kind = models.CharField(max_length=24)  # the class's name in channels.acts
    data = models.JSONField()
    key = models.CharField(max_length=120)  # the same decision twice is one row
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=16, blank=True)  # which try it is that holds the lease
    lease_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    failures = models.JSONField(default=list, blank=True)  # parts the platform did not take: [[item, model], reason]
    reference = models.CharField(max_length=120, blank=True)
    told = models.JSONField(default=dict, blank=True)  # what the platform said besides
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    objects = OfShops.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "key"], name="act_once")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(state__in=["queued", "doing"]), name="act_waiting"),
            models.Index(
                fields=["created_at"], condition=models.Q(state__in=["by_hand", "failed", "unsure", "taken"]), name="act_unfinished"
            ),
        ]


class Lane(models.Model):
    """How long our own parcels took from one country to another, by one service ("": by any), in days. Learnt every night."""

    origin = models.CharField(max_length=2)
    country = models.CharField(max_length=2)
    service = models.CharField(max_length=80, blank=True)
    count = models.PositiveIntegerField()  # delivered parcels it rests on
    low = models.FloatField()  # one in ten was faster
    usual = models.FloatField()
    high = models.FloatField()  # one in ten was slower
    quiet = models.FloatField(null=True)  # the longest silence between two scans that nine in ten stayed under
    learnt_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "origin", "service"], name="lane_once")]
