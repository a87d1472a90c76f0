"""Programs outside are told of acts: signed, in their owner's sight only, again until they take it."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock, http
from bridgedesk.shops.models import Shop
from bridgedesk.sync import outgoing
from bridgedesk.sync.models import Endpoint, Notification
from bridgedesk.team.models import Agent


class Outside:
    """The program outside; `answers` are given in turn, the last one for ever."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.answers: list[Any] = [200]

    def __call__(self, method: str, url: str, *, content: bytes, headers: dict[str, str], max_bytes: int) -> httpx.Response:
        self.got.append({"url": url, "body": content, "headers": headers})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    made = Outside()
    monkeypatch.setattr(http, "request", made)
    return made


@pytest.fixture
def endpoint(alice: Agent, shop: Shop) -> Endpoint:
    made, made.secret = outgoing.add_endpoint(alice, "https://erp.example/hook", [], by=alice)  # type: ignore[attr-defined]
    return made


def act(verb: str, shop: Shop | None) -> int:
    return record(verb, None, by=None, shop=shop.pk if shop else None, conversation=7, text="¡hola!").pk


def tell(at: Any = None) -> None:
    with clock.frozen(at or clock.now() + timedelta(seconds=1)):
        outgoing.feed()
        for pk in Notification.objects.filter(state="waiting").order_by("pk").values_list("pk", flat=True):
            outgoing.deliver(pk)


def test_an_act_is_told_once_signed_and_dated(endpoint: Endpoint, shop: Shop, outside: Outside) -> None:
    act("replied", shop)
    tell()
    tell()
    verbs = [json.loads(got["body"])["verb"] for got in outside.got]
    assert verbs == ["replied"]
    moment, _, digest = outside.got[-1]["headers"]["Bridgedesk-Signature"].partition(",v1=")
    signed = moment.removeprefix("t=").encode() + b"." + outside.got[-1]["body"]
    assert digest == hmac.new(endpoint.secret.encode(), signed, hashlib.sha256).hexdigest()  # type: ignore[attr-defined]
    told = json.loads(outside.got[-1]["body"])
    assert (told["shop"], told["conversation"], told["data"]) == (shop.pk, 7, {"text": "¡hola!"})


def test_the_secret_is_stored_encrypted(endpoint: Endpoint) -> None:
    assert endpoint.secret not in Endpoint.objects.get().sealed_secret  # type: ignore[attr-defined]


def test_acts_of_shops_the_owner_may_not_see_are_never_told(
    endpoint: Endpoint, outside: Outside, make_shop: Callable[..., Shop], shop: Shop, alice: Agent
) -> None:
    act("replied", make_shop("Charlie's shop"))
    act("signed_in", None)
    seen = act("closed", shop)
    outgoing.feed()
    assert list(Notification.objects.values_list("activity_id", flat=True)) == [seen]
    shop.agents.remove(alice)
    tell()
    assert (outside.got, Notification.objects.get().state) == ([], "given_up")


def test_only_the_wanted_verbs_are_told(endpoint: Endpoint, shop: Shop, outside: Outside) -> None:
    Endpoint.objects.update(verbs=["closed"])
    act("replied", shop)
    act("closed", shop)
    tell()
    assert [json.loads(got["body"])["verb"] for got in outside.got] == ["closed"]


@pytest.mark.parametrize("trouble", [500, 302, 404, http.Unreachable("no answer", sent=True)])
def test_what_is_not_taken_is_told_again_later(endpoint: Endpoint, shop: Shop, outside: Outside, trouble: Any) -> None:
    outside.answers = [trouble, 204]
    act("replied", shop)
    now = clock.now() + timedelta(seconds=1)
    tell(now)
    assert Notification.objects.get().state == "waiting"
    tell(now + timedelta(seconds=5))
    assert len(outside.got) == 1
    tell(now + timedelta(seconds=11))
    assert (len(outside.got), Notification.objects.get().state) == (2, "done")


def test_it_is_given_up_at_last(endpoint: Endpoint, shop: Shop, outside: Outside) -> None:
    outside.answers = [500]
    act("replied", shop)
    now = clock.now()
    for _ in range(len(outgoing.PAUSES) + 3):
        now += timedelta(days=2)
        tell(now)
    assert (len(outside.got), Notification.objects.get().state) == (len(outgoing.PAUSES) + 1, "given_up")


def test_a_forbidden_address_is_given_up_at_once(endpoint: Endpoint, shop: Shop, outside: Outside) -> None:
    outside.answers = [http.Blocked("169.254.169.254: not a public address")]
    act("replied", shop)
    tell()
    row = Notification.objects.get()
    assert (row.state, row.error) == ("given_up", "169.254.169.254: not a public address")


def test_an_endpoint_that_says_it_is_gone_is_switched_off(endpoint: Endpoint, shop: Shop, outside: Outside) -> None:
    outside.answers = [410]
    act("replied", shop)
    tell()
    assert not Endpoint.objects.get().enabled


def test_an_act_that_becomes_visible_late_is_told_all_the_same(endpoint: Endpoint, shop: Shop, outside: Outside) -> None:
    hidden = record("replied", None, by=None, shop=shop.pk)
    number = hidden.pk
    act("closed", shop)
    hidden.delete()
    tell()
    hidden.pk = number
    hidden.save(force_insert=True)
    tell()
    assert [json.loads(got["body"])["verb"] for got in outside.got] == ["closed", "replied"]


def test_what_was_read_long_ago_is_not_read_again(endpoint: Endpoint, shop: Shop, outside: Outside) -> None:
    last = act("replied", shop)
    tell(clock.now() + timedelta(minutes=5))
    assert Endpoint.objects.get().last_activity_id == last


def test_acts_from_before_the_endpoint_are_not_told(alice: Agent, shop: Shop, outside: Outside) -> None:
    act("replied", shop)
    outgoing.add_endpoint(alice, "https://erp.example/hook", [], by=alice)
    tell()
    assert outside.got == []
