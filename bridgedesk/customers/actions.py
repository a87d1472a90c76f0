"""Every write on buyers."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import Person
from bridgedesk.customers.models import Customer, Identity, Note
from bridgedesk.customers.rules import zone_of
from bridgedesk.lib import clock
from bridgedesk.lib.storable import fit, plain
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@transaction.atomic(savepoint=False)
def find_or_create(shop: Shop, person: Person) -> Customer:
    """The buyer behind a platform's id, one per shop, kind and id even when two workers meet them at once."""
    key = fit(person.external_id.lower() if person.kind == "email" else person.external_id, 254)
    known = Identity.objects.select_related("customer__merged_into").filter(shop=shop, kind=person.kind)
    identity = known.filter(external_id=key).first()
    if identity is None:
        customer = _new(person)
        _name_it(shop, person.kind, key, customer, person)
        identity = known.get(external_id=key)
        if identity.customer_id != customer.pk:
            customer.delete()
    customer = _survivor(identity.customer)
    _learn(customer, person)
    if person.email and person.kind != "email":
        _name_it(shop, "email", fit(person.email.lower(), 254), customer, person)
    return customer


def _name_it(shop: Shop, kind: str, key: str, customer: Customer, person: Person) -> None:
    """From now on that id means this buyer, unless it means one already."""
    fresh = Identity(shop=shop, kind=kind, external_id=key, customer=customer, name=_name(person))
    Identity.objects.bulk_create([fresh], ignore_conflicts=True)


def note(customer: Customer, text: str, *, by: Agent) -> Note:
    """Keep something about the buyer for the team; by who may write and sees one of the buyer's shops."""
    if not by.may_write or not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied("This buyer is not in a shop of yours.")
    with transaction.atomic():
        made = Note.objects.create(customer=customer, author=by, text=plain(text).strip(), created_at=clock.now())
        record("noted_customer", customer, by=by)
        return made


def _new(person: Person) -> Customer:
    return Customer.objects.create(**_facts(person), created_at=clock.now())


def _name(person: Person) -> str:
    return plain(person.name).strip()[:200]


def _facts(person: Person) -> dict[str, str]:
    country = plain(person.country)[:2].upper()
    phone = plain(person.external_id)[:40] if person.kind == "phone" else ""
    return {
        "name": _name(person),
        "country": country,
        "language": plain(person.language)[:16],
        "phone": phone,
        "timezone": zone_of(country, phone),
    }


def _survivor(customer: Customer) -> Customer:
    while customer.merged_into:
        customer = customer.merged_into
    return customer


def _learn(customer: Customer, person: Person) -> None:
    """Fill in what was not known; what is known is not overwritten by what a platform says later."""
    news = {field: value for field, value in _facts(person).items() if value and not getattr(customer, field)}
    if news:
        Customer.objects.filter(pk=customer.pk).update(**news)
        for field, value in news.items():
            setattr(customer, field, value)
