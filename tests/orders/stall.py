"""A lamp shop of our own: a buyer with a card and a gift card, an order of two lamps and a shade, and what else is on sale."""

from types import SimpleNamespace

import pytest

from bridgedesk.customers.models import Customer, Identity, PaymentMethod
from bridgedesk.lib import clock
from bridgedesk.orders.models import Line, Order, Payment
from bridgedesk.products.models import Listing


@pytest.fixture
def stall(shop, noon):
    """Everything by name: `order` (two lamps at 40.00, a shade at 15.50, paid by card), `blue`, `red`, `big` lamps, a `shade`."""
    now = clock.now()
    anna = Customer.objects.create(name="Anna", created_at=now)
    Identity.objects.create(customer=anna, shop=shop, kind="user", external_id="anna")
    card = PaymentMethod.objects.create(customer=anna, shop=shop, external_id="visa-1", kind="card", brand="visa", last_four="1111")
    gift = PaymentMethod.objects.create(
        customer=anna, shop=shop, external_id="gift-1", kind="gift_card", balance_minor=2000, currency="EUR"
    )  # fmt: skip

    def on_sale(item: str, model: str, price: int, **more: object) -> Listing:
        facts = {"title": item.title(), "options": {"colour": model}, "price_minor": price, "currency": "EUR", "seen_at": now}
        return Listing.objects.create(shop=shop, item=item, model=model, **facts | more)

    blue, red, big = on_sale("lamp", "blue", 4000), on_sale("lamp", "red", 4500), on_sale("lamp", "big", 9000)
    shade, gone = on_sale("shade", "white", 1550), on_sale("lamp", "old", 1000, on_sale=False)
    order = Order.objects.create(
        shop=shop, customer=anna, external_id="WEB-1", state="to_ship", status="paid", first_seen_at=now, total_minor=9550, currency="EUR"
    )
    lamps = _line(order, "1", blue, 2)
    white = _line(order, "2", shade, 1)
    Payment.objects.create(order=order, kind="payment", minor=9550, currency="EUR", method="visa-1", source=card, at=now, settled_at=now)
    return SimpleNamespace(
        shop=shop,
        anna=anna,
        card=card,
        gift=gift,
        blue=blue,
        red=red,
        big=big,
        shade=shade,
        gone=gone,
        order=order,
        lamps=lamps,
        white=white,
    )


def _line(order: Order, number: str, listing: Listing, quantity: int) -> Line:
    facts = {name: getattr(listing, name) for name in ("item", "model", "title", "options", "price_minor")}
    return Line.objects.create(order=order, external_id=number, quantity=quantity, **facts)


@pytest.fixture
def delivered(stall):
    """The same, and it has arrived."""
    Order.objects.filter(pk=stall.order.pk).update(state="delivered")
    stall.order.refresh_from_db()
    return stall


@pytest.fixture
def bookings():
    """Everything booked for an order: (kind, cents, method)."""

    def of(order: Order) -> list[tuple[str, int, str]]:
        return [(row.kind, row.minor, row.method) for row in order.payments.all()]

    return of
