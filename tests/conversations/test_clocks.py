"""The ledger in the database equals the pure one, whatever comes in whatever order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridgedesk.channels.events import ThreadAnswered
from bridgedesk.conversations import actions, queries, rules
from bridgedesk.conversations.models import Conversation, Message, Window
from bridgedesk.lib import clock
from bridgedesk.shops.models import Shop, Threshold
from bridgedesk.team.models import Agent
from tests.conversations.conftest import after, heard, typed


def standing(conversation: Conversation) -> list[tuple[object, ...]]:
    rows = conversation.windows.exclude(outcome="superseded").order_by("opened_at", "opened_by")
    return list(rows.values_list("opened_by", "opened_at", "closed_by", "closed_at", "outcome"))


def test_a_question_runs_out_by_the_shops_rule(shop, write):
    Threshold.objects.create(
        shop=shop, platform=shop.platform, name="response_hours", value=12, valid_from=after(-1), source="Shopee CRR", sure="unconfirmed"
    )
    conversation = write(at=after(0)).conversation
    window = conversation.windows.get()
    assert conversation.due_at == window.due_at == after(12 * 60)
    assert (window.hours, window.source, window.sure) == (Decimal(12), "Shopee CRR", "unconfirmed")


def test_a_rule_that_changes_later_leaves_the_ledger_as_it_was(shop, write):
    conversation = write(at=after(0)).conversation
    before = list(Window.objects.values())
    Threshold.objects.create(
        shop=shop, platform=shop.platform, name="response_hours", value=1, valid_from=after(-9), source="new", sure="own"
    )
    write("again", at=after(5))
    assert list(conversation.windows.values()) == before


def test_an_older_question_that_comes_late_moves_the_window_by_a_new_entry(write):
    conversation = write("second", at=after(10)).conversation
    write("first", at=after(0))
    struck, right = conversation.windows.order_by("pk")
    assert (struck.outcome, right.outcome, right.opened_at) == ("superseded", "open", after(0))
    conversation.refresh_from_db()
    assert conversation.due_at == right.due_at


def test_an_answer_that_comes_to_light_late_closes_what_it_answered(shop, write):
    conversation = write(at=after(0)).conversation
    write("and the bulb?", at=after(20))
    with clock.frozen(after(30)):
        actions.record_sent(shop, typed(at=after(10)))
    assert [(opened, closed) for _, opened, _, closed, _ in standing(conversation)] == [(after(0), after(10)), (after(20), None)]


def test_a_buyer_who_writes_a_thousand_times_costs_no_more_than_one(write, django_assert_max_num_queries):
    conversation = write(at=after(0)).conversation
    Message.objects.bulk_create(
        Message(conversation=conversation, shop=conversation.shop, direction="in", reference=f"r{n}", at=after(1), created_at=after(1))
        for n in range(1000)
    )
    with django_assert_max_num_queries(20):
        write("hello?", at=after(2))
    assert conversation.windows.count() == 1


def test_a_periods_rate_is_counted_under_the_rule_of_each_day_or_under_another(shop, write):
    Threshold.objects.create(
        shop=shop, platform="manual", name="response_hours", value=1, valid_from=after(60), source="stricter", sure="own"
    )
    for minute in (0, 100):
        write(thread=f"t{minute}", at=after(minute))
        with clock.frozen(after(minute + 90)):
            actions.record_sent(shop, typed(thread=f"t{minute}", at=after(minute + 90)))
    write(thread="moved", at=after(120))
    write("older", thread="moved", at=after(110))
    with clock.frozen(after(200)):
        own = queries.response_rate(shop, after(0), after(200))
        lenient = queries.response_rate(shop, after(0), after(200), hours=Decimal(2))
        first = queries.response_rate(shop, after(0), after(50))
    assert (own.in_time, own.late, own.missed, own.share) == (1, 1, 1, pytest.approx(1 / 3))
    assert (lenient.in_time, lenient.pending) == (2, 1)
    assert (first.in_time, first.counted) == (1, 1)


class Ledger(RuleBasedStateMachine):
    """Buyers write, people and robots answer, platforms mark, mails bounce, and word of it arrives in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop.objects.create(name="Lamps", platform="manual", created_at=after(0))
        self.agent = Agent.objects.create_user(f"ann{self.shop.pk}", role="admin")
        with clock.frozen(after(1000)):
            self.conversation = actions.receive(self.shop, heard(at=after(0))).conversation

    @rule(minute=st.integers(0, 300))
    def the_buyer_writes(self, minute: int) -> None:
        with clock.frozen(after(1000)):
            actions.receive(self.shop, heard("q", at=after(minute)))

    @rule(minute=st.integers(0, 300), automatic=st.booleans())
    def somebody_answers(self, minute: int, automatic: bool) -> None:
        with clock.frozen(after(1000)):
            actions.record_sent(self.shop, typed(f"a{automatic}", at=after(minute), automatic=automatic))

    @rule(minute=st.integers(0, 300))
    def the_platform_marks_it(self, minute: int) -> None:
        with clock.frozen(after(1000)):
            actions.answered_elsewhere(self.shop, ThreadAnswered("t1", after(minute)))

    @rule(which=st.integers(0, 50))
    def an_answer_comes_back(self, which: int) -> None:
        answers = list(Message.objects.filter(shop=self.shop, direction="out", state="sent").order_by("pk"))
        if answers:
            with clock.frozen(after(1000)):
                actions.mark_failed(answers[which % len(answers)], "returned")

    @rule()
    def an_agent_says_nothing_is_owed(self) -> None:
        with clock.frozen(after(400)):
            actions.no_answer_needed(self.conversation, by=self.agent)

    @invariant()
    def the_rows_say_what_was_said(self) -> None:
        def side(message: Message) -> rules.Side:
            return {"in": "buyer", "out": "answer", "note": "mark"}[message.direction]

        counted = [
            rules.Said(message.pk, message.at, side(message))
            for message in Message.objects.filter(shop=self.shop)
            if message.direction != "out" or (message.state == "sent" and not message.automatic)
        ]
        expected = [(w.opened_by, w.opened_at, w.closed_by, w.closed_at, w.outcome) for w in rules.ledger(counted)]
        assert standing(self.conversation) == expected

    @invariant()
    def the_list_shows_when_the_answer_is_due(self) -> None:
        self.conversation.refresh_from_db()
        opened = [row[1] for row in standing(self.conversation) if row[4] == "open"]
        assert self.conversation.due_at == (opened[0] + timedelta(hours=24) if opened else None)


class TestLedger(TestCase):
    """Runs the machine, each run in a transaction of its own."""

    def test_the_ledger_follows_what_was_said(self) -> None:
        from django.db import transaction
        from hypothesis.stateful import run_state_machine_as_test

        class Rolled(Ledger):
            def __init__(self) -> None:
                self.atomic = transaction.atomic()
                self.atomic.__enter__()
                super().__init__()

            def teardown(self) -> None:
                transaction.set_rollback(True)
                self.atomic.__exit__(None, None, None)

        run_state_machine_as_test(
            Rolled,
            settings=settings(max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)),
        )


@pytest.mark.usefixtures("at_noon")
def test_two_windows_can_never_be_open_at_once(conversation):
    from django.db import IntegrityError, transaction

    window = conversation.windows.get()
    window.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        window.save()
