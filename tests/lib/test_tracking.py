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


def test_every_carrier_says_where_its_facts_come_from():
    assert all(
        carrier.source and carrier.as_of and carrier.sure in ("official", "third_party", "unconfirmed")
        for carrier in tracking.carriers().values()
    )
