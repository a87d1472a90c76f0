"""Programs that work for agents: never more than their agent, never a foreign shop, never an unknown field."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.team import actions
from bridgedesk.team.models import Agent

Call = Callable[..., Any]


@pytest.fixture
def program() -> Callable[..., Call]:
    """A program of that agent: call(method, path, body) gives the answer."""

    def make(agent: Agent, *scopes: str) -> Call:
        _, secret = actions.new_token(agent, "test", scopes or ("read", "write"), by=agent)

        def call(method: str, path: str, body: object = None) -> Any:
            data = json.dumps(body) if body is not None else ""
            return Client().generic(method, f"/api/v1{path}", data, "application/json", headers={"authorization": f"Bearer {secret}"})

        return call

    return make


def test_a_program_reads_the_inbox_and_answers(program, bob, conversation):
    call = program(bob)
    rows = call("GET", "/conversations").json()["conversations"]
    assert [row["customer_name"] for row in rows] == ["Anna Kowalska"]
    answer = call("POST", f"/conversations/{conversation.pk}/reply", {"text": "It left today."})
    assert answer.status_code == 201, answer.content
    assert [row["state"] for row in answer.json()] == ["queued"]
    assert Message.objects.get(direction="out").author == bob


ROUTES = [
    ("GET", "/conversations/{c}", None),
    ("GET", "/conversations/{c}/messages", None),
    ("GET", "/conversations/{c}/templates", None),
    ("POST", "/conversations/{c}/check", {"text": "hi"}),
    ("POST", "/conversations/{c}/reply", {"text": "hi"}),
    ("POST", "/conversations/{c}/note", {"text": "hi"}),
    ("POST", "/conversations/{c}/assign", {"agent_id": None}),
    ("POST", "/conversations/{c}/snooze", {"until": "2027-01-01T00:00:00Z"}),
    ("POST", "/conversations/{c}/close", None),
    ("POST", "/conversations/{c}/reopen", None),
    ("POST", "/conversations/{c}/no-answer-needed", None),
    ("POST", "/conversations/{c}/tags", {"tag": "vip"}),
    ("DELETE", "/conversations/{c}/tags/vip", None),
    ("POST", "/messages/{m}/withdraw", None),
    ("GET", "/customers/{b}", None),
    ("GET", "/customers/{b}/identities", None),
    ("POST", "/customers/{b}/notes", {"text": "hi"}),
]


def at(path: str, conversation: Conversation) -> str:
    return path.format(c=conversation.pk, m=conversation.messages.get().pk, b=conversation.customer_id)


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_charlie_meets_nothing_of_a_shop_that_is_not_his(method, path, body, program, charlie, conversation):
    assert program(charlie)(method, at(path, conversation), body).status_code == 404


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_without_a_token_nothing_answers(method, path, body, conversation):
    answer = Client().generic(method, f"/api/v1{at(path, conversation)}", json.dumps(body or {}), "application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path", "body"), [route for route in ROUTES if route[0] != "GET" and "check" not in route[1]])
def test_a_token_that_only_reads_does_not_write(method, path, body, program, bob, conversation):
    assert program(bob, "read")(method, at(path, conversation), body).status_code == 401


@pytest.mark.parametrize("path", ["/conversations", "/search?q=lamp", "/activity", "/shops", "/deliveries"])
def test_lists_hold_only_what_the_agent_sees(path, program, bob, charlie, conversation):
    def empty(answer: Any) -> bool:
        found = answer.json()
        return not (found["conversations"] if isinstance(found, dict) else found)

    assert empty(program(charlie)("GET", path))
    if path != "/deliveries":
        assert not empty(program(bob)("GET", path))


@pytest.mark.parametrize("extra", ["author_id", "automatic", "released_by", "state", "shop_id"])
def test_an_unknown_field_is_refused_not_ignored(extra, program, bob, conversation):
    answer = program(bob)("POST", f"/conversations/{conversation.pk}/reply", {"text": "hi", extra: 1})
    assert answer.status_code == 422
    assert not Message.objects.filter(direction="out").exists()


def test_what_the_gate_forbids_is_said_with_its_reason(program, bob, conversation):
    answer = program(bob)("POST", f"/conversations/{conversation.pk}/reply", {"text": ""})
    assert answer.status_code == 422
    assert answer.json()["findings"][0]["reason"]


def test_an_observers_program_cannot_be_given_the_right_to_write(make_agent, shop):
    eve = make_agent("eve", Agent.Role.OBSERVER)
    with pytest.raises(Exception, match="more than its person"):
        actions.new_token(eve, "x", ["write"], by=eve)


@pytest.mark.parametrize(
    "query", ["?assignee__password=x", "?state=' or 1=1", "?after=__", "?shop=1e9", "?order=customer__notes", "?tag[]=x"]
)
def test_odd_filters_never_reach_the_database(query, program, bob, conversation):
    assert program(bob)("GET", f"/conversations{query}").status_code == 200


def test_a_revoked_token_a_locked_person_and_a_wrong_secret_all_end_at_401(program, bob, admin, conversation):
    call = program(bob)
    assert call("GET", "/me").json()["username"] == "bob"
    actions.lock(bob, by=admin)
    assert call("GET", "/me").status_code == 401
    wrong = Client().get("/api/v1/me", headers={"authorization": "Bearer bd_wrong"})
    assert wrong.status_code == 401


def test_the_description_lists_every_route_and_no_secret(client):
    description = client.get("/api/v1/openapi.json")
    text = description.content.decode()
    assert description.status_code == 200
    assert "/api/v1/conversations/{pk}/reply" in text
    assert "sealed" not in text
    assert "password" not in text


@given(st.text(max_size=300))
def test_any_bearer_text_is_only_ever_refused(secret: str):
    assert len(actions.digest(secret)) == 64
