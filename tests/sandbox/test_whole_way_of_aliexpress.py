"""The whole way on the pretend AliExpress's wires: a buyer writes, the desk answers, the answer arrives once."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from bridgedesk.channels import aliexpress_api
from bridgedesk.channels.acts import ExtendReceipt, ShipParcel
from bridgedesk.conversations import actions, sending
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.customers.models import Customer, Identity
from bridgedesk.lib import http
from bridgedesk.orders import acting, performing, sentinel
from bridgedesk.orders.models import Finding, Order, PlatformAct
from bridgedesk.products.models import Listing
from bridgedesk.remedies.models import Case
from bridgedesk.reviews.models import Review
from bridgedesk.sandbox import aliexpress, scenery, seed
from bridgedesk.sandbox.aliexpress_trade import Person
from bridgedesk.shops import vault
from bridgedesk.sync import polling
from tests.sandbox.test_whole_way import apply_all, dora, heard

__all__ = ["dora"]
pytestmark = pytest.mark.django_db(transaction=True)
BUYER, LOGIN = 3_100_000_871, "es1234567abcd"
ANA = Person(BUYER, LOGIN, "Ana García", "ES")
A_MOMENT = timedelta(minutes=1)
"""What changes while the look itself begins is read by the next."""
FEEDS = ("orders", "parcels", "stock", "reviews", "returns")


@pytest.fixture
def shop(sandbox, settings, dora):
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    yield seed.open_shop(scenery.stage(str(aliexpress.SELLER)), sandbox.port, [dora])
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


def buys(sandbox, **ago):
    return sandbox.do(lambda s: s.aliexpress.market.buy(ANA, ago=timedelta(**ago)))


def done(order, act, by, key="1"):
    row = acting.ask(order.shop, act, order=order, key=key, by=by)
    performing.perform(row.pk)
    row.refresh_from_db()
    return row


def test_an_order_is_read_asked_about_shipped_and_its_receipt_extended(sandbox, shop, dora):
    bought = buys(sandbox, hours=3)
    read(shop, "orders")
    order = Order.objects.get()
    assert (order.external_id, order.state, order.lines.count()) == (bought.id, "to_ship", len(bought.lines))
    assert order.address["postcode"] == "28004"
    writes(sandbox, "¿Cuándo sale?", order=bought.id)
    read(shop)
    conversation = Conversation.objects.get()
    assert conversation.customer == order.customer, "orders know the buyer by login name, messages by id: one buyer"
    replies(conversation, "¡Hola! Sale hoy.", dora)
    read(shop)
    assert [one.text for one in sandbox.arrived] == ["¡Hola! Sale hoy."]
    shipped = done(order, ShipParcel(bought.id, number="LP00987654321CN", carrier="AliExpress Standard Shipping"), dora)
    assert shipped.state == PlatformAct.State.DONE
    bought.sent[0].at -= A_MOMENT
    read(shop, "orders", "parcels")
    order.refresh_from_db()
    assert (order.state, order.parcels.get().number) == ("shipped", "LP00987654321CN")
    before = order.receive_by
    assert done(order, ExtendReceipt(bought.id, 10), dora).state == PlatformAct.State.DONE
    bought.touched = [at - A_MOMENT for at in bought.touched]
    read(shop, "orders")
    order.refresh_from_db()
    assert order.receive_by == before + timedelta(days=10)


def test_a_parcel_that_does_not_move_has_its_receipt_extended_before_it_ends(sandbox, shop, dora):
    bought = buys(sandbox, days=25)
    sandbox.do(lambda s: s.aliexpress.market.send(bought, stuck=True, ago=timedelta(days=23)))
    read(shop, "orders", "parcels")
    sentinel.set_automatic(shop, on=True, by=dora)
    assert sentinel.watch() == 1
    performing.perform(PlatformAct.objects.get().pk)
    sentinel.watch()
    assert Finding.objects.get(code=sentinel.CODE).state == Finding.State.DONE
    assert bought.extended > 0


def test_a_refused_extension_comes_back_with_the_reason(sandbox, shop, dora):
    bought = buys(sandbox, days=25)
    sandbox.do(lambda s: s.aliexpress.market.send(bought, stuck=True, ago=timedelta(days=23)))
    bought.extended = 60
    bought.sent[0].at -= timedelta(days=60)
    bought.placed -= timedelta(days=60)
    bought.touched = [bought.placed + timedelta(days=60)]
    read(shop, "orders", "parcels")
    sentinel.watch()
    finding = Finding.objects.get(code=sentinel.CODE)
    act = sentinel.extend(finding, 10, by=dora)
    performing.perform(act.pk)
    sentinel.watch()
    finding.refresh_from_db()
    assert finding.state == Finding.State.OPEN
    assert sentinel.trouble(finding) == str(sentinel.REFUSED["201"])


def test_every_feed_fills_its_rows_and_a_second_look_adds_none(sandbox, shop):
    rated, disputed = buys(sandbox, days=40), buys(sandbox, days=20)
    sandbox.do(lambda s: (s.aliexpress.market.send(rated, ago=timedelta(days=35)), s.aliexpress.market.send(disputed)))
    rated.stars = 2
    sandbox.do(lambda s: s.aliexpress.market.dispute(disputed))
    tables = (Order, Listing, Review, Case, Customer, Identity)
    for _ in range(2):
        read(shop, *FEEDS)
        counts = [model.objects.count() for model in tables]
    assert counts == [2, 7, 1, 1, 1, 1]
    review = Review.objects.get()
    assert (review.stars, review.order.external_id) == (2, rated.id)
    assert Case.objects.get().order.external_id == disputed.id
