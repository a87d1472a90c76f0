"""A buyer who writes that they want to cancel stops the parcel, before anybody has read the message."""

from bridgedesk.channels.events import OrderSeen
from bridgedesk.conversations.models import Conversation, Message
from bridgedesk.orders import actions as orders
from bridgedesk.orders.models import Order, Remark
from bridgedesk.sync import followup


def test_a_message_that_asks_to_cancel_holds_the_order_it_is_about(pretend_shop, say):
    orders.see(pretend_shop, OrderSeen("ON-7", state="to_ship"))
    say("m1", "I want to cancel my order please", apply=True)
    Conversation.objects.update(order_ref="ON-7")
    message = Message.objects.select_related("conversation", "shop").get()
    assert message.triage.topics[0]["topic"] == "cancel_order"
    followup.catch_cancellations([message])
    followup.catch_cancellations([message])
    assert Order.objects.get().hold
    assert Remark.objects.get().text == "I want to cancel my order please"


def test_a_message_about_something_else_holds_nothing(pretend_shop, say):
    orders.see(pretend_shop, OrderSeen("ON-7", state="to_ship"))
    say("m1", "Where is my parcel?", apply=True)
    Conversation.objects.update(order_ref="ON-7")
    followup.catch_cancellations([Message.objects.select_related("conversation", "shop").get()])
    assert not Order.objects.get().hold
