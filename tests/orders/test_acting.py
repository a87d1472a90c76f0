"""What was decided about an order is told to its platform once, or a person does it by hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from bridgedesk.activity.models import Activity
from bridgedesk.channels.acts import (
    AnswerCancellation,
    AskReview,
    CancelOrder,
    ExtendReceipt,
    Level,
    Performed,
    PushStock,
    RefundBuyer,
    ReplyReview,
    SendAgain,
    SendReturnLabel,
    ShipParcel,
    SplitOrder,
    WriteNote,
    WriteToBuyer,
)
from bridgedesk.channels.base import ByHand, NeedsReconnect, SendError, Uncertain
from bridgedesk.lib import clock
from bridgedesk.orders import acting, due, performing
from bridgedesk.orders.guides import GUIDES, guide
from bridgedesk.orders.models import PlatformAct
from bridgedesk.orders.stored_acts import KINDS, restored, stored
from bridgedesk.shops.models import Shop
from tests.pretend import Pretend
from tests.sync.test_due import waiting

NOTE = WriteNote("ON-1", "Blue, not red")
CANCEL = CancelOrder("ON-1", "out_of_stock")


def fresh(row: PlatformAct) -> PlatformAct:
    return PlatformAct.objects.get(pk=row.pk)


def raises(error: Exception) -> Any:
    def refuse(act: object) -> Performed:
        raise error

    return refuse


@pytest.fixture
def ask(order, pretend_shop, alice):
    def make(act=NOTE, key="1", **more):
        return acting.ask(pretend_shop, act, **{"order": order, "key": key, "by": alice} | more)

    return make


ALL = [
    NOTE, CANCEL, CancelOrder("O", "customer_request", ("l1",)), AnswerCancellation("O", agree=False), ExtendReceipt("O", 7),
    SplitOrder("O", ((("l1", 1),), (("l1", 1), ("l2", 3)))), ShipParcel("O", "p", "LX1", "yanwen", lines=(("l1", 2),)),
    PushStock((Level("i", "m", "S", 3), Level("i", "n", "T", 0))), AskReview("O"), ReplyReview("r", "谢谢"),
    WriteToBuyer("O", "unexpectedProblem", "It is late."),
    RefundBuyer("O", 1_050, "EUR", "R1"), SendAgain("O", (("l1", 1),), part=True), SendReturnLabel("O", "R1"),
]  # fmt: skip


@pytest.mark.parametrize("act", ALL, ids=lambda act: type(act).__name__)
def test_an_act_comes_out_of_its_row_as_it_went_in(act, pretend_shop):
    row = acting.ask(pretend_shop, act, key="k", by=None)
    assert restored(row.kind, fresh(row).data) == act
    assert stored(act) == fresh(row).data


def test_every_kind_of_act_is_known_to_the_rows():
    assert {type(act).__name__ for act in ALL} == set(KINDS)


def test_the_platform_does_it_and_the_row_says_so(ask, able: Pretend, order):
    row = ask()
    performing.perform(row.pk)
    assert able.done == [NOTE]
    row = fresh(row)
    assert (row.state, row.reference, row.attempts, row.lease_until) == ("done", "a1", 1, None)
    order.refresh_from_db()
    assert order.seller_note == "Blue, not red"
    assert list(Activity.objects.filter(subject_type="order", verb__startswith="act_").order_by("pk").values_list("verb", "actor")) == [
        ("act_asked", "agent"),
        ("act_done", "channel"),
    ]


def test_the_same_decision_twice_is_one_act(ask, able):
    assert ask() == ask(act=WriteNote("ON-1", "said again"))
    assert PlatformAct.objects.count() == 1
    assert ask(key="2") != ask()


def test_a_decision_that_is_rolled_back_is_never_told(ask, able):
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)
    assert not PlatformAct.objects.exists()
    assert ("perform_act" in {name for name, _ in waiting()}) is False


def test_waking_a_done_act_again_does_nothing(ask, able):
    row = ask()
    for _ in range(3):
        performing.perform(row.pk)
    assert able.done == [NOTE]


def test_what_a_platform_has_no_interface_for_is_done_by_hand_with_words(ask, able, alice):
    able.acts = frozenset()
    row = ask(CANCEL)
    assert row.state == "by_hand"
    assert guide("pretend", row.kind).text
    performing.perform(row.pk)
    assert able.done == []
    assert acting.settle(row, True, by=alice).state == "done"


def test_a_channel_that_cannot_after_all_leaves_it_to_a_hand(ask, able):
    row, able.on_act = ask(CANCEL), raises(ByHand("CancelOrder"))
    performing.perform(row.pk)
    assert fresh(row).state == "by_hand"


def test_every_platform_has_words_for_every_act():
    platforms = {platform for platform, _kind in GUIDES}
    assert platforms >= {"shopee", "amazon", "aliexpress"}
    assert {(platform, kind) for platform in platforms for kind in KINDS} == set(GUIDES)
    assert not any(entry.sure for entry in GUIDES.values())


def test_a_busy_platform_is_asked_again_later_and_not_before_it_says(ask, able, noon):
    row, able.on_act = ask(CANCEL), raises(SendError("slow down", permanent=False, retry_after=timedelta(minutes=9)))
    performing.perform(row.pk)
    row = fresh(row)
    assert (row.state, row.error, row.next_try_at) == ("queued", "slow down", noon + timedelta(minutes=9))
    able.on_act = able.obey
    performing.perform(row.pk)
    assert able.done == []
    with clock.frozen(noon + timedelta(minutes=10)):
        assert performing.due() == [row.pk]
        performing.perform(row.pk)
    assert able.done == [CANCEL]


def test_after_enough_tries_it_has_failed_and_is_shown(ask, able, noon):
    row, able.on_act, now = ask(CANCEL), raises(SendError("down", permanent=False)), noon
    while fresh(row).state == "queued":
        now += timedelta(hours=3)
        with clock.frozen(now):
            performing.perform(row.pk)
    row = fresh(row)
    assert (row.state, row.attempts) == ("failed", len(performing.PAUSES) + 1)
    assert Activity.objects.filter(verb="act_failed").count() == 1


def test_a_refusal_for_good_is_failed_at_once_and_can_be_tried_again(ask, able, alice):
    row, able.on_act = ask(CANCEL), raises(SendError("order is shipped\0", permanent=True))
    performing.perform(row.pk)
    assert (fresh(row).state, fresh(row).error) == ("failed", "order is shipped")
    able.on_act = able.obey
    acting.retry(row, by=alice)
    performing.perform(row.pk)
    assert fresh(row).state == "done"


@pytest.mark.parametrize("error", [Uncertain("no answer"), RuntimeError("a bug of ours")])
def test_no_answer_to_what_cannot_be_repeated_is_looked_at_by_a_person(ask, able, alice, error):
    row, able.on_act = ask(CANCEL), raises(error)
    performing.perform(row.pk)
    assert fresh(row).state == "unsure"
    with pytest.raises(acting.CannotNow):
        acting.retry(row, by=alice)
    with pytest.raises(acting.CannotNow):
        acting.withdraw(row, by=alice)
    assert acting.settle(row, False, by=alice).state == "failed"
    assert acting.retry(row, by=alice).state == "queued"


def test_no_answer_to_what_sets_a_value_is_simply_asked_again(ask, able, noon):
    row, able.on_act = ask(NOTE), raises(Uncertain("no answer"))
    performing.perform(row.pk)
    assert fresh(row).state == "queued"


@pytest.mark.parametrize(("act", "state", "done"), [(NOTE, "done", [NOTE]), (CANCEL, "unsure", [])])
def test_a_worker_that_was_killed_leaves_a_lease_that_ends(ask, able, act, state, done):
    row = ask(act)
    PlatformAct.objects.filter(pk=row.pk).update(state="doing", holder="dead", lease_until=clock.now() - timedelta(seconds=1))
    assert performing.due() == [row.pk]
    performing.perform(row.pk)
    assert (fresh(row).state, able.done) == (state, done)


def test_a_living_workers_act_is_left_alone(ask, able):
    row = ask()
    PlatformAct.objects.filter(pk=row.pk).update(state="doing", holder="alive", lease_until=clock.now() + timedelta(seconds=9))
    performing.perform(row.pk)
    assert (able.done, performing.due()) == ([], [])


def test_a_late_answer_ends_the_doubt(ask, able):
    """The lease was lost while the platform was slow; what it says at last is the truth."""
    row = ask(CANCEL)

    def slowly(act: object) -> Performed:
        PlatformAct.objects.filter(pk=row.pk).update(lease_until=clock.now() - timedelta(seconds=1))
        performing.perform(row.pk)
        assert fresh(row).state == "unsure"
        return Performed("late")

    able.on_act = slowly
    performing.perform(row.pk)
    assert (fresh(row).state, fresh(row).reference) == ("done", "late")


def test_a_lost_authorisation_waits_for_the_shop(ask, able, pretend_shop, noon):
    row, able.on_act = ask(), raises(NeedsReconnect("log in again"))
    performing.perform(row.pk)
    pretend_shop.refresh_from_db()
    assert (pretend_shop.state, fresh(row).state) == ("broken", "queued")
    with clock.frozen(noon + timedelta(days=9)):
        assert performing.due() == []
        Shop.objects.update(state="connected")
        able.on_act = able.obey
        assert performing.due() == [row.pk]
        performing.perform(row.pk)
    assert able.done == [NOTE]


def test_two_notes_of_one_order_are_written_in_their_order(ask, able, noon):
    able.on_act = raises(SendError("busy", permanent=False))
    first, second = ask(), ask(WriteNote("ON-1", "Green after all"), key="2")
    performing.perform(first.pk)
    able.on_act = able.obey
    performing.perform(second.pk)
    assert able.done == []
    with clock.frozen(noon + timedelta(hours=1)):
        assert performing.due() == [first.pk]
        performing.perform(first.pk)
        assert performing.due() == [second.pk]
        performing.perform(second.pk)
    assert [act.text for act in able.done] == ["Blue, not red", "Green after all"]


def test_a_note_that_failed_is_not_written_over_a_later_one(ask, able, alice):
    able.on_act = raises(SendError("too long", permanent=True))
    first = ask()
    performing.perform(first.pk)
    ask(WriteNote("ON-1", "shorter"), key="2")
    with pytest.raises(acting.CannotNow):
        acting.retry(first, by=alice)


def test_stock_that_was_taken_in_part_names_the_rest_and_only_that_is_tried_again(ask, able, alice):
    levels = (Level("i", "m", "S", 3), Level("i", "n", "T", 5))
    able.on_act = lambda act: Performed("r", failures=((("i", "n"), "locked by a promotion"),))
    row = ask(PushStock(levels), order=None)
    performing.perform(row.pk)
    assert (fresh(row).state, fresh(row).failures) == ("done", [[["i", "n"], "locked by a promotion"]])
    acting.retry(row, by=alice)
    able.on_act = able.obey
    performing.perform(row.pk)
    assert able.done == [PushStock((levels[1],))]


def test_what_did_not_leave_yet_can_be_taken_back(ask, able, alice):
    row = ask()
    acting.withdraw(row, by=alice)
    performing.perform(row.pk)
    assert (able.done, fresh(row).state) == ([], "withdrawn")


def test_when_the_job_is_lost_the_sweep_finds_the_row(ask, able):
    row = ask()
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    due.sweep()
    due.sweep()
    assert list(ProcrastinateJob.objects.filter(task_name="perform_act").values_list("args", flat=True)) == [{"act": row.pk}]


def test_a_row_another_version_wrote_fails_and_breaks_nothing(ask, able):
    row = ask()
    PlatformAct.objects.filter(pk=row.pk).update(data={"nonsense": 1})
    performing.perform(row.pk)
    assert fresh(row).state == "failed"
