from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import Address, LineSeen, OrderSeen, ParcelSeen
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions, findings, labels, shortages
from bridgedesk.orders.models import Finding, Order, Remark
from bridgedesk.shops.models import Threshold
from tests.conftest import NOON

BERLIN = Address("Anna Beispiel", "+4915123456789", ("Lange Straße 5",), "", "Berlin", "", "10115", "DE")
LAMP = LineSeen("1", 1, "Lamp", "item-1", "m-1", "LAMP-R", (("Color", "Red"), ("Size", "M")))
PAID = OrderSeen("ON-1", "PAID", NOON, state="to_ship", placed_at=NOON, paid_at=NOON, lines=(LAMP,), address=BERLIN)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def anna(db):
    return Customer.objects.create(name="Anna", created_at=clock.now())


@pytest.fixture
def bought(shop, noon):
    """An order as the platform told it, with changes."""

    def make(number="ON-1", customer=None, **changes):
        return actions.see(shop, replace(PAID, external_id=number, **changes), customer)

    return make


def codes(order, **more):
    return [row.code for row in findings.check(order, **more) if row.state == Finding.State.OPEN]


def test_a_green_order_needs_no_one(bought):
    order = bought()
    assert codes(order) == []
    assert (order.attention, order.checked_at) == (findings.NOBODY, NOON)


def test_what_is_odd_is_opened_once_however_often_it_is_checked(bought):
    order = bought(address=replace(BERLIN, lines=("Lange Straße",)))
    assert codes(order) == codes(order) == ["house_number"]
    assert Finding.objects.count() == Activity.objects.filter(verb="order_questioned").count() == 1
    assert order.attention == findings.LOOK


def test_a_finding_closes_when_its_cause_is_gone_and_opens_when_it_is_back(bought):
    order = bought(address=replace(BERLIN, lines=("Lange Straße",)))
    findings.check(order)
    assert codes(bought(address=BERLIN)) == []
    assert Finding.objects.get().state == Finding.State.DONE
    assert codes(bought(address=replace(BERLIN, lines=("Lange Straße",)))) == ["house_number"]
    assert Finding.objects.get().closed_at is None


def test_what_a_person_called_fine_stays_so_until_something_else_is_wrong(bought):
    order = bought(address=replace(BERLIN, postcode="1011"))
    findings.check(order)
    Finding.objects.update(state=Finding.State.DISMISSED)
    assert codes(bought(address=replace(BERLIN, postcode="1011"))) == []
    assert codes(bought(address=replace(BERLIN, postcode="999"))) == ["postcode_format"]


def test_once_the_parcel_left_nothing_is_asked_any_more(bought):
    order = bought(address=replace(BERLIN, lines=("Lange Straße",)))
    findings.check(order)
    order = bought(state="shipped", status="SHIPPED", at=NOON + timedelta(hours=1))
    assert codes(order) == []
    assert order.attention == findings.NOBODY


def test_news_of_an_order_has_it_checked_again(bought):
    order = bought()
    assert findings.waiting(10) == [order.pk]
    assert findings.check_waiting() == 1
    assert findings.waiting(10) == []
    bought(buyer_note="blue please")
    assert findings.check_waiting() == 1
    assert Finding.objects.get().code == "color_differs"


def test_the_buyers_words_in_a_conversation_count_like_the_note(bought):
    order = bought()
    assert codes(order, said=["I need size L not M"]) == ["size_differs"]


def test_the_same_article_twice_within_a_day_asks_at_the_later_order(bought, anna):
    first = bought("ON-1", anna)
    second = bought("ON-2", anna, placed_at=NOON + timedelta(hours=2))
    assert codes(first) == []
    assert codes(second) == ["duplicate"]
    assert labels.says(second.findings.get()) == "The same buyer ordered the same article shortly before, in ON-1."


def test_another_article_or_another_week_is_no_duplicate(bought, anna):
    bought("ON-1", anna)
    other = bought("ON-2", anna, lines=(replace(LAMP, item="item-2", sku="CHAIR"),))
    later = bought("ON-3", anna, placed_at=NOON + timedelta(days=3))
    assert codes(other) == codes(later) == []


def test_a_twin_that_left_already_is_none(bought, anna):
    bought("ON-1", anna, state="shipped")
    assert codes(bought("ON-2", anna, placed_at=NOON + timedelta(hours=2))) == []


def test_another_address_than_the_buyers_last_order_is_asked_about(bought, anna):
    bought("ON-1", anna, placed_at=NOON - timedelta(days=40), address=replace(BERLIN, lines=("Kurze Gasse 1",)), state="completed")
    order = bought("ON-2", anna)
    assert codes(order) == ["address_changed"]
    assert "Kurze Gasse 1" in labels.says(order.findings.get())
    same = bought("ON-3", anna, placed_at=NOON + timedelta(days=9), address=replace(BERLIN, lines=("LANGE  STRASSE 5",)))
    assert codes(same) == []


def test_an_address_a_colleague_wrote_down_is_the_one_looked_at(bought):
    order = bought(address=replace(BERLIN, lines=("Lange Straße",)))
    Remark.objects.create(order=order, kind="address", data={"address": {"lines": ["Lange Straße 9"]}}, created_at=NOON)
    assert codes(order) == []


def test_a_buyer_who_leaves_parcels_at_the_store_is_looked_at(bought, anna):
    for number, state in enumerate(("completed", "returning", "cancelled")):
        old = bought(f"OLD-{number}", anna, placed_at=NOON - timedelta(days=30), lines=(), state="shipped", at=NOON - timedelta(days=20))
        Order.objects.filter(pk=old.pk).update(state=state)
    assert codes(bought("ON-9", anna)) == []  # paid, at the door
    order = bought("ON-10", anna, placed_at=NOON + timedelta(days=2), cash_on_delivery=True)
    assert codes(order) == ["pickup_poor"]
    assert labels.says(order.findings.get()) == "This buyer: 1 of 3 parcels collected; 85% are wanted."
    assert order.attention == findings.STOP


def test_a_parcel_sent_back_by_the_store_counts_for_the_telephone_number(shop, bought):
    for number in range(3):
        bought(f"OLD-{number}", state="shipped", lines=(), parcels=(ParcelSeen(f"OLD-{number}", number=f"N{number}", status="returned"),))
    findings.check_waiting()
    order = bought("ON-10", cash_on_delivery=True, address=replace(BERLIN, lines=("Andere Straße 3",)))
    assert codes(order) == ["pickup_poor"]
    assert order.findings.get().data["who"] == "phone"


def test_a_lead_sets_the_rate_that_is_wanted(shop, bought, anna):
    for number, state in enumerate(("completed", "completed", "cancelled")):
        old = bought(f"OLD-{number}", anna, placed_at=NOON - timedelta(days=30), lines=(), state="shipped")
        Order.objects.filter(pk=old.pk).update(state=state)
    Threshold.objects.create(shop=shop, platform="manual", name="pickup_rate", value=60, valid_from=NOON, source="Ours", sure="own")
    assert codes(bought("ON-9", anna, cash_on_delivery=True)) == []


def test_large_orders_get_a_call_and_cash_on_delivery_sooner(bought):
    assert codes(bought("ON-1", total=Money(17_999, "EUR"))) == []
    assert codes(bought("ON-2", total=Money(18_000, "EUR"))) == ["large_order"]
    order = bought("ON-3", total=Money(9_000, "EUR"), cash_on_delivery=True)
    assert codes(order) == ["large_cash_on_delivery"]
    assert labels.says(order.findings.get()) == "€90.00 are to be paid at the door."


def test_an_unpaid_order_is_looked_at_when_its_day_is_over(bought):
    order = bought(state="unpaid", paid_at=None)
    assert codes(order) == []
    assert order.recheck_at == NOON + timedelta(hours=24)
    with clock.frozen(NOON + timedelta(hours=24)):
        assert findings.check_waiting() == 1
    assert Finding.objects.get().code == "unpaid_long"


def test_an_order_the_platform_packs_is_not_ours_to_check(bought):
    assert codes(bought(fulfilled_by="platform", address=replace(BERLIN, lines=()))) == []


def test_an_order_that_was_only_named_says_nothing(shop, noon):
    assert codes(actions.see(shop, OrderSeen("ON-1"))) == []


def test_many_orders_are_checked_with_as_many_queries_as_one(bought, anna, django_assert_num_queries):
    for number in range(12):
        bought(f"ON-{number}", anna, placed_at=NOON + timedelta(minutes=number), cash_on_delivery=True)
    findings.check_waiting()
    assert findings.waiting(20) == []
    with django_assert_num_queries(22, exact=False):
        findings.check_batch(list(Order.objects.values_list("pk", flat=True)))


def test_findings_of_parcels_are_left_alone(bought):
    order = bought()
    Finding.objects.create(order=order, code="stuck", created_at=NOON)
    findings.check(order)
    assert order.findings.get().state == Finding.State.OPEN


def test_every_code_has_its_words():
    assert {*findings.rules.CODES, shortages.CODE} == set(labels.FINDINGS)
