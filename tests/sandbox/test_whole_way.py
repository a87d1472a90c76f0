"""The whole way of a message on real wires: push in, answer out, arrived; nothing lost in rough weather, nothing twice."""

import time

import pytest

from bridgedesk.conversations import actions, sending
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.sandbox import scenery, seed
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.sandbox.world import Chaos
from bridgedesk.shops.vault import account_of
from bridgedesk.sync import actions as sync
from bridgedesk.sync import polling
from bridgedesk.sync.models import Delivery
from bridgedesk.team.models import Agent

pytestmark = pytest.mark.django_db(transaction=True)
BUYER = 500_000_001


@pytest.fixture
def dora(make_agent):
    return make_agent("dora", Agent.Role.ADMIN, shown_name="Dora")


@pytest.fixture
def taiwan(sandbox, live_server, settings, dora):
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    settings.PUBLIC_URL = live_server.url
    shop = seed.open_shop(scenery.stage(str(TAIWAN.shop_id)), sandbox.port, [dora])
    sandbox.push_to(account_of(shop).options["callback_url"])
    return shop


def until(reached, seconds=10):
    for _ in range(int(seconds / 0.02)):
        if found := reached():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to that")


def write(sandbox, text, **more):
    return sandbox.do(lambda s: s.shopee.buyer_writes(TAIWAN.shop_id, BUYER, "mei", text, **more)).message_id


def apply_all():
    for pk in Delivery.objects.filter(state=Delivery.State.NEW).order_by("pk").values_list("pk", flat=True):
        sync.apply(pk)


def heard():
    return list(Message.objects.filter(direction="in").order_by("at", "external_id").values_list("text", flat=True))


def test_a_push_becomes_a_message_and_the_answer_arrives_once(sandbox, taiwan, dora):
    write(sandbox, "請問什麼時候出貨？", order_sn="261101ABCD")
    until(lambda: Delivery.objects.exists())
    apply_all()
    conversation = Conversation.objects.get()
    assert (heard(), conversation.order_ref, conversation.address) == (["請問什麼時候出貨？"], "261101ABCD", str(BUYER))
    assert conversation.due_at
    message = actions.reply(conversation, "您好，明天就會出貨。", by=dora, released=True)[0]
    Message.objects.filter(pk=message.pk).update(not_before=message.at)
    sending.send(message.pk)
    assert [(a.to, a.text) for a in sandbox.arrived] == [(str(BUYER), "您好，明天就會出貨。")]
    until(lambda: Delivery.objects.count() == 2)  # our own message comes back
    apply_all()
    assert Message.objects.filter(direction="out").count() == 1
    conversation.refresh_from_db()
    assert conversation.due_at is None


def test_an_answer_lost_on_the_way_back_is_looked_for_and_not_sent_again(sandbox, taiwan, dora):
    write(sandbox, "在嗎？")
    until(lambda: Delivery.objects.exists())
    apply_all()
    sandbox.fault("/api/v2/sellerchat/send_message", "lose_answer")
    message = actions.reply(Conversation.objects.get(), "您好，在的。", by=dora, released=True)[0]
    Message.objects.filter(pk=message.pk).update(not_before=message.at)
    for _ in range(3):
        sending.send(message.pk)
        Message.objects.filter(pk=message.pk).update(not_before=message.at, lease_until=None)
    message.refresh_from_db()
    assert (message.state, len(sandbox.arrived)) == ("sent", 1)


def test_in_rough_weather_every_message_comes_once(sandbox, taiwan):
    sandbox.do(lambda s: setattr(s.world, "chaos", Chaos(repeat=0.4, late=0.4, lost=0.2, late_seconds=60)))
    said = [f"第 {n} 句" for n in range(15)]
    for text in said:
        write(sandbox, text)
    until(lambda: sandbox.do(lambda s: not s.world._tasks))
    apply_all()
    polling.poll(taiwan.pk)
    apply_all()
    assert sorted(heard()) == sorted(said)


def test_an_answer_in_the_platforms_own_app_is_kept_and_stops_the_clock(sandbox, taiwan):
    write(sandbox, "有現貨嗎？")
    until(lambda: Delivery.objects.exists())
    apply_all()
    sandbox.do(lambda s: s.shopee.shop_writes_elsewhere(TAIWAN.shop_id, BUYER, "有的"))
    until(lambda: Delivery.objects.count() == 2)
    apply_all()
    assert Message.objects.get(direction="out").text == "有的"
    assert Conversation.objects.get().due_at is None


def test_an_ended_token_is_renewed_and_the_answer_still_arrives(sandbox, taiwan, dora):
    write(sandbox, "在嗎？")
    until(lambda: Delivery.objects.exists())
    apply_all()
    sandbox.do(lambda s: s.shopee.tokens.expire(TAIWAN.shop_id))
    message = actions.reply(Conversation.objects.get(), "您好！", by=dora, released=True)[0]
    Message.objects.filter(pk=message.pk).update(not_before=message.at)
    sending.send(message.pk)
    message.refresh_from_db()
    assert (message.state, [a.text for a in sandbox.arrived]) == ("sent", ["您好！"])


def test_the_demo_command_knows_where_each_shops_pushes_go(taiwan):
    assert seed.callbacks() == {TAIWAN.shop_id: account_of(taiwan).options["callback_url"]}
