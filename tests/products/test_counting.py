"""The shelf: counted, moved, and what orders take from it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from bridgedesk.lib import clock
from bridgedesk.orders import reckoning
from bridgedesk.orders.models import Line, Order
from bridgedesk.products import counting
from bridgedesk.products.models import Movement, Sku
from bridgedesk.team.models import Agent
from tests.conftest import NOON


@pytest.fixture
def sku(lamp):
    return lamp.skus.first()


def bought(sku, shop, number, pieces, state="to_ship", **more):
    order = Order.objects.create(shop=shop, external_id=number, state=state, first_seen_at=clock.now(), placed_at=clock.now(), **more)
    return Line.objects.create(order=order, external_id="1", quantity=pieces, sku=sku, item="100", model="1")


def test_a_count_says_who_counted_what_and_when(sku, bob, noon):
    counting.count(sku, 12, by=bob)
    counting.count(sku, 9, by=bob, note="three broken")
    assert [(row.kind, row.change, row.after, row.by, row.note) for row in Movement.objects.order_by("pk")] == [
        ("count", 12, 12, bob, ""), ("count", -3, 9, bob, "three broken"),
    ]  # fmt: skip
    row = Sku.objects.get(pk=sku.pk)
    assert (row.on_hand, row.counted_at) == (9, NOON)


@pytest.mark.parametrize("pieces", [-1, 10**9])
def test_an_impossible_count_is_refused(sku, bob, pieces):
    with pytest.raises(ValidationError):
        counting.count(sku, pieces, by=bob)
    assert not Movement.objects.exists()


def test_goods_come_and_go_once_they_were_counted(sku, bob):
    with pytest.raises(ValidationError, match="Count it first"):
        counting.move(sku, "in", 5, by=bob)
    counting.count(sku, 10, by=bob)
    for kind, after in (("in", 15), ("written_off", 10), ("back", 15), ("out", 10)):
        assert counting.move(sku, kind, 5, by=bob).after == after
    with pytest.raises(ValidationError):
        counting.move(sku, "in", 0, by=bob)


def test_an_observer_counts_nothing(sku, make_agent):
    with pytest.raises(PermissionDenied):
        counting.count(sku, 1, by=make_agent("eve", Agent.Role.OBSERVER))


def test_promised_and_sold_are_reckoned_from_orders(sku, shop, noon):
    bought(sku, shop, "A", 2)
    bought(sku, shop, "B", 3, "shipped")
    bought(sku, shop, "C", 5, "cancelled")
    bought(sku, shop, "D", 7, "unpaid")
    bought(sku, shop, "E", 1, fulfilled_by="platform")
    with clock.frozen(NOON - timedelta(days=40)):
        bought(sku, shop, "F", 11, "completed")
    assert reckoning.reckon() == 1
    row = Sku.objects.get(pk=sku.pk)
    assert (row.promised, row.sold) == (2, 6)
    assert reckoning.reckon() == 0


def test_a_line_bought_before_its_article_was_known_is_linked(sku, shop, noon):
    line = bought(None, shop, "A", 2)
    reckoning.reckon()
    line.refresh_from_db()
    assert line.sku == sku
    assert Sku.objects.get(pk=sku.pk).promised == 2


def test_what_leaves_is_taken_off_the_shelf_once(sku, shop, bob, noon):
    before = bought(sku, shop, "A", 1, "shipped", shipped_at=NOON - timedelta(hours=1))
    counting.count(sku, 10, by=bob)
    bought(sku, shop, "B", 4, "shipped", shipped_at=NOON + timedelta(hours=1))
    bought(sku, shop, "C", 4, "shipped", shipped_at=NOON + timedelta(hours=1), fulfilled_by="platform")
    assert (reckoning.book(), reckoning.book()) == (1, 0)
    assert Sku.objects.get(pk=sku.pk).on_hand == 6
    assert Movement.objects.get(kind="out").note == "B"
    assert before.pk


def test_an_article_nobody_counted_is_left_alone(sku, shop, noon):
    bought(sku, shop, "B", 4, "shipped", shipped_at=NOON)
    assert reckoning.book() == 0
    assert Sku.objects.get(pk=sku.pk).on_hand is None
