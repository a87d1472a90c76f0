from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.lib.money import Money


def test_yen_have_no_cents_and_dollars_have_two():
    assert Money.of("1999.6", "JPY") == Money(2000, "JPY")
    assert Money.of("19.99", "USD") == Money(1999, "USD")


@given(st.integers(-(10**12), 10**12), st.sampled_from(["USD", "JPY", "KWD", "IDR", "VND"]))
def test_an_amount_survives_the_way_to_major_units_and_back(minor: int, currency: str):
    assert Money.of(Decimal(Money(minor, currency).amount), currency).minor == minor


def test_two_currencies_are_never_added():
    with pytest.raises(ValueError, match="USD"):
        Money(1, "EUR") + Money(1, "USD")
