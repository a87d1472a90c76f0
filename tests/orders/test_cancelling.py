"""A buyer's wish to cancel stops the parcel before it leaves."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, transaction

from bridgedesk.activity.models import Activity
from bridgedesk.channels.acts import AnswerCancellation, CancelOrder, SplitOrder
from bridgedesk.channels.events import LineSeen, OrderSeen, ParcelSeen
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.orders import actions, cancelling, performing
from bridgedesk.orders.holding import UNREAD, WISH
from bridgedesk.orders.models import Finding, Order, Parcel, PlatformAct, Remark
from bridgedesk.orders.receiving import see
from tests.conftest import NOON

BY = NOON + timedelta(days=2)


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def wishes(order: Order, hours: int = 1, **more: object) -> Order:
    """The platform tells that the buyer asks to cancel."""
    told = {"state": "cancelling", "status": "IN_CANCEL", "cancel_wish": "changed my mind", "cancel_answer_by": BY}
    return actions.see(order.shop, OrderSeen(order.external_id, at=NOON + timedelta(hours=hours), **told | more))


def test_a_paid_order_may_be_packed(order):
    assert actions.obstacles(order) == []
    with transaction.atomic():
        assert actions.cleared(order) == order


def test_a_wish_to_cancel_stops_packing_and_the_warehouse_must_acknowledge(order, bob):
    wishes(order)
    row, note = fresh(order), Remark.objects.get()
    assert (row.hold, note.kind, note.addressee, note.due_at, note.text) == (WISH, "cancel", "packing", BY, "changed my mind")
    assert UNREAD in actions.obstacles(row)
    with pytest.raises(actions.Blocked), transaction.atomic():
        actions.cleared(order)
    actions.acknowledge(note, by=bob)
    assert actions.obstacles(fresh(order)) == [WISH]
    note.refresh_from_db()
    assert note.acknowledged_by == bob


def test_the_same_wish_told_again_stops_it_once(order):
    for hours in range(1, 5):
        wishes(order, hours)
    assert Remark.objects.count() == 1
    assert Activity.objects.filter(verb="cancel_caught").count() == 1


def test_a_platform_that_moves_its_deadline_moves_ours(order):
    wishes(order)
    wishes(order, 2, cancel_answer_by=BY + timedelta(days=1))
    assert Remark.objects.get().due_at == BY + timedelta(days=1)


def test_what_a_person_let_go_is_not_stopped_by_the_platform_repeating_itself(order, alice):
    wishes(order)
    actions.release(order, by=alice, note="the buyer wants it after all")
    wishes(order, 2)
    assert fresh(order).hold == ""


def test_a_wish_that_is_over_lets_the_order_go(order):
    wishes(order)
    actions.see(order.shop, OrderSeen("ON-1", "READY_TO_SHIP", NOON + timedelta(hours=3), state="to_ship"))
    assert (fresh(order).hold, Remark.objects.get().withdrawn_at is None) == ("", False)
    assert actions.obstacles(fresh(order)) == []


def test_an_order_held_for_another_reason_stays_held_when_the_wish_is_over(order, alice):
    actions.hold(order, "wrong address", by=alice)
    wishes(order)
    actions.see(order.shop, OrderSeen("ON-1", "READY_TO_SHIP", NOON + timedelta(hours=3), state="to_ship"))
    row = fresh(order)
    assert (row.hold, row.held_by) == ("wrong address", alice)


def test_a_message_stops_the_order_it_names(order):
    assert actions.said_to_cancel(order.shop, None, "ON-1", "please cancel") == order
    assert fresh(order).hold == WISH
    actions.said_to_cancel(order.shop, None, "ON-1", "please cancel!!")
    assert Remark.objects.count() == 1


def test_a_message_that_names_no_order_stops_the_buyers_only_one(order, make_order):
    buyer = Customer.objects.create(name="Anna", created_at=clock.now())
    Order.objects.filter(pk=order.pk).update(customer=buyer)
    assert actions.said_to_cancel(order.shop, buyer.pk, "", "cancel") == order
    other = make_order("ON-2")
    Order.objects.filter(pk=other.pk).update(customer=buyer)
    assert actions.said_to_cancel(order.shop, buyer.pk, "", "cancel") is None
    assert actions.said_to_cancel(order.shop, None, "", "cancel") is None
    assert fresh(other).hold == ""


def test_a_buyer_who_asks_again_after_a_release_is_heard_again(order, alice):
    actions.said_to_cancel(order.shop, None, "ON-1", "cancel")
    actions.release(order, by=alice)
    actions.said_to_cancel(order.shop, None, "ON-1", "cancel, really")
    assert fresh(order).hold == WISH


def test_a_parcel_that_left_has_its_own_way(order):
    actions.see_parcel(order.shop, ParcelSeen("ON-1", number="LX1", status="in_transit", at=NOON))
    wishes(order)
    note = Remark.objects.get()
    assert (fresh(order).hold, note.addressee, note.data["left"]) == ("", "service", True)
    assert Activity.objects.filter(verb="cancel_caught_late").exists()


def test_a_packed_parcel_is_named_as_such(order):
    Parcel.objects.create(order=order, packed_at=NOON)
    wishes(order)
    assert Remark.objects.get().data["packed"] is True
    assert fresh(order).hold == WISH


def test_the_answer_goes_to_the_platform_once_and_never_both_ways(order, alice, able):
    wishes(order)
    act = actions.answer_cancellation(order, True, by=alice)
    assert actions.answer_cancellation(order, True, by=alice) == act
    with pytest.raises(actions.CannotNow):
        actions.answer_cancellation(order, False, by=alice)
    performing.perform(act.pk)
    assert able.done == [AnswerCancellation("ON-1", True)]


def test_there_is_nothing_to_answer_without_a_wish_at_the_platform(order, alice):
    actions.said_to_cancel(order.shop, None, "ON-1", "cancel")
    with pytest.raises(actions.CannotNow):
        actions.answer_cancellation(order, True, by=alice)


def test_cancelling_holds_the_order_and_tells_the_platform(order, alice, able):
    act = actions.cancel_at_platform(order, "out_of_stock", by=alice)
    performing.perform(act.pk)
    assert able.done == [CancelOrder("ON-1", "out_of_stock")]
    assert fresh(order).hold


@pytest.mark.parametrize(("reason", "lines"), [("because", ()), ("out_of_stock", ("l9",))])
def test_a_cancellation_without_sense_changes_nothing(order, alice, reason, lines):
    with pytest.raises(ValidationError):
        actions.cancel_at_platform(order, reason, by=alice, lines=lines)
    assert not PlatformAct.objects.exists()
    assert not fresh(order).hold


def test_what_left_is_not_cancelled(make_order, alice):
    order = make_order("ON-3", state="shipped")
    with pytest.raises(actions.CannotNow):
        actions.cancel_at_platform(order, "out_of_stock", by=alice)


def test_every_piece_goes_into_one_parcel(order, alice, able):
    parcels = ((("l1", 1),), (("l1", 1), ("l2", 1)))
    act = actions.split(order, parcels, by=alice)
    assert actions.split(order, parcels, by=alice) == act
    performing.perform(act.pk)
    assert able.done == [SplitOrder("ON-1", parcels)]


WRONG = [(), ((("l1", 2), ("l2", 1)),), ((("l1", 2),), (("l2", 2),)), ((("l1", 2), ("l2", 1)), ()), ((("l1", 3), ("l2", 1)), (("l1", -1),))]


@pytest.mark.parametrize("parcels", WRONG)
def test_a_split_that_does_not_add_up_is_refused(order, alice, parcels):
    with pytest.raises(ValidationError):
        actions.split(order, parcels, by=alice)


def test_a_finding_that_stops_and_a_remark_nobody_read_are_obstacles(order, alice):
    Finding.objects.create(order=order, code="address", weight="stop", created_at=NOON)
    actions.remark(order, "swap", "blue instead of red", by=alice)
    assert len(actions.obstacles(order)) == 2


def test_a_remark_is_written_under_what_stands_in_the_platforms_note(order, alice, able):
    Order.objects.filter(pk=order.pk).update(seller_note="typed at the platform")
    note = actions.remark(order, "swap", "blue\ninstead of red", by=alice)
    performing.perform(PlatformAct.objects.get().pk)
    assert fresh(order).seller_note == "typed at the platform\n• blue instead of red"
    actions.take_back(note, by=alice)
    performing.perform(PlatformAct.objects.order_by("-pk").first().pk)
    assert fresh(order).seller_note == "typed at the platform"


def test_where_a_platform_has_no_note_a_remark_is_ours_alone(order, alice, able):
    able.acts = frozenset()
    actions.remark(order, "gift", "a bulb", by=alice, addressee="packing", due_at=BY)
    assert not PlatformAct.objects.exists()


@pytest.mark.parametrize("wrong", [{"kind": "joke"}, {"addressee": "boss"}, {"text": "  "}])
def test_a_remark_without_sense_is_refused(order, alice, wrong):
    with pytest.raises(ValidationError):
        actions.remark(order, **{"kind": "free", "text": "x", "by": alice} | wrong)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["packer", "buyer"])
def test_the_race_between_packer_and_buyer_is_decided_by_the_orders_lock(order, first):
    """Whoever comes second sees what the first did: either it is packed and the warehouse is told so, or it is not packed."""
    inside, other_waits, outcome = threading.Event(), threading.Event(), []

    def pack() -> None:
        try:
            with transaction.atomic():
                row = actions.cleared(order)
                if first == "packer":
                    inside.set()
                    other_waits.wait(10)
                Parcel.objects.create(order=row, packed_at=clock.now())
                outcome.append("packed")
        except actions.Blocked:
            outcome.append("blocked")
        finally:
            connections.close_all()

    def ask_to_cancel() -> None:
        try:
            with transaction.atomic():
                Order.objects.select_for_update().get(pk=order.pk)
                if first == "buyer":
                    inside.set()
                    other_waits.wait(10)
                wishes(order)
        finally:
            connections.close_all()

    begin, follow = (pack, ask_to_cancel) if first == "packer" else (ask_to_cancel, pack)
    one, two = threading.Thread(target=begin), threading.Thread(target=follow)
    one.start()
    assert inside.wait(10)
    two.start()
    two.join(0.3)
    assert two.is_alive(), "the second waits for the lock"
    other_waits.set()
    one.join(10)
    two.join(10)
    row, note = fresh(order), Remark.objects.get()
    assert row.hold == WISH
    assert (outcome, note.data["packed"]) == ((["packed"], True) if first == "packer" else (["blocked"], False))


def test_a_cancelled_order_is_kept_back_no_more(order):
    wishes(order)
    wishes(order, 2, state="cancelled", status="CANCELLED", cancel_wish=None)
    assert (fresh(order).hold, Remark.objects.filter(withdrawn_at=None).count()) == ("", 0)


def test_a_packed_parcel_of_a_cancelled_order_is_still_to_be_taken_off_the_shelf(order):
    order.parcels.create(packed_at=NOON)
    wishes(order)
    wishes(order, 2, state="cancelled", status="CANCELLED", cancel_wish=None)
    assert Remark.objects.filter(withdrawn_at=None, acknowledged_at=None).count() == 1


def test_what_a_platform_takes_as_a_reason_is_its_own_dated_list(shop, alice, sign_in, noon):
    """Of Shopee's four reasons one is for two countries only."""
    shop.platform, shop.region = "shopee", "TW"
    shop.save()
    row = see(shop, OrderSeen("S1", state="to_ship", lines=(LineSeen("1", 1, "Lamp"),)))
    assert "undeliverable_area" in cancelling.reasons(row)
    shop.region = "SG"
    shop.save()
    row = Order.objects.select_related("shop").get(pk=row.pk)
    assert cancelling.reasons(row) == ("out_of_stock", "customer_request", "payment_not_supported")
    page = sign_in(alice).get(f"/orders/{row.pk}").content.decode()
    assert "We cannot deliver there" not in page
    with pytest.raises(ValidationError):
        cancelling.cancel_at_platform(row, "undeliverable_area", by=alice)
