from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.assist.entities import entities


def kinds(text, **more):
    return [(each.kind, each.value) for each in entities(text, **more)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order 250-1234567-7654321 please", [("order", "250-1234567-7654321")]),
        ("my order is 24139934ABCD12, 240512ABCD1234", [("order", "240512ABCD1234")]),
        ("tracking RB123456785GB", [("tracking", "RB123456785GB")]),
        ("UPS 1Z5R89390357567127 is late", [("tracking", "1Z5R89390357567127")]),
        ("I paid $12.50 on 2026-03-04", [("money", "12.50"), ("date", "2026-03-04")]),
        ("10月3日下单，付了25元", [("date", "10月3日"), ("money", "25")]),
        ("see https://shop.example/a?b=1, or mail me@shop.example.", [("url", "https://shop.example/a?b=1"), ("email", "me@shop.example")]),
        ("my purchase 00123842 is wrong", [("order", "00123842")]),
        ("I bought 2 lamps today, the mon, sat", []),
    ],
)
def test_what_a_message_names(text, expected):
    assert kinds(text) == expected


def test_a_wrong_check_digit_is_said():
    found = entities("my tracking number RB123456786US does not work")[0]
    assert (found.kind, found.valid) == ("tracking", False)


def test_a_phone_number_needs_a_country_or_a_plus():
    assert kinds("call 415 555 2671") == []
    assert kinds("call 415 555 2671", country="US") == [("phone", "+14155552671")]
    assert kinds("call +49 30 901820") == [("phone", "+4930901820")]


def test_plain_digits_are_a_parcel_only_beside_a_word_about_parcels():
    assert kinds("986578788855") == []
    assert kinds("tracking 986578788855") == [("tracking", "986578788855")]


@settings(deadline=None)
@given(
    st.text(alphabet="ABC0123456789-# @.$€元月日/:htps\n", max_size=120),
    st.sampled_from(["", "amazon", "shopee", "aliexpress"]),
    st.sampled_from(["", "US", "DE"]),
)
def test_things_named_never_overlap_and_stand_where_they_say(text, platform, country):
    found = entities(text, platform=platform, country=country)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(each.value in text for each in found if each.kind in ("url", "email", "date", "money", "order"))
