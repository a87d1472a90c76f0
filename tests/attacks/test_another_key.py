"""The installation's key is another one than its secrets were sealed with: that is said; nothing breaks, nothing sealed is told."""

import pytest
from django.test import Client

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.orders import following
from bridgedesk.sync import outgoing
from bridgedesk.sync.models import Notification


@pytest.fixture
def endpoint(alice, shop):
    return outgoing.add_endpoint(alice, "https://hook.example/x", [], by=alice)[0]


@pytest.fixture
def another_key(endpoint, admin, settings):
    following.save("aftership", key="k" * 30, secret="s" * 30, base_url="", sign="confirm", enabled=True, by=admin)
    settings.SECRET_KEY = "another" * 10


@pytest.mark.usefixtures("another_key")
def test_a_webhook_is_tried_again_when_the_key_is_back(endpoint, alice, shop, sign_in):
    assert sign_in(alice).post(f"/webhooks/{endpoint.pk}/do/ping", follow=True).status_code == 200
    act = record("tagged", None, by=alice, shop=shop.pk, tag="vip")
    row = Notification.objects.create(endpoint=endpoint, activity_id=act.pk, next_try_at=clock.now())
    outgoing.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, "key" in row.error) == ("waiting", True)


@pytest.mark.usefixtures("another_key")
def test_a_hook_of_a_tracker_is_not_believed(admin, sign_in):
    assert Client().post("/in/tracker/aftership", b"{}", "application/json").status_code == 401
    page = sign_in(admin).post("/trackers/aftership/test", follow=True)
    assert page.status_code == 200
