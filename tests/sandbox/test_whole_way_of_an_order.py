"""The whole way of an order on real wires: bought, pushed, fetched, shipped by us, delivered, rated, sent back; each once."""

import time

import pytest
from django.db import connection

from bridgedesk.channels.acts import ShipParcel
from bridgedesk.orders import acting, performing
from bridgedesk.orders.models import Order
from bridgedesk.products.models import Listing
from bridgedesk.remedies.models import Case
from bridgedesk.reviews.models import Review
from bridgedesk.sandbox import scenery, seed
from bridgedesk.sandbox.scenery import TAIWAN
from bridgedesk.shops.models import HealthFigure, Penalty, Shop
from bridgedesk.shops.queries import threshold
from bridgedesk.shops.vault import account_of
from bridgedesk.sync import actions as sync
from bridgedesk.sync import polling
from bridgedesk.sync.models import Cursor, Delivery
from bridgedesk.team.models import Agent

pytestmark = pytest.mark.django_db(transaction=True)
FEEDS = ("orders", "parcels", "stock", "reviews", "returns", "health")


@pytest.fixture
def dora(make_agent):
    return make_agent("dora", Agent.Role.ADMIN, shown_name="Dora")


@pytest.fixture
def taiwan(sandbox, live_server, settings, dora, monkeypatch) -> Shop:
    monkeypatch.setattr("bridgedesk.sandbox.shopee.CALLS_PER_SECOND", 100_000)
    settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{sandbox.port}"})
    settings.PUBLIC_URL = live_server.url
    shop = seed.open_shop(scenery.stage(str(TAIWAN.shop_id)), sandbox.port, [dora])
    sandbox.push_to(account_of(shop).options["callback_url"])
    return shop


def until(reached, seconds=20):
    end = time.monotonic() + seconds
    while not (found := reached()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
    return found


def pushes(*codes):
    """Wait for pushes about trade, and apply all that came."""
    until(lambda: set(codes) <= {int(bytes(row.body).split(b'"code":')[1].split(b",")[0]) for row in Delivery.objects.filter(kind="push")})
    apply_all()


def apply_all():
    for pk in Delivery.objects.filter(state=Delivery.State.NEW).order_by("pk").values_list("pk", flat=True):
        sync.apply(pk)


def fetch(shop, *feeds):
    for feed in feeds:
        polling.poll(shop.pk, feed)
    assert not Cursor.objects.exclude(error="").values_list("feed", "error")
    apply_all()


def woken():
    """Feeds for which a poll is queued."""
    with connection.cursor() as cursor:
        cursor.execute("select args->>'feed' from procrastinate_jobs where task_name = 'poll_shop'")
        return {feed for (feed,) in cursor.fetchall()}


def test_an_order_is_pushed_fetched_whole_shipped_and_delivered(sandbox, taiwan, dora):
    sale = sandbox.do(lambda s: s.shopee.trade.buy(TAIWAN, 500_000_001, "mei"))
    pushes(3)
    order = Order.objects.get()
    assert (order.external_id, order.state) == (sale.order_sn, "to_ship")
    assert "orders" in woken(), "a push says too little: the rest is asked for at once"
    fetch(taiwan, "orders")
    order.refresh_from_db()
    assert order.lines.count() == len(sale.items)
    assert order.total
    act = acting.ask(taiwan, ShipParcel(sale.order_sn, order.parcels.get().external_id), order=order, key="ship", by=dora)
    performing.perform(act.pk)
    act.refresh_from_db()
    assert (act.state, act.reference) == ("done", sale.number)
    pushes(3, 4, 30)
    assert order.parcels.get().number == sale.number
    sandbox.do(lambda s: [s.shopee.trade.scan(sale, step, s.world.now()) for step in (0, 1)])
    sandbox.do(lambda s: s.shopee.trade.set_status(sale, "SHIPPED"))
    fetch(taiwan, "orders", "parcels")
    assert order.parcels.get().scans.count() == 2


def test_every_feed_fills_its_rows_and_a_second_look_adds_none(sandbox, taiwan):
    def happens(servers):
        trade = servers.shopee.trade
        sale = trade.buy(TAIWAN, 500_000_001, "mei", push=False)
        trade.rate(sale, 2)
        trade.send_back(sale)
        trade.punish(TAIWAN.shop_id, 23)

    sandbox.do(happens)
    tables = (Order, Listing, Review, Case, HealthFigure, Penalty)
    for _ in range(2):
        fetch(taiwan, *FEEDS)
        counts = [model.objects.count() for model in tables]
    assert counts == [1, 9, 1, 1, 3, 1]
    assert not Delivery.objects.exclude(state__in=["applied", "ignored", "new"]).exists()
    rule = threshold(taiwan, "response_rate", HealthFigure.objects.get(name="response_rate").at)
    assert rule.source == "platform API"


def test_pushes_about_returns_and_points_have_their_feeds_asked(sandbox, taiwan):
    sale = sandbox.do(lambda s: s.shopee.trade.buy(TAIWAN, 500_000_001, "mei", push=False))
    sandbox.do(lambda s: (s.shopee.trade.send_back(sale), s.shopee.trade.punish(TAIWAN.shop_id)))
    pushes(28, 29)
    assert Case.objects.get().state == "asked"
    assert {"returns", "health"} <= woken()
