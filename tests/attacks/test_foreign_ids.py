"""Every form of every page, sent with the same things of another shop in place of one's own: an id that is not ours changes nothing
of theirs, and no answer shows that it exists."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import models, transaction

from bridgedesk.products.models import Listing
from bridgedesk.team.models import Agent
from tests.attacks.test_every_address import TABLES, Visitor, asked, foreign_changes, said, who, world
from tests.attacks.test_every_form import LEAVES, Form, forms
from tests.attacks.world import MARKER, World, rows_of_everything

__all__ = ["who", "world"]
COMMON = {"team.Agent", "team.Shift", "playbooks.Version", "playbooks.Draft", "conversations.Template", "conversations.TemplateText"}
"""Rows all shops share."""


@pytest.fixture
def theirs(world):
    """Every row there was before the other shop came."""
    return {key for key in rows_of_everything(TABLES) if key[0] not in COMMON}


@pytest.fixture
def kites(make_shop, make_agent, theirs):
    """Another shop with as much in it, and who leads there."""
    shop = make_shop("Kites and more", external_id="kites")
    carla, dan = make_agent("carla", Agent.Role.LEAD), make_agent("dan")
    shop.agents.set([carla, dan])
    return World(shop, carla, dan, "Kublaisecret")


def swaps(own: World, other: World) -> dict[str, set[str]]:
    """What stands for one of our things, and what for the same of theirs: key, token, number."""
    found: dict[str, set[str]] = {}
    for name, row in vars(own).items():
        twin = getattr(other, name)
        if isinstance(row, models.Model):
            pairs = [(row.pk, twin.pk), (getattr(row, "token", None), getattr(twin, "token", None))]
            for line, mate in zip(_children(row), _children(twin), strict=False):
                pairs.append((line.pk, mate.pk))
            for ours, theirs in pairs:
                if ours and theirs and ours != theirs:
                    found.setdefault(str(ours), set()).add(str(theirs))
    return found


def _children(row: models.Model) -> list[models.Model]:
    reverse = [relation for relation in row._meta.related_objects if relation.one_to_many and relation.get_accessor_name()]
    return [child for relation in reverse for child in list(getattr(row, relation.get_accessor_name()).order_by("pk")[:3])]


def names(other: World) -> dict[str, Any]:
    """Their keys under the names forms use."""
    rows = {name: row.pk for name, row in vars(other).items() if isinstance(row, models.Model)}
    more = {"listing": Listing.objects.get(shop=other.shop).pk, "line": other.order.lines.get().pk, "repairs": other.table.pk}
    more |= {"evidence": other.file.pk, "id": other.act.pk, "swap": other.sku.pk, "article": other.sku.pk, "into": other.conversation.pk}
    return asked(other) | rows | more | {"name": "mine", "text": "hello"}


def sent(form: Form, known: dict[str, set[str]], named: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The form with each of its fields naming something of theirs, with numbers of theirs in its names, and with every name we know."""
    own: dict[str, list[str]] = {}
    for name, kind, value in form.fields:
        own.setdefault(name, []).append(value if kind == "kept" or value else "1")
    yield own | {name: [str(value)] for name, value in named.items()}
    for name, values in own.items():
        for theirs in {other for value in values for other in known.get(value, ())} | ({str(named[name])} if name in named else set()):
            yield own | {name: [*values, theirs]}
            yield own | {name: [theirs]}
        stem, dash, number = name.rpartition("-")
        for theirs in known.get(number, ()) if dash else ():
            yield own | {f"{stem}-{theirs}": ["1"]}


def test_no_form_reaches_what_its_sender_does_not_see(world, theirs, kites):
    visitor, known, named, wrong, tried = Visitor(kites.alice, kites), swaps(kites, world), names(world), [], 0
    before = rows_of_everything(TABLES)
    for form in list(forms(visitor)):
        if form.make[0].split()[0] in LEAVES:
            continue
        for body in sent(form, known, named):
            tried += 1
            caches["process"].clear()
            with transaction.atomic():
                answer = visitor.client.post(form.action, body)
                after = rows_of_everything(TABLES)
                page = visitor.client.get(form.page)
                changed = [key for key in foreign_changes(before, after, kites.alice) if key in theirs]
                came = [key for key in after.keys() - before.keys() if MARKER in str(after[key])]
                if answer.status_code >= 500 or MARKER in said(answer) + said(page) or changed or came:
                    wrong.append(f"{form.make[0]} {set(body)}: {answer.status_code} {changed} {came} {MARKER in said(answer) + said(page)}")
                transaction.set_rollback(True)
    assert tried > 60
    assert sorted(set(wrong)) == []
