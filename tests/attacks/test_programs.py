"""Every operation of the API, by everybody, with every kind of token: read, written, refused as the one table says."""

import json
from itertools import product

import pytest
from django.db import transaction
from django.test import Client

from bridgedesk.api import api
from bridgedesk.sync.models import Delivery
from bridgedesk.team import actions as team
from bridgedesk.team.models import Agent, ApiToken
from tests.attacks.test_every_address import TABLES, Address, body_for, things, who, world
from tests.attacks.world import MARKER, rows_of_everything

__all__ = ["who", "world"]
READS, WRITES, LEADS = "reads", "writes", "leads"
OPERATIONS = {
    "GET /conversations": READS, "GET /conversations/{pk}": READS, "GET /conversations/{pk}/messages": READS,
    "GET /conversations/{pk}/templates": READS, "POST /conversations/{pk}/check": READS, "GET /search": READS,
    "POST /conversations/{pk}/reply": WRITES, "POST /messages/{pk}/withdraw": WRITES, "POST /conversations/{pk}/note": WRITES,
    "POST /conversations/{pk}/assign": WRITES, "POST /conversations/{pk}/snooze": WRITES, "POST /conversations/{pk}/close": WRITES,
    "POST /conversations/{pk}/reopen": WRITES, "POST /conversations/{pk}/no-answer-needed": WRITES,
    "POST /conversations/{pk}/tags": WRITES, "DELETE /conversations/{pk}/tags/{name}": WRITES,
    "GET /customers/{pk}": READS, "GET /customers/{pk}/identities": READS, "POST /customers/{pk}/notes": WRITES,
    "POST /customers/{pk}/address": WRITES, "GET /customers/{pk}/payment-methods": READS, "POST /customers/{pk}/payment-methods": LEADS,
    "GET /orders": READS, "GET /orders/{pk}": READS, "GET /orders/{pk}/offers": READS, "GET /orders/{pk}/acts": READS,
    "GET /orders/{pk}/remarks": READS, "GET /orders/{pk}/hold": READS, "POST /orders/{pk}/cancel": WRITES,
    "POST /orders/{pk}/address": WRITES, "POST /orders/{pk}/payment-method": WRITES, "POST /orders/{pk}/articles": WRITES,
    "POST /orders/{pk}/exchange": WRITES, "POST /orders/{pk}/return": WRITES, "POST /returns/{pk}/withdraw": WRITES,
    "POST /returns/{pk}/settle": WRITES, "POST /payments/{pk}/settle": WRITES, "POST /orders/{pk}/remarks": WRITES,
    "POST /orders/{pk}/hold": WRITES, "POST /orders/{pk}/release": WRITES, "POST /remarks/{pk}/acknowledge": WRITES,
    "POST /remarks/{pk}/withdraw": WRITES, "POST /orders/{pk}/cancellation": WRITES, "POST /orders/{pk}/cancel-at-platform": WRITES,
    "POST /orders/{pk}/split": WRITES, "POST /acts/{pk}/retry": WRITES, "POST /acts/{pk}/settle": WRITES,
    "POST /acts/{pk}/withdraw": WRITES,
    "GET /shops": READS, "GET /activity": READS, "GET /deliveries": READS, "POST /deliveries/{pk}/replay": LEADS, "GET /me": READS,
}  # fmt: skip
"""What each operation needs; a new one fails here until it is said."""
PEOPLE = ("observer", "charlie", "bob", "lead", "admin")
SCOPES = ((), ("read",), ("write",), ("admin",), ("read", "write"), ("read", "write", "admin"))


def operations():
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}" for path, found in api.get_openapi_schema()["paths"].items() for method in found
    }


def expected(need, scopes, person, about_hers):
    """The one table: the token's scope, then the shop, then the role."""
    if ("read" if need == READS else "write") not in scopes:
        return {401}
    if person == "charlie" and about_hers:
        return {404}
    if (need == WRITES and person == "observer") or (need == LEADS and person not in ("lead", "admin")):
        return {403}
    return {200, 201, 409, 422}


def test_every_operation_stands_in_the_table():
    assert operations() == set(OPERATIONS)


@pytest.mark.parametrize("person", PEOPLE)
def test_no_token_does_more_than_its_scope_its_shop_and_its_role(person, world, who):
    """Tokens are given scopes their person may not have: one that was made before the person's role was lowered has them."""
    agent, wrong = who[person], []
    token, secret = team.new_token(agent, "matrix", ["read"], by=agent)
    before = rows_of_everything(TABLES)
    for (operation, need), scopes in product(OPERATIONS.items(), SCOPES):
        method, path = operation.split(" ")
        with transaction.atomic():
            ApiToken.objects.filter(pk=token.pk).update(scopes=list(scopes))
            answer = call(world, secret, method, path)
            after = rows_of_everything(TABLES)
            transaction.set_rollback(True)
        wanted = expected(need, scopes, person, "{pk}" in path)
        if answer.status_code not in wanted:
            wrong.append(f"{operation} {scopes}: {answer.status_code}, not {wanted}")
        if wanted & {401, 403, 404} and {key for key in before if before[key] != after.get(key)} - {("team.ApiToken", token.pk)}:
            wrong.append(f"{operation} {scopes} wrote")
        if person == "charlie" and MARKER in answer.content.decode():
            wrong.append(f"{operation} {scopes} told")
    assert "\n".join(wrong) == ""


HOME = {"name": "Jane", "lines": ["12 Pine Street"], "city": "Seattle", "region": "WA", "postcode": "98101", "country": "US"}


def written(world, address, method, path):
    """A body that is right, where the API's own description does not say all that makes it so."""
    if path.endswith("/address"):
        return HOME
    more = {"shop_id": world.shop.pk, "kind": "account"} if path.endswith("/payment-methods") else {}
    return body_for(address, method) | more


def call(world, secret, method, path):
    address = Address(f"api/v1{path}".replace("{pk}", "<int:pk>").replace("{name}", "<str:name>"), "", ("pk",) if "{pk}" in path else ())
    filled = address.filled(things(address, world) | {"name": "lamp"})
    body = json.dumps(written(world, address, method, path)) if method == "POST" else ""
    return Client().generic(method, filled, body, "application/json", headers={"authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("way", ["?token={}", "?api_key={}", "?access_token={}"])
def test_a_token_in_an_address_opens_nothing(way, bob, shop):
    secret = team.new_token(bob, "x", ["read"], by=bob)[1]
    assert Client().get("/api/v1/shops" + way.format(secret)).status_code == 401


@pytest.mark.parametrize("header", ["{}", "Basic {}", "Bearer", "Bearer  ", "Bearer {} x", "bearer: {}", "Token {}"])
def test_a_token_said_in_another_way_opens_nothing(header, bob, shop):
    secret = team.new_token(bob, "x", ["read"], by=bob)[1]
    assert Client().get("/api/v1/shops", headers={"authorization": header.format(secret)}).status_code == 401


def test_a_browsers_session_is_no_token(bob, shop, sign_in):
    assert sign_in(bob).get("/api/v1/shops").status_code == 401


def test_a_token_opens_no_page(bob, shop):
    secret = team.new_token(bob, "x", ["read", "write"], by=bob)[1]
    assert Client().get("/me", headers={"authorization": f"Bearer {secret}"}).status_code == 302


def test_a_token_makes_no_token(bob, shop):
    secret = team.new_token(bob, "x", ["read", "write"], by=bob)[1]
    Client().post("/me/tokens", {"name": "y", "scopes": "admin"}, headers={"authorization": f"Bearer {secret}"})
    assert ApiToken.objects.count() == 1


def test_what_was_forgotten_is_said_to_a_program(world, who):
    Delivery.objects.filter(pk=world.delivery.pk).update(body=b"", applied_at=world.delivery.received_at)
    secret = team.new_token(who["lead"], "x", ["write"], by=who["lead"])[1]
    assert call(world, secret, "POST", "/deliveries/{pk}/replay").status_code == 409


def test_a_role_that_is_lowered_lowers_its_tokens(world, bob):
    secret = team.new_token(bob, "x", ["read", "write"], by=bob)[1]
    Agent.objects.filter(pk=bob.pk).update(role=Agent.Role.OBSERVER)
    assert call(world, secret, "POST", "/conversations/{pk}/close").status_code == 403
