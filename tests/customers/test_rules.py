import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.customers.rules import Wall, is_night, is_zone, telephone, wall, zone_of
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("country", "phone", "zone"),
    [
        ("PL", "", "Europe/Warsaw"),
        ("th", "", "Asia/Bangkok"),
        ("US", "", ""),
        ("US", "+12125551234", "America/New_York"),
        ("", "+6591234567", "Asia/Singapore"),
        ("", "not a number", ""),
        ("", "+0", ""),
        ("XX", "", ""),
        ("", "", ""),
    ],
)
def test_a_buyers_clock_is_known_where_the_country_or_the_number_names_one(country, phone, zone):
    assert zone_of(country, phone) == zone


@pytest.mark.parametrize(("hour", "night"), [(8, True), (9, False), (19, False), (20, True), (3, True)])
def test_when_one_does_not_telephone(hour, night):
    assert is_night(NOON.replace(hour=hour)) is night


def test_a_country_of_several_clocks_is_assumed_to_be_where_most_people_live_and_says_so():
    here = wall("", "us", "", "Asia/Shanghai")
    assert (here.zone, here.sure, here.because) == ("America/New_York", False, "country")
    first, *_, last = here.times(NOON)  # 04:00 UTC
    assert (f"{first:%H:%M}", f"{last:%H:%M}") == ("18:00", "23:00")
    assert len(here.zones) < 12  # one of each clock, not of each county


def test_the_area_code_of_a_number_decides_where_a_country_does_not():
    assert wall("", "US", "+14155550100", "") == Wall("America/Los_Angeles", "known")
    assert wall("", "BR", "92 91234-5678", "").zone == "America/Manaus"


def test_a_mobile_number_that_fits_several_clocks_leaves_it_open():
    found = wall("", "RU", "+79161234567", "Asia/Shanghai")
    assert (found.zone, found.because) == ("Europe/Moscow", "number")
    assert len(found.times(NOON)) > 5


def test_what_somebody_set_wins_and_where_nothing_is_known_the_shops_clock_is_assumed():
    assert wall("Asia/Omsk", "RU", "", "Asia/Shanghai") == Wall("Asia/Omsk", "known")
    assert wall("", "", "", "Asia/Shanghai") == Wall("Asia/Shanghai", "shop")
    assert wall("", "", "", "").zone == "UTC"


def test_one_calls_nobody_while_it_may_be_night_by_any_clock():
    assert wall("", "US", "", "").night(NOON.replace(hour=15))  # 10 in New York, 7 in Los Angeles
    assert not wall("", "US", "", "").night(NOON.replace(hour=20))  # 15 and 12, 10 in Honolulu
    assert not wall("America/New_York", "US", "", "").night(NOON.replace(hour=15))


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("030 1234567", "DE", "+49301234567"),
        ("+49 30 1234567", "", "+49301234567"),
        ("030 1234567", "", ""),
        ("12", "DE", ""),
        ("call me", "DE", ""),
    ],
)
def test_a_number_is_kept_in_its_international_form(typed, country, kept):
    assert telephone(typed, country) == kept


@given(st.text(max_size=20), st.text(max_size=4), st.text(max_size=30))
def test_no_country_and_no_number_breaks_the_clock(zone, country, phone):
    assert wall("", country, phone, "UTC").times(NOON)
    assert is_zone(zone) in (True, False)
    telephone(phone, country)
