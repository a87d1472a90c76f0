"""Every address of the application, whoever asks. The resolver is walked, so a new address is tested from its first day:
one whose arguments cannot be filled in here fails, until it is said which of Alice's things it is about."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from bridgedesk.api import api
from bridgedesk.team import actions as team
from bridgedesk.team.models import Agent
from tests.attacks.world import MARKER, World, rows_of_everything

OPEN_TO_ALL = {
    "account_login", "account_logout", "account_signup", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "account_confirm_email", "account_email_verification_sent",
    "account_confirm_login_code", "mfa_authenticate", "invitation", "openapi-json", "api-root",
}  # fmt: skip
"""What somebody without an account may open; nothing of it shows a shop."""
OWN = {
    "ApiToken",
    "SavedView",
    "Attachment",
    "Session",
    "Presence",
    "Mention",
    "ProcrastinateJob",
    "Activity",
    "Authenticator",
    "Shift",
    "Attempt",
}
"""Rows a person makes for themselves by asking for it."""


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver."""

    pattern: str
    name: str
    arguments: tuple[str, ...] = field(default=())

    @property
    def is_api(self) -> bool:
        return self.pattern.startswith("api/v1/")

    def filled(self, given: dict[str, Any]) -> str:
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(given[found[1]]), self.pattern)
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: str(given[found[1]]), path)
        return "/" + re.sub(r"[\^$\\]", "", path)


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, before: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern)
        elif isinstance(entry, URLPattern):
            yield Address(pattern, entry.name or "", tuple(entry.pattern.regex.groupindex))


def things(address: Address, world: World) -> dict[str, Any]:
    """Which of Alice's things stands in the address. KeyError: say it here."""
    about = {
        "import": world.table.pk,
        "conversation": world.conversation.pk, "message": world.message.pk, "triage": world.message.pk, "customer": world.customer.pk,
        "view": world.view.pk, "person": world.bob.pk, "shift": world.shift.pk, "token": world.token.pk, "order": world.order.pk,
        "remark": world.remark.pk, "notice": world.notice.pk, "act": world.act.pk, "review": world.review.pk,
        "case": world.case.pk, "cases": world.case.pk,
        "delivery": world.delivery.pk, "endpoint": world.endpoint.pk, "webhook": world.endpoint.pk, "shop": world.shop.pk,
        "parcel": world.trouble.pk,
        "payment": world.payment.pk, "return": world.returned.pk,
        "simulation": world.simulation.pk,
        "tracker": world.shop.pk, "run": world.run.pk, "product": world.product.pk,
        "sku": world.sku.pk, "restock": world.restock.pk, "stock": world.push.pk,
        "stockout": world.stockout.pk, "short": world.short.pk,
    }  # fmt: skip
    named = _kind(address)
    acts = {
        "import": "discard",
        "order": "hold",
        "case": "close",
        "conversation": "close",
        "message": "split",
        "person": "lock",
        "notice": "dismiss",
        "short": "asked",
    }
    known = {
        "shop_id": world.shop.pk, "platform": "shopee", "what": "topic", "name": acts.get(named, "test"), "uidb36": "1", "key": "a-b",
        "version": 1, "state": "ordered", "line": 2, "form": "csv",
        "token": world.file.token if address.name == "file" else "no-such-link",
    }  # fmt: skip
    return {name: about[named] if name == "pk" else known[name] for name in address.arguments}


def _kind(address: Address) -> str:
    found = re.match(r"api/v1/(\w+?)s?(?:/|$)", address.pattern) if address.is_api else re.match(r"([a-z]+)", address.name)
    return {"deliverie": "delivery"}.get(found[1], found[1]) if found else ""


def asked(world: World) -> dict[str, Any]:
    """What every request says besides: Alice's ids under every name a page reads."""
    c = world.conversation.pk
    return {
        "conversation": c, "conversation_id": c, "ids": c, "other": c, "customer": world.customer.pk, "shop": world.shop.pk,
        "order": "ORD-1", "q": "lamp", "agent": world.bob.pk, "assignee": world.bob.pk, "text": "hello", "tag": "vip", "act": "close",
        "until": "2030-01-01T00:00", "value": "wismo", "language": "de", "topic": "wismo", "name": "mine", "query": f"shop={world.shop.pk}",
        "files": world.draft.token, "scopes": "read", "role": "admin", "username": "intruder", "password": "quite a long password",
    }  # fmt: skip


def body_for(address: Address, method: str) -> dict[str, Any]:
    """A body the API's own description calls right."""
    described = api.get_openapi_schema()
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address.pattern)
    operation = described["paths"].get(path, {}).get(method.lower(), {})
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    fields = described["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    values = {"string": "hello", "integer": 1, "boolean": True, "array": []}
    given = {name: values.get(kind.get("type", "")) for name, kind in fields.get("properties", {}).items()}
    dates = {name: "2030-01-01T00:00:00Z" for name, kind in fields.get("properties", {}).items() if kind.get("format") == "date-time"}
    return {name: value for name, value in (given | dates).items() if name in fields.get("required", [])}


class Visitor:
    """A person at every door: a browser session for pages, a token for the API."""

    def __init__(self, agent: Agent | None, world: World, *, csrf: bool = False) -> None:
        self.world, self.agent = world, agent
        self.client = Client(enforce_csrf_checks=csrf)
        self.client.raise_request_exception = False
        self.secret = ""
        if agent:
            self.client.force_login(agent, backend="allauth.account.auth_backends.AuthenticationBackend")
            scopes = ("read", "write") if agent.may_write else ("read",)
            self.secret = team.new_token(agent, "matrix", scopes, by=agent)[1]

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"} if self.secret else {}

    def ask(self, address: Address, method: str) -> Any:
        path, more = address.filled(things(address, self.world)), asked(self.world)
        if address.is_api:
            body = json.dumps(body_for(address, method)) if method != "GET" else ""
            query = f"?q=lamp&shop={self.world.shop.pk}"
            return self.client.generic(method, path + query, body, "application/json", headers=self.headers)
        if method == "POST":
            return self.client.post(path, more | {"file": SimpleUploadedFile("a.txt", b"mine")})
        return self.client.generic(method, path) if method == "DELETE" else self.client.get(path, more)


@pytest.fixture
def world(shop, alice, bob, make_shop, charlie, monkeypatch):
    monkeypatch.setattr("bridgedesk.activity.views.connection", SimpleNamespace(close=lambda: None))  # the live view gives ours back
    charlies = make_shop("Kite shop")
    charlies.agents.set([charlie])
    return World(shop, alice, bob)


@pytest.fixture
def who(world, alice, bob, charlie, admin, make_agent):
    observer = make_agent("olga", Agent.Role.OBSERVER)
    world.shop.agents.add(observer)
    return {"anonymous": None, "observer": observer, "charlie": charlie, "bob": bob, "lead": alice, "admin": admin}


TABLES = [model for model in apps.get_models() if not model._meta.label.startswith(("contenttypes", "auth.", "procrastinate"))]


def methods_of(address: Address) -> tuple[str, ...]:
    return ("GET", "POST", "DELETE") if address.is_api or address.name in ("file", "conversation-presence") else ("GET", "POST")


def every_answer(visitor: Visitor, *methods: str) -> Iterator[tuple[Address, str, Any, dict[Any, Any], dict[Any, Any]]]:
    """Each address asked each way, with every row before and after; afterwards nothing has happened."""
    before = rows_of_everything(TABLES)
    for address in addresses():
        caches["process"].clear()  # more addresses than an agent's programs may ask in a second
        for method in methods or methods_of(address):
            with transaction.atomic():
                writes: list[str] = []
                with connection.execute_wrapper(_writes_into(writes)):
                    answer = visitor.ask(address, method)
                yield address, method, answer, before, rows_of_everything(TABLES) if writes else before
                transaction.set_rollback(True)


def _writes_into(found: list[str]) -> Callable[..., Any]:
    def look(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if not re.match(r"(?i)\s*(select\b(?!.*\binto\b)|savepoint|release|rollback|set)", sql) or "pg_notify" in sql:
            found.append(sql)
        return execute(sql, *given)

    return look


def said(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode(errors="replace") + str(answer.headers)


def foreign_changes(before: dict[Any, Any], after: dict[Any, Any], agent: Agent | None) -> list[Any]:
    """Rows of others that changed, went, or came; not those a person makes for themselves."""
    own = {("team.Agent", agent.pk), *(("team.ApiToken", pk) for pk in agent.tokens.values_list("pk", flat=True))} if agent else set()
    changed = [
        key
        for key, row in before.items()
        if after.get(key) != row and key not in own and key[0].split(".")[1] not in {"Session", "Attempt"}
    ]
    came = [key for key in after.keys() - before.keys() if key[0].split(".")[1] not in OWN]
    return changed + came


def test_every_address_can_be_filled_in(world):
    unknown = []
    for address in addresses():
        try:
            address.filled(things(address, world))
        except KeyError as missing:
            unknown.append(f"{address.pattern}: {missing}")
    assert unknown == []
    assert len(addresses()) > 50


def test_without_a_log_in_there_is_nothing_to_see(world, who):
    wrong = []
    for address, method, answer, before, after in every_answer(Visitor(None, world)):
        refused = answer.status_code in (401, 403, 404, 405) or "/account/login/" in answer.headers.get("location", "")
        if MARKER in said(answer) or not (refused or (address.name in OPEN_TO_ALL and answer.status_code < 500)):
            wrong.append(f"{method} {address.pattern}: {answer.status_code}")
        if foreign_changes(before, after, None):
            wrong.append(f"{method} {address.pattern} changed {foreign_changes(before, after, None)}")
    assert "\n".join(wrong) == ""


def test_charlie_meets_nothing_of_alices_shop_at_any_address(world, who):
    wrong = []
    for address, method, answer, before, after in every_answer(Visitor(who["charlie"], world)):
        about_hers = "pk" in address.arguments or address.name == "file"
        if MARKER in said(answer) or answer.status_code >= 500:
            wrong.append(f"{method} {address.pattern}: {answer.status_code}")
        if about_hers and answer.status_code not in (401, 403, 404, 405, 422):
            wrong.append(f"{method} {address.pattern}: {answer.status_code} about what is not his")
        if foreign_changes(before, after, who["charlie"]):
            wrong.append(f"{method} {address.pattern} changed {foreign_changes(before, after, who['charlie'])}")
    assert "\n".join(wrong) == ""


def test_an_observer_changes_nothing_at_any_address(world, who):
    wrong = []
    for address, method, answer, before, after in every_answer(Visitor(who["observer"], world)):
        if answer.status_code >= 500 or foreign_changes(before, after, who["observer"]):
            wrong.append(f"{method} {address.pattern}: {answer.status_code} {foreign_changes(before, after, who['observer'])}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("role", ["bob", "lead", "admin"])
def test_looking_changes_nothing(role, world, who):
    wrong = []
    for address, method, answer, before, after in every_answer(Visitor(who[role], world), "GET"):
        changed = [key for key in foreign_changes(before, after, None) if key[0] not in ("team.ApiToken", "conversations.Mention")]
        if answer.status_code >= 500 or changed:
            wrong.append(f"{method} {address.pattern}: {answer.status_code} {changed}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("role", ["bob", "lead", "admin"])
def test_no_act_breaks_and_none_gives_a_role(role, world, who):
    roles = dict(Agent.objects.values_list("pk", "role"))
    for address, method, answer, _before, _after in every_answer(Visitor(who[role], world), "POST"):
        assert answer.status_code < 500, f"{method} {address.pattern}"
        now = dict(Agent.objects.values_list("pk", "role"))
        assert role == "admin" or {pk: now[pk] for pk in roles} == roles, address.pattern


def test_a_foreign_page_can_make_an_admins_browser_do_nothing(world, who):
    """Without our form's token every POST is refused; the API does not know a browser's session."""
    visitor = Visitor(who["admin"], world, csrf=True)
    visitor.secret = ""
    wrong = []
    for address, method, answer, before, after in every_answer(visitor, "POST", "DELETE"):
        if answer.status_code not in (401, 403, 404, 405) or foreign_changes(before, after, None):
            wrong.append(f"{method} {address.pattern}: {answer.status_code}")
    assert "\n".join(wrong) == ""


def test_the_marker_would_be_seen(world, who):
    """The same walk as Bob does find it: an empty walk would prove nothing."""
    seen = {address.name for address, _m, answer, *_ in every_answer(Visitor(who["bob"], world), "GET") if MARKER in said(answer)}
    assert {"inbox", "conversation", "customer-card", "message-html", "conversations", "messages", "search"} <= seen


HOSTILE = ["a__b__password", str(2**63), "\0", "9" * 5000, "²", "-1", "'\"--", "9" * 40, "<svg/onload=1>", "", "1e9", "\ud800", "0"]


@pytest.mark.parametrize("values", [["\0"], ["9" * 5000], HOSTILE, HOSTILE[6:] + HOSTILE[:6]], ids=["nul", "digits", "mixed", "turned"])
def test_no_number_or_word_in_a_request_breaks_a_page(values, world, who):
    visitor = Visitor(who["lead"], world)
    strange = cycle([value.encode("utf-8", "replace").decode() for value in values])
    wrong = []
    for address in addresses():
        for method in ("GET", "POST"):
            more = {name: next(strange) for name in asked(world)}
            with transaction.atomic():
                answer = getattr(visitor.client, method.lower())(address.filled(things(address, world)), more, headers=visitor.headers)
                if answer.status_code >= 500:
                    wrong.append(f"{method} {address.pattern}: {answer.status_code}")
                transaction.set_rollback(True)
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("number", ["0", str(2**63), "9" * 40, "9" * 5000])
def test_no_number_in_a_path_breaks_a_page(number, world, who):
    visitor = Visitor(who["lead"], world)
    for address in addresses():
        given = things(address, world)
        numbers = {name: number if isinstance(value, int) else value for name, value in given.items()}
        if numbers != given:
            caches["process"].clear()  # more addresses than an agent's programs may ask in a second
            for method in methods_of(address):
                with transaction.atomic():
                    answer = visitor.client.generic(method, address.filled(numbers), headers=visitor.headers)
                    assert answer.status_code in (400, 401, 403, 404, 405, 422), f"{method} {address.pattern}"
                    transaction.set_rollback(True)
