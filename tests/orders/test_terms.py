"""What the terms decide, for whatever sums and swaps there are."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgedesk.channels.acts import REASONS
from bridgedesk.customers.models import PaymentMethod
from bridgedesk.lib import clock
from bridgedesk.orders.access import terms_of
from bridgedesk.orders.models import Line, Order, Payment
from bridgedesk.orders.terms import (
    CANCEL_REASONS,
    USUAL,
    NotNow,
    Swap,
    Terms,
    Wrong,
    available,
    cancellable,
    changeable,
    owed_back,
    refundable_to,
    returnable,
    taken,
)
from bridgedesk.products.models import Listing, Sku
from bridgedesk.shops.actions import set_threshold
from tests.conftest import NOON

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


def sold(**more):
    return Order(**{"shop_id": 1, "currency": "EUR", "state": "to_ship"} | more)


def test_a_shop_may_grant_changes_after_a_swap():
    order = sold(articles_changed_at=NOON)
    with pytest.raises(NotNow, match="swapped before"):
        changeable(order, USUAL, own=True, packed=False)
    changeable(order, Terms(change_after_swap=True), own=True, packed=False)
    cancellable(order, "out_of_stock", Terms(change_after_swap=True), own=True, gone=False)


def test_a_shop_may_grant_another_product():
    line, other = Line(pk=1, item="lamp", quantity=1, price_minor=5), Listing(pk=2, shop_id=1, item="chair", price_minor=9, currency="EUR")
    asked, known, offered = [Swap(1, 2)], {1: line}, {2: other}
    with pytest.raises(Wrong, match="same product"):
        taken(asked, known, offered, sold())
    assert taken(asked, known, offered, sold(), Terms(other_product=True))[0].difference == 4


def test_a_shop_may_grant_a_refund_elsewhere():
    card, paid = PaymentMethod(pk=7, kind="card"), [Payment(kind="payment", source_id=6)]
    with pytest.raises(Wrong, match="goes back"):
        refundable_to(card, paid, USUAL)
    refundable_to(card, paid, Terms(refund_elsewhere=True))


@pytest.mark.parametrize(("granted", "late"), [(0, False), (30, False), (29, True)])
def test_goods_come_back_in_the_days_a_shop_grants(granted, late):
    order = sold(state="delivered", delivered_at=NOON - timedelta(days=30, hours=3))
    terms = Terms(return_days=granted)
    if late:
        with pytest.raises(NotNow, match="within 29 days"):
            returnable(order, terms, NOON, own=True, before=False)
    else:
        returnable(order, terms, NOON, own=True, before=False)
    returnable(sold(state="delivered"), terms, NOON, own=True, before=False)


def test_a_lead_sets_the_terms_of_a_shop(shop, alice):
    assert terms_of(shop) == USUAL
    set_threshold(shop, "terms_return_days", Decimal(14), valid_from=clock.now(), source="our terms", by=alice)
    set_threshold(shop, "terms_other_product", Decimal(1), valid_from=clock.now(), source="our terms", by=alice)
    assert terms_of(shop) == Terms(other_product=True, return_days=14)


def test_every_reason_a_platform_takes_is_one_of_ours():
    assert set(REASONS) <= set(CANCEL_REASONS)


def test_what_can_be_had_is_on_sale_not_discontinued_and_there():
    assert available(Listing(listed=None))
    assert available(Listing(listed=2, sku=Sku()), 2)
    assert not available(Listing(listed=2), 3)
    assert not available(Listing(on_sale=False))
    assert not available(Listing(sku=Sku(available=False)))
