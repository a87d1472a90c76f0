"""Parcels that stand still, come back, wait or are late: found once, closed when they move on."""

from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import TRACK_STATES, OrderSeen, ParcelSeen, TrackEvent
from bridgedesk.lib import clock
from bridgedesk.orders import actions, journeys, parcel_labels, parcels, sentinel, transit
from bridgedesk.orders.journeys import Journey
from bridgedesk.orders.models import Finding, Lane, Order, Parcel
from bridgedesk.orders.transit import Transit
from tests.conftest import NOON

LANE = Transit(9, 16, 6, 40, "own", "", NOON.date())
DAY = timedelta(days=1)


@pytest.mark.parametrize(("reads", "written"), [("en", "on Oct 28."), ("zh-hans", "10月28日")])
def test_the_promised_day_stands_as_the_reader_writes_days(reads, written):
    late = Finding(code=journeys.LATE, data={"days": 3, "promised": "2026-10-28"})
    with translation.override(reads):
        assert written in parcel_labels.says(late)


def on_its_way(**more):
    given = {"status": "in_transit", "since": NOON, "left": NOON, "moved": NOON, "promised": NOON + 16 * DAY, "lane": LANE}
    return Journey(**(given | {"customs_days": 4, "pickup_days": 3, "trouble_hours": 24} | more))


def codes(journey, days):
    return [wrong.code for wrong in journeys.look(journey, NOON + timedelta(days=days))]


def test_a_parcel_on_its_ordinary_way_troubles_nobody():
    assert codes(on_its_way(), 5) == []


def test_silence_longer_than_ordinary_on_that_way_is_a_standstill():
    assert codes(on_its_way(), 6.1) == [journeys.STILL]


def test_after_the_promised_day_it_is_late_unless_it_waits_for_the_buyer():
    assert codes(on_its_way(moved=NOON + 15 * DAY), 17) == [journeys.LATE]
    assert codes(on_its_way(status="pickup_ready", since=NOON + 15 * DAY), 17) == [journeys.PICKUP]


def test_customs_gets_its_days_before_somebody_looks():
    assert codes(on_its_way(status="customs"), 3) == []
    assert codes(on_its_way(status="customs"), 5) == [journeys.CUSTOMS]


@pytest.mark.parametrize(
    ("status", "code"), [("returned", journeys.RETURNED), ("attempt_failed", journeys.FAILED), ("exception", journeys.TROUBLE)]
)
def test_some_states_are_looked_at_at_once(status, code):
    assert code in codes(on_its_way(status=status), 0)


moments = st.none() | st.integers(-400, 400).map(lambda days: NOON + days * DAY)


@given(st.sampled_from(TRACK_STATES), moments, moments, moments, moments, moments)
def test_nothing_is_ever_wrong_with_what_was_delivered_and_each_trouble_is_named_once(status, since, left, moved, promised, now):
    found = [w.code for w in journeys.look(on_its_way(status=status, since=since, left=left, moved=moved, promised=promised), now or NOON)]
    assert len(found) == len(set(found))
    assert status != "delivered" or not found
    assert set(found) <= set(journeys.COMPUTED)


def test_every_finding_has_words_and_a_next_step():
    assert set(parcel_labels.FINDINGS) == {*journeys.COMPUTED, journeys.MISSING, sentinel.CODE}
    assert set(parcel_labels.STATES) == set(TRACK_STATES)
    assert all(label.then and label.says for label in parcel_labels.FINDINGS.values())


@pytest.fixture
def order(shop, noon):
    actions.see(shop, OrderSeen("ON-1", state="shipped", at=NOON))
    Order.objects.update(country="PL", shipped_at=NOON)
    return Order.objects.get()


def tell(shop, status, at=NOON, text="", **more):
    scans = (TrackEvent(at, text, status),) if text else None
    with clock.frozen(at):
        return actions.see_parcel(shop, ParcelSeen("ON-1", number="RR123456785CN", status=status, at=at, events=scans, **more))


def found():
    return {(finding.code, finding.state) for finding in Finding.objects.all()}


def test_a_waiting_parcel_opens_one_row_however_often_it_is_told_and_closes_it_when_it_was_fetched(shop, order):
    for hours in (1, 2, 30):
        tell(shop, "pickup_ready", NOON + timedelta(hours=hours))
    assert found() == {(journeys.PICKUP, "open")}
    assert Activity.objects.filter(verb="parcel_questioned").count() == 1
    tell(shop, "delivered", NOON + 2 * DAY)
    assert found() == {(journeys.PICKUP, "done")}


def test_a_shop_platform_without_a_code_for_waiting_is_understood_by_the_scans_words_or_the_collection_code(shop, order):
    tell(shop, "in_transit", text="包裹已配達取件門市")
    assert Parcel.objects.get().status == "pickup_ready"
    Parcel.objects.all().delete()
    tell(shop, "in_transit", pickup_code="562891")
    assert Parcel.objects.get().status == "pickup_ready"


def test_scans_alone_move_the_parcel_and_older_ones_do_not_move_it_back(shop, order):
    def scans(*pairs):
        return ParcelSeen("ON-1", number="RR123456785CN", events=tuple(TrackEvent(at, str(at), status) for at, status in pairs))

    actions.see_parcel(shop, scans((NOON, "in_transit"), (NOON + DAY, "out_for_delivery")))
    actions.see_parcel(shop, scans((NOON + DAY / 2, "customs")))
    assert Parcel.objects.get().status == "out_for_delivery"


def test_what_a_person_dismissed_stays_so_but_a_second_standstill_is_a_new_row(shop, order, alice):
    tell(shop, "in_transit", text="left")
    with clock.frozen(NOON + 12 * DAY):
        parcels.watch()
        parcels.close(Finding.objects.get(code=journeys.STILL), by=alice, note="asked the carrier", dismiss=True)
        parcels.watch()
    assert (journeys.STILL, "open") not in found()
    tell(shop, "in_transit", NOON + 13 * DAY, text="moved on")
    with clock.frozen(NOON + 26 * DAY):
        parcels.watch()
    assert Finding.objects.filter(code=journeys.STILL).count() == 2


def test_a_standstill_closes_by_itself_when_the_parcel_moves(shop, order):
    tell(shop, "in_transit", text="left")
    with clock.frozen(NOON + 12 * DAY):
        parcels.watch()
    tell(shop, "in_transit", NOON + 12 * DAY, text="arrived")
    assert found() == {(journeys.STILL, "done")}


def test_the_hourly_watch_costs_the_same_queries_for_many_parcels(shop, order, django_assert_max_num_queries):
    with clock.frozen(NOON + 60 * DAY):
        for number in range(8):
            ship = ParcelSeen(f"ON-{number}", number=f"N{number}", status="in_transit", at=NOON)
            actions.see(shop, OrderSeen(f"ON-{number}", state="shipped", at=NOON, parcels=(ship,)))
        Finding.objects.all().delete()
        with django_assert_max_num_queries(12):
            parcels.watch()
    assert Finding.objects.filter(code=journeys.STILL).count() == 8


def test_a_cancelled_or_completed_order_has_no_late_parcels(shop, order):
    tell(shop, "in_transit", text="left")
    Order.objects.update(state="completed")
    with clock.frozen(NOON + 60 * DAY):
        parcels.watch()
    assert found() == set()


def test_delivered_but_not_received_is_opened_once_and_only_where_it_counts_as_delivered(shop, order, alice):
    tell(shop, "in_transit")
    assert parcels.not_received(order, by=alice) is None
    tell(shop, "delivered", NOON + DAY)
    assert parcels.not_received(order, by=alice) == parcels.not_received(order)
    tell(shop, "delivered", NOON + 2 * DAY)
    assert found() == {(journeys.MISSING, "open")}


def arrived(shop, days, number, country="DE", service="Standard"):
    order = actions.see(shop, OrderSeen(f"T-{number}", state="shipped", at=NOON))
    Order.objects.filter(pk=order.pk).update(country=country, shipping_method=service)
    Parcel.objects.create(order=order, number=f"T{number}", status="delivered", shipped_at=NOON - days * DAY, delivered_at=NOON)


def test_days_on_the_way_are_learnt_from_our_own_parcels_once_enough_have_arrived(shop, noon):
    for number in range(transit.ENOUGH - 1):
        arrived(shop, 9 + number % 8, number)
    assert transit.learn() == 0
    arrived(shop, 12, "last")
    assert transit.learn() == 2  # the service, and any service
    parcel = Parcel.objects.select_related("order__shop").last()
    known = transit.transit(parcel)
    assert (known.low, known.high, known.count, known.sure) == (9, 16, 20, "own")
    assert str(known) == "usually 9–16 days (from 20 parcels)"
    other = Parcel(order=parcel.order, service="Express nobody used")
    assert transit.transit(other).count == 20  # by any service


def test_learning_again_forgets_what_no_longer_rests_on_enough(shop, noon):
    for number in range(transit.ENOUGH):
        arrived(shop, 10, number)
    transit.learn()
    Parcel.objects.all().delete()
    assert transit.learn() == 0
    assert not Lane.objects.exists()


@pytest.mark.parametrize(
    ("origin", "country", "service", "days"),
    [
        ("CN", "DE", "", (8, 25)),
        ("CN", "TW", "", (4, 15)),
        ("CN", "ZW", "", (12, 40)),
        ("CN", "DE", "dhl express", (3, 12)),
        ("DE", "FR", "", (2, 10)),
    ],
)
def test_too_little_history_takes_the_shipped_figure_with_its_mark(origin, country, service, days):
    figure = transit.shipped_figures(origin, country, service)
    assert (figure.low, figure.high) == days
    assert figure.sure == "unconfirmed"
    assert figure.source
    assert str(figure) == f"usually {days[0]}–{days[1]} days"
