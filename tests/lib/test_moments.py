"""Moments as they stand in tables and reports."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.lib.moments import day_first, moment

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-20T12:03:04+08:00", "2026-11-20T04:03:04"), ("2026-11-20 12:03", "2026-11-20T04:03:00"),
        ("2026/1/2 3:04", "2026-01-01T19:04:00"), ("2026.11.20", "2026-11-19T16:00:00"), ("2026年11月20日 14:03", "2026-11-20T06:03:00"),
        ("2026/11/20 下午 2:03", "2026-11-20T06:03:00"), ("2026/11/20 上午12:03", "2026-11-19T16:03:00"),
        ("20/11/2026 2:03 PM", "2026-11-20T06:03:00"), ("20.11.2026 14:03:05", "2026-11-20T06:03:05"), ("20-11-26", "2026-11-19T16:00:00"),
        ("Nov 20, 2026 4:00:00 AM PST", "2026-11-20T12:00:00"), ("20 November 2026", "2026-11-19T16:00:00"),
        ("Fri, 20 Nov 2026, 14:03 GMT", "2026-11-20T14:03:00"),
        ("20.11.2026, 14:03", "2026-11-20T06:03:00"), ("46346.5", "2026-11-20T04:00:00"), ("46346", "2026-11-19T16:00:00"),
        ("1763630101", "2025-11-20T09:15:01"), ("1763630101123", "2025-11-20T09:15:01"),
    ],
)  # fmt: skip
def test_times_are_read_as_spreadsheets_write_them(text: str, utc: str) -> None:
    found = moment(text, SHANGHAI)
    assert found
    assert found.astimezone(UTC).replace(tzinfo=None).isoformat() == utc


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01",
        "32/01/2026",
        "2026/02/30",
        "20/11/2026 25:00",
        "12:03",
        "99999999999999",
        "2026",
        "20 Foo 2026",
        "Nov 20, 2026 4:00 XYZ",
        "46346.5.1",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment(text, SHANGHAI) is None


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_none(text):
    found = moment(text, SHANGHAI)
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_in_iso_is_read_back(at):
    assert moment(at.isoformat(), SHANGHAI) == at


def test_the_day_comes_first_unless_the_column_proves_otherwise():
    assert day_first(["03/04/2026"])
    assert not day_first(["03/04/2026", "03/25/2026"])
    assert day_first(["25/03/2026", "03/25/2026"])
