import pytest

from bridgedesk.customers.rules import zone_of


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
