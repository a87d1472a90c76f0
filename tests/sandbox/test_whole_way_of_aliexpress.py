"""The whole way on the pretend AliExpress's wires: a buyer writes, the desk answers, the answer arrives once."""

from urllib.parse import urlsplit

import pytest

from bridgedesk.channels import aliexpress_api
from bridgedesk.conversations import actions, sending
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.lib import http
from bridgedesk.orders.models import Order
from bridgedesk.sandbox import seed
from bridgedesk.shops import vault
from bridgedesk.sync import polling
from tests.sandbox.test_whole_way import apply_all, dora, heard

__all__ = ["dora"]
pytestmark = pytest.mark.django_db(transaction=True)
BUYER, LOGIN = 3_100_000_871, "es1234567abcd"


@pytest.fixture
def shop(sandbox, settings, dora):
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    yield seed.open_aliexpress(sandbox.port, [dora])
    aliexpress_api.TIME.forget()


def read(shop, *feeds):
    for feed in feeds or ("messages",):
        polling.poll(shop.pk, feed)
    assert not shop.cursors.exclude(error="").values_list("feed", "error")
    apply_all()


def writes(sandbox, text, **more):
    return sandbox.do(lambda s: s.aliexpress.buyer_writes(BUYER, LOGIN, text, **more))


def replies(conversation, text, by):
    message = actions.reply(conversation, text, by=by, released=True)[0]
    Message.objects.filter(pk=message.pk).update(not_before=message.at)
    sending.send(message.pk)
    return message


def test_a_message_is_answered_and_the_answer_arrives_once(sandbox, shop, dora):
    writes(sandbox, "¿Cuándo llega mi pedido?", order="8190000000000871")
    read(shop)
    conversation = Conversation.objects.get()
    assert (heard(), conversation.order_ref, conversation.address) == (["¿Cuándo llega mi pedido?"], "8190000000000871", str(BUYER))
    assert conversation.due_at
    assert Order.objects.get().customer == conversation.customer
    replies(conversation, "¡Hola! Sale mañana.", dora)
    read(shop)
    read(shop)
    assert [(one.to, one.text) for one in sandbox.arrived] == [(str(BUYER), "¡Hola! Sale mañana.")]
    assert Message.objects.filter(direction="out").count() == 1
    conversation.refresh_from_db()
    assert conversation.due_at is None


def test_an_answer_lost_on_the_way_back_is_looked_for_and_not_sent_again(sandbox, shop, dora):
    writes(sandbox, "¿Hola?")
    read(shop)
    sandbox.fault("aliexpress/message/send", "lose_answer")
    message = replies(Conversation.objects.get(), "¡Hola!", dora)
    for _ in range(2):
        Message.objects.filter(pk=message.pk).update(not_before=message.at, lease_until=None)
        sending.send(message.pk)
    message.refresh_from_db()
    assert (message.state, len(sandbox.arrived)) == ("sent", 1)


def test_an_answer_given_on_the_platform_itself_stops_the_clock(sandbox, shop):
    writes(sandbox, "¿Hola?")
    read(shop)
    sandbox.do(lambda s: s.aliexpress.shop_writes_elsewhere(BUYER, "¡Buenas!"))
    read(shop)
    assert Message.objects.get(direction="out").text == "¡Buenas!"
    assert Conversation.objects.get().due_at is None


def test_dora_authorises_the_shop_in_the_browser(sandbox, shop, dora, client):
    vault.store(shop.pk, {"access_token": ("", None), "refresh_token": ("", None)})
    client.force_login(dora)
    away = client.get(f"/shops/{shop.pk}/authorise").headers["Location"]
    back = http.request("GET", away + "&yes=1").headers["location"]
    page = client.get(urlsplit(back).path, QUERY_STRING=urlsplit(back).query, follow=True)
    assert "2671514005" in page.text
    assert vault.stored(shop.pk) == {"app_secret", "access_token", "refresh_token"}
    writes(sandbox, "¿Hola?")
    read(shop)
    assert heard() == ["¿Hola?"]
