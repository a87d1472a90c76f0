"""A case from the first word to the last cent: offered, answered, paid once, received, learnt from."""

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity.models import Activity
from bridgedesk.channels.events import ReturnSeen
from bridgedesk.lib.money import Money
from bridgedesk.orders import acting
from bridgedesk.orders.models import Payment, PlatformAct
from bridgedesk.products.models import Movement
from bridgedesk.remedies import actions, reckoning
from bridgedesk.remedies.models import Booking, Case, Offer
from bridgedesk.shops.models import Threshold


def take(case, option, by):
    return actions.answered(actions.choose(case, option, by=by), "accepted", by=by)


def test_the_ladder_of_a_case_is_that_of_the_worked_example(case):
    found = reckoning.reckon(case)
    assert found.taken.sums == {"paid": 5000, "freight_paid": 0, "goods": 2000, "freight_out": 400, "freight_back": 1200}
    assert found.taken.assumed == ("freight_out", "freight_back")
    assert found.best
    assert found.rungs[0].plan
    assert found.best.content >= found.course.floor
    assert sum(end.chance for end in found.ends) == 1


def test_a_second_click_opens_the_same_case(order, bob, case):
    assert actions.open_case(order, "defective", by=bob) == case
    assert Case.objects.get().fault == "damaged"


def test_a_return_the_platform_tells_of_joins_the_case_that_runs(shop, case):
    assert actions.see(shop, ReturnSeen("R1", "A1", state="asked")) == case
    assert Case.objects.get().external_id == "R1"


def test_who_does_not_share_the_shop_opens_nothing(order, charlie):
    with pytest.raises(PermissionDenied):
        actions.open_case(order, "damaged", by=charlie)


def test_an_accepted_refund_is_asked_for_once_and_followed_to_the_end(case, bob):
    offer = take(case, "partial_20", bob)
    actions.answered(offer, "accepted", by=bob)
    act = PlatformAct.objects.get()
    assert (act.kind, act.data["minor"], act.state) == ("RefundBuyer", 1000, "by_hand")
    case.refresh_from_db()
    assert (case.state, actions.loss(case)) == ("closed", 1000 - 80)
    acting.settle(act, done=True, by=bob, reference="tx-1")
    acting.settle(PlatformAct.objects.get(), done=True, by=bob) if PlatformAct.objects.get().state != "done" else None
    refund = Payment.objects.get(kind="refund")
    assert (refund.minor, refund.reference, refund.settled_at) == (1000, "tx-1", act.__class__.objects.get().done_at)


def test_a_refund_taken_back_costs_nothing(case, bob):
    take(case, "partial_20", bob)
    acting.withdraw(PlatformAct.objects.get(), by=bob)
    assert actions.loss(case) == -80 + 0


def test_what_was_refused_is_not_offered_again_and_the_next_is_more(case, bob):
    actions.answered(actions.choose(case, "partial_20", by=bob), "refused", by=bob)
    found = reckoning.reckon(case)
    assert found.rung("partial_20") is None
    assert found.rung("partial_10") is None
    assert found.best
    with pytest.raises(actions.CannotNow):
        actions.choose(case, "partial_20", by=bob)


def test_one_offer_at_a_time(case, bob):
    first = actions.choose(case, "partial_20", by=bob)
    assert actions.choose(case, "partial_20", by=bob) == first
    with pytest.raises(actions.CannotNow):
        actions.choose(case, "resend", by=bob)
    actions.take_back(first, by=bob)
    assert actions.choose(case, "resend", by=bob).kind == "resend"


def test_above_the_limit_a_lead_releases_it_first(shop, case, alice, bob, noon):
    Threshold.objects.create(shop=shop, name="remedy_approval", value=20, source="x", sure="own", valid_from=noon, region="")
    offer = actions.choose(case, "resend", by=bob)
    assert offer.state == "waiting"
    with pytest.raises(actions.CannotNow):
        actions.answered(offer, "accepted", by=bob)
    with pytest.raises(PermissionDenied):
        actions.release(offer, by=bob)
    assert actions.release(offer, by=alice).state == "made"
    assert actions.choose(case, "resend", by=bob).released_by == alice


def test_a_lead_needs_nobody(shop, case, alice, noon):
    Threshold.objects.create(shop=shop, name="remedy_approval", value=1, source="x", sure="own", valid_from=noon, region="")
    assert actions.choose(case, "resend", by=alice).state == "made"


def test_sent_again_the_goods_and_the_freight_are_booked(case, bob):
    take(case, "resend", bob)
    assert {row.kind: row.minor for row in Booking.objects.all()} == {"goods": 2000, "freight_out": 400}
    assert PlatformAct.objects.get().kind == "SendAgain"


def test_returned_goods_are_refunded_when_they_are_here_and_go_on_the_shelf(case, alice, bob, sku, order):
    take(case, "return_label", alice)
    case.refresh_from_db()
    assert (case.state, case.closed_at) == ("agreed", None)
    assert [act.kind for act in PlatformAct.objects.all()] == ["SendReturnLabel"]
    actions.received(case, {str(order.lines.get().pk): 1}, by=bob)
    sku.refresh_from_db()
    assert (sku.on_hand, Movement.objects.get().kind) == (11, "back")
    assert {row.kind: row.minor for row in Booking.objects.all()} == {
        "freight_back": 1200,
        "salvage": -200,
        "refund": 5000,
        "commission": -400,
    }
    with pytest.raises(actions.CannotNow):
        actions.received(case, {}, by=bob)


def test_returned_goods_that_are_broken_are_written_off(case, alice, bob, sku):
    take(case, "return_label", alice)
    actions.received(case, {}, by=bob)
    sku.refresh_from_db()
    assert sku.on_hand == 10
    assert [(row.kind, row.change) for row in Movement.objects.order_by("pk")] == [("back", 1), ("written_off", -1)]
    assert Booking.objects.get(kind="salvage").minor == 0


def test_a_claim_is_booked_when_it_is_decided(case, bob):
    actions.answered(actions.choose(case, "partial_20", by=bob), "escalated", by=bob)
    case.refresh_from_db()
    assert case.state == "judged"
    actions.lost(case, 5000, by=bob)
    case.refresh_from_db()
    assert (case.state, actions.loss(case)) == ("closed", 5000)


def test_sums_somebody_put_down_are_reckoned_with(case, bob):
    row = actions.correct(case, {"goods": 1500, "freight_out": 0}, by=bob, tone="angry", salvage=40)
    found = reckoning.reckon(row)
    resend, label = found.rung("resend"), found.rung("return_label")
    assert resend
    assert resend.choice.cost == 1500
    assert label
    assert dict(label.choice.parts)["salvage"] == -600
    with pytest.raises(actions.CannotNow):
        actions.correct(case, {"goods": -1}, by=bob)


def test_closed_cases_teach_the_next_one(shop, order, case, bob):
    before = reckoning.learn(case, 5000)["partial_20"]
    take(case, "partial_20", bob)
    twin = Case.objects.create(shop=shop, order=order, fault="damaged", first_seen_at=case.first_seen_at, currency="USD")
    after = reckoning.learn(twin, 5000)["partial_20"]
    assert after.value > before.value
    assert (before.own, after.own) == (0, 1)


def test_every_step_is_in_the_log_of_case_and_order(case, bob):
    take(case, "partial_20", bob)
    for kind in ("case", "order"):
        verbs = list(Activity.objects.filter(subject_type=kind).order_by("pk").values_list("verb", flat=True))
        assert [verb for verb in verbs if not verb.startswith("act_")] == ["case_opened", "offer_made", "offer_accepted", "case_closed"]


def test_a_settled_case_may_be_opened_again(case, bob):
    actions.close(case, by=bob)
    case.refresh_from_db()
    assert actions.reopen(case, by=bob).state == "asked"
    assert actions.choose(case, "resend", by=bob).state == Offer.State.MADE


def test_an_order_in_yen_and_one_in_an_unknown_currency(shop, order, bob):
    order.currency, order.total_minor = "JPY", 5000
    order.save()
    order.payments.all().delete()
    order.lines.update(price_minor=5000)
    case = actions.open_case(order, "damaged", by=bob)
    found = reckoning.reckon(case)
    assert found.taken.sums["freight_out"] == 600  # 4 dollars at 150
    assert found.taken.sums["goods"] == 3000
    order.currency = "XAU"
    order.save()
    case.order.refresh_from_db()
    assert reckoning.reckon(case).figures.rated is False


def test_goods_of_a_return_the_platform_granted_by_itself_are_inspected_too(shop, order, bob, sku):
    told = {"state": "under_way", "goods_come_back": True, "number": "RN1", "refund": Money(5000, "USD")}
    actions.see(shop, ReturnSeen("R1", "A1", **told))
    case = actions.open_case(order, "damaged", by=bob)
    assert actions.coming(case)
    actions.received(case, {str(order.lines.get().pk): 1}, by=bob)
    sku.refresh_from_db()
    assert sku.on_hand == 11
    assert {row.kind: row.minor for row in Booking.objects.all()} == {"salvage": -200, "refund": 5000}
    assert not PlatformAct.objects.exists(), "the platform pays it"
    with pytest.raises(actions.CannotNow):
        actions.received(case, {}, by=bob)


@pytest.mark.parametrize(
    ("state", "back", "number"),
    [("asked", True, ""), ("judged", True, ""), ("agreed", False, ""), ("closed", True, ""), ("withdrawn", True, "")],
)
def test_nothing_comes_back_of_a_return_that_was_not_granted(shop, order, bob, state, back, number):
    case = actions.see(shop, ReturnSeen("R1", "A1", state="asked", goods_come_back=back, number=number))
    case.fault = "damaged"
    case.state = state
    assert not actions.coming(case)
