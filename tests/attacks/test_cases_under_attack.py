"""Money that leaves by a case: no second click, second case, foreign thread or talked-down sum lets out more than there is."""

import pytest

from bridgedesk.channels.events import MessageReceived, Person
from bridgedesk.conversations.actions import receive
from bridgedesk.orders import acting
from bridgedesk.orders.models import PlatformAct
from bridgedesk.products.models import Movement
from bridgedesk.remedies import actions, reckoning
from bridgedesk.remedies.models import Booking
from bridgedesk.shops.models import Threshold
from tests.conftest import NOON
from tests.remedies.conftest import case, order, sku

__all__ = ["case", "order", "sku"]


def accepted(case, option, by):
    return actions.answered(actions.choose(case, option, by=by), "accepted", by=by)


def limit(shop, dollars):
    Threshold.objects.create(shop=shop, name="remedy_approval", value=dollars, source="x", sure="own", valid_from=NOON, region="")


def test_what_came_back_worthless_comes_back_once(case, alice, bob, order, sku):
    """Nothing is booked for goods without worth, so nothing may hang on that booking."""
    actions.correct(case, {}, by=bob, salvage=0)
    accepted(case, "return_label", alice)
    good = {str(order.lines.get().pk): 1}
    actions.received(case, good, by=bob)
    for _again in range(2):
        with pytest.raises(actions.CannotNow):
            actions.received(case, good, by=bob)
        case.refresh_from_db()
        actions.reopen(case, by=bob)
    sku.refresh_from_db()
    assert (sku.on_hand, Movement.objects.count(), Booking.objects.filter(kind="refund").count()) == (11, 1, 1)


@pytest.mark.parametrize("done", [False, True])
def test_two_cases_of_an_order_give_back_no_more_than_was_paid(case, order, alice, done):
    """A refund that is decided is money that is gone, whether or not the platform has said so."""
    accepted(case, "refund_keep", alice)
    if done:
        acting.settle(PlatformAct.objects.get(), done=True, by=alice)
    second = actions.open_case(order, "damaged", by=alice)
    assert second != case
    found = reckoning.reckon(second)
    assert [rung.choice.option.key for rung in found.rungs if rung.choice.refund] == []
    assert "refund_keep" in [barred.option.key for barred in found.barred if barred.code == "refundable"]


def test_a_refund_that_was_taken_back_may_be_given_again(case, order, alice):
    accepted(case, "refund_keep", alice)
    acting.withdraw(PlatformAct.objects.get(), by=alice)
    assert reckoning.reckon(actions.open_case(order, "damaged", by=alice)).rung("refund_keep")


def test_an_agent_talks_no_offer_below_the_limit(shop, case, alice, bob):
    """Sums put down by whom the limit binds do not lift it."""
    limit(shop, 20)
    actions.correct(case, {"goods": 0, "freight_out": 0}, by=bob, salvage=100)
    assert actions.choose(case, "resend", by=bob).state == "waiting"


def test_what_a_lead_put_down_counts(shop, case, alice, bob):
    limit(shop, 20)
    actions.correct(case, {"goods": 1000, "freight_out": 0}, by=alice)
    assert actions.choose(case, "resend", by=bob).state == "made"


def test_a_thread_of_another_shop_is_no_part_of_a_case(order, make_shop, alice, bob, sign_in):
    """Bob sees both shops; who sees only the order's would meet the thread, its files and its buyer there."""
    other = make_shop("Kite shop")
    other.agents.set([bob])
    told = receive(other, MessageReceived("t1", "m1", Person("eve", "user", "Eve"), NOON, "Broken")).conversation
    page = sign_in(bob).post("/remedies/open", {"order": order.pk, "conversation": told.pk, "fault": "damaged"})
    assert page.status_code == 302
    assert order.cases.get().conversation is None
