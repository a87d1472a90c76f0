"""Which way a case goes, and which playbooks are refused."""

import copy
import tomllib
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.playbooks import loading
from bridgedesk.playbooks.checking import Shelf, problems
from bridgedesk.playbooks.facts import EVIDENCE, FACTS
from bridgedesk.playbooks.rules import OUTCOMES, next_step, options
from tests.playbooks.test_expressions import known_facts

NAMES = {"en": "A step", "zh-Hans": "一步", "zh-Hant": "一步"}
TODAY = date(2026, 11, 20)


def return_letters() -> dict[str, Any]:
    return tomllib.loads((settings.CONTENT / "playbooks" / "return-without-reason.toml").read_text("utf-8"))


@pytest.fixture
def letters() -> dict[str, Any]:
    """The three letters, as a file says them."""
    return return_letters()


@pytest.fixture
def shelf() -> Shelf:
    return loading.shelf_of_files()


def step_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(step for step in data["step"] if step["key"] == key)


def wrong_with(data: dict[str, Any], shelf: Shelf) -> list[str]:
    try:
        return problems(loading.read(data), shelf, TODAY)
    except loading.PlaybookError as error:
        return error.problems


def path(data: dict[str, Any], *answers: dict[str, Any]) -> list[str]:
    """The steps suggested one after the other, for what is known each time."""
    playbook, at, gone = loading.read(data), "", []
    for facts in answers:
        move = next_step(playbook, at, {"has_order": True, **facts})
        assert move, facts
        at = move.to
        gone.append(at)
    return gone


def test_a_buyer_who_insists_twice_gets_the_three_letters_in_their_order(letters):
    insists = {"replied": True, "insists": True}
    assert path(letters, {}, insists, insists) == ["conditions", "fee-waived", "label-and-refund"]


def test_a_buyer_who_swears_in_the_second_letter_gets_the_return_at_once(letters):
    assert path(letters, {}, {"replied": True, "insists": True, "angry": True}) == ["conditions", "label-at-once"]


def test_a_buyer_who_accepts_or_falls_silent_ends_it(letters):
    assert path(letters, {}, {"replied": True, "accepts": True}) == ["conditions", "accepted"]
    assert path(letters, {}, {"silent_days": 5}) == ["conditions", "gave_up"]


def test_nothing_is_suggested_while_the_buyer_has_not_answered_nor_been_silent_long_enough(letters):
    assert next_step(loading.read(letters), "conditions", {"silent_days": 4}) is None
    assert next_step(loading.read(letters), "conditions", {"replied": True}) is None


def test_no_fee_is_asked_for_where_the_law_gives_fourteen_days(letters):
    assert path(letters, {"consumer_withdrawal": True}) == ["fee-waived"]


def test_the_suggested_way_comes_first_and_every_way_once(letters):
    playbook = loading.read(letters)
    moves = options(playbook, "conditions", {"replied": True, "insists": True})
    assert [move.to for move in moves] == ["fee-waived", "accepted", "label-at-once", "gave_up"]
    assert [move.silence for move in moves] == [False, False, False, True]


def test_a_cause_is_only_named_where_a_parcel_event_shows_it(letters):
    step_of(letters, "fee-waived")["strategy"] = "locate_cause"
    playbook = loading.read(letters)
    assert next_step(playbook, "conditions", {"replied": True, "insists": True}) is None
    assert {move.to: move.lacks for move in options(playbook, "conditions", {})}["fee-waived"] == "cause_on_file"
    assert next_step(playbook, "conditions", {"replied": True, "insists": True, "cause_on_file": True})


@given(known_facts, st.sampled_from(["", "conditions", "fee-waived", "which-order"]))
def test_a_suggestion_is_always_a_branch_of_the_step_and_never_lacks_evidence(facts, at):
    playbook = loading.read(return_letters())
    move = next_step(playbook, at, facts)
    if move:
        assert move.to in {branch.to for branch in (*playbook.begin, *(b for s in playbook.steps for b in s.branches))} | set(OUTCOMES)
        assert options(playbook, at, facts)[0] == move
        step = playbook.step(move.to)
        assert step is None or facts.get(EVIDENCE.get(step.strategy, "has_order"), True) is not None


SHIPPED = loading.shipped()
NEEDED = {
    "return-without-reason", "where-is-my-order", "not-received", "damaged", "wrong-item", "missing-item", "defective",
    "not-as-described", "size", "remote-area", "customs", "address-change", "cancel", "refund-status", "presale-technical",
    "wholesale", "coupon", "invoice", "abuse", "dispute-threat", "legal-threat", "review-good", "review-bad", "stock-out",
    "used-for-a-year",
}  # fmt: skip


def test_the_daily_playbooks_and_those_of_difficult_buyers_are_shipped():
    assert {data["key"] for data in SHIPPED} >= NEEDED


def test_a_topic_begins_one_playbook():
    topics = [topic for data in SHIPPED for topic in data.get("topics", ())]
    assert len(topics) == len(set(topics))


@given(st.sampled_from(SHIPPED), st.lists(known_facts, min_size=12, max_size=12))
def test_whatever_a_buyer_does_every_case_comes_to_an_end(data, answers):
    """The suggested branch is taken each time; where none is, the buyer stays silent."""
    playbook, at = loading.read(data), ""
    silent = [{"silent_days": 90}] * 40
    for facts in [*({**known, "replied": True} for known in answers), *silent]:
        move = next_step(playbook, at, facts) or next_step(playbook, at, {"silent_days": 90})
        if move is None:
            break
        at = move.to
        step = playbook.step(at)
        if step is None or step.ends:
            return
    pytest.fail(f"{playbook.key} stops at {at}")


def shipped(key: str) -> dict[str, Any]:
    return next(data for data in SHIPPED if data["key"] == key)


@pytest.mark.parametrize(
    ("key", "facts", "to"),
    [
        ("where-is-my-order", {"has_order": False}, "which-order"),
        ("where-is-my-order", {"shipped": True, "parcel_known": True}, "three-facts"),
        ("where-is-my-order", {"shipped": True, "parcel_known": True, "overdue": True}, "three-facts"),
        ("where-is-my-order", {"shipped": True, "parcel_known": True, "overdue": True, "cause_on_file": True}, "late-with-cause"),
        ("where-is-my-order", {"shipped": True, "parcel_state": "pickup_ready"}, "waits"),
        ("not-received", {"shipped": True, "parcel_state": "delivered"}, "delivered"),
        ("damaged", {"has_photo": True}, "remedy"),
        ("damaged", {}, "ask-photo"),
        ("damaged", {"mentions_box": True}, "box-only"),
        ("defective", {"days_since_delivery": 400, "country": "US"}, "year"),
        ("cancel", {"shipped": True}, "already-sent"),
        ("cancel", {}, "cancelled"),
        ("refund-status", {"refunded": True, "refund_settled": False}, "booked"),
        ("refund-status", {}, "lead"),
        ("stock-question", {}, "later"),
    ],
)
def test_a_case_begins_where_its_facts_say(key, facts, to):
    move = next_step(loading.read(shipped(key)), "", {"has_order": True, **facts})
    assert move
    assert move.to == to


SPOILED = {
    "a typo in a fact": (
        lambda d: d["step"][1]["branch"].append({"when": "insits", "to": "accepted"}),
        "Step conditions: the branch to accepted cannot be read. There is no fact “insits”. Did you mean insists?",
    ),
    "a typo in a field": (
        lambda d: d["step"][1].update(tempalte="x"),
        "Step conditions: there is no field “tempalte”. Did you mean template?",
    ),
    "a dead step": (
        lambda d: d["step"].append({"key": "forgotten", "name": NAMES, "template": "return-letter-3", "ends": "refunded"}),
        "Step forgotten: no branch leads to it.",
    ),
    "a way to nowhere": (
        lambda d: d["step"][1]["branch"].append({"when": "rude", "to": "letter-9"}),
        "Step conditions: a branch leads to “letter-9”, which is neither a step nor an ending.",
    ),
    "no word on silence": (lambda d: d["step"][1].pop("timeout"), "Step conditions: say what happens when the buyer stays silent."),
    "a missing template": (
        lambda d: d["step"][1].update(template="return-letter-9"),
        "Step conditions: there is no template return-letter-9.",
    ),
    "a name in one language only": (lambda d: d["step"][1]["name"].pop("zh-Hant"), "Step conditions: the name is missing in zh-Hant."),
    "an unknown topic": (lambda d: d.update(topics=["returns"]), "There is no topic “returns”."),
    "nothing that starts it": (lambda d: d.update(topics=[]), "Nothing starts this playbook: name a topic or an event."),
    "a beginning with a hole": (lambda d: d["begin"].pop(), "The beginning needs a branch without a condition, for every other case."),
    "a hidden branch": (
        lambda d: d["begin"].append({"when": "rude", "to": "conditions"}),
        "The beginning: the branch to conditions is never reached: one before it is always taken.",
    ),
    "the same question twice": (
        lambda d: d["step"][1]["branch"].append({"when": "accepts", "to": "fee-waived"}),
        "Step conditions: the branch to fee-waived is never taken: one before it has the same condition.",
    ),
    "something after the end": (
        lambda d: d["step"][-1].update(timeout={"days": 3, "to": "gave_up"}),
        "Step label-at-once: it ends the playbook, so nothing can follow it.",
    ),
    "a cause without evidence": (
        lambda d: d["step"][2].update(strategy="locate_cause"),
        "The beginning: the branch to fee-waived must ask for cause_on_file (a parcel event shows the cause): its step states something "
        "that has to be on file.",
    ),
    "an automatic offer": (lambda d: d["step"][1].update(automatic=True), "on Shopee a person has to send it: it cannot be automatic."),
    "an unknown strategy": (lambda d: d["step"][1].update(strategy="bluff"), "Step conditions: “bluff” is not one of: reframe,"),
    "a wrong variable": (lambda d: d["step"][1].update(values={"fee.percnt": 15}), "Step conditions: There is no variable fee.percnt."),
    "a step named like an ending": (
        lambda d: d["step"][-1].update(key="solved"),
        "solved is the name of an ending: call the step something else.",
    ),
    "branches of the wrong form": (lambda d: d["step"][1].update(branch="accepts"), "Step conditions: branch has the wrong form."),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_playbook_that_makes_no_sense_is_refused_in_plain_words(spoil, letters, shelf):
    act, told = SPOILED[spoil]
    act(letters)
    assert any(told in problem for problem in wrong_with(letters, shelf)), wrong_with(letters, shelf)


def test_a_circle_without_a_way_out_is_found(letters, shelf):
    for key in ("conditions", "fee-waived"):
        step = step_of(letters, key)
        step["branch"], step["timeout"] = [], {"days": 3, "to": "fee-waived" if key == "conditions" else "conditions"}
    letters["step"] = letters["step"][1:3]
    letters["begin"] = [{"to": "conditions"}]
    assert wrong_with(letters, shelf) == [
        f"Step {key}: the case goes round in a circle: no way leads to an ending." for key in ("conditions", "fee-waived")
    ]


def test_what_a_platform_forbids_is_told_with_its_reason(letters, shelf):
    step_of(letters, "conditions")["template"] = "parcel-shipped"
    wrong = [problem for problem in wrong_with(letters, shelf) if "Amazon forbids" in problem]
    assert wrong
    assert wrong[0].startswith("Step conditions: Amazon forbids messages of the purpose “Shipping notice”: ")
    letters["platforms"] = ["email"]
    assert not [problem for problem in wrong_with(letters, shelf) if "forbids" in problem]


def test_a_template_that_lacks_a_language_is_found(letters, shelf):
    languages = dict(shelf.templates) | {"return-letter-1": ("answer", frozenset({"en", "de"}))}
    assert any("the template return-letter-1 lacks es, pt," in problem for problem in wrong_with(letters, Shelf(languages)))


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["when", "to", "days", "en", "key"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["step", "begin", "topics", "platforms", "name", "key"]), json_like)
def test_any_shape_is_read_or_refused(field, value):
    data = copy.deepcopy(return_letters())
    data[field] = value
    assert all(wrong_with(data, loading.shelf_of_files()))


@given(st.sampled_from(["branch", "timeout", "values", "template", "purpose", "does", "ends", "strategy"]), json_like)
def test_any_step_is_read_or_refused(field, value):
    data = copy.deepcopy(return_letters())
    data["step"][1][field] = value
    assert all(wrong_with(data, loading.shelf_of_files()))


def test_every_fact_has_words_and_one_name():
    assert all(str(fact.about) and fact.name == name for name, fact in FACTS.items())


def test_a_problem_says_to_which_step_it_belongs(letters, shelf):
    step = step_of(letters, "fee-waived")
    step["timeout"], step["name"] = {"days": 99, "to": "nowhere"}, {}
    made, unread = loading.take_apart(letters)
    assert {problem.step for problem in unread} == {"fee-waived"}
    assert [problem.bare for problem in unread] == [
        "the name is missing in en, zh-Hans, zh-Hant.",
        "the days of silence must be a number up to 90.",
    ]
    lost = next(wrong for wrong in problems(made, shelf, TODAY) if "nowhere" in wrong)
    assert (lost.step, lost.bare) == ("fee-waived", "a branch leads to “nowhere”, which is neither a step nor an ending.")
