"""Rows of buyers: found or met by name, e-mail or telephone; what is known of them already stays."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel import Locale

from bridgedesk.channels.events import Address, Person
from bridgedesk.customers import actions
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.customers.rules import WrongFacts, telephone
from bridgedesk.imports.columns import plain
from bridgedesk.imports.kinds import Checked
from bridgedesk.lib.languages import RECOGNISED
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

Group = Sequence[Checked]
FACTS = ("name", "country", "language", "timezone", "phone", "address")
READERS = ("en", "zh_Hans", "zh_Hant")


def groups(rows: Sequence[Checked]) -> list[Group]:
    """Every row stands alone."""
    return [[row] for row in rows]


def take(shop: Shop, batch: Sequence[Group], by: Agent | None) -> list[str]:
    """Each row's buyer with what was not known of them."""
    people = [person(row.values) for (row,) in batch]
    met = _met(shop, people)
    customers = actions.find_or_create_each(shop, people)
    outcomes = []
    for (row,), one, customer in zip(batch, people, customers, strict=True):
        before = met.get(one.external_id.lower())
        customer.refresh_from_db()
        changed = _learn(customer, row.values, by) or (before is not None and before != _facts(customer))
        outcomes.append("made" if before is None else "changed" if changed else "same")
        met[one.external_id.lower()] = _facts(customer)
    return outcomes


def _met(shop: Shop, people: Sequence[Person]) -> dict[str, tuple[object, ...]]:
    names = {one.external_id for one in people} | {one.external_id.lower() for one in people}
    rows = Identity.objects.filter(shop=shop, external_id__in=names).select_related("customer")
    return {row.external_id.lower(): _facts(row.customer) for row in rows}


def _facts(customer: Customer) -> tuple[object, ...]:
    return tuple(getattr(customer, name) for name in FACTS)


def person(said: Mapping[str, Any]) -> Person:
    """The buyer a row names."""
    country, email = said.get("country", ""), said.get("email", "")
    more = {"name": said.get("name", ""), "country": country, "language": language(said.get("language", ""))}
    if said.get("buyer"):
        return Person(said["buyer"], "user", email=email, **more)
    if email:
        return Person(email, "email", email=email, **more)
    return Person(telephone(said["phone"], country) or said["phone"], "phone", **more)


def language(text: str) -> str:
    """A language's tag, from its tag or its name in English or Chinese; "" for anything else."""
    word = plain(text)
    named = (tag for tag in RECOGNISED for reader in READERS if plain(Locale.parse(tag, sep="-").get_display_name(reader) or "") == word)
    return next((tag for tag in RECOGNISED if plain(tag) == word), "") or next(named, "") if word else ""


def _learn(customer: Customer, said: Mapping[str, Any], by: Agent | None) -> bool:
    """Telephone, address and note, where none is known yet."""
    if by is None:
        return False
    acts = [_phone(customer, said, by), _address(customer, said, by), _note(customer, said, by)]
    return any(acts)


def _phone(customer: Customer, said: Mapping[str, Any], by: Agent) -> bool:
    number = telephone(said.get("phone", ""), customer.country)
    if not number or customer.phone:
        return False
    actions.correct(customer, timezone=customer.timezone, phone=number, by=by)
    return True


def _address(customer: Customer, said: Mapping[str, Any], by: Agent) -> bool:
    lines = tuple(said[name] for name in ("street", "street2") if said.get(name))
    if customer.address or not lines:
        return False
    parts = {name: said.get(name, "") for name in ("district", "city", "region", "postcode", "country")}
    try:
        actions.change_address(customer, Address(customer.name, said.get("phone", ""), lines, **parts), by=by)
    except WrongFacts:
        return False  # half an address says where nobody can send to
    return True


def _note(customer: Customer, said: Mapping[str, Any], by: Agent) -> bool:
    text = said.get("note", "")
    if not text or customer.notes.filter(text=text).exists():
        return False
    actions.note(customer, text, by=by)
    return True
