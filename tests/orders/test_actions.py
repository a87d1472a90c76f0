from datetime import timedelta

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import OrderSeen
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.orders import actions
from bridgedesk.orders.models import Order
from tests.conftest import NOON


def test_an_order_named_twice_is_one_order(shop):
    assert actions.see(shop, OrderSeen("ON-1")) == actions.see(shop, OrderSeen("ON-1"))
    assert Activity.objects.filter(verb="order_seen").count() == 1


def test_the_buyer_is_learned_once_and_stays(shop):
    anna, ben = (Customer.objects.create(name=name, created_at=clock.now()) for name in ("Anna", "Ben"))
    actions.see(shop, OrderSeen("ON-1"))
    assert actions.see(shop, OrderSeen("ON-1"), anna).customer == anna
    assert actions.see(shop, OrderSeen("ON-1"), ben).customer == anna


def test_old_news_of_an_order_changes_nothing(shop):
    actions.see(shop, OrderSeen("ON-1", "SHIPPED", NOON))
    actions.see(shop, OrderSeen("ON-1", "READY_TO_SHIP", NOON - timedelta(hours=1)))
    actions.see(shop, OrderSeen("ON-1", "SHIPPED", NOON + timedelta(hours=1)))
    order = Order.objects.get()
    assert (order.status, order.status_at) == ("SHIPPED", NOON + timedelta(hours=1))
    assert [line.data["after"] for line in Activity.objects.filter(verb="order_status")] == ["SHIPPED"]


def test_orders_of_two_shops_may_share_a_number(shop, make_shop, bob):
    actions.see(shop, OrderSeen("ON-1"))
    actions.see(make_shop("Chairs"), OrderSeen("ON-1"))
    assert Order.objects.visible_to(bob).count() == 1
