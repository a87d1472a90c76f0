"""What is sold: one article (SKU) has many listings; what stands on the shelf is counted, what a listing says is compared with it."""

from django.db import models
from django.db.models import Exists, OuterRef

from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


def in_sight(agent: Agent, product: str) -> models.Q:
    """Of rows whose product is `product`: those on sale in a shop the agent may see. What is on sale nowhere yet is for leads."""
    listed = Listing.objects.filter(sku__product=OuterRef(product))
    seen = models.Q(Exists(listed.filter(shop__in=Shop.objects.visible_to(agent))))
    return seen | models.Q(~Exists(listed)) if agent.leads else seen


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, agent: Agent) -> "ProductQuerySet":
        """Products of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(in_sight(agent, "pk"))


class Product(models.Model):
    """What buyers ask about. `category` is the seller's own word; figures by category use it."""

    name = models.CharField(max_length=300)
    category = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    objects = ProductQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Fact(models.Model):
    """Something true of a product, or of one article of it, in one language, to be told to buyers word for word.

    The same in another language names the first one as its `origin`.
    """

    class Kind(models.TextChoices):
        FACT = "fact"
        CAUTION = "caution"
        COMPATIBILITY = "compatibility"
        ANSWER = "answer"  # to `question`, which buyers asked before

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="facts")
    sku = models.ForeignKey("Sku", null=True, blank=True, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.FACT)
    language = models.CharField(max_length=16)
    question = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    author = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()
    origin = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="variants")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["origin", "language"], name="fact_language_once")]


class SkuQuerySet(models.QuerySet["Sku"]):
    def visible_to(self, agent: Agent) -> "SkuQuerySet":
        """Articles of products the agent may see."""
        return self if agent.sees_all_shops else self.filter(in_sight(agent, "product"))


class Sku(models.Model):
    """One article as the warehouse knows it. `code` is the seller's own; money in minor units, weight in grams, lengths in millimetres.

    `promised` and `sold` are reckoned from orders every few minutes: pieces of orders that have not left, and of the last 30 days.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="skus")
    code = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=300, blank=True)
    options = models.JSONField(default=dict, blank=True)
    barcode = models.CharField(max_length=64, blank=True)
    cost_minor = models.BigIntegerField(null=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    weight_g = models.PositiveIntegerField(null=True)
    length_mm = models.PositiveIntegerField(null=True)
    width_mm = models.PositiveIntegerField(null=True)
    height_mm = models.PositiveIntegerField(null=True)
    image = models.CharField(max_length=500, blank=True)
    fragile = models.BooleanField(default=False)
    photo_needed = models.BooleanField(default=False)
    available = models.BooleanField(default=True)  # False: cannot be had any more
    reserve = models.PositiveIntegerField(default=0)  # pieces never offered on a listing
    low_at = models.PositiveIntegerField(null=True)  # warn below so many pieces
    on_hand = models.IntegerField(null=True)  # as last counted and moved since; None: never counted
    counted_at = models.DateTimeField(null=True)
    promised = models.PositiveIntegerField(default=0)
    sold = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    objects = SkuQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["barcode"], condition=~models.Q(barcode=""), name="sku_barcode")]

    def __str__(self) -> str:
        return self.code


class ListingQuerySet(models.QuerySet["Listing"]):
    def visible_to(self, agent: Agent) -> "ListingQuerySet":
        """Listings of shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class Listing(models.Model):
    """One variation on sale in one shop. `item` and `model` are the platform's ids ("" where there are no variations)."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="listings")
    sku = models.ForeignKey(Sku, null=True, blank=True, on_delete=models.SET_NULL, related_name="listings")
    item = models.CharField(max_length=80)
    model = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=120, blank=True)  # the seller's code as the listing has it
    title = models.CharField(max_length=500, blank=True)
    options = models.JSONField(default=dict, blank=True)
    price_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    image = models.CharField(max_length=500, blank=True)
    listed = models.IntegerField(null=True)
    reserved = models.IntegerField(null=True)
    on_sale = models.BooleanField(default=True)
    seen_at = models.DateTimeField()

    objects = ListingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "item", "model"], name="listing_once")]
        indexes = [models.Index(fields=["sku"], name="listing_sku"), models.Index(fields=["shop", "code"], name="listing_code")]

    def __str__(self) -> str:
        return f"{self.item}/{self.model}"


class Movement(models.Model):
    """Why the number on the shelf changed: a count, goods in, goods out. `after` is the number then."""

    class Kind(models.TextChoices):
        COUNT = "count"
        IN = "in"
        OUT = "out"
        BACK = "back"  # a return put back on the shelf
        WRITTEN_OFF = "written_off"

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    change = models.IntegerField()
    after = models.IntegerField()
    by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    reference = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sku", "-at"], name="movement_newest")]
        constraints = [
            models.UniqueConstraint(fields=["sku", "reference"], condition=models.Q(kind="out") & ~models.Q(reference=""), name="out_once")
        ]


class RestockQuerySet(models.QuerySet["Restock"]):
    def visible_to(self, agent: Agent) -> "RestockQuerySet":
        """Requests for articles the agent may see."""
        return self if agent.sees_all_shops else self.filter(in_sight(agent, "sku__product"))


class Restock(models.Model):
    """A request to buy more. Whoever purchases answers with what comes when, or that it cannot be had."""

    class State(models.TextChoices):
        ASKED = "asked"
        ORDERED = "ordered"
        ARRIVED = "arrived"
        IMPOSSIBLE = "impossible"
        WITHDRAWN = "withdrawn"

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="restocks")
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_by = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    expected_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = RestockQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sku"], condition=models.Q(state__in=["asked", "ordered"]), name="restock_open")]
