from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity.models import Activity
from bridgedesk.activity.words import happened
from bridgedesk.channels.events import STATES, TRACK_STATES, OrderSeen, ParcelSeen, TrackEvent
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.orders import actions, settling
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


def test_an_older_word_of_a_parcel_does_not_turn_it_back(shop):
    actions.see_parcel(shop, ParcelSeen("ON-1", number="RB123456785GB", status="out_for_delivery", at=NOON))
    parcel = actions.see_parcel(shop, ParcelSeen("ON-1", number="RB123456785GB", status="in_transit", at=NOON - timedelta(hours=1)))
    assert parcel.status == "out_for_delivery"


def test_nobody_is_told_a_day_of_shipment_that_nobody_knows(shop):
    order = actions.see(shop, OrderSeen("ON-1", "COMPLETED", NOON, state="completed"))
    assert order.shipped_at is None
    parcel = actions.see_parcel(shop, ParcelSeen("ON-1", number="RB123456785GB", status="delivered", at=NOON))
    assert (parcel.shipped_at, parcel.delivered_at) == (None, NOON)
    scans = (
        TrackEvent(NOON - timedelta(days=10), "Label made", "info_received"),
        TrackEvent(NOON - timedelta(days=9), "On board", "in_transit"),
    )
    parcel = actions.see_parcel(shop, ParcelSeen("ON-1", number="RB123456785GB", events=scans))
    assert parcel.shipped_at == NOON - timedelta(days=9)


@pytest.mark.parametrize(("verb", "states"), [("order_status", STATES), ("parcel_moved", TRACK_STATES)])
def test_the_log_says_every_state_in_words(verb, states):
    for state in states:
        assert state not in happened(verb, {"parcel": "RB1", "before": state, "after": state}) or "_" not in state
        assert happened(verb, {"parcel": "RB1", "before": state, "after": "?"}) != happened(
            verb, {"parcel": "RB1", "before": "!", "after": "?"}
        )


def test_the_log_tells_an_order_s_way_as_a_colleague_would():
    assert happened("order_status", {"before": "to_ship", "after": "shipped"}) == "An order went from “To be shipped” to “On its way”"
    assert happened("parcel_moved", {"parcel": "RB1", "before": "unknown", "after": "pickup_ready"}).endswith("to “waiting for pickup”")


def test_only_who_shares_the_shop_and_may_write_decides_about_its_orders(shop, bob, charlie, make_agent):
    order = actions.see(shop, OrderSeen("ON-1", state="to_ship"))
    looker = make_agent("olga", role="observer")
    shop.agents.add(looker)
    for person in (charlie, looker):
        for act in (
            lambda by: actions.hold(order, "Wait", by=by),
            lambda by: actions.remark(order, "gift", "Wrap it", by=by),
            lambda by: settling.dismiss(order, by=by),
        ):
            with pytest.raises(PermissionDenied):
                act(person)
    assert actions.hold(order, "Wait", by=bob).hold == "Wait"
