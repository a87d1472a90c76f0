"""Many orders and parcels at once: the same as one by one, in a number of statements that does not grow."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import Address, LineSeen, OrderSeen, ParcelSeen, TrackEvent
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions
from bridgedesk.orders.models import Finding, Line, Order, Parcel, Remark, Scan
from bridgedesk.shops.models import Shop
from tests.conftest import NOON

HOUR = timedelta(hours=1)
ADDRESS = Address("Anna", lines=("Lange Straße 5",), city="Berlin", postcode="10115", country="DE")


def bought(number: int, **more: object) -> OrderSeen:
    told = OrderSeen(
        f"ON-{number}", "TO_SHIP", NOON, state="to_ship", total=Money(1000, "EUR"), address=ADDRESS, placed_at=NOON,
        lines=(LineSeen("1", 2, "Lamp", sku="LAMP-1"), LineSeen("2", 1, "Cable", sku="CABLE-1")),
        parcels=(ParcelSeen(f"ON-{number}", number=f"LX{number:09}CN", status="in_transit", at=NOON),),
    )  # fmt: skip
    return replace(told, **more)


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def test_many_orders_cost_as_many_statements_as_one(shop):
    first = statements(lambda: actions.see_each(shop, [(bought(0), None)]))
    many = statements(lambda: actions.see_each(shop, [(bought(n), None) for n in range(1, 200)]))
    assert many == first < 26
    again = statements(lambda: actions.see_each(shop, [(bought(n), None) for n in range(200)]))
    assert again < 26
    assert (Order.objects.count(), Line.objects.count(), Parcel.objects.count()) == (200, 400, 200)
    assert Activity.objects.filter(verb="order_seen").count() == 200


def test_many_scans_cost_as_many_statements_as_one(shop):
    def told(numbers: range) -> list[ParcelSeen]:
        scans = tuple(TrackEvent(NOON + HOUR * n, f"Scan {n}", "in_transit") for n in range(3))
        return [ParcelSeen(f"ON-{n}", number=f"LX{n:09}CN", events=scans) for n in numbers]

    first = statements(lambda: actions.see_parcel_each(shop, told(range(1))))
    assert statements(lambda: actions.see_parcel_each(shop, told(range(1, 100)))) == first < 20
    assert (Order.objects.count(), Parcel.objects.count(), Scan.objects.count()) == (100, 100, 300)


def test_news_of_one_order_twice_in_a_batch_is_taken_in_its_order(shop):
    paid, sent = bought(1, parcels=()), bought(1, status="SHIPPED", state="shipped", at=NOON + HOUR, parcels=())
    orders = actions.see_each(shop, [(paid, None), (bought(2), None), (sent, None)])
    assert [order.external_id for order in orders] == ["ON-1", "ON-2", "ON-1"]
    assert orders[2].state == "shipped"
    told = Activity.objects.filter(verb="order_status", subject_id=orders[2].pk).order_by("pk")
    assert [line.data["after"] for line in told] == ["to_ship", "shipped"]


def test_a_parcel_told_of_twice_in_a_batch_is_one(shop):
    told = ParcelSeen("ON-1", number="LX000000001CN", status="in_transit", at=NOON)
    one, two = actions.see_parcel_each(shop, [told, replace(told, status="delivered", at=NOON + HOUR)])
    assert one.pk == two.pk == Parcel.objects.get().pk
    assert Parcel.objects.get().status == "delivered"


def test_what_did_not_change_is_not_written_again(shop):
    actions.see_each(shop, [(bought(n), None) for n in range(3)])
    with CaptureQueriesContext(connection) as asked:
        actions.see_each(shop, [(bought(n), None) for n in range(3)])
    assert not [row for row in asked if 'INTO "orders_line"' in row["sql"]]


def test_a_line_taken_out_goes_and_a_changed_one_changes(shop):
    actions.see_each(shop, [(bought(n), None) for n in range(3)])
    actions.see_each(shop, [(bought(1, lines=(LineSeen("1", 5, "Lamp", sku="LAMP-1"),)), None), (bought(2, lines=None), None)])
    left = Line.objects.order_by("order", "external_id").values_list("order__external_id", "external_id", "quantity")
    assert list(left) == [("ON-0", "1", 2), ("ON-0", "2", 1), ("ON-1", "1", 5), ("ON-2", "1", 2), ("ON-2", "2", 1)]


def test_wishes_to_cancel_are_caught_among_many(shop):
    orders = [(bought(n, parcels=()), None) for n in range(20)]
    actions.see_each(shop, orders)
    wish = bought(7, status="IN_CANCEL", state="cancelling", cancel_wish="too slow", at=NOON + HOUR, parcels=())
    actions.see_each(shop, [*orders[:7], (wish, None), *orders[8:]])
    assert [remark.order.external_id for remark in Remark.objects.filter(kind="cancel")] == ["ON-7"]
    assert Order.objects.exclude(hold="").count() == 1
    actions.see_each(shop, [(replace(wish, status="TO_SHIP", state="to_ship", cancel_wish=None, at=NOON + HOUR * 2), None)])
    assert not Order.objects.exclude(hold="").exists()


EVENTS = st.builds(
    bought,
    st.integers(0, 3),
    at=st.integers(0, 5).map(lambda hours: NOON + HOUR * hours),
    state=st.sampled_from(["to_ship", "shipped", "delivered", "cancelled", ""]),
    lines=st.sampled_from([None, (), (LineSeen("1", 2, "Lamp"),), (LineSeen("1", 3, "Lamp"), LineSeen("3", 1, "Bulb"))]),
    parcels=st.sampled_from([(), (ParcelSeen("", number="LX1", status="in_transit", at=NOON),), (ParcelSeen("", external_id="P2"),)]),
    buyer_note=st.sampled_from(["", "please the blue one"]),
)


def known(shop: Shop) -> list[object]:
    orders = Order.objects.filter(shop=shop).order_by("external_id")
    return [
        (
            order.external_id, order.state, order.status_at, order.shipped_at, order.delivered_at, order.buyer_note, order.total_minor,
            list(order.lines.order_by("external_id").values_list("external_id", "title", "quantity")),
            list(order.parcels.values_list("number", "external_id", "status", "shipped_at")),
            list(Activity.objects.filter(subject_id=order.pk, verb__startswith="order_").order_by("pk").values_list("verb", "data")),
        )
        for order in orders
    ]  # fmt: skip


@given(told=st.lists(EVENTS, max_size=8))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_at_once_end_as_one_by_one(make_shop, told: Sequence[OrderSeen]):
    one, many = make_shop("One by one"), make_shop("All at once")
    try:
        for event in told:
            actions.see(one, event)
        actions.see_each(many, [(event, None) for event in told])
        assert known(many) == known(one)
    finally:
        Finding.objects.all().delete()
        Shop.objects.filter(pk__in=[one.pk, many.pk]).delete()


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_meet_the_same_orders_store_them_once(shop):
    mine, theirs = [(bought(n), None) for n in range(60)], [(bought(n), None) for n in reversed(range(60))]
    failed: list[Exception] = []

    def work(told: Sequence[tuple[OrderSeen, None]]) -> None:
        try:
            actions.see_each(shop, told)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    workers = [Thread(target=work, args=(told,)) for told in (mine, theirs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed
    assert (Order.objects.count(), Line.objects.count(), Parcel.objects.count()) == (60, 120, 60)
    assert Activity.objects.filter(verb="order_seen").count() == 60
