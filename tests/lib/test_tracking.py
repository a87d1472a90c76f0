import pytest

from bridgedesk.lib import tracking


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("RR473124829US", "s10"),
        ("1Z 999 AA1 01 2345 6784", "ups"),
        ("YT2312345678901234", "yunexpress"),
        ("TBA123456789012", "amazon"),
    ],
)
def test_a_number_is_recognised_as_its_carriers(number, carrier):
    assert carrier in [match.carrier.code for match in tracking.recognise(number)]


def test_a_wrong_check_digit_is_not_recognised_but_named():
    assert tracking.recognise("RR473124828US") == []
    assert [carrier.code for carrier in tracking.wrong_check("RR473124828US")] == ["s10"]


def test_a_german_buyer_follows_dhl_in_german():
    assert tracking.link("JJD000390012345678", "dhl", country="DE").url.startswith("https://www.dhl.de/de/")


def test_a_number_nobody_knows_is_followed_on_17track_in_the_buyers_language():
    found = tracking.link("XX-unknown 1", language="es")
    assert (found.url, found.carrier) == ("https://t.17track.net/es#nums=XX-unknown1", "17TRACK")


def test_a_number_cannot_break_out_of_the_address():
    assert "<" not in tracking.link('"><script>', language="en").url


def test_every_carrier_says_where_its_facts_come_from():
    assert all(
        carrier.source and carrier.as_of and carrier.sure in ("official", "third_party", "unconfirmed")
        for carrier in tracking.carriers().values()
    )
