"""Chances learnt from cases: little from few, much from many, nothing that a case does not say."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.remedies import chances
from bridgedesk.remedies.chances import Told

ORDER = ("explain", "partial_10", "partial_20", "refund")
TENTH = Fraction(1, 10)


def told(taken: str = "", *refused: str, country: str = "DE") -> Told:
    return Told("damaged", 1, country, refused, taken)


def estimate(cases: list[Told], option: str = "partial_10", prior: Fraction = TENTH, country: str = "DE") -> chances.Chance:
    return chances.estimate(prior, "damaged", option, 1, country, chances.count(cases, ORDER), 20)


def test_a_case_says_something_of_what_was_taken_refused_and_what_lies_beyond() -> None:
    assert dict(chances.says(told("partial_20", "explain"), ORDER)) == {"explain": False, "partial_20": True, "refund": True}
    assert dict(chances.says(told("", "partial_10"), ORDER)) == {"explain": False, "partial_10": False}


def test_without_cases_the_guess_stands() -> None:
    assert estimate([]).value == TENTH
    assert estimate([]).own == 0


def test_twenty_cases_weigh_as_much_as_the_guess() -> None:
    counts = {("damaged", "partial_10"): chances.Count(20, 20)}
    assert chances.estimate(TENTH, "damaged", "partial_10", 1, "DE", counts, 20).value == (20 + 20 * TENTH) / 40


def test_a_country_moves_more_by_its_own_cases_than_by_those_of_others() -> None:
    cases = [told("partial_10")] * 30 + [told("", "partial_10", country="FR")] * 30
    assert estimate(cases, country="DE").value > estimate(cases, country="IT").value > estimate(cases, country="FR").value


def test_the_more_cases_the_surer() -> None:
    few, many = estimate([told("partial_10")] * 5), estimate([told("partial_10")] * 500)
    assert many.high - many.low < few.high - few.low
    assert many.value > Fraction(9, 10)


@given(st.lists(st.tuples(st.sampled_from(["", *ORDER]), st.lists(st.sampled_from(ORDER), max_size=3)), max_size=30))
def test_an_estimate_is_a_chance_within_its_interval(cases: list[tuple[str, list[str]]]) -> None:
    found = estimate([told(taken, *refused) for taken, refused in cases])
    assert 0 < found.value < 1
    assert 0 <= found.low <= float(found.value) <= found.high <= 1


def test_bands_are_by_what_was_paid_in_dollars() -> None:
    assert [chances.band(Fraction(usd)) for usd in (19, 20, 50, 150)] == [0, 1, 2, 3]
