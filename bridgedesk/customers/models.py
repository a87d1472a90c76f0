"""Buyers: one person, the ids they have on platforms, and what the team noted."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Upper

from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, agent: Agent) -> "CustomerQuerySet":
        """Buyers known in a shop the agent may see."""
        if agent.sees_all_shops:
            return self
        return self.filter(identities__shop__in=Shop.objects.visible_to(agent)).distinct()


class Customer(models.Model):
    """A buyer. `country` ISO 3166 alpha-2, `language` BCP 47, `timezone` IANA; all "" until known."""

    name = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=16, blank=True)
    timezone = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.JSONField(default=dict, blank=True)  # where they usually want it: the fields of channels.events.Address
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(OpClass(Upper("name"), name="varchar_pattern_ops"), name="customer_name")]

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """An id of a buyer in one shop. `kind`: "user" (the platform's), "login", "email", "phone"."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=8)
    external_id = models.CharField(max_length=254)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "external_id"], name="identity_once")]


class PaymentMethodQuerySet(models.QuerySet["PaymentMethod"]):
    def visible_to(self, agent: Agent) -> "PaymentMethodQuerySet":
        """Those kept in shops the agent may see."""
        return self if agent.sees_all_shops else self.filter(shop__in=Shop.objects.visible_to(agent))


class PaymentMethod(models.Model):
    """What a buyer pays with in one own shop, as far as a shop may keep it: never a whole card number.

    Only a gift card has a balance, in minor units of `currency`: changed under a row lock, by what is booked for an order or by a lead.
    """

    class Kind(models.TextChoices):
        CARD = "card"
        GIFT_CARD = "gift_card"
        ACCOUNT = "account"  # a payment service's: PayPal, Alipay …
        TRANSFER = "transfer"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="payment_methods")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="payment_methods")
    external_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    brand = models.CharField(max_length=40, blank=True)
    last_four = models.CharField(max_length=4, blank=True)
    balance_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)

    objects = PaymentMethodQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="payment_method_once"),
            models.CheckConstraint(
                condition=models.Q(kind="gift_card", balance_minor__gte=0) | ~models.Q(kind="gift_card") & models.Q(balance_minor=None),
                name="payment_method_balance",
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class Note(models.Model):
    """What the team should remember about a buyer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
