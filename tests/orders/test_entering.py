"""Parcels and scans people enter, where no platform and no tracker tells of them."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import OrderSeen, ParcelSeen, TrackEvent
from bridgedesk.orders import actions
from bridgedesk.orders.models import Finding, Parcel, Scan
from tests.conftest import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def order(shop, noon):
    return actions.see(shop, OrderSeen("ON-1", state="to_ship", at=NOON, placed_at=NOON))


def do(browser, order, name, /, **given):
    return browser.post(reverse("order-act", args=[order.pk, name]), given, follow=True).content.decode()


def test_a_number_typed_with_blanks_is_one_number_and_its_carrier_is_told_by_it(order, bob):
    parcel = actions.add_parcel(order, " lp 00012345678912 ", by=bob)
    assert (parcel.number, parcel.status, parcel.shipped_at) == ("LP00012345678912", "info_received", None)
    assert parcel.carrier == "Cainiao"
    assert parcel.next_look_at == NOON, "a tracking service is asked, where there is one"
    assert Activity.objects.get(verb="parcel_entered").by == bob


def test_a_parcel_that_left_is_on_its_way_since_then(order, bob):
    parcel = actions.add_parcel(order, "X1", "Speedy", left_at=NOON - HOUR, by=bob)
    assert (parcel.carrier, parcel.status, parcel.shipped_at) == ("Speedy", "in_transit", NOON - HOUR)


@pytest.mark.parametrize("number", ["", "  ", "RR123456789CN", "KNOWN"])
def test_a_number_that_cannot_be_is_refused(order, bob, number):
    actions.add_parcel(order, "KNOWN", by=bob)
    with pytest.raises(ValidationError):
        actions.add_parcel(order, number, by=bob)
    assert Parcel.objects.count() == 1


def test_what_has_not_happened_yet_is_refused(order, bob):
    with pytest.raises(ValidationError):
        actions.add_parcel(order, "X1", left_at=NOON + HOUR, by=bob)
    parcel = actions.add_parcel(order, "X1", by=bob)
    with pytest.raises(ValidationError):
        actions.note_scan(parcel, "delivered", "", at=NOON + HOUR, by=bob)
    for nonsense in ("", "unknown", "flying"):
        with pytest.raises(ValidationError):
            actions.note_scan(parcel, nonsense, "", at=NOON, by=bob)
    assert not Scan.objects.exists()


def test_the_newest_event_decides_and_an_older_one_is_only_kept(order, bob):
    parcel = actions.add_parcel(order, "X1", left_at=NOON - 3 * DAY, by=bob)
    actions.note_scan(parcel, "pickup_ready", "Waits in the shop", at=NOON - HOUR, place="Berlin", by=bob)
    actions.note_scan(parcel, "customs", "", at=NOON - 2 * DAY, by=bob)
    parcel.refresh_from_db()
    assert (parcel.status, parcel.status_at, parcel.moved_at) == ("pickup_ready", NOON - HOUR, NOON - HOUR)
    assert list(Scan.objects.values_list("status", "place", "source")) == [("pickup_ready", "Berlin", "hand"), ("customs", "", "hand")]
    assert Finding.objects.get().code == "parcel_pickup", "it is watched like any other"


def test_the_same_event_twice_is_one(order, bob):
    parcel = actions.add_parcel(order, "X1", by=bob)
    for _ in range(2):
        actions.note_scan(parcel, "delivered", "At the door", at=NOON, by=bob)
    parcel.refresh_from_db()
    assert (Scan.objects.count(), parcel.delivered_at, parcel.next_look_at) == (1, NOON, None)
    assert Activity.objects.filter(verb="scan_entered").count() == 1


def test_what_the_platform_tells_later_goes_on_from_there(shop, order, bob):
    parcel = actions.add_parcel(order, "X1", by=bob)
    actions.note_scan(parcel, "in_transit", "Handed over", at=NOON - HOUR, by=bob)
    told = ParcelSeen("ON-1", number="X1", status="delivered", at=NOON, events=(TrackEvent(NOON, "Delivered", "delivered"),))
    assert actions.see_parcel(shop, told).pk == parcel.pk
    parcel.refresh_from_db()
    assert parcel.status == "delivered"


def test_bob_enters_both_on_the_orders_page(order, bob, sign_in):
    browser = sign_in(bob)
    assert "No parcel of this order is known yet." in browser.get(reverse("order", args=[order.pk])).content.decode()
    assert "X1" in do(browser, order, "parcel", number="X1", carrier="Speedy")
    parcel = Parcel.objects.get()
    page = do(
        browser, order, "scan", id=parcel.pk, status="out_for_delivery", at="2026-11-20T09:00", place="Berlin", text="In der Zustellung"
    )
    assert "entered by hand" in page
    assert "out for delivery" in page
    assert Scan.objects.get().at == NOON - 3 * HOUR, "nine in Bob's Shanghai"
    assert "A parcel needs its tracking number." in do(browser, order, "parcel", number=" ")
    assert "Say what happened" in do(browser, order, "scan", id=parcel.pk, status="flying")


def test_charlie_and_observers_enter_nothing(order, bob, charlie, make_agent, sign_in, shop):
    parcel = actions.add_parcel(order, "X1", by=bob)
    olga = make_agent("olga", "observer")
    shop.agents.add(olga)
    for agent, code in ((charlie, 404), (olga, 403)):
        for name in ("parcel", "scan"):
            given = {"number": "X2", "id": parcel.pk, "status": "delivered"}
            assert sign_in(agent).post(reverse("order-act", args=[order.pk, name]), given).status_code == code
        with pytest.raises(PermissionDenied):
            actions.note_scan(parcel, "delivered", "", at=NOON, by=agent)
    assert "Add a parcel" not in sign_in(olga).get(reverse("order", args=[order.pk])).content.decode()
    assert (Parcel.objects.count(), Scan.objects.count()) == (1, 0)


def test_a_parcel_of_another_order_is_not_found(order, bob, shop, sign_in):
    other = actions.see(shop, OrderSeen("ON-2", state="to_ship", at=NOON))
    parcel = actions.add_parcel(other, "X2", by=bob)
    answer = sign_in(bob).post(reverse("order-act", args=[order.pk, "scan"]), {"id": parcel.pk, "status": "delivered"})
    assert answer.status_code == 404
