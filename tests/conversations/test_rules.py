from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.conversations import rules
from bridgedesk.conversations.rules import Owed, Said
from tests.conversations.conftest import after

MOMENTS = st.integers(0, 600).map(after)
TALK = st.lists(st.tuples(MOMENTS, st.sampled_from(["buyer", "answer", "mark"])), max_size=25).map(
    lambda said: [Said(key, at, side) for key, (at, side) in enumerate(said)]
)


def talk(*said: tuple[str, float]) -> list[Said]:
    return [Said(key, after(minute), side) for key, (side, minute) in enumerate(said)]


def test_a_buyer_who_writes_twice_opens_one_window():
    assert rules.ledger(talk(("buyer", 0), ("buyer", 5))) == [Owed(0, after(0))]


def test_an_answer_closes_it_and_the_next_question_opens_another():
    first, second = rules.ledger(talk(("buyer", 0), ("answer", 5), ("buyer", 9)))
    assert (first.closed_by, first.closed_at, first.outcome) == (1, after(5), "answered")
    assert second == Owed(2, after(9))


def test_a_mark_closes_it_as_no_answer_needed():
    (window,) = rules.ledger(talk(("buyer", 0), ("mark", 5)))
    assert window.outcome == "no_answer_needed"


def test_what_we_say_unasked_owes_nothing():
    assert rules.ledger(talk(("answer", 0), ("mark", 1))) == []


@given(TALK)
def test_at_most_one_window_is_open_and_it_is_the_last(said):
    windows = rules.ledger(said)
    assert all(window.outcome != "open" for window in windows[:-1])
    assert all(a.closed_at <= b.opened_at for a, b in pairwise(windows))


@given(TALK)
def test_every_buyer_message_is_covered_by_exactly_one_window(said):
    windows = rules.ledger(said)
    order = {word.key: (word.at, word.key) for word in said}
    for word in said:
        covering = [
            window
            for window in windows
            if order[window.opened_by] <= order[word.key] and (window.closed_by is None or order[word.key] < order[window.closed_by])
        ]
        assert len(covering) == 1 if word.side == "buyer" else len(covering) <= 1


@given(TALK, st.randoms())
def test_the_order_in_which_we_hear_does_not_matter(said, random):
    shuffled = said[:]
    random.shuffle(shuffled)
    assert rules.ledger(shuffled) == rules.ledger(said)


def test_the_clock_runs_through_the_weekend():
    friday_evening = after(9 * 60)
    assert rules.due_at(friday_evening, Decimal(24)) - friday_evening == timedelta(hours=24)
    assert rules.due_at(friday_evening, Decimal("0.5")) - friday_evening == timedelta(minutes=30)


def test_the_rate_of_a_period_under_two_rules():
    windows = [
        Owed(1, after(0), 2, after(60), "answered"),
        Owed(3, after(0), 4, after(13 * 60), "answered"),
        Owed(5, after(0)),
        Owed(6, after(20 * 60)),
        Owed(7, after(0), 8, after(5), "no_answer_needed"),
    ]
    twelve = rules.response_rate(windows, 12, after(21 * 60))
    assert (twelve.in_time, twelve.late, twelve.missed, twelve.pending, twelve.marked) == (1, 1, 1, 1, 1)
    assert twelve.share == pytest.approx(1 / 3)
    day = rules.response_rate(windows, 24, after(21 * 60), marks_count=True)
    assert (day.in_time, day.late, day.missed, day.pending, day.marked) == (3, 0, 0, 2, 0)
    assert rules.response_rate([], 12, after(0)).share is None


@given(TALK, st.integers(1, 48), MOMENTS)
def test_every_window_is_counted_once(said, hours, now):
    windows = rules.ledger(said)
    rate = rules.response_rate(windows, hours, now)
    assert rate.counted + rate.pending + rate.marked == len(windows)


@given(TALK, MOMENTS)
def test_more_time_never_lowers_the_answers_in_time(said, now):
    windows = rules.ledger(said)
    assert rules.response_rate(windows, 12, now).in_time <= rules.response_rate(windows, 24, now).in_time


def test_a_snooze_never_sleeps_through_the_clock():
    due, risk = after(10 * 60), after(6 * 60)
    assert rules.wake_at(after(60), due, risk, after(0)) == after(60)
    assert rules.wake_at(after(24 * 60), due, risk, after(0)) == risk
    assert rules.wake_at(after(24 * 60), due, risk, after(9 * 60)) == due
    assert rules.wake_at(after(24 * 60), due, risk, after(11 * 60)) == after(24 * 60)
    assert rules.wake_at(after(24 * 60), None, None, after(0)) == after(24 * 60)


def test_an_answer_is_at_risk_so_many_hours_before_it_is_due():
    assert rules.risk_at(after(0), 12, Decimal("2.5")) == after(9.5 * 60)
    assert rules.risk_at(after(0), 12, 0) == rules.due_at(after(0), 12)


def test_a_warning_longer_than_the_whole_window_warns_from_the_question_on():
    assert rules.risk_at(after(0), 12, 20) == after(0)


NAMES = {1: ("bob", "Bob"), 2: ("bobby", "Bobby B."), 3: ("wang", "小王"), 4: ("o'neil", ""), 5: ("li.na", "")}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@bob please look", {1}),
        ("@Bobby: yours?", {2}),
        ("@bob, @bobby", {1, 2}),
        ("@小王请看一下", {3}),
        ("thanks @bob.", {1}),
        ("cc @li.na.", {5}),
        ("mail bob@example.org", set()),
        ("write to x@bob.example", set()),
        ("@", set()),
        ("@nobody", set()),
    ],
)
def test_who_is_named_in_a_note(text, named):
    assert rules.mentioned(text, NAMES) == named
