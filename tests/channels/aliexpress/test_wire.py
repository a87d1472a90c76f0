"""AliExpress over real HTTP: log-in, renewals, troubles of the gateway, messages in, answers out."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bridgedesk.channels import aliexpress_api as api
from bridgedesk.channels import aliexpress_poll as poll
from bridgedesk.channels.aliexpress import SEND, AliExpress
from bridgedesk.channels.base import (
    CannotTell,
    NeedsReconnect,
    NotPermitted,
    Outgoing,
    SendError,
    Uncertain,
)
from bridgedesk.channels.events import MessageReceived, MessageSent, OrderSeen
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock, http
from bridgedesk.sandbox import aliexpress as pretend
from bridgedesk.sandbox.shopee_keys import ACCESS_LIFE

ALIEXPRESS = CHANNELS["aliexpress"]
HERE = "https://desk.example/shops/authorised"
BUYER, LOGIN = 3_100_000_871, "es1234567abcd"


def writes(sandbox, text, **more):
    buyer = more.pop("buyer", BUYER)
    return sandbox.do(lambda s: s.aliexpress.buyer_writes(buyer, LOGIN if buyer == BUYER else "", text, **more))


def read(shop, cursor=""):
    """Everything new, as events, and the cursor after it."""
    events, more = [], True
    while more:
        page = ALIEXPRESS.fetch(shop, cursor)
        events += [event for raw in page.raws for event in ALIEXPRESS.parse(shop, raw)]
        cursor, more = page.cursor, page.more
    return events, cursor


def said(events):
    return [event.text for event in events if isinstance(event, MessageReceived)]


def answer(text="¡Hola! Sale mañana.", **more):
    given = {"to": str(BUYER), "thread": str(BUYER), "since": clock.now()} | more
    return Outgoing(reference="r1", text=text, **given)


def test_the_seller_says_yes_and_the_shop_is_open(fresh_shop, sandbox):
    link = ALIEXPRESS.door.link(fresh_shop, HERE, "s-1")
    away = http.request("GET", link + "&yes=1")
    back = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    assert back["state"] == "s-1"
    grant = ALIEXPRESS.door.exchange(fresh_shop, back, HERE)
    assert [one.external_id for one in grant.shops] == [str(pretend.SELLER)]
    assert grant.secrets["access_token"][1] - clock.now() > ACCESS_LIFE - timedelta(minutes=5)
    with pytest.raises(SendError, match="InvalidCode"):
        ALIEXPRESS.door.exchange(fresh_shop, back, HERE)


def test_an_ended_token_is_renewed_once_and_the_call_made_again(shop, sandbox):
    sandbox.do(lambda s: s.aliexpress.tokens.expire(pretend.SELLER))
    writes(sandbox, "¿Hola?")
    assert said(read(shop)[0]) == ["¿Hola?"]
    assert (shop.vault.renewals, sandbox.do(lambda s: s.aliexpress.calls["/rest" + pretend.REFRESH])) == (1, 1)


def test_a_spent_refresh_token_needs_a_person(shop, sandbox):
    sandbox.do(lambda s: (s.aliexpress.tokens.expire(pretend.SELLER), s.aliexpress.tokens.revoke(pretend.SELLER)))
    with pytest.raises(NeedsReconnect, match="IllegalRefreshToken"):
        read(shop)


def test_a_shop_nobody_authorised_says_so(fresh_shop):
    with pytest.raises(NeedsReconnect):
        read(fresh_shop)


def test_a_clock_that_is_wrong_is_learnt_from(shop, sandbox, later):
    later.let_pass(hours=2)
    writes(sandbox, "¿Hola?")
    sandbox.do(lambda s: s.aliexpress.tokens)
    assert said(read(shop)[0]) == ["¿Hola?"]


def test_a_wrong_secret_is_named(shop):
    shop.vault.kept["app_secret"] = ("wrong", None)
    with pytest.raises(SendError, match="signature") as caught:
        read(shop)
    assert caught.value.permanent
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "permanent", "wait"), [("ApiCallLimit", False, timedelta(minutes=1)), ("ServiceTimeout", False, None), ("Odd", True, None)]
)
def test_refusals_of_the_gateway_say_what_follows(shop, sandbox, code, permanent, wait):
    sandbox.fault(poll.BUYERS, "error", code=code)
    with pytest.raises(SendError) as caught:
        read(shop)
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, wait)


def test_an_app_without_the_permission_is_told_so(shop, sandbox):
    sandbox.do(lambda s: s.aliexpress.forbidden.add(poll.BUYERS))
    with pytest.raises(NotPermitted, match="permission"):
        read(shop)
    chat = {check.name: check for check in ALIEXPRESS.check(shop)}["Chat"]
    assert not chat.ok
    assert "on request" in chat.advice


def test_messages_come_in_order_once_and_name_their_order(shop, sandbox):
    writes(sandbox, "¿Cuándo llega?", order="8190000000000871")
    writes(sandbox, "¿Hola?")
    events, cursor = read(shop)
    assert said(events) == ["¿Cuándo llega?", "¿Hola?"]
    heard = [event for event in events if isinstance(event, MessageReceived)]
    assert [event.order for event in heard] == ["8190000000000871", ""]
    assert {event.external_id for event in events if isinstance(event, OrderSeen)} == {"8190000000000871"}
    assert heard[0].buyer.name == LOGIN
    writes(sandbox, "Gracias")
    keys = [raw.key for raw in ALIEXPRESS.fetch(shop, cursor).raws]
    assert len(keys) == len(set(keys)) == 4, "what was read just before is read again under the same key"


def test_a_long_talk_and_many_buyers_are_read_whole(shop, sandbox):
    def happens(servers):
        for number in range(45):
            servers.aliexpress.buyer_writes(BUYER, LOGIN, f"line {number}")
        for buyer in range(45):
            servers.aliexpress.buyer_writes(500 + buyer, "", f"hello {buyer}")

    sandbox.do(happens)
    heard = said(read(shop)[0])
    assert sorted(heard) == sorted([f"line {n}" for n in range(45)] + [f"hello {n}" for n in range(45)])


def test_a_quiet_shop_is_asked_few_times(shop, sandbox):
    for buyer in range(12):
        writes(sandbox, "hello", buyer=500 + buyer)
    cursor = poll.Walk(since=int((clock.now() + timedelta(minutes=1)).timestamp() * 1000))
    sandbox.do(lambda s: s.aliexpress.calls.clear())
    events, _cursor = read(shop, poll.json.dumps(poll.asdict(cursor)))
    assert events == []
    assert sandbox.do(lambda s: s.aliexpress.calls[poll.MESSAGES]) == poll.QUIET


def test_a_trouble_half_way_keeps_what_was_read(shop, sandbox):
    for buyer in range(4):
        writes(sandbox, f"hello {buyer}", buyer=500 + buyer)
    first = ALIEXPRESS.fetch(shop, poll.json.dumps({"since": 0, "talks": [{"buyer": "500"}], "begun": 1 << 41}))
    assert first.raws
    sandbox.fault(poll.MESSAGES, "error", code="ServiceTimeout")
    with pytest.raises(SendError):
        read(shop)
    assert len(said(read(shop)[0])) == 4


def test_an_answer_arrives_with_its_scene(shop, sandbox):
    writes(sandbox, "¿Hola?")
    sent = ALIEXPRESS.send(shop, answer())
    ALIEXPRESS.send(shop, answer("Tu pedido ha salido.", purpose="shipping_notice"))
    arrived = sandbox.arrived
    assert [(one.text, one.kind) for one in arrived] == [("¡Hola! Sale mañana.", "scene 1"), ("Tu pedido ha salido.", "scene 6")]
    assert arrived[0].external_id == sent.external_id
    own = [event for event in read(shop)[0] if isinstance(event, MessageSent)]
    assert [event.external_id for event in own] == [one.external_id for one in arrived]


def test_an_answer_whose_receipt_was_lost_is_found_again(shop, sandbox):
    writes(sandbox, "¿Hola?")
    sandbox.fault(SEND, "lose_answer")
    message = answer()
    with pytest.raises(Uncertain):
        ALIEXPRESS.send(shop, message)
    found = ALIEXPRESS.find_sent(shop, message)
    assert found is not None
    assert [one.external_id for one in sandbox.arrived] == [found.external_id]
    assert ALIEXPRESS.find_sent(shop, replace(message, known=(found.external_id,))) is None


def test_an_answer_that_never_left_is_not_found(shop, sandbox):
    writes(sandbox, "¿Hola?")
    sandbox.fault(SEND, "lose_request")
    with pytest.raises(SendError):
        ALIEXPRESS.send(shop, answer())
    assert ALIEXPRESS.find_sent(shop, answer()) is None
    with pytest.raises(CannotTell):
        ALIEXPRESS.find_sent(shop, answer(thread=""))


def test_the_platform_stumbles_over_an_answer_and_nobody_knows(shop, sandbox):
    writes(sandbox, "¿Hola?")
    sandbox.fault(SEND, "error", code="ServiceTimeout")
    with pytest.raises(Uncertain):
        ALIEXPRESS.send(shop, answer())


def test_a_buyer_known_by_login_name_is_asked_for(shop, sandbox):
    writes(sandbox, "¿Hola?")
    ALIEXPRESS.send(shop, answer(to=LOGIN))
    assert [one.to for one in sandbox.arrived] == [str(BUYER)]
    with pytest.raises(SendError, match="not known"):
        ALIEXPRESS.send(shop, answer(to="stranger"))


def test_pictures_are_refused_before_anything_leaves(shop, sandbox):
    from bridgedesk.channels.events import File

    with pytest.raises(SendError, match="texts only"):
        ALIEXPRESS.send(shop, answer(files=(File("a.png", b"x"),)))
    assert not sandbox.do(lambda s: s.aliexpress.calls)


def test_answers_unwrapped_or_wrapped_are_the_same():
    assert api.unwrapped({"aliexpress_message_list2_response": {"a": "1"}}, "aliexpress/message/list2") == {"a": "1"}
    assert api.unwrapped({"a": "1"}, "aliexpress/message/list2") == {"a": "1"}


@pytest.mark.parametrize("limit", ["", "x", "5", "9" * 9])
def test_a_limit_nobody_can_mean_is_the_usual_one(shop, limit):
    assert AliExpress().limits(replace(shop, options={**shop.options, "text_limit": limit})).text == 1000


def test_the_doctor_finds_the_shop_well(shop, sandbox):
    names = [check.name for check in ALIEXPRESS.check(shop)]
    assert names[:2] == ["App", "Authorisation"]
