from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bridgedesk.activity.actions import record
from bridgedesk.channels.events import MessageReceived, OrderSeen, ParcelSeen, Person
from bridgedesk.conversations import actions as conversations
from bridgedesk.lib import clock
from bridgedesk.orders import actions, findings, parcels
from bridgedesk.team.models import Agent
from tests.conftest import NOON
from tests.orders.test_findings import BERLIN, PAID

CARDS = ("/today/answers", "/today/orders", "/today/shipping", "/today/parcels", "/today/progress", "/today/notices")


@pytest.fixture
def day(shop, noon):
    """A late order, one for tomorrow, one to check, one whose buyer wishes to cancel, one whose protection ends, a buyer who wrote."""
    at = {"late": NOON - timedelta(hours=2), "soon": NOON + timedelta(hours=20), "later": NOON + timedelta(days=4)}
    for place, (name, ship_by) in enumerate(at.items()):
        actions.see(shop, replace(PAID, external_id=f"SHIP-{name}", ship_by=ship_by, placed_at=NOON - timedelta(days=place)))
    actions.see(shop, replace(PAID, external_id="ODD-1", address=replace(BERLIN, lines=("Lange Straße",))))
    wish = {"state": "cancelling", "cancel_wish": "changed my mind", "cancel_answer_by": NOON + timedelta(hours=5)}
    actions.see(shop, replace(PAID, external_id="CANCEL-1", **wish))
    actions.see(shop, replace(PAID, external_id="SENT-1", state="shipped", receive_by=NOON + timedelta(days=2)))
    conversations.receive(shop, MessageReceived("t1", "m1", Person("u1", name="Anna Kowalska"), NOON - timedelta(hours=1), "Where is it?"))
    findings.check_waiting()


def card(browser, path):
    return " ".join(browser.get(path).content.decode().split())


def test_each_desk_has_its_cards(alice, bob, shop, noon, sign_in):
    page = sign_in(bob).get("/today").content.decode()
    assert "/today/answers" in page
    assert "desk=lead" not in page
    assert "/today/answers" not in sign_in(bob).get("/today?desk=warehouse").content.decode()
    assert "desk=lead" in sign_in(alice).get("/today").content.decode()


def test_what_has_to_leave_next_is_first(day, bob, sign_in):
    shown = card(sign_in(bob), "/today/shipping")
    assert shown.index("SHIP-late") < shown.index("SHIP-soon") < shown.index("SHIP-later")
    assert '<b class="num">1</b><span>too late' in shown
    assert '<b class="num">1</b><span>within 24 h' in shown


def test_cancellations_protection_and_checks_wait_side_by_side(day, bob, sign_in):
    shown = card(sign_in(bob), "/today/orders")
    assert "CANCEL-1" in shown
    assert "SENT-1" in shown
    assert '<b class="num">1</b><span>to check' in shown


def test_answers_due_next(day, bob, sign_in):
    assert "Anna Kowalska" in card(sign_in(bob), "/today/answers")


def test_progress_counts_what_one_did_today(shop, noon, alice, bob, sign_in):
    assert "Nothing yet" in card(sign_in(bob), "/today/progress")
    record("replied", None, by=bob, shop=shop.pk)
    with clock.frozen(NOON - timedelta(days=1)):
        record("replied", None, by=bob, shop=shop.pk)
    assert "<strong>1</strong>" in card(sign_in(bob), "/today/progress")
    assert "Nothing yet" in card(sign_in(alice), "/today/progress")
    assert "<strong>1</strong>" in card(sign_in(alice), "/today/progress?desk=lead")


def test_charlie_sees_nothing_of_it(day, charlie, sign_in):
    browser = sign_in(charlie)
    shown = "".join(card(browser, path) for path in CARDS)
    assert not any(name in shown for name in ("SHIP-", "CANCEL-1", "SENT-1", "Anna"))
    assert "Nothing has to leave." in shown
    assert "Everybody has an answer." in shown


@pytest.mark.parametrize(("path", "queries"), [("/today/answers", 7), ("/today/orders", 8), ("/today/shipping", 7), ("/today/progress", 4)])
def test_a_card_costs_the_same_however_much_waits(day, shop, bob, sign_in, django_assert_max_num_queries, path, queries):
    browser = sign_in(bob)
    for number in range(5):
        actions.see(shop, replace(PAID, external_id=f"MORE-{number}", ship_by=NOON + timedelta(hours=number)))
    with django_assert_max_num_queries(queries):
        assert browser.get(path).status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_in_the_agents_language(day, bob, sign_in, language):
    Agent.objects.filter(pk=bob.pk).update(language=language)
    for path in ("/today", *CARDS):
        assert sign_in(bob).get(path).status_code == 200


@pytest.fixture
def troubled(shop, noon):
    """A parcel that waits in its shop, one that stands still."""
    for place, status in enumerate(("pickup_ready", "in_transit")):
        parcel = ParcelSeen(f"SENT-{place}", number=f"LP{place}", status=status, at=NOON - timedelta(days=1 + 60 * place))
        actions.see(shop, OrderSeen(f"SENT-{place}", state="shipped", at=NOON - timedelta(days=70), parcels=(parcel,)))
    parcels.watch()


def test_parcels_to_see_to_are_counted_and_listed_what_ends_first(troubled, bob, charlie, sign_in):
    shown = card(sign_in(bob), "/today/parcels")
    assert shown.index("LP1") < shown.index("LP0")
    assert (
        'wait for pickup</a><svg viewBox="0 0 160 8" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="160"' in shown
    )
    assert "/parcels?view=trouble&amp;code=parcel_pickup" in shown
    none = card(sign_in(charlie), "/today/parcels")
    assert "LP" not in none
    assert "No parcel is in trouble." in none


def test_what_has_to_be_done_by_hand_is_named_with_its_order(shop, noon, bob, charlie, sign_in):
    order = actions.see(shop, OrderSeen("ON-1", state="to_ship", at=NOON))
    actions.cancel_at_platform(order, "out_of_stock", by=bob)
    shown = card(sign_in(bob), "/today/orders")
    assert "To do by hand at the platform" in shown
    assert f'href="/orders/{order.pk}"' in shown
    assert "cancel the order" in shown
    assert "ON-1" not in card(sign_in(charlie), "/today/orders")


def test_the_parcels_card_costs_the_same_for_one_as_for_many(troubled, shop, bob, sign_in, django_assert_num_queries):
    browser = sign_in(bob)
    browser.get("/today/parcels")
    with CaptureQueriesContext(connection) as few:
        browser.get("/today/parcels")
    for place in range(5, 12):
        parcel = ParcelSeen(f"SENT-{place}", number=f"LP{place}", status="returned", at=NOON)
        actions.see(shop, OrderSeen(f"SENT-{place}", state="shipped", at=NOON, parcels=(parcel,)))
    with django_assert_num_queries(len(few)):
        browser.get("/today/parcels")
