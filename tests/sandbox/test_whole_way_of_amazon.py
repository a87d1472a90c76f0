"""The whole way of an Amazon order: read from the pretend platform, kept, shipped from the outbox, read again as shipped."""

from datetime import timedelta

import pytest

from bridgedesk.channels.acts import ShipParcel
from bridgedesk.lib import clock
from bridgedesk.orders import acting, performing
from bridgedesk.orders.models import Order, PlatformAct
from bridgedesk.sandbox import seed
from bridgedesk.sync import polling
from bridgedesk.sync.models import Delivery
from tests.sandbox.test_whole_way import apply_all, dora

__all__ = ["dora"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def amazon(sandbox, settings, dora):
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    return seed.open_amazon(sandbox.port, [dora])


def read(shop, feed="orders"):
    polling.poll(shop.pk, feed)
    apply_all()


def test_orders_are_kept_with_lines_and_deadlines(sandbox, amazon):
    read(amazon)
    wanted = sandbox.do(lambda servers: set(servers.amazon.orders))
    assert set(Order.objects.filter(shop=amazon).values_list("external_id", flat=True)) == wanted
    assert not Delivery.objects.exclude(state=Delivery.State.APPLIED).exists()
    order = Order.objects.filter(shop=amazon, state="to_ship").first()
    assert order.ship_by > clock.now() - timedelta(days=3)
    assert order.lines.exists()


def test_a_parcel_leaves_and_the_platform_says_so(sandbox, amazon, dora):
    placed = sandbox.do(lambda servers: servers.amazon.place_order(placed=servers.world.now() - timedelta(hours=4)))
    read(amazon)
    order = Order.objects.get(shop=amazon, external_id=placed.id)
    act = acting.ask(amazon, ShipParcel(placed.id, number="00340434161094015902", carrier="DHL"), order=order, key=placed.id, by=dora)
    performing.perform(act.pk)
    assert PlatformAct.objects.get(pk=act.pk).state == PlatformAct.State.DONE
    assert sandbox.do(lambda servers: servers.amazon.orders[placed.id].status(servers.world.now())) == "SHIPPED"


@pytest.mark.parametrize("feed", ["health", "reviews", "returns", "stock", "messages"])
def test_every_other_feed_is_read_without_trouble(amazon, feed):
    read(amazon, feed)
    assert not amazon.cursors.exclude(error="").exists()
