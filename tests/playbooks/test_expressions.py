"""Conditions of branches: what they mean, what is said of a wrong one, and that no text does harm."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.playbooks import expressions
from bridgedesk.playbooks.expressions import All, Any_, Compare, ExpressionError, Is, Known, Not, OneOf, holds, implies, parse
from bridgedesk.playbooks.facts import FACTS

YES_NO = [name for name, fact in FACTS.items() if fact.kind == "yes_no"]
NUMBERS = [name for name, fact in FACTS.items() if fact.kind == "number"]
CHOICES = [name for name, fact in FACTS.items() if fact.values]

words = st.sampled_from(CHOICES).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(FACTS[name].values)))
numbers = st.integers(0, 10_000).map(lambda n: n / 4)
tests = st.one_of(
    st.sampled_from(YES_NO).map(Is),
    st.builds(Compare, st.sampled_from(NUMBERS), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), numbers),
    st.builds(lambda pair, sign: Compare(pair[0], sign, pair[1]), words, st.sampled_from(["=", "!="])),
    words.map(lambda pair: OneOf(pair[0], (pair[1],))),
    st.builds(Known, st.sampled_from(NUMBERS), st.booleans()),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Any_(tuple(parts))),
    ),
    max_leaves=6,
)
known_facts = st.fixed_dictionaries(
    {},
    optional={name: st.booleans() for name in YES_NO}
    | {name: st.integers(0, 100) for name in NUMBERS}
    | {name: st.sampled_from(FACTS[name].values) for name in CHOICES},
)


@pytest.mark.parametrize(
    ("text", "facts", "said"),
    [
        ("insists and angry", {"insists": True, "angry": True}, True),
        ("insists and angry", {"insists": True}, False),
        ("insists or angry and rude", {"insists": True}, True),
        ("(insists or angry) and rude", {"insists": True}, False),
        ("not accepts", {}, True),
        ("days_since_delivery <= 14", {"days_since_delivery": 14}, True),
        ("days_since_delivery <= 14", {}, None),
        ("not days_since_delivery <= 14", {}, None),
        ("days_since_delivery <= 14 or rude", {"rude": True}, True),
        ("days_since_delivery <= 14 and rude", {}, False),
        ("days_since_delivery is unknown", {}, True),
        ("days_since_delivery is known", {"days_since_delivery": 0}, True),
        ("platform in (shopee, amazon)", {"platform": "amazon"}, True),
        ("platform != shopee", {"platform": "amazon"}, True),
        ("country = DE", {"country": "DE"}, True),
        ("order_value >= 12.50", {"order_value": 12.5}, True),
    ],
)
def test_a_condition_says_of_a_case(text, facts, said):
    assert holds(parse(text), facts) is said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("insist", "There is no fact “insist”. Did you mean insists?"),
        ("", "The condition stops too early."),
        ("insists angry", "“angry” is not expected here. Join conditions with and, or."),
        ("(insists", "“)” is missing."),
        ("days_since_delivery", "Compare days_since_delivery with something, as in days_since_delivery >= 3."),
        ("days_since_delivery > soon", "days_since_delivery is compared with a number, not with “soon”."),
        ("platform = shoppee", "platform is never “shoppee”. It is one of: shopee, amazon, aliexpress, email, manual, phone, sms."),
        ("platform > shopee", "platform is a word: compare it with = or !=."),
        ("accepts = 1", "accepts is yes or no: write it alone, or with not."),
        ("accepts is known", "accepts is always known: it is yes or no."),
        ("silent_days in (3)", "“in” goes with a fact that is one of several words, not with silent_days."),
        ("days_since_order is old", "After is comes known or unknown."),
        ("insists; drop", "“;” cannot stand in a condition."),
        ("not " * 30 + "insists", "The condition is nested too deeply."),
        ("insists or " * 60 + "insists", "The condition is longer than 400 characters."),
        ("and insists", "A fact is expected where “and” stands."),
    ],
)
def test_a_wrong_condition_is_told_in_words_of_its_author(text, told):
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert str(error.value) == told


@given(conditions)
def test_what_is_written_down_reads_back_the_same(condition):
    text = str(condition)
    if len(text) <= expressions.LONGEST:
        assert str(parse(text)) == text


@given(conditions, known_facts)
def test_a_condition_read_back_decides_the_same(condition, facts):
    if len(str(condition)) <= expressions.LONGEST:
        assert holds(parse(str(condition)), facts) is holds(condition, facts)


@given(conditions, known_facts, st.sampled_from(YES_NO))
def test_what_a_condition_implies_is_so_whenever_it_is_true(condition, facts, fact):
    if implies(condition, fact) and holds(condition, facts):
        assert facts.get(fact)


@given(conditions, known_facts, known_facts)
def test_what_is_decided_stays_decided_when_more_gets_known(condition, facts, more):
    """Numbers and choices that were unknown change nothing that was true or false without them."""
    added = {name: value for name, value in more.items() if FACTS[name].kind != "yes_no" and name not in facts}
    asks_whether_known = "known" in str(condition)
    said = holds(condition, facts)
    if said is not None and not asks_whether_known:
        assert holds(condition, {**facts, **added}) is said


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(ExpressionError):
        assert str(parse(text))


@given(conditions)
def test_every_condition_has_words(condition):
    assert expressions.in_words(condition, {"silent_days": 3})
