from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.policy import PolicyError
from bridgedesk.metrics import basis, rules
from bridgedesk.metrics.filters import LONGEST, Filters
from bridgedesk.metrics.rules import Held, United

sums = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
RATES = {"USD": Fraction(1), "CNY": Fraction("7.1"), "JPY": Fraction(150), "KWD": Fraction("0.31")}
days = st.dates(date(2001, 1, 1), date(2090, 1, 1))


@given(sums, weights)
def test_a_split_sum_adds_up_and_nobody_bears_more_than_a_unit_too_much(minor, shares):
    parts = rules.split(minor, shares)
    assert sum(parts) == minor
    whole = sum(shares)
    if whole:
        assert all(abs(part - Fraction(minor * weight, whole)) < 1 for part, weight in zip(parts, shares, strict=True))
        assert all(part == 0 for part, weight in zip(parts, shares, strict=True) if weight == 0)


@given(st.dictionaries(st.sampled_from([*RATES, "XAU", ""]), sums), st.sampled_from(sorted(RATES)))
def test_uniting_loses_nothing(found, target):
    united = rules.unite(found, target, RATES)
    assert set(united.left) | united.of == set(found)
    assert united.minor == sum(rules.factor(name, target, RATES) * minor for name, minor in found.items() if name in RATES)
    twice = united + united
    assert (twice.minor, twice.left) == (2 * united.minor, {name: 2 * minor for name, minor in united.left.items()})


def test_yuan_and_yen_in_dollars():
    assert rules.unite({"CNY": 7100, "JPY": 150, "USD": 5}, "USD", RATES) == United(
        Fraction(1000 + 100 + 5), {}, frozenset({"CNY", "JPY", "USD"})
    )


@given(days, st.integers(1, LONGEST), st.sampled_from(["week", "month"]))
def test_a_trend_has_no_gap_and_covers_the_period(since, length, step):
    until = since + timedelta(days=length)
    begins = rules.begins(since, until, step)
    assert begins[0] <= since
    assert begins[-1] == rules.begin(until - timedelta(days=1), step)
    assert begins == sorted({rules.begin(day, step) for day in begins})
    assert len(begins) >= (rules.WEEKS if step == "week" else rules.MONTHS)
    assert all(rules.begin(after - timedelta(days=1), step) == before for before, after in pairwise(begins))


@given(
    st.dictionaries(
        st.sampled_from(["since", "until", "days", "by", "step", "in", "quality", "shop", "sku", "fault", "version"]), st.text()
    )
)
def test_whatever_an_address_says_is_a_page(asked):
    today = date(2026, 11, 20)
    filters = Filters.parse(asked, today)
    assert 1 <= filters.days <= LONGEST
    assert filters.before + timedelta(days=filters.days) == filters.since
    again = Filters.parse({name: str(value) for name, value in filters.said().items()}, today)
    assert again == filters


def test_what_is_not_known_can_be_asked_for():
    filters = Filters.parse({"carrier": "-", "fault": "size", "shop": "7", "by": "sku"}, date(2026, 11, 20))
    assert filters.chosen == {"shop": "7", "carrier": "", "fault": "size"}
    assert filters.said(carrier=None)["by"] == "sku"


def test_large_furniture_is_held_against_three_and_a_half_per_cent():
    band = rules.band_of(basis.shipped().bands, "大件家具")
    assert band
    assert (band.most, band.reach) == (Fraction(35, 1000), Fraction(1, 100))
    assert rules.band_of(basis.shipped().bands, "LARGE furniture ") == band
    assert rules.band_of(basis.shipped().bands, "lamps") is None


@pytest.mark.parametrize(
    ("rate", "without", "tone"), [("0.04", "0", "bad"), ("0.03", "0.02", "warn"), ("0.035", "0.01", "ok"), (None, None, "")]
)
def test_a_rate_above_its_band_is_said_so(rate, without, tone):
    band = Held((), Fraction("0.035"), Fraction("0.01"), "x", "own", None)
    assert band.tone(rate and Fraction(rate), without and Fraction(without)) == tone


@pytest.mark.parametrize("wrong", ["", "[quality]\nfaults = ['odd']\nsource = 'x'\n", "[quality", "band = 3"])
def test_a_file_that_cannot_be_used_is_an_error_when_read(tmp_path, wrong):
    file = tmp_path / "figures.toml"
    file.write_text(wrong)
    with pytest.raises(PolicyError, match="figures"):
        basis.load(file)
