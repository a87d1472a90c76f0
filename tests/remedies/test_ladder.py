"""The cheapest ladder of offers: exact, within its floor, the same every time."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.remedies.ladder import Course, Offer, outcomes, solve
from tests.remedies import brute

SHARE = st.integers(0, 20).map(lambda n: Fraction(n, 20))
TWO = st.tuples(st.integers(0, 10), st.integers(0, 10)).map(lambda two: (Fraction(two[0], 20), Fraction(two[1], 20)))


def half(text: str) -> Fraction:
    return Fraction(text)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    refusing = draw(st.lists(TWO, min_size=1, max_size=3))
    return Course(
        letter=draw(st.integers(0, 300)),
        review=draw(st.integers(0, 2000)),
        escalation=draw(st.integers(-100, 9000)),
        escalates=tuple(sues for sues, _mute in refusing),
        silent=tuple(mute for _sues, mute in refusing),
        at_the_end=draw(SHARE),
        bad_silent=draw(SHARE),
        bad_escalated=draw(SHARE),
        letters=draw(st.integers(1, 4)),
        floor=draw(SHARE),
    )


@st.composite
def offered(draw: st.DrawFn) -> list[Offer]:
    drawn = draw(st.lists(st.tuples(st.integers(-500, 6000), SHARE, SHARE, st.booleans()), min_size=1, max_size=5))
    return [Offer(f"o{number}", *each) for number, each in enumerate(drawn)]


@settings(max_examples=150)
@given(offered(), courses(), SHARE, st.integers(0, 3))
def test_it_is_as_cheap_as_the_cheapest_of_all_ladders_that_hold_the_floor(
    offers: list[Offer], course: Course, refused: Fraction, sent: int
) -> None:
    found, wanted = solve(offers, course, refused=refused, sent=sent), brute.best(offers, course, refused, sent)
    assert (found and (found.best.cost, found.best.content)) == wanted
    if found:
        assert brute.reckon(found.best.steps, course, refused, sent) == wanted
        assert found.reached == (wanted is not None and wanted[1] >= course.floor)


@settings(max_examples=150)
@given(st.data(), offered(), courses(), SHARE.filter(lambda share: share < 1), st.integers(0, 3))
def test_a_floor_that_binds_is_held_at_the_least_cost(
    data: st.DataObject, offers: list[Offer], course: Course, refused: Fraction, sent: int
) -> None:
    """The floor is what some ladder just reaches, and, where there is such a one, what the cheapest of all does not."""
    free = replace(course, floor=Fraction(0))
    cheapest = brute.best(offers, free, refused, sent)
    every = {brute.reckon(steps, free, refused, sent)[1] for steps in brute.ladders(offers, free, refused, sent)}
    if cheapest is None:
        return
    binding = sorted(content for content in every if content > cheapest[1]) or sorted(every)
    bound = replace(course, floor=data.draw(st.sampled_from(binding)))
    found = solve(offers, bound, refused=refused, sent=sent)
    assert found
    assert found.reached
    assert (found.best.cost, found.best.content) == brute.best(offers, bound, refused, sent)


@settings(max_examples=60)
@given(offered(), courses(), SHARE, st.integers(0, 3))
def test_all_ends_of_a_ladder_add_up_to_what_it_costs(offers: list[Offer], course: Course, refused: Fraction, sent: int) -> None:
    found = solve(offers, course, refused=refused, sent=sent)
    for plan in found.firsts if found else ():
        ends = list(outcomes(plan, course, refused=refused, sent=sent))
        assert sum(end.chance for end in ends) == 1
        assert sum(end.chance * end.cost for end in ends) == plan.cost
        assert all(end.cost == sum(minor for _name, minor in end.parts) for end in ends)


@settings(max_examples=40)
@given(offered(), courses(), st.randoms())
def test_the_order_in_which_options_are_named_changes_nothing(offers: list[Offer], course: Course, random: object) -> None:
    mixed = list(offers)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert solve(offers, course) == solve(mixed, course)


LAMP = Course(
    letter=50,
    review=600,
    escalation=2600,
    escalates=(half("0.04"), half("0.1"), half("0.2")),
    silent=(half("0.3"), half("0.2"), half("0.12")),
    at_the_end=half("0.45"),
    bad_silent=half("0.25"),
    bad_escalated=half("0.45"),
    letters=3,
)
SMALL, BIG = Offer("partial", 400, half("0.36"), half("0.07")), Offer("refund", 2000, half("0.97"), half("0.03"))


def test_a_small_offer_first_and_the_refund_for_those_who_insist() -> None:
    found = solve([BIG, SMALL], LAMP)
    assert found
    assert [step.key for step in found.best.steps] == ["partial"]
    assert [[step.key for step in plan.steps] for plan in found.firsts] == [["partial"], ["refund"]]


def test_a_floor_that_the_cheap_way_misses_is_held_by_a_dearer_one() -> None:
    found = solve([BIG, SMALL], Course(**{**vars(LAMP), "floor": half("0.7")}))
    assert found
    assert found.reached
    assert [step.key for step in found.best.steps] == ["partial", "refund"]
    assert found.best.content >= half("0.7")


def test_where_no_way_holds_the_floor_the_nearest_is_taken_and_said_so() -> None:
    found = solve([BIG, SMALL], Course(**{**vars(LAMP), "floor": Fraction(1)}))
    assert found
    assert not found.reached
    assert found.best.content == max(plan.content for plan in found.firsts)


def test_what_a_law_grants_is_offered_before_the_ladder_ends() -> None:
    found = solve([Offer("partial", 400, half("0.36"), ends=False), BIG], LAMP)
    assert found
    assert found.best.steps[-1] == BIG


def test_who_refused_a_third_is_not_offered_a_tenth() -> None:
    found = solve([Offer("tenth", 200, half("0.2")), BIG], LAMP, refused=half("0.36"), sent=1)
    assert found
    assert [step.key for step in found.best.steps] == ["refund"]


def test_after_everything_was_refused_nothing_is_left_to_offer() -> None:
    assert solve([SMALL, BIG], LAMP, refused=half("0.97"), sent=2) is None


def test_more_letters_than_planned_still_leave_one_offer() -> None:
    found = solve([SMALL, BIG], LAMP, refused=half("0.36"), sent=5)
    assert found
    assert [step.key for step in found.best.steps] == ["refund"]
