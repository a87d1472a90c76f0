"""A case in a playbook: begun by what a buyer writes, moved by agents, ended by an answer or by silence."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity import words
from bridgedesk.activity.models import Activity
from bridgedesk.channels.policy import Words
from bridgedesk.conversations import actions as conversations
from bridgedesk.conversations.access import CannotWrite
from bridgedesk.conversations.models import Conversation
from bridgedesk.lib import clock
from bridgedesk.orders.models import Order
from bridgedesk.playbooks import actions, drafting, due, publishing, queries
from bridgedesk.playbooks.models import Run, Taken, Version
from bridgedesk.playbooks.rules import Step
from bridgedesk.remedies import casework
from bridgedesk.team.models import Agent
from tests.conftest import NOON
from tests.playbooks.conftest import run_of

pytestmark = pytest.mark.usefixtures("shelf", "order")
WANTS = "I want to return this item, how do I return it?"


def later(**span: float):
    return NOON + timedelta(**span)


@pytest.fixture
def asked(writes: Callable[..., Conversation]) -> Conversation:
    """Mary wants to return her lamp."""
    return writes(WANTS)


def take(run: Run, to: str, by: Agent, at) -> Run:
    with clock.frozen(at):
        return actions.take(run, to, by=by)


def test_a_message_that_is_surely_about_a_return_begins_its_playbook(asked):
    run = run_of(asked)
    assert (run.version.key, run.step, run.state, run.started_by) == ("return-without-reason", "", "open", None)
    assert Activity.objects.filter(verb="playbook_suggested", conversation_id=asked.pk).count() == 1


def test_hearing_the_same_message_twice_begins_nothing_twice(asked):
    actions.heard(list(asked.messages.filter(direction="in")))
    assert Run.objects.count() == 1


def test_small_talk_begins_nothing(writes):
    writes("Hello, good morning!")
    assert not Run.objects.exists()


def test_the_three_letters_one_after_the_other(asked, writes, answers, bob):
    run = take(run_of(asked), "conditions", bob, later(minutes=5))
    answers(asked, bob, at=later(minutes=6))
    writes("No, I do not accept that. I want to return it.", at=later(hours=2))
    run = take(run, "fee-waived", bob, later(hours=3))
    answers(asked, bob, at=later(hours=3, minutes=1))
    writes("I still want to return it, free of charge.", at=later(hours=5))
    run = take(run, "label-and-refund", bob, later(hours=6))
    assert (run.state, run.outcome) == ("ended", "refunded")
    rows = list(run.taken.all())
    assert [(row.before, row.to, row.suggested) for row in rows] == [
        ("", "conditions", True), ("conditions", "fee-waived", True), ("fee-waived", "label-and-refund", True),
    ]  # fmt: skip
    assert [row.facts["times_insisted"] for row in rows] == [0, 1, 2]


def test_who_swears_after_the_first_letter_gets_the_return_at_once(asked, writes, answers, bob):
    run = take(run_of(asked), "conditions", bob, later(minutes=5))
    answers(asked, bob, at=later(minutes=6))
    writes("This is bullshit, you fucking thieves.", at=later(hours=2))
    run = take(run, "label-at-once", bob, later(hours=3))
    assert Taken.objects.get(run=run, to="label-at-once").suggested


def test_the_timeline_says_which_branch_was_taken_why_and_by_whom(asked, writes, answers, bob, alice):
    run = take(run_of(asked), "conditions", bob, later(minutes=5))
    answers(asked, bob, at=later(minutes=6))
    writes("No, not acceptable.", at=later(hours=2))
    take(run, "fee-waived", alice, later(hours=3))
    line = Activity.objects.filter(verb="playbook_step").latest("pk")
    assert line.by == alice
    said = words.happened(line.verb, line.data)
    assert said == "In “Return without reason: three letters”: Letter 2: the fee is waived, because: the buyer insists"


def test_another_branch_than_the_suggested_one_may_be_taken_and_is_marked(asked, bob):
    run = take(run_of(asked), "label-at-once", bob, later(minutes=5))
    assert not run.taken.get().suggested


def test_a_branch_that_does_not_begin_here_is_refused(asked, bob):
    with pytest.raises(CannotWrite, match="does not begin here"):
        take(run_of(asked), "label-and-refund", bob, later(minutes=5))


def test_the_next_branch_waits_until_the_message_before_was_sent(asked, bob):
    run = take(run_of(asked), "conditions", bob, later(minutes=5))
    with pytest.raises(CannotWrite, match="has not been sent"):
        take(run, "fee-waived", bob, later(minutes=6))


def test_a_step_can_be_taken_back_until_it_was_sent(asked, answers, bob):
    run = take(run_of(asked), "label-at-once", bob, later(minutes=5))
    run = actions.step_back(run, by=bob)
    assert (run.state, run.step, run.outcome) == ("open", "", "")
    run = take(run, "conditions", bob, later(minutes=7))
    answers(asked, bob, at=later(minutes=8))
    with pytest.raises(CannotWrite, match="no step that could be taken back"):
        actions.step_back(run, by=bob)


def test_leaving_needs_a_reason(asked, bob):
    run = run_of(asked)
    with pytest.raises(CannotWrite, match="Say why"):
        actions.leave(run, "  ", by=bob)
    run = actions.leave(run, "It is broken after all", by=bob)
    assert (run.state, run.reason) == ("left", "It is broken after all")


def test_what_was_left_is_not_begun_again_by_the_next_message(asked, writes, bob):
    actions.leave(run_of(asked), "It is broken after all", by=bob)
    writes("How do I return it?", at=later(hours=1))
    assert Run.objects.filter(state="open").count() == 0


def test_silence_ends_the_case_and_a_word_of_the_buyer_takes_it_up_again(asked, writes, answers, bob):
    run = take(run_of(asked), "conditions", bob, later(minutes=5))
    answers(asked, bob, at=later(minutes=6))
    with clock.frozen(later(days=4)):
        assert due.sweep() == 0
    with clock.frozen(later(days=6)):
        assert due.sweep() == 1
    run.refresh_from_db()
    assert (run.state, run.outcome, run.by_silence) == ("ended", "gave_up", True)
    writes("No, I want my money back", at=later(days=7))
    run.refresh_from_db()
    assert (run.state, run.step) == ("open", "conditions")
    with clock.frozen(later(days=7, hours=1)):
        assert actions.take(run, "fee-waived", by=bob).step == "fee-waived"


def test_an_answer_of_the_buyer_ends_the_wait(asked, writes, answers, bob):
    run = take(run_of(asked), "conditions", bob, later(minutes=5))
    answers(asked, bob, at=later(minutes=6))
    writes("What do you mean?", at=later(days=1))
    with clock.frozen(later(days=9)):
        assert due.sweep() == 0
    run.refresh_from_db()
    assert run.state == "open"


def test_one_conversation_is_in_one_playbook(asked, bob):
    version = Version.objects.get(key="return-without-reason", current=True)
    with pytest.raises(CannotWrite, match="already"):
        actions.start(asked, version, by=bob)


def test_charlie_moves_nothing_in_alices_shop(asked, charlie):
    run = run_of(asked)
    for act in (lambda: actions.take(run, "conditions", by=charlie), lambda: actions.leave(run, "x", by=charlie)):
        with pytest.raises(PermissionDenied):
            act()
    assert not Taken.objects.exists()


def test_loading_the_shipped_playbooks_again_changes_nothing():
    assert publishing.load_content() == 0


def test_a_run_keeps_the_version_it_began_with(asked, bob):
    data = Version.objects.get(key="return-without-reason").data
    changed = {**data, "step": [{**step, "values": {}} for step in data["step"]]}
    publishing.store(changed, origin="edited", note="no fee", by=bob)
    assert run_of(asked).version.number == 1
    assert queries.for_topic(queries.published(), asked, "return_request").number == 2
    assert publishing.load_content() == 0  # what a team edited stays


def test_a_trial_takes_its_share_of_cases_and_a_case_stays_where_it_is(monkeypatch):
    monkeypatch.setattr(queries, "_in_its_shops", lambda trial, conversation: True)  # by shop: test_trials
    old = Version.objects.get(key="return-without-reason")
    trial = Version.objects.create(
        key=old.key, number=2, data=old.data, topics=old.topics, current=False, share=30, published_at=clock.now()
    )
    versions = queries.published()
    got = [queries.chosen(old.key, versions, pk) for pk in range(1000)]
    assert 250 < sum(version == trial for version in got) < 350
    assert got == [queries.chosen(old.key, versions, pk) for pk in range(1000)]


def test_a_step_that_holds_the_order_holds_it(writes, bob, order: Order):
    data = dict(Version.objects.get(key="return-without-reason").data)
    data["step"] = [{**step, "does": "hold"} if step["key"] == "conditions" else step for step in data["step"]]
    publishing.store(data, origin="edited", note="", by=bob)
    take(run_of(writes(WANTS)), "conditions", bob, later(minutes=5))
    order.refresh_from_db()
    assert order.hold == "Playbook: Letter 1: freight and fee are the buyer's"


def test_a_closed_conversation_comes_back_when_silence_leads_to_a_step(writes, answers, bob):
    data = dict(Version.objects.get(key="return-without-reason").data)
    waits = {"timeout": {"days": 2, "to": "fee-waived"}}
    data["step"] = [{**step, **waits} if step["key"] == "conditions" else step for step in data["step"]]
    publishing.store(data, origin="edited", note="", by=bob)
    asked = writes(WANTS)
    take(run_of(asked), "conditions", bob, later(minutes=5))
    answers(asked, bob, at=later(minutes=6))
    with clock.frozen(later(minutes=7)):
        conversations.close(asked, by=bob)
    with clock.frozen(later(days=3)):
        due.sweep()
    asked.refresh_from_db()
    assert (asked.state, run_of(asked).state) == ("open", "open")


def test_a_remedy_step_drafts_the_letter_of_the_offer_that_stands(order, bob):
    step = Step("remedy", names=Words("", "", ""), template="resend-or-refund", does="remedy")
    assert drafting.letter_of(step, None) == "resend-or-refund"
    case = casework.open_case(order, "damaged", by=bob)
    offer = casework.choose(case, "partial_20", by=bob)
    assert drafting.letter_of(step, drafting.standing(order)) == "partial-refund-offer"
    casework.answered(offer, "refused", by=bob)
    assert drafting.standing(order) is None


def test_a_wish_to_cancel_is_carried_out_once_its_step_is_taken(writes, order, bob):
    Order.objects.update(state="to_ship", shipped_at=None, delivered_at=None)
    talk = writes("Please cancel my order, I ordered it by mistake.")
    take(run_of(talk), "cancelled", bob, later(minutes=5))
    order.refresh_from_db()
    assert order.hold
    assert order.acts.get().kind == "CancelOrder"
