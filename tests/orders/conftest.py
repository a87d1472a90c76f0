from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import translation

from bridgedesk.channels.acts import AnswerCancellation, CancelOrder, PushStock, ShipParcel, SplitOrder, WriteNote
from bridgedesk.channels.events import Address, LineSeen, OrderSeen
from bridgedesk.lib.money import Money
from bridgedesk.orders import actions
from bridgedesk.orders.models import Order
from bridgedesk.shops.models import Shop
from tests.conftest import NOON
from tests.orders.stall import bookings, delivered, stall
from tests.pretend import Pretend
from tests.pretend_fixtures import platform, pretend_shop

__all__ = ["bookings", "delivered", "platform", "pretend_shop", "stall"]

ADDRESS = Address(
    name="Jane Doe", phone="+1 206 555 0100", lines=("12 Pine Street",), city="Seattle", region="WA", postcode="98101", country="US"
)
LINES = (
    LineSeen("l1", 2, "Desk lamp", "item-1", "m-red", "LAMP-R", (("Colour", "red"),), Money(1250, "USD")),
    LineSeen("l2", 1, "Bulb", "item-2", "m-warm", "BULB", (), Money(300, "USD")),
)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What is said of an order is read in English here, whatever language a page before it spoke."""
    with translation.override("en"):
        yield


@pytest.fixture
def able(platform: Pretend) -> Pretend:
    """The pretend platform, with an interface for the usual acts."""
    platform.acts = frozenset({WriteNote, CancelOrder, AnswerCancellation, SplitOrder, ShipParcel, PushStock})
    return platform


@pytest.fixture
def order(able: Pretend, pretend_shop: Shop) -> Order:
    """A paid order of two lines, waiting to be shipped."""
    return paid(pretend_shop)


@pytest.fixture
def make_order(able: Pretend, pretend_shop: Shop) -> Callable[..., Order]:
    def make(number: str = "ON-1", shop: Shop | None = None, **more: Any) -> Order:
        return paid(shop or pretend_shop, number, **more)

    return make


def paid(shop: Shop, number: str = "ON-1", **more: Any) -> Order:
    usual = {"status": "READY_TO_SHIP", "state": "to_ship", "placed_at": NOON, "paid_at": NOON, "total": Money(2800, "USD"), "at": NOON}
    return actions.see(shop, OrderSeen(number, **usual | {"lines": LINES, "address": ADDRESS} | more))
