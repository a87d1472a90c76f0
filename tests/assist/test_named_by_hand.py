"""What a person reads in a message counts like what the first look reads in it."""

from bridgedesk.assist import actions
from bridgedesk.channels.events import OrderSeen, ParcelSeen
from bridgedesk.conversations.models import Conversation
from bridgedesk.orders import actions as orders
from bridgedesk.orders.models import Finding, Order, Remark
from tests.conftest import NOON


def test_a_topic_corrected_to_cancelling_stops_the_parcel(shop, writes, bob, noon):
    orders.see(shop, OrderSeen("ON-7", state="to_ship"))
    message = writes("Lasst gut sein, ich brauche es doch nicht")
    Conversation.objects.update(order_ref="ON-7")
    message.conversation.refresh_from_db()
    actions.correct_topic(message, "wismo", by=bob)
    assert not Order.objects.get().hold
    for _ in range(2):
        actions.correct_topic(message, "cancel_order", by=bob)
    assert Order.objects.get().hold
    remark = Remark.objects.get()
    assert (remark.text, remark.author) == (message.text, bob)


def test_a_topic_corrected_to_not_received_opens_the_question(shop, writes, bob, noon):
    parcel = ParcelSeen("ON-7", number="LP1", status="delivered", at=NOON)
    orders.see(shop, OrderSeen("ON-7", state="delivered", at=NOON, parcels=(parcel,)))
    message = writes("Hier ist nichts angekommen")
    Conversation.objects.update(order_ref="ON-7")
    message.conversation.refresh_from_db()
    actions.correct_topic(message, "not_received", by=bob)
    assert Finding.objects.get().code == "parcel_missing"
