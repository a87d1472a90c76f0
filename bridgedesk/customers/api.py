"""Buyers, for programs."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from bridgedesk.channels.events import Address
from bridgedesk.customers import actions, queries, wallet
from bridgedesk.customers.models import Customer, Identity, Note, PaymentMethod
from bridgedesk.shops.models import Shop
from bridgedesk.team.api import READ, WRITE, Strict, agent_of


class IdentityOut(Schema):
    shop_id: int
    kind: str
    external_id: str
    name: str


class AddressOut(Schema):
    """`country` ISO 3166 alpha-2; empty where nobody told. `masked`: the platform hides parts of it."""

    name: str = ""
    phone: str = ""
    lines: list[str] = []
    district: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    masked: bool = False


class AddressIn(Strict):
    """`lines`: street and number, flat, company …; `country` ISO 3166 alpha-2."""

    name: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    lines: list[str] = Field(max_length=6)
    district: str = Field("", max_length=200)
    city: str = Field("", max_length=200)
    region: str = Field("", max_length=200)
    postcode: str = Field("", max_length=20)
    country: str = Field(max_length=2)

    def address(self) -> Address:
        """As the actions take it."""
        facts = self.dict()
        return Address(**facts | {"lines": tuple(facts["lines"])})


class PaymentMethodOut(Schema):
    """`balance_minor` is a gift card's, in minor units of `currency`; null for the rest."""

    id: int
    shop_id: int
    external_id: str
    kind: str
    brand: str
    last_four: str
    balance_minor: int | None
    currency: str


class PaymentMethodIn(Strict):
    """`kind`: card, gift_card, account or transfer. Of a card no more than the last four digits are kept."""

    shop_id: int = Field(ge=0, lt=2**63)
    external_id: str = Field(min_length=1, max_length=80)
    kind: str = Field(max_length=10)
    brand: str = Field("", max_length=40)
    last_four: str = Field("", max_length=4)
    balance_minor: int | None = Field(None, ge=0, lt=2**53)
    currency: str = Field("", max_length=3)


class CustomerOut(Schema):
    id: int
    name: str
    country: str
    language: str
    timezone: str
    phone: str
    address: AddressOut


class NoteIn(Strict):
    text: str = Field(max_length=5000)


class NoteOut(Schema):
    id: int
    text: str


router = Router(tags=["customers"])


@router.get("/customers/{pk}", response=CustomerOut, auth=READ)
def customer(request: HttpRequest, pk: int) -> Customer:
    """One buyer."""
    return get_object_or_404(Customer.objects.visible_to(agent_of(request)), pk=pk)


@router.get("/customers/{pk}/identities", response=list[IdentityOut], auth=READ)
def identities(request: HttpRequest, pk: int) -> list[Identity]:
    """The buyer's ids in the shops the token's agent sees."""
    return queries.identities(customer(request, pk), agent_of(request))


@router.post("/customers/{pk}/notes", response={201: NoteOut}, auth=WRITE)
def note(request: HttpRequest, pk: int, body: NoteIn) -> Status[Note]:
    """Remember something about a buyer."""
    return Status(201, actions.note(customer(request, pk), body.text, by=agent_of(request)))


@router.post("/customers/{pk}/address", response=CustomerOut, auth=WRITE)
def change_address(request: HttpRequest, pk: int, body: AddressIn) -> Customer:
    """Where the buyer usually wants it; orders already placed keep theirs."""
    return actions.change_address(customer(request, pk), body.address(), by=agent_of(request))


@router.get("/customers/{pk}/payment-methods", response=list[PaymentMethodOut], auth=READ)
def payment_methods(request: HttpRequest, pk: int) -> QuerySet[PaymentMethod]:
    """What the buyer pays with in the own shops the token's agent sees."""
    return PaymentMethod.objects.visible_to(agent_of(request)).filter(customer=customer(request, pk))


@router.post("/customers/{pk}/payment-methods", response={201: PaymentMethodOut}, auth=WRITE)
def keep_payment_method(request: HttpRequest, pk: int, body: PaymentMethodIn) -> Status[PaymentMethod]:
    """Note a payment method, or what changed of it (same shop and external_id). By a lead."""
    buyer, facts = customer(request, pk), body.dict()
    shop = get_object_or_404(Shop.objects.visible_to(agent_of(request)), pk=facts.pop("shop_id"))
    return Status(201, wallet.keep(buyer, shop, facts.pop("external_id"), facts.pop("kind"), by=agent_of(request), **facts))
