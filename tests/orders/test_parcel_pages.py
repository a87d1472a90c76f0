"""The page of parcels over HTTP: what is shown, to whom, at what cost."""

import html
import re
from datetime import timedelta

import pytest

from bridgedesk.channels.events import MessageReceived, OrderSeen, ParcelSeen, Person, TrackEvent
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations import templates
from bridgedesk.lib import clock
from bridgedesk.orders import actions, labels, parcel_labels, parcels, sentinel
from bridgedesk.orders.models import Finding, Order
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.fixture
def later():
    """Well after everything was sent."""
    with clock.frozen(NOON + 30 * DAY):
        yield


def sent(shop, count=1, status="in_transit", start=0):
    with clock.frozen(NOON):
        for number in range(start, start + count):
            scan = TrackEvent(NOON, "Departed from facility", status, "Shenzhen")
            parcel = ParcelSeen(f"ON-{number}", number=f"LP{number:014}", carrier="Cainiao", status=status, at=NOON, events=(scan,))
            actions.see(shop, OrderSeen(f"ON-{number}", state="shipped", at=NOON, parcels=(parcel,)))
    Order.objects.update(country="PL")


def test_what_stands_still_comes_first_with_what_to_do_and_the_scan_in_the_agents_language(shop, bob, sign_in, later):
    sent(shop)
    parcels.watch()
    page = sign_in(bob).get("/parcels").content.decode()
    assert "No movement" in page
    assert "Ask the carrier." in page
    assert "the parcel has left a sorting centre" in page
    assert 'title="Departed from facility"' in page
    assert "usually 8–25 days" in page


def test_charlie_sees_and_settles_nothing_of_it(shop, bob, charlie, sign_in, later):
    sent(shop)
    parcels.watch()
    theirs = sign_in(charlie)
    finding = Finding.objects.first()
    assert "ON-0" not in theirs.get("/parcels?view=all").content.decode()
    assert theirs.get(f"/orders/{Order.objects.get().pk}/parcels").status_code == 404
    assert theirs.post(f"/parcels/troubles/{finding.pk}/settle").status_code == 404
    assert theirs.post(f"/parcels/troubles/{finding.pk}/extend").status_code == 404


def test_bob_settles_a_trouble_and_comes_back_to_where_he_was(shop, bob, sign_in, later):
    sent(shop)
    parcels.watch()
    finding = Finding.objects.get(code="parcel_still")
    answer = sign_in(bob).post(f"/parcels/troubles/{finding.pk}/settle", {"back": "/parcels?code=parcel_still"})
    assert answer.headers["location"] == "/parcels?code=parcel_still"
    finding.refresh_from_db()
    assert (finding.state, finding.closed_by) == ("done", bob)
    away = sign_in(bob).post(f"/parcels/troubles/{finding.pk}/settle", {"back": "https://evil.example/"})
    assert away.headers["location"] == "/parcels"


@pytest.mark.parametrize("view", ["trouble", "way", "all"])
def test_fifty_parcels_cost_no_more_queries_than_two(
    view, shop, bob, sign_in, later, django_assert_num_queries, django_assert_max_num_queries
):
    sent(shop, 2)
    parcels.watch()
    visitor = sign_in(bob)
    visitor.get("/parcels")
    with django_assert_max_num_queries(14) as few:
        visitor.get(f"/parcels?view={view}")
    sent(shop, 30, start=2)
    parcels.watch()
    with django_assert_num_queries(len(few)):
        visitor.get(f"/parcels?view={view}")


def test_filters_find_one_parcel_by_its_number_and_say_when_nothing_fits(shop, bob, sign_in, later):
    sent(shop, 3)
    visitor = sign_in(bob)
    page = visitor.get("/parcels?view=all&q=LP00000000000001").content.decode()
    assert "ON-1" in page
    assert "ON-2" not in page
    assert "No parcel fits these filters." in visitor.get("/parcels?view=all&q=nothing").content.decode()
    assert "No parcel is in trouble" in visitor.get("/parcels").content.decode()


def test_an_orders_parcels_show_every_scan_with_the_original_words(shop, bob, sign_in, later):
    sent(shop)
    page = sign_in(bob).get(f"/orders/{Order.objects.get().pk}/parcels").content.decode()
    assert 'title="Departed from facility"' in page
    assert "LP00000000000000" in page


def test_an_order_without_parcels_says_so(shop, bob, sign_in, noon):
    order = actions.see(shop, OrderSeen("ON-9"))
    assert "No parcel of this order is known yet." in sign_in(bob).get(f"/orders/{order.pk}/parcels").content.decode()


def test_extending_by_hand_says_where_to_click(shop, alice, sign_in):
    sent(shop)
    Order.objects.update(receive_by=NOON + 2 * DAY)
    with clock.frozen(NOON):
        sentinel.watch()
        visitor = sign_in(alice)
        assert "Protection ends, parcel still moving" in visitor.get("/parcels").content.decode()
        finding = Finding.objects.get(code=sentinel.CODE)
        page = visitor.post(f"/parcels/troubles/{finding.pk}/extend", {"days": "9"}, follow=True).content.decode()
    assert "by hand" in page


@pytest.mark.parametrize(("days", "said"), [(0, "since today"), (1, "for a day"), (2, "for 2 days")])
def test_how_long_a_parcel_waits_is_said_as_people_say_it(days, said):
    finding = Finding(code="parcel_pickup", data={"days": days})
    assert said in parcel_labels.says(finding)
    assert labels.says(finding) == parcel_labels.says(finding)


def test_a_parcel_that_waits_in_its_shop_leads_to_the_reminder(shop, bob, sign_in, later):
    templates.load_content()
    sent(shop, status="pickup_ready")
    parcels.watch()
    anna = Person("u-anna", name="Anna", language="pl")
    conversations.receive(shop, MessageReceived("t1", "m1", anna, NOON, "Kiedy?", order="ON-0"))
    browser = sign_in(bob)
    page = browser.get("/parcels").content.decode()
    address = html.unescape(re.search(r'href="(/conversations/about[^"]*pickup-waiting[^"]*)"', page)[1])
    opened = browser.get(address)
    assert opened.status_code == 302
    assert "LP00000000000000" in browser.get(opened["Location"]).content.decode()
