"""Signatures and written times of AliExpress, by hand and by the edges of summer time."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels import aliexpress_signing as signing
from bridgedesk.channels import aliexpress_values as values

AT = st.integers(1_420_000_000, 2_200_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def test_a_call_by_name_signs_query_and_form_in_the_order_of_names():
    params = {"session": "T", "app_key": "1", "method": "m.x", "sign": "old", "empty": "", "Big": "B", "param1": "7"}
    assert signing.base(params) == "BigBapp_key1methodm.xparam17sessionT"


def test_a_call_by_path_signs_the_path_first_and_gives_capital_hex():
    params = {"code": "c", "app_key": "1"}
    wanted = hmac.new(b"s", b"/auth/token/createapp_key1codec", hashlib.sha256).hexdigest().upper()
    assert signing.sign("s", params, "/auth/token/create") == wanted


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8)), st.randoms())
def test_the_order_in_which_parameters_are_given_changes_nothing(params, chance):
    mixed = list(params.items())
    chance.shuffle(mixed)
    assert signing.sign("s", dict(mixed)) == signing.sign("s", params)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-15 10:00:00", "2026-01-15T18:00:00+00:00"),
        ("2026-07-15 10:00:00", "2026-07-15T17:00:00+00:00"),
        ("2026-11-01 01:30:00", "2026-11-01T08:30:00+00:00"),
        ("2026-11-01 02:30:00", "2026-11-01T10:30:00+00:00"),
        ("1793534400123", "2026-11-01T12:00:00.123000+00:00"),
    ],
)
def test_written_times_are_those_of_the_pacific_coast(written, meant):
    found = values.moment(written)
    assert found is not None
    assert found.isoformat() == meant


@pytest.mark.parametrize("nonsense", ["", "-", "soon", "2026-13-01 00:00:00", None, 5, "0001-01-01 00:00:00"])
def test_what_is_no_time_is_none(nonsense):
    assert values.moment(nonsense) is None or values.moment(nonsense).year < 2


@given(AT)
def test_a_span_asked_for_never_leaves_out_its_own_ends(at):
    """However the platform reads the hour that comes twice a year."""
    for fold in (0, 1):
        begun, ended = (
            datetime.strptime(text, values.FORM).replace(tzinfo=values.PACIFIC, fold=fold)
            for text in (values.earliest(at), values.latest(at))
        )
        assert begun.astimezone(UTC) <= at <= ended.astimezone(UTC)


@given(AT)
def test_a_written_time_is_read_back_but_for_the_double_hour(at):
    back = values.moment(values.pacific(at))
    assert back is not None
    assert at - back in (timedelta(), timedelta(hours=1))


@pytest.mark.parametrize(
    "boxed",
    [[{"a": "1"}, {"a": "2"}], {"order_dto": [{"a": "1"}, {"a": "2"}]}],
)
def test_a_list_is_read_in_its_box_and_without(boxed):
    assert values.rows({"target_list": boxed}, "target_list") == [{"a": "1"}, {"a": "2"}]


def test_one_alone_in_a_box_is_a_list_of_one():
    assert values.rows({"list": {"order_dto": {"a": "1"}}}, "list") == [{"a": "1"}]
    assert values.rows({"list": {}}, "list") == []
    assert values.rows({}, "list") == []
