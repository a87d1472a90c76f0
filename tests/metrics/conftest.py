"""The week that docs/metrics.md reckons by hand: a lamp and a desk, two shops' worth of currencies, what was shipped and what was lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from bridgedesk.conversations.models import Conversation
from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.metrics.reading import Reader, reader
from bridgedesk.orders.models import Line, Order, Parcel
from bridgedesk.playbooks import publishing
from bridgedesk.products.models import Product, Sku
from bridgedesk.remedies.models import Booking, Case
from bridgedesk.shops.models import Shop
from tests.conftest import NOON


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def make_sku(db) -> Callable[..., Sku]:
    def make(code: str, cost: int | None, currency: str = "USD", category: str = "") -> Sku:
        product, _new = Product.objects.get_or_create(name=code.lower(), defaults={"category": category, "created_at": NOON})
        return Sku.objects.create(product=product, code=code, cost_minor=cost, cost_currency=currency if cost else "", created_at=NOON)

    return make


@pytest.fixture
def ship(noon) -> Callable[..., Order]:
    """An order that left: lines are (article, pieces, price)."""

    def make(shop: Shop, *lines: tuple[Sku | None, int, int | None], at: datetime | None = None, **more: object) -> Order:
        at, carrier = at or NOON - timedelta(days=3), more.pop("carrier", "Post")
        about = {"country": "US", "currency": "USD", "state": "completed"} | more
        about.setdefault("external_id", f"O{Order.objects.count() + 1}")
        order = Order.objects.create(shop=shop, first_seen_at=at, shipped_at=at, **about)
        for number, (sku, pieces, price) in enumerate(lines, 1):
            Line.objects.create(order=order, external_id=str(number), sku=sku, quantity=pieces, price_minor=price)
        Parcel.objects.create(order=order, carrier=carrier)
        return order

    return make


@pytest.fixture
def lose() -> Callable[..., Case]:
    """A case with what it cost: kind=minor units. `case` adds to one that is there."""

    def make(order: Order, fault: str, *, at: datetime | None = None, case: Case | None = None, currency: str = "", **parts: int) -> Case:
        at, more = at or NOON - timedelta(days=2), {"currency": currency or order.currency, "state": "closed"}
        case = case or Case.objects.create(shop=order.shop, order=order, fault=fault, first_seen_at=at, closed_at=at, **more)
        for kind, minor in parts.items():
            Booking.objects.create(case=case, kind=kind, minor=minor, currency=case.currency, key=kind, at=at)
        return case

    return make


@pytest.fixture
def asks(alice) -> Callable[..., Reader]:
    """Alice asks for figures in US dollars."""

    def make(who=None, **asked: str) -> Reader:
        with clock.frozen(NOON):
            return reader(who or alice, {"days": "7", "in": "USD"} | asked)

    return make


@pytest.fixture
def conversation(shop: Shop) -> Conversation:
    """With Anna."""
    anna = Customer.objects.create(name="Anna", created_at=NOON)
    return Conversation.objects.create(
        shop=shop, customer=anna, external_id="t1", address="anna", topic="damaged", last_at=NOON, created_at=NOON
    )


@pytest.fixture
def shelf(db: None) -> None:
    """The shipped playbooks."""
    publishing.load_content()
