"""Delivered goods of an own shop come back: for money, or for other articles, once."""

import pytest

from bridgedesk.activity.words import VERBS
from bridgedesk.customers.models import PaymentMethod
from bridgedesk.orders import actions
from bridgedesk.orders.models import Order
from bridgedesk.orders.terms import Piece, Swap
from tests.orders.test_own_orders import refused


def test_goods_are_returned_and_the_price_comes_back_when_they_are_here(delivered, bob, bookings):
    stall = delivered
    returned = actions.ask_return(stall.order, [Piece(stall.lamps.pk, 1), Piece(stall.white.pk)], stall.card.pk, by=bob, reason="too dark")
    stall.order.refresh_from_db()
    assert (stall.order.state, returned.state, returned.reason) == ("returning", "asked", "too dark")
    assert bookings(stall.order) == [("payment", 9550, "visa-1")]  # nothing moves before the goods are here
    assert actions.settle_return(returned, by=bob).state == "closed"
    stall.order.refresh_from_db()
    assert (stall.order.state, bookings(stall.order)[1:]) == ("completed", [("refund", 5550, "visa-1")])


def test_a_refund_goes_back_to_the_card_or_onto_a_gift_card(delivered, bob):
    stall = delivered
    other = PaymentMethod.objects.create(customer=stall.anna, shop=stall.shop, external_id="paypal-1", kind="account", brand="paypal")
    pieces = [Piece(stall.white.pk)]
    refused(lambda: actions.ask_return(stall.order, pieces, other.pk, by=bob), "refund_elsewhere", stall.order)
    actions.settle_return(actions.ask_return(stall.order, pieces, stall.gift.pk, by=bob), by=bob)
    stall.gift.refresh_from_db()
    assert stall.gift.balance_minor == 3550


def test_a_lamp_is_exchanged_for_a_dearer_one_and_the_difference_paid_when_it_is_back(delivered, bob, bookings):
    stall = delivered
    returned = actions.ask_exchange(stall.order, [Swap(stall.lamps.pk, stall.red.pk)], stall.gift.pk, by=bob)
    assert (returned.kind, returned.difference_minor, bookings(stall.order)[1:]) == ("exchange", 1000, [])
    assert [(line.line_id, line.quantity, line.listing_id) for line in returned.lines.all()] == [(stall.lamps.pk, 2, stall.red.pk)]
    actions.settle_return(returned, by=bob)
    stall.gift.refresh_from_db()
    assert (bookings(stall.order)[1:], stall.gift.balance_minor) == ([("payment", 1000, "gift-1")], 1000)


def test_a_broken_lamp_is_exchanged_for_its_like(delivered, bob):
    returned = actions.ask_exchange(delivered.order, [Swap(delivered.lamps.pk, delivered.blue.pk, 1)], delivered.card.pk, by=bob)
    assert returned.difference_minor == 0


def test_goods_come_back_once(delivered, bob):
    stall, piece = delivered, [Piece(delivered.white.pk)]
    first = actions.ask_return(stall.order, piece, stall.card.pk, by=bob)
    swaps = [Swap(stall.lamps.pk, stall.red.pk)]
    refused(lambda: actions.ask_exchange(stall.order, swaps, stall.card.pk, by=bob), "returned_before", stall.order)
    actions.settle_return(first, by=bob)
    refused(lambda: actions.ask_return(stall.order, piece, stall.card.pk, by=bob), "returned_before", stall.order)
    refused(lambda: actions.settle_return(first, by=bob), "return_closed", stall.order)
    refused(lambda: actions.withdraw_return(first, by=bob), "return_closed", stall.order)


def test_a_buyer_who_keeps_the_goods_may_still_exchange_them_later(delivered, bob):
    stall = delivered
    first = actions.ask_return(stall.order, [Piece(stall.white.pk)], stall.card.pk, by=bob)
    assert actions.withdraw_return(first, by=bob).state == "withdrawn"
    stall.order.refresh_from_db()
    assert stall.order.state == "delivered"
    assert actions.ask_exchange(stall.order, [Swap(stall.lamps.pk, stall.red.pk)], stall.gift.pk, by=bob).state == "asked"


@pytest.mark.parametrize("state", ["to_ship", "shipped", "cancelled", ""])
def test_only_what_arrived_comes_back(state, stall, bob):
    Order.objects.update(state=state)
    refused(lambda: actions.ask_return(stall.order, [Piece(stall.white.pk)], stall.card.pk, by=bob), "not_delivered", stall.order)
    swaps = [Swap(stall.lamps.pk, stall.red.pk)]
    refused(lambda: actions.ask_exchange(stall.order, swaps, stall.card.pk, by=bob), "not_delivered", stall.order)


def test_an_exchange_needs_articles_that_can_be_had_and_a_gift_card_that_holds_the_difference(delivered, bob):
    stall = delivered

    def exchange(listing, method=stall.card.pk):
        return lambda: actions.ask_exchange(stall.order, [Swap(stall.lamps.pk, listing)], method, by=bob)

    refused(exchange(stall.shade.pk), "other_product", stall.order)
    refused(exchange(stall.gone.pk), "unavailable", stall.order)
    refused(exchange(stall.big.pk, stall.gift.pk), "balance_short", stall.order)
    refused(exchange(stall.red.pk, 0), "method_unknown", stall.order)
    refused(lambda: actions.ask_return(stall.order, [Piece(stall.white.pk, 2)], stall.card.pk, by=bob), "too_many", stall.order)


def test_a_gift_card_spent_meanwhile_leaves_the_exchange_open(delivered, bob):
    stall = delivered
    returned = actions.ask_exchange(stall.order, [Swap(stall.lamps.pk, stall.red.pk)], stall.gift.pk, by=bob)
    PaymentMethod.objects.filter(pk=stall.gift.pk).update(balance_minor=999)
    refused(lambda: actions.settle_return(returned, by=bob), "balance_short", stall.order)


def test_every_act_has_its_words():
    assert {"asked_return", "asked_exchange", "withdrew_return", "settled_return"} <= set(VERBS)
