"""Orders of an own shop before they leave: cancelled, sent elsewhere, paid otherwise, swapped. Every sum is booked."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from bridgedesk.activity.models import Activity
from bridgedesk.activity.words import VERBS
from bridgedesk.channels.events import Address
from bridgedesk.customers.models import Customer, PaymentMethod
from bridgedesk.customers.rules import WrongFacts
from bridgedesk.lib import clock
from bridgedesk.orders import actions, terms
from bridgedesk.orders.models import Line, Order, Parcel, Payment
from bridgedesk.orders.terms import Swap

HOME = Address(lines=("Lange  Straße 4", ""), city="Kassel", postcode="34117", country="de")


def everything(order):
    """All that an act could have changed."""
    rows = [Order.objects.filter(pk=order.pk), order.lines.all(), order.payments.all(), order.returns.all(), PaymentMethod.objects.all()]
    return [list(row.values()) for row in rows] + [Activity.objects.count()]


def refused(act, code, order):
    """The act is refused for that reason, in words, and changes nothing."""
    before = everything(order)
    with pytest.raises(terms.Refused) as refusal:
        act()
    assert refusal.value.code == code
    assert "%" not in str(refusal.value)
    assert everything(order) == before


def test_a_cancelled_order_gives_the_money_back_to_where_it_came_from(stall, bob, bookings):
    order = actions.cancel(stall.order, "no_longer_needed", by=bob)
    assert (order.state, order.status, order.cancel_reason) == ("cancelled", "", "no_longer_needed")
    assert bookings(order) == [("payment", 9550, "visa-1"), ("refund", 9550, "visa-1")]
    assert order.payments.last().settled_at is None  # a person still sees to it at the card's provider
    line = Activity.objects.get(verb="cancelled_order")
    assert (line.by, line.subject_id, line.data["reason"]) == (bob, order.pk, "no_longer_needed")


def test_what_was_paid_with_a_gift_card_is_on_it_again_at_once(stall, bob):
    Payment.objects.update(source=stall.gift, method="gift-1", minor=500)
    order = actions.cancel(stall.order, "ordered_by_mistake", by=bob)
    stall.gift.refresh_from_db()
    assert (stall.gift.balance_minor, order.payments.last().settled_at) == (2500, clock.now())


def test_after_another_payment_method_only_that_one_gets_the_refund(stall, bob, bookings):
    PaymentMethod.objects.filter(pk=stall.gift.pk).update(balance_minor=9550)
    actions.change_payment(stall.order, stall.gift.pk, by=bob)
    actions.cancel(stall.order, "ordered_by_mistake", by=bob)
    assert bookings(stall.order)[3:] == [("refund", 9550, "gift-1")]
    stall.gift.refresh_from_db()
    assert stall.gift.balance_minor == 9550


def test_an_unpaid_order_is_cancelled_without_a_booking(stall, bob, bookings):
    Payment.objects.all().delete()
    Order.objects.update(state="unpaid")
    assert actions.cancel(stall.order, "customer_request", by=bob).state == "cancelled"
    assert bookings(stall.order) == []


def test_a_payment_nobody_keeps_a_method_of_goes_back_under_its_name(stall, bob, bookings):
    Payment.objects.update(source=None, method="bank transfer")
    actions.cancel(stall.order, "out_of_stock", by=bob)
    assert bookings(stall.order)[-1] == ("refund", 9550, "bank transfer")


@pytest.mark.parametrize("state", ["part_shipped", "shipped", "delivered", "completed", "cancelled", "returning", "disputed", ""])
def test_what_has_left_is_neither_cancelled_nor_changed(state, stall, bob):
    Order.objects.update(state=state)
    refused(lambda: actions.cancel(stall.order, "no_longer_needed", by=bob), "not_open", stall.order)
    refused(lambda: actions.change_address(stall.order, HOME, by=bob), "not_open", stall.order)
    refused(lambda: actions.change_payment(stall.order, stall.gift.pk, by=bob), "not_open", stall.order)
    swaps = [Swap(stall.lamps.pk, stall.red.pk)]
    refused(lambda: actions.change_articles(stall.order, swaps, stall.card.pk, by=bob), "not_open", stall.order)


def test_a_packed_parcel_is_not_changed_but_can_still_be_stopped(stall, bob):
    Parcel.objects.create(order=stall.order, packed_at=clock.now())
    refused(lambda: actions.change_address(stall.order, HOME, by=bob), "packed", stall.order)
    assert actions.cancel(stall.order, "no_longer_needed", by=bob).state == "cancelled"


def test_a_parcel_that_left_is_not_cancelled_whatever_the_order_says(stall, bob):
    Parcel.objects.create(order=stall.order, packed_at=clock.now(), shipped_at=clock.now())
    refused(lambda: actions.cancel(stall.order, "no_longer_needed", by=bob), "gone", stall.order)


@pytest.mark.parametrize(
    ("platform", "options"), [("shopee", {}), ("amazon", {}), ("manual", {"policy": "shopee"}), ("email", {"relay": "amazon"})]
)
def test_a_platforms_order_is_changed_at_the_platform(platform, options, stall, bob):
    type(stall.shop).objects.update(platform=platform, options=options)
    refused(lambda: actions.cancel(stall.order, "no_longer_needed", by=bob), "not_own", stall.order)
    refused(lambda: actions.change_address(stall.order, HOME, by=bob), "not_own", stall.order)


def test_a_reason_nobody_knows_is_none(stall, bob):
    refused(lambda: actions.cancel(stall.order, "because", by=bob), "reason_unknown", stall.order)


def test_the_parcel_goes_where_the_buyer_now_wants_it(stall, bob):
    order = actions.change_address(stall.order, HOME, by=bob)
    assert (order.address["lines"], order.address["city"], order.country) == (["Lange Straße 4"], "Kassel", "DE")
    assert order.checked_at is None  # looked at again


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (Address(city="Kassel", country="DE"), "lines"),
        (Address(lines=("x",), country="DE"), "city"),
        (Address(lines=("x",), city="y", country="ZZ"), "country"),
    ],
)  # fmt: skip
def test_an_address_no_carrier_finds_is_refused_by_field(address, field, stall, bob):
    with pytest.raises(WrongFacts) as wrong:
        actions.change_address(stall.order, address, by=bob)
    assert list(wrong.value.fields) == [field]


def test_another_payment_method_pays_all_and_the_first_gets_all_back(stall, bob, bookings):
    PaymentMethod.objects.filter(pk=stall.gift.pk).update(balance_minor=10_000)
    order = actions.change_payment(stall.order, stall.gift.pk, by=bob)
    assert bookings(order) == [("payment", 9550, "visa-1"), ("payment", 9550, "gift-1"), ("refund", 9550, "visa-1")]
    stall.gift.refresh_from_db()
    assert (stall.gift.balance_minor, order.payment_method, order.state) == (450, "gift-1", "to_ship")


def test_the_payment_method_changes_once_to_another_of_the_same_buyer_that_can_pay(stall, bob, make_shop):
    def pay_with(method):
        return lambda: actions.change_payment(stall.order, method, by=bob)

    ben = Customer.objects.create(name="Ben", created_at=clock.now())
    bens = PaymentMethod.objects.create(customer=ben, shop=stall.shop, external_id="bens", kind="card")
    elsewhere = PaymentMethod.objects.create(customer=stall.anna, shop=make_shop("Chairs"), external_id="e", kind="card")
    for method in (bens.pk, elsewhere.pk, 0):
        refused(pay_with(method), "method_unknown", stall.order)
    refused(pay_with(stall.card.pk), "same_method", stall.order)
    refused(pay_with(stall.gift.pk), "balance_short", stall.order)
    PaymentMethod.objects.filter(pk=stall.gift.pk).update(balance_minor=9550)
    pay_with(stall.gift.pk)()
    refused(pay_with(stall.card.pk), "paid_in_parts", stall.order)


def test_a_gift_card_in_another_currency_pays_nothing(stall, bob):
    PaymentMethod.objects.filter(pk=stall.gift.pk).update(balance_minor=99_999, currency="USD")
    refused(lambda: actions.change_payment(stall.order, stall.gift.pk, by=bob), "other_currency", stall.order)


def test_a_dearer_lamp_is_paid_for_and_stands_in_the_order(stall, bob, bookings):
    order = actions.change_articles(stall.order, [Swap(stall.lamps.pk, stall.red.pk)], stall.gift.pk, by=bob)
    assert [(line.model, line.quantity, line.price_minor) for line in order.lines.all()] == [("red", 2, 4500), ("white", 1, 1550)]
    assert (order.total_minor, bookings(order)[1:]) == (10_550, [("payment", 1000, "gift-1")])
    stall.gift.refresh_from_db()
    assert (stall.gift.balance_minor, order.articles_changed_at) == (1000, clock.now())


def test_one_of_two_lamps_is_swapped_and_the_other_stays(stall, bob):
    swaps = [Swap(stall.lamps.pk, stall.red.pk, 1)]
    order = actions.change_articles(stall.order, swaps, stall.card.pk, by=bob)
    assert sorted((line.model, line.quantity) for line in order.lines.all()) == [("blue", 1), ("red", 1), ("white", 1)]
    assert order.total_minor == 10_050


def test_two_lamps_become_two_different_ones(stall, bob):
    swaps = [Swap(stall.lamps.pk, stall.red.pk, 1), Swap(stall.lamps.pk, stall.big.pk, 1)]
    order = actions.change_articles(stall.order, swaps, stall.card.pk, by=bob)
    assert sorted((line.model, line.quantity) for line in order.lines.all()) == [("big", 1), ("red", 1), ("white", 1)]
    assert order.total_minor == sum(line.price_minor * line.quantity for line in order.lines.all()) == 15_050


def test_a_cheaper_one_is_refunded_onto_the_gift_card(stall, bob, bookings):
    actions.change_articles(stall.order, [Swap(stall.lamps.pk, stall.red.pk)], stall.card.pk, by=bob)
    Order.objects.update(articles_changed_at=None)
    actions.change_articles(stall.order, [Swap(stall.lamps.pk, stall.blue.pk)], stall.gift.pk, by=bob)
    stall.gift.refresh_from_db()
    assert (bookings(stall.order)[-1], stall.gift.balance_minor) == (("refund", 1000, "gift-1"), 3000)


def test_a_swap_that_costs_nothing_is_booked_as_nothing(stall, bob, bookings):
    actions.change_articles(stall.order, [Swap(stall.lamps.pk, stall.blue.pk)], stall.gift.pk, by=bob)
    assert bookings(stall.order)[-1] == ("refund", 0, "gift-1")


def test_articles_are_swapped_once_and_then_nothing_changes_any_more(stall, bob):
    swaps = [Swap(stall.lamps.pk, stall.red.pk)]
    actions.change_articles(stall.order, swaps, stall.card.pk, by=bob)
    refused(lambda: actions.change_articles(stall.order, swaps, stall.card.pk, by=bob), "articles_changed", stall.order)
    refused(lambda: actions.change_address(stall.order, HOME, by=bob), "articles_changed", stall.order)
    refused(lambda: actions.cancel(stall.order, "no_longer_needed", by=bob), "articles_changed", stall.order)


def test_only_what_is_there_is_swapped_for_what_can_be_had(stall, bob, make_shop):
    def swap(*swaps, method=stall.card.pk):
        return lambda: actions.change_articles(stall.order, swaps, method, by=bob)

    lamps, red = stall.lamps.pk, stall.red.pk
    other_shop = type(stall.red).objects.create(shop=make_shop("Chairs"), item="lamp", model="red", price_minor=1, seen_at=clock.now())
    foreign = Line.objects.create(
        order=Order.objects.create(shop=stall.shop, external_id="x", first_seen_at=clock.now()), external_id="1", quantity=1
    )
    refused(swap(), "nothing_named", stall.order)
    refused(swap(Swap(foreign.pk, red)), "line_unknown", stall.order)
    refused(swap(Swap(lamps, red, 3)), "too_many", stall.order)
    refused(swap(Swap(lamps, red, 0)), "too_many", stall.order)
    refused(swap(Swap(lamps, red), Swap(lamps, stall.big.pk, 1)), "too_many", stall.order)
    refused(swap(Swap(lamps, other_shop.pk)), "article_unknown", stall.order)
    refused(swap(Swap(lamps, stall.shade.pk)), "other_product", stall.order)
    refused(swap(Swap(lamps, stall.gone.pk)), "unavailable", stall.order)
    refused(swap(Swap(lamps, red), Swap(stall.white.pk, 0)), "article_unknown", stall.order)
    refused(swap(Swap(lamps, stall.big.pk), method=stall.gift.pk), "balance_short", stall.order)
    type(stall.red).objects.filter(pk=red).update(listed=1)
    refused(swap(Swap(lamps, red)), "unavailable", stall.order)
    type(stall.red).objects.filter(pk=red).update(listed=2, price_minor=None)
    refused(swap(Swap(lamps, red)), "no_price", stall.order)
    type(stall.red).objects.filter(pk=red).update(price_minor=4500, currency="USD")
    refused(swap(Swap(lamps, red)), "other_currency", stall.order)


def test_an_unpaid_order_has_nothing_to_settle_a_swap_with(stall, bob):
    Payment.objects.all().delete()
    refused(
        lambda: actions.change_articles(stall.order, [Swap(stall.lamps.pk, stall.red.pk)], stall.card.pk, by=bob), "not_paid", stall.order
    )
    refused(lambda: actions.change_payment(stall.order, stall.gift.pk, by=bob), "not_paid", stall.order)


def test_charlie_and_an_observer_change_nothing(stall, charlie, make_agent):
    eve = make_agent("eve", "observer")
    stall.shop.agents.add(eve)
    before = everything(stall.order)
    for somebody in (charlie, eve):
        with pytest.raises(PermissionDenied):
            actions.cancel(stall.order, "no_longer_needed", by=somebody)
    assert everything(stall.order) == before


def test_somebody_sees_to_a_refund_at_the_provider_once(stall, bob, alice):
    actions.cancel(stall.order, "no_longer_needed", by=bob)
    refund = stall.order.payments.last()
    assert actions.settle_payment(refund, by=alice, reference="re_1").settled_at == clock.now()
    assert actions.settle_payment(refund, by=alice, reference="other").reference == "re_1"
    assert Activity.objects.filter(verb="settled_payment").count() == 1


def test_every_refusal_and_every_verb_has_its_words(stall):
    for code in terms.WORDS:
        assert str(terms.Refused(code, balance="1", amount="2", days="30"))
    assert {"cancelled_order", "changed_order_address", "changed_order_payment", "changed_order_articles", "settled_payment"} <= set(VERBS)


@pytest.mark.django_db(transaction=True)
def test_two_orders_paid_at_once_never_take_more_than_the_gift_card_holds(stall, bob):
    second = Order.objects.create(
        shop=stall.shop, customer=stall.anna, external_id="WEB-2", state="to_ship", first_seen_at=clock.now(), currency="EUR"
    )
    Payment.objects.create(order=second, kind="payment", minor=1500, currency="EUR", method="visa-1", source=stall.card, at=clock.now())
    Payment.objects.filter(order=stall.order).update(minor=1500)
    outcomes, gate = [], threading.Barrier(2)

    def pay(order):
        try:
            gate.wait(20)
            actions.change_payment(order, stall.gift.pk, by=bob)
            outcomes.append("paid")
        except terms.Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=pay, args=(order,)) for order in (stall.order, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    stall.gift.refresh_from_db()
    assert (sorted(outcomes), stall.gift.balance_minor) == (["balance_short", "paid"], 500)


def test_a_caught_wish_to_cancel_is_fulfilled_by_cancelling(stall, bob):
    actions.catch_cancellation(stall.order, "please cancel", source="message")
    assert Order.objects.get(pk=stall.order.pk).hold
    order = actions.cancel(stall.order, "customer_request", by=bob)
    assert (order.hold, order.held_at, Order.objects.get(pk=order.pk).hold) == ("", None, "")
    assert not order.remarks.filter(withdrawn_at=None).exists()
