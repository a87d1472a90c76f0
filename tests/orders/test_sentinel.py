"""Protection that runs out with the parcel still moving: extended before the buyer asks, once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bridgedesk.activity.models import Activity
from bridgedesk.channels.acts import ExtendReceipt
from bridgedesk.channels.events import OrderSeen, ParcelSeen
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import clock
from bridgedesk.orders import actions, sentinel
from bridgedesk.orders.models import Finding, Order, PlatformAct
from tests.conftest import NOON

DAY = timedelta(days=1)
ENDS = NOON + 2 * DAY


class Extending:
    """A platform that can extend."""

    acts = frozenset({ExtendReceipt})


@pytest.fixture
def able(monkeypatch, shop):
    monkeypatch.setitem(CHANNELS, shop.platform, Extending())


def sent(shop, *, state="shipped", ends=ENDS, status="in_transit", number="ON-1"):
    parcel = ParcelSeen(number, number="RR123456785CN", status=status, at=NOON)
    with clock.frozen(NOON):
        return actions.see(shop, OrderSeen(number, state=state, at=NOON, receive_by=ends, parcels=(parcel,)))


def later(span=timedelta(0)):
    with clock.frozen(NOON + span):
        sentinel.watch()


def task():
    return Finding.objects.get(code=sentinel.CODE)


def test_a_deadline_with_the_parcel_still_moving_becomes_a_task_once(shop):
    sent(shop)
    for hours in (0, 1, 5):
        later(timedelta(hours=hours))
    assert (task().state, task().due_at) == ("open", ENDS)
    assert not PlatformAct.objects.exists()


@pytest.mark.parametrize(
    "order",
    [
        {"state": "disputed"},
        {"state": "held"},
        {"state": "completed"},
        {"status": "delivered"},
        {"ends": NOON + 30 * DAY},
        {"ends": NOON - DAY},
    ],
    ids=str,
)
def test_disputed_frozen_arrived_and_distant_ones_are_left_alone(shop, order):
    sent(shop, **order)
    later()
    assert not Finding.objects.filter(code=sentinel.CODE).exists()


def test_it_extends_by_itself_only_where_a_lead_let_the_shop(shop, able, alice, bob):
    sent(shop)
    with pytest.raises(PermissionDenied):
        sentinel.set_automatic(shop, on=True, by=bob)
    sentinel.set_automatic(shop, on=True, by=alice)
    later()
    later(timedelta(hours=1))
    act = PlatformAct.objects.get()
    assert (act.kind, act.data["days"], act.by, task().state) == ("ExtendReceipt", 15, None, "waiting")


def test_what_the_platform_gave_is_logged_as_proof_and_the_task_closes(shop, able, alice):
    order = sent(shop)
    later()
    act = sentinel.extend(task(), 10, by=alice)
    assert act is not None
    act.state = PlatformAct.State.DONE
    act.save()
    later(timedelta(hours=1))
    assert task().state == "done"
    assert Activity.objects.get(verb="receipt_extended").data["days"] == 10
    assert sentinel.extend(task(), 10, by=alice) is None  # never twice for one deadline
    sent(shop, ends=ENDS + 10 * DAY)
    later(10 * DAY)
    assert Finding.objects.filter(order=order, code=sentinel.CODE).count() == 2  # a new deadline is a new task


@pytest.mark.parametrize(
    ("code", "words"), [("201", "as far as the platform allows"), ("210", "without dispute or freeze"), ("601", "may not extend")]
)
def test_a_refusal_comes_back_as_a_task_with_words(shop, able, alice, code, words):
    sent(shop)
    later()
    act = sentinel.extend(task(), 10, by=alice)
    assert act is not None
    PlatformAct.objects.update(state="failed", error=f"sub_error_code {code}")
    later(timedelta(hours=1))
    assert task().state == "open"
    assert words in sentinel.trouble(task())


def test_where_there_is_no_interface_a_person_does_it_by_hand(shop, alice):
    sent(shop)
    later()
    act = sentinel.extend(task(), 10, by=alice)
    assert act is not None
    assert act.state == "by_hand"


def test_a_task_goes_when_the_order_was_received_or_disputed_meanwhile(shop):
    for number, state in (("ON-1", "completed"), ("ON-2", "disputed")):
        sent(shop, number=number)
        later()
        Order.objects.filter(external_id=number).update(state=state)
    later(timedelta(hours=1))
    assert {finding.state for finding in Finding.objects.filter(code=sentinel.CODE)} == {"done"}
