"""Every write on buyers."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import Address, Person
from bridgedesk.customers.addresses import kept
from bridgedesk.customers.models import Customer, Identity, Note
from bridgedesk.customers.rules import WrongFacts as WrongFacts
from bridgedesk.customers.rules import is_zone, telephone, zone_of
from bridgedesk.lib import clock
from bridgedesk.lib.storable import fit, plain
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent


@transaction.atomic(savepoint=False)
def find_or_create(shop: Shop, person: Person) -> Customer:
    """The buyer behind a platform's id, one per shop, kind and id even when two workers meet them at once."""
    return find_or_create_each(shop, [person])[0]


@transaction.atomic(savepoint=False)
def find_or_create_each(shop: Shop, persons: Sequence[Person]) -> list[Customer]:
    """The same for several, in that order, in a fixed number of statements while none tells anything new."""
    known = _known(shop, persons)
    known |= _met_otherwise(shop, [person for person in persons if person.login and _key(person) not in known])
    strangers = {_key(person): person for person in persons if _key(person) not in known}
    if strangers:
        made = _meet(shop, strangers)
        known |= _known(shop, list(strangers.values()))
        for customer in set(made) - set(known.values()):
            customer.delete()  # another worker met them at the same moment
    met = [(person, _survivor(known[_key(person)])) for person in persons]
    for person, customer in met:
        _learn(customer, person)
    _name_each(shop, met)
    return [customer for _person, customer in met]


def _key(person: Person) -> tuple[str, str]:
    return person.kind, fit(person.external_id.lower() if person.kind == "email" else person.external_id, 254)


def _known(shop: Shop, persons: Sequence[Person]) -> dict[tuple[str, str], Customer]:
    keys = [_key(person) for person in persons]
    rows = Identity.objects.select_related("customer__merged_into").filter(shop=shop, external_id__in=[name for _, name in keys])
    return {(row.kind, row.external_id): row.customer for row in rows if (row.kind, row.external_id) in keys}


def _met_otherwise(shop: Shop, persons: Sequence[Person]) -> dict[tuple[str, str], Customer]:
    """Buyers whose orders came before their messages: the login name the orders know them by is theirs."""
    names = {_login(person): person for person in persons}
    rows = Identity.objects.select_related("customer__merged_into").filter(shop=shop, kind="login", external_id__in=names) if names else ()
    found = {_key(names[row.external_id]): (names[row.external_id], row.customer) for row in rows}
    _store([_identity(shop, person.kind, name, customer, person) for (_kind, name), (person, customer) in found.items()])
    return {key: customer for key, (_person, customer) in found.items()}


def _login(person: Person) -> str:
    return fit(person.login, 254)


def _meet(shop: Shop, strangers: Mapping[tuple[str, str], Person]) -> list[Customer]:
    made = Customer.objects.bulk_create(Customer(**_facts(person), created_at=clock.now()) for person in strangers.values())
    Identity.objects.bulk_create(
        (_identity(shop, kind, name, customer, person) for ((kind, name), person), customer in zip(strangers.items(), made, strict=True)),
        ignore_conflicts=True,
    )
    return made


def _name_each(shop: Shop, met: Sequence[tuple[Person, Customer]]) -> None:
    """From now on their mail addresses and login names mean these buyers, unless they mean one already."""
    mails = [(person, customer) for person, customer in met if person.email and person.kind != "email"]
    fresh = [_identity(shop, "email", fit(person.email.lower(), 254), customer, person) for person, customer in mails]
    _store(fresh + [_identity(shop, "login", _login(person), customer, person) for person, customer in met if person.login])


def _identity(shop: Shop, kind: str, key: str, customer: Customer, person: Person) -> Identity:
    return Identity(shop=shop, kind=kind, external_id=key, customer=customer, name=_name(person))


def _store(fresh: Sequence[Identity]) -> None:
    if fresh:
        Identity.objects.bulk_create(fresh, ignore_conflicts=True)


def note(customer: Customer, text: str, *, by: Agent) -> Note:
    """Keep something about the buyer for the team; by who may write and sees one of the buyer's shops."""
    _may_change(customer, by)
    with transaction.atomic():
        made = Note.objects.create(customer=customer, author=by, text=plain(text).strip(), created_at=clock.now())
        record("noted_customer", customer, by=by)
        return made


@transaction.atomic
def correct(customer: Customer, *, timezone: str, phone: str, by: Agent) -> None:
    """Set where the buyer's clock stands (IANA; "" lets country and number decide) and their telephone number ("" takes it away).

    WrongFacts names what cannot be; by who may write and sees one of the buyer's shops.
    """
    _may_change(customer, by)
    row = Customer.objects.select_for_update().get(pk=customer.pk)
    typed, number = plain(phone).strip(), telephone(plain(phone).strip(), row.country)
    wrong = {}
    if timezone and not is_zone(timezone):
        wrong["timezone"] = _("There is no such time zone.")
    if typed and typed != row.phone and not number:
        wrong["phone"] = _("This is no telephone number. Write it with its country, such as +49 30 1234567.")
    if wrong:
        raise WrongFacts(wrong)
    facts = {"timezone": timezone or zone_of(row.country, number), "phone": number or typed}
    news = {name: value for name, value in facts.items() if value != getattr(row, name)}
    if news:
        Customer.objects.filter(pk=row.pk).update(**news)
        record("corrected_customer", row, by=by, fields=sorted(news), timezone=facts["timezone"])


@transaction.atomic
def change_address(customer: Customer, address: Address, *, by: Agent) -> Customer:
    """Where the buyer usually wants it from now on; orders already placed go where they said.

    WrongFacts names what cannot be; by who may write and sees one of the buyer's shops.
    """
    _may_change(customer, by)
    row = Customer.objects.select_for_update().get(pk=customer.pk)
    row.address = kept(address)
    row.save(update_fields=["address"])
    record("changed_customer_address", row, by=by)
    return row


def _may_change(customer: Customer, by: Agent) -> None:
    if not by.may_write or not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise PermissionDenied("This buyer is not in a shop of yours.")


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
