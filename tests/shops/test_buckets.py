"""Rate limits of a shop."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.lib import clock
from bridgedesk.shops import buckets
from bridgedesk.shops.models import Shop
from tests.conftest import NOON


def test_a_burst_goes_through_then_calls_wait_their_turn(shop: Shop) -> None:
    with clock.frozen(NOON):
        assert [buckets.take(shop, "send", 2, 3) for _ in range(3)] == [None] * 3
        assert buckets.take(shop, "send", 2, 3) == timedelta(seconds=0.5)
    with clock.frozen(NOON + timedelta(seconds=0.5)):
        assert buckets.take(shop, "send", 2, 3) is None
        assert buckets.take(shop, "send", 2, 3) is not None


def test_a_call_dearer_than_the_bucket_waits_for_a_full_one_and_not_for_ever(shop: Shop) -> None:
    with clock.frozen(NOON):
        assert buckets.take(shop, "send", 1, 2, cost=5) is None
        assert buckets.take(shop, "send", 1, 2, cost=5) == timedelta(seconds=2)


def test_shops_do_not_share_a_bucket(shop: Shop, make_shop: object) -> None:
    other = make_shop("Other")  # type: ignore[operator]
    with clock.frozen(NOON):
        assert buckets.take(shop, "send", 1, 1) is None
        assert buckets.take(other, "send", 1, 1) is None


@given(st.floats(0, 50), st.floats(-100, 1000), st.floats(0.01, 100), st.floats(1, 50))
def test_a_bucket_never_holds_more_than_its_burst_nor_loses_by_waiting(tokens: float, elapsed: float, rate: float, burst: float) -> None:
    held = buckets.refill(min(tokens, burst), elapsed, rate, burst)
    assert min(tokens, burst) <= held <= burst
