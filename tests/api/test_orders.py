"""Working on orders over the API: the same acts, the same borders."""

import json

import pytest
from django.test import Client

from bridgedesk.channels.events import OrderSeen
from bridgedesk.lib.words import told
from bridgedesk.orders import actions
from bridgedesk.orders.holding import UNREAD, WISH
from bridgedesk.orders.models import Order, PlatformAct, Remark
from bridgedesk.team import actions as team
from tests.conftest import NOON
from tests.orders.conftest import able, order
from tests.pretend_fixtures import platform, pretend_shop

__all__ = ["able", "order", "platform", "pretend_shop"]

ASKS = [
    ("GET", "/orders/{order}/acts", None, 200),
    ("GET", "/orders/{order}/remarks", None, 200),
    ("GET", "/orders/{order}/hold", None, 200),
    ("POST", "/orders/{order}/hold", {"reason": "x"}, 200),
    ("POST", "/orders/{order}/release", {}, 200),
    ("POST", "/orders/{order}/remarks", {"text": "x"}, 201),
    ("POST", "/remarks/{remark}/acknowledge", None, 200),
    ("POST", "/remarks/{remark}/withdraw", None, 200),
    ("POST", "/orders/{order}/cancellation", {"agree": True}, 200),
    ("POST", "/orders/{order}/cancel-at-platform", {"reason": "out_of_stock"}, 200),
    ("POST", "/orders/{order}/split", {"parcels": [{"l1": 2}, {"l2": 1}]}, 200),
    ("POST", "/acts/{act}/retry", None, 200),
    ("POST", "/acts/{act}/settle", {"done": True}, 200),
    ("POST", "/acts/{act}/withdraw", None, 200),
]


@pytest.fixture
def ids(order, alice):
    actions.see(order.shop, OrderSeen("ON-1", at=NOON, cancel_wish="why not"))
    remark = actions.remark(order, "gift", "a bulb", by=alice)
    act = PlatformAct.objects.get(order=order)
    PlatformAct.objects.filter(pk=act.pk).update(state="failed")
    return {"order": order.pk, "remark": remark.pk, "act": act.pk}


@pytest.fixture
def call(ids):
    def make(agent, method, path, body, *scopes):
        secret = team.new_token(agent, "test", scopes or ("read", "write"), by=agent)[1]
        sent = "" if body is None else json.dumps(body)
        headers = {"authorization": f"Bearer {secret}"}
        return Client().generic(method, "/api/v1" + path.format(**ids), sent, "application/json", headers=headers)

    return make


@pytest.mark.parametrize(("method", "path", "body", "status"), ASKS)
def test_bob_may_charlie_meets_nothing_and_reading_is_not_writing(call, bob, charlie, method, path, body, status):
    before = list(Order.objects.values()), list(Remark.objects.values()), list(PlatformAct.objects.values())
    assert call(charlie, method, path, body).status_code == 404
    weak = call(bob, method, path, body, "read")
    assert weak.status_code == (200 if method == "GET" else 401)
    assert before == (list(Order.objects.values()), list(Remark.objects.values()), list(PlatformAct.objects.values()))
    assert call(bob, method, path, body).status_code == status


WRONG = [
    ("/orders/{order}/hold", {"reason": ""}, 422),
    ("/orders/{order}/hold", {"reason": "x", "by": 1}, 422),
    ("/orders/{order}/remarks", {"text": " "}, 422),
    ("/orders/{order}/remarks", {"text": "x", "kind": "cancel"}, 422),
    ("/orders/{order}/cancel-at-platform", {"reason": "no reason"}, 422),
    ("/orders/{order}/split", {"parcels": [{"l1": 9}]}, 422),
    ("/acts/{act}/settle", {"done": "perhaps"}, 422),
]


@pytest.mark.parametrize(("path", "body", "status"), WRONG)
def test_what_makes_no_sense_is_refused_with_words_and_changes_nothing(call, bob, path, body, status):
    before = list(Order.objects.values()), Remark.objects.count(), PlatformAct.objects.count()
    assert call(bob, "POST", path, body).status_code == status
    assert before == (list(Order.objects.values()), Remark.objects.count(), PlatformAct.objects.count())


def test_what_does_not_fit_how_it_stands_is_a_conflict_in_words(call, bob, ids):
    PlatformAct.objects.update(state="doing")
    answer = call(bob, "POST", "/acts/{act}/withdraw", None)
    assert (answer.status_code, answer.json()["error"]) == (409, told("It is too late to take this back."))


def test_why_an_order_may_not_be_packed_is_told(call, bob):
    assert call(bob, "GET", "/orders/{order}/hold", None).json()["obstacles"] == [told(WISH), told(UNREAD)]
