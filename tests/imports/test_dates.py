"""When something left or came is what the table says; where it says nothing nobody knows, and nothing is reckoned from the import on."""

from datetime import timedelta

import pytest

from bridgedesk.channels.events import OrderSeen, ParcelSeen, TrackEvent
from bridgedesk.imports.models import Table
from bridgedesk.lib import clock
from bridgedesk.orders import gathering, journeys, parcel_labels, parcels, reckoning, transit
from bridgedesk.orders.models import Finding, Lane, Line, Order, Parcel
from bridgedesk.orders.receiving import see, see_parcel
from bridgedesk.products.models import Product, Sku

ORDERS = ("Order ID", "Order Status", "Payment date", "Ship Time", "Delivered at")
PARCELS = ("Order ID", "Tracking Number", "Tracking Status", "Ship Time", "Delivered at")


def counts(table: Table) -> tuple[int, int, int, int]:
    return table.made, table.changed, table.same, table.bad


def test_the_columns_of_a_table_say_when_an_order_was_paid_left_and_came(take, noon):
    take(ORDERS, ("A1", "Delivered", "2026-10-01 08:00", "2026-10-02 08:00", "2026-10-12 08:00"))
    order = Order.objects.get()
    told = [order.paid_at, order.shipped_at, order.delivered_at, order.status_at]
    days = [(2026, 10, 1), (2026, 10, 2), (2026, 10, 12), (2026, 10, 12)]
    assert [(at.year, at.month, at.day) for at in told] == days


@pytest.mark.parametrize(
    ("word", "dates", "state"),
    [("", ("2026-10-01", "", ""), "to_ship"), ("", ("", "2026-10-02", ""), "shipped"), ("", ("", "2026-10-02", "2026-10-12"), "delivered")],
)
def test_a_date_alone_tells_the_state(take, word, dates, state, noon):
    take(ORDERS, ("A1", word, *dates))
    assert Order.objects.get().state == state


@pytest.mark.parametrize("word", ["Shipped", "Delivered", "Completed"])
def test_a_date_that_is_absent_stays_unknown(take, word, noon):
    take(ORDERS, ("A1", word, "", "", ""))
    order = Order.objects.get()
    assert (order.paid_at, order.shipped_at, order.delivered_at, order.status_at) == (None, None, None, None)


def test_a_later_table_brings_the_date_and_another_one_changes_nothing(take, noon):
    take(ORDERS, ("A1", "Delivered", "", "", ""))
    assert counts(take(ORDERS, ("A1", "Delivered", "", "2026-10-02", "2026-10-12"))) == (0, 1, 0, 0)
    assert counts(take(ORDERS, ("A1", "Delivered", "", "2026-10-02", "2026-10-12"))) == (0, 0, 1, 0)


def test_what_the_platform_said_before_the_import_is_still_taken_after_it(take, shop, noon):
    """The table told no moment, so nothing of the platform's is older than it."""
    take(ORDERS, ("A1", "Shipped", "", "", ""))
    see(shop, OrderSeen("A1", "COMPLETED", noon - timedelta(hours=3), state="completed", shipped_at=noon - timedelta(days=9)))
    order = Order.objects.get()
    assert (order.state, order.shipped_at) == ("completed", noon - timedelta(days=9))


def test_a_parcel_is_dated_by_its_columns_alone(take, noon):
    take(
        PARCELS,
        ("A1", "RR1", "Delivered", "2026-10-02", "2026-10-12"),
        ("A2", "RR2", "Delivered", "", ""),
        ("A3", "RR3", "Delivered", "2026-10-02", ""),
    )
    first, second, third = Parcel.objects.order_by("number")
    assert (first.delivered_at - first.shipped_at, first.status_at) == (timedelta(days=10), first.delivered_at)
    assert (second.shipped_at, second.delivered_at, second.status_at, second.moved_at) == (None, None, None, None)
    assert (third.delivered_at, third.status_at) == (None, None)
    assert third.shipped_at


def test_a_parcel_on_its_way_that_a_later_table_calls_delivered_came_on_an_unknown_day(take, shop, noon):
    see_parcel(shop, ParcelSeen("A1", number="RR1", events=(TrackEvent(noon - timedelta(days=3), "left", "in_transit"),)))
    assert counts(take(PARCELS, ("A1", "RR1", "Delivered", "", ""))) == (0, 1, 0, 0)
    parcel = Parcel.objects.get()
    assert (parcel.status, parcel.delivered_at, parcel.moved_at) == ("delivered", None, noon - timedelta(days=3))


def test_the_scan_that_comes_later_brings_the_day(take, shop, noon):
    take(PARCELS, ("A1", "RR1", "Delivered", "", ""))
    came = TrackEvent(noon - timedelta(days=2), "handed over", "delivered")
    see_parcel(shop, ParcelSeen("A1", number="RR1", status="delivered", events=(came,)))
    parcel = Parcel.objects.get()
    assert (parcel.delivered_at, parcel.status_at) == (came.at, came.at)


def test_lanes_learn_nothing_from_parcels_without_days(take, noon):
    head = ("Order ID", "Country", "Tracking Number", "Tracking Status")
    take(("Order ID", "Country"), *[(f"A{n}", "Germany") for n in range(25)])
    take(head, *[(f"A{n}", "", f"RR{n}", "Delivered") for n in range(25)], kind="parcels")
    assert Parcel.objects.filter(status="delivered").count() == 25
    assert (transit.learn(), Lane.objects.count()) == (0, 0)


def test_a_parcel_that_waits_since_nobody_knows_when_is_found_once_and_says_so(take, noon, monkeypatch):
    take(PARCELS, ("A1", "RR1", "Ready for pickup", "", ""), ("A2", "RR2", "Customs", "", ""))
    for day in range(3):
        monkeypatch.setattr(clock, "now", lambda day=day: noon + timedelta(days=day))
        parcels.watch()
    found = Finding.objects.filter(code__in=(journeys.PICKUP, journeys.CUSTOMS)).order_by("code")
    assert [(row.code, row.data.get("days")) for row in found] == [(journeys.CUSTOMS, None), (journeys.PICKUP, None)]
    assert [parcel_labels.says(row) for row in found] == ["In customs; nobody said since when.", "It is waiting; nobody said since when."]
    assert not any(row.data.get("reminded") for row in found)


def test_no_parcel_stands_still_or_is_late_from_the_day_of_the_import_on(take, noon, monkeypatch):
    take(PARCELS, ("A1", "RR1", "In transit", "", ""))
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(days=60))
    parcels.watch()
    assert not Finding.objects.filter(code__in=(journeys.STILL, journeys.LATE)).exists()


def test_a_buyer_who_collected_counts_whether_or_not_the_table_says_when(take, noon):
    take(("Order ID", "Order Status", "Username (Buyer)"), *[(f"A{n}", "Delivered", "mei") for n in range(3)])
    buyer = Order.objects.first().customer_id
    assert gathering.pickups("buyer", "customer", [buyer], noon)[buyer].collected == 3


def test_what_left_on_an_unknown_day_leaves_the_shelf_if_it_was_bought_after_the_count(take, noon):
    lamp = Sku.objects.create(
        product=Product.objects.create(name="Lamp", created_at=noon),
        code="L-1",
        created_at=noon,
        on_hand=10,
        counted_at=noon - timedelta(days=5),
    )
    head = ("Order ID", "Order Status", "Order Date", "SKU Reference No.", "Quantity")
    take(head, ("A1", "Shipped", "2026-11-17", "L-1", "2"), ("A2", "Shipped", "2026-10-30", "L-1", "3"))
    Line.objects.update(sku=lamp)
    assert reckoning.book() == 1
    lamp.refresh_from_db()
    assert lamp.on_hand == 8


def test_the_order_page_says_that_nobody_told_the_day(sign_in, alice, take, noon):
    take(ORDERS, ("A1", "Delivered", "", "", ""))
    page = sign_in(alice).get(f"/orders/{Order.objects.get().pk}").content.decode()
    assert "left on a day nobody told" in page
    assert "arrived on a day nobody told" in page
