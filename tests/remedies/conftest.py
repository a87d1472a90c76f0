"""An order of two lamps that arrived broken, in a shop whose money a person can reckon in the head."""

from datetime import timedelta

import pytest

from bridgedesk.customers.models import Customer
from bridgedesk.lib import clock
from bridgedesk.orders.models import Line, Order, Parcel, Payment
from bridgedesk.products.models import Product, Sku
from bridgedesk.remedies import actions
from tests.conftest import NOON


@pytest.fixture
def sku(db):
    product = Product.objects.create(name="Lamp", category="lamps", created_at=NOON)
    return Sku.objects.create(product=product, code="LAMP", cost_minor=2000, cost_currency="USD", on_hand=10, created_at=NOON)


@pytest.fixture
def order(shop, sku):
    anna = Customer.objects.create(name="Anna", created_at=NOON)
    made = Order.objects.create(
        shop=shop, customer=anna, external_id="A1", state="delivered", first_seen_at=NOON, country="US", currency="USD", total_minor=5000,
        delivered_at=clock.now() - timedelta(days=3),
    )  # fmt: skip
    Line.objects.create(order=made, external_id="1", sku=sku, code="LAMP", title="Lamp", quantity=1, price_minor=5000)
    Payment.objects.create(order=made, kind="payment", minor=5000, currency="USD", at=NOON)
    Parcel.objects.create(order=made, number="RR1", carrier="Post")
    return made


@pytest.fixture
def case(order, bob):
    return actions.open_case(order, "damaged", by=bob)
