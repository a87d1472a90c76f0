"""What the terms decide, for whatever sums and swaps there are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.channels.acts import REASONS
from bridgedesk.orders.models import Line, Order, Payment
from bridgedesk.orders.terms import CANCEL_REASONS, Swap, available, owed_back, taken
from bridgedesk.products.models import Listing, Sku

SUMS = st.integers(0, 10**9)
payments = st.lists(st.builds(Payment, kind=st.sampled_from(["payment", "refund"]), minor=SUMS, method=st.sampled_from("ab")), max_size=8)


@settings(deadline=None)
@given(payments)
def test_cancelling_never_gives_back_more_than_came_in(rows):
    came = sum(row.minor for row in rows if row.kind == "payment")
    owed = owed_back(rows)
    assert all(minor > 0 for _row, minor in owed)
    assert sum(minor for _row, minor in owed) <= came
    if all(row.kind == "payment" for row in rows):
        assert sum(minor for _row, minor in owed) == came


@settings(deadline=None)
@given(payments)
def test_cancelling_twice_gives_back_once(rows):
    refunds = [Payment(kind="refund", minor=minor, method=row.method) for row, minor in owed_back(rows)]
    assert owed_back([*rows, *refunds]) == []


@settings(deadline=None)
@given(st.integers(1, 99), SUMS, SUMS, st.integers(1, 99))
def test_a_swap_and_the_swap_back_cost_nothing(pieces, price, other, wanted):
    wanted = min(wanted, pieces)
    order = Order(shop_id=1, currency="EUR")

    def difference(old, new):
        line = Line(pk=1, item="lamp", quantity=pieces, price_minor=old)
        listing = Listing(pk=2, shop_id=1, item="lamp", price_minor=new, currency="EUR")
        return taken([Swap(1, 2, wanted)], {1: line}, {2: listing}, order)[0].difference

    assert difference(price, other) + difference(other, price) == 0
    assert difference(price, other) == (other - price) * wanted


def test_every_reason_a_platform_takes_is_one_of_ours():
    assert set(REASONS) <= set(CANCEL_REASONS)


def test_what_can_be_had_is_on_sale_not_discontinued_and_there():
    assert available(Listing(listed=None))
    assert available(Listing(listed=2, sku=Sku()), 2)
    assert not available(Listing(listed=2), 3)
    assert not available(Listing(on_sale=False))
    assert not available(Listing(sku=Sku(available=False)))
