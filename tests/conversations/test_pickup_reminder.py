"""Who does not fetch a parcel is reminded once, by the way the platform permits."""

from datetime import timedelta

import pytest

from bridgedesk import jobs
from bridgedesk.channels.events import ParcelSeen, TrackEvent
from bridgedesk.conversations.notice_models import Notice
from bridgedesk.lib import clock
from bridgedesk.orders import actions as orders
from bridgedesk.orders import parcels
from bridgedesk.orders.models import Finding
from tests.conftest import NOON
from tests.conversations.test_notices import _content, sell  # noqa: F401 (fixtures)

DAY = timedelta(days=1)


@pytest.fixture
def queued(monkeypatch):
    """What was queued, instead of a queue; `run` does it."""
    found = []
    monkeypatch.setattr(parcels, "enqueue", lambda task, **given: found.append((task, given)))
    return found


def waits(order, at=NOON):
    scan = TrackEvent(at, "Ready for collection", "pickup_ready", "Postfiliale 5")
    orders.see_parcel(order.shop, ParcelSeen(order.external_id, number="LX123456785CN", status="pickup_ready", at=at, events=(scan,)))


def days_later(days):
    with clock.frozen(NOON + days * DAY):
        parcels.watch()


@pytest.mark.parametrize(
    ("platform", "state"), [("email", "sent"), ("shopee", "waiting"), ("amazon", "waiting"), ("aliexpress", "waiting")]
)
def test_after_a_day_the_buyer_is_reminded_once_as_the_platform_permits(platform, state, sell, queued, noon):  # noqa: F811
    waits(sell(platform))
    assert queued == [], "the carrier has told them only now"
    for days in (1, 2, 3):
        days_later(days)
    ((task, given),) = queued
    with clock.frozen(NOON + DAY):
        getattr(jobs, task)(**given)
        getattr(jobs, task)(**given)
    notice = Notice.objects.get()
    assert (notice.purpose, notice.state) == ("pickup_reminder", state)
    assert "LX123456785CN" in notice.text
    assert "Postfiliale 5" in notice.text
    assert "⟦" not in notice.text


def test_what_was_fetched_or_dismissed_is_not_spoken_of(sell, queued, noon, bob):  # noqa: F811
    order = sell("shopee")
    waits(order)
    parcels.close(Finding.objects.get(code="parcel_pickup"), by=bob, dismiss=True)
    days_later(2)
    other = sell("email", "ON-2")
    waits(other)
    orders.see_parcel(other.shop, ParcelSeen("ON-2", number="LX123456785CN", status="delivered", at=NOON + timedelta(hours=3)))
    days_later(2)
    assert queued == []
