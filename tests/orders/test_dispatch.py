"""A packed parcel leaves: its label is read, the platform told once, the buyer as the platform permits."""

import pytest

from bridgedesk.channels.events import OrderSeen
from bridgedesk.lib import clock
from bridgedesk.orders import acting, actions, dispatch, station
from bridgedesk.orders.dispatch import CannotShip, read, ship
from bridgedesk.orders.holding import Blocked
from bridgedesk.orders.models import Order, PlatformAct

S10 = "LX123456785CN"
QUIET = {"headers": {"X-Station": "1"}}


@pytest.fixture
def packed(order, bob):
    """Bob packed everything into one parcel."""
    for place, code in enumerate(["LAMP-R", "LAMP-R", "BULB"]):
        station.scan(order, code, key=str(place), by=bob)
    station.close(order, by=bob)
    return order


@pytest.fixture
def queued(monkeypatch):
    """Jobs that were queued, by name."""
    found = []
    for module in (dispatch, acting):
        monkeypatch.setattr(module, "enqueue", lambda task, **more: found.append((task, more)))
    return found


def test_a_number_is_recognised_and_its_check_digit_tested():
    assert read(" lx 123456785 cn ") == dispatch.Label(S10, read(S10).carrier, checked=True)
    assert read(S10).carrier
    assert read("LX123456784CN").mistyped
    assert read("ODD-77", "Uncle Bob's van").carrier == "Uncle Bob's van"


def test_the_platform_is_told_once_and_then_the_buyer(packed, bob, queued):
    box = ship(packed, S10, by=bob)
    act = PlatformAct.objects.get(kind="ShipParcel")
    assert (box.number, act.state, act.by) == (S10, "queued", bob)
    assert (act.data["order"], act.data["number"], act.data["lines"]) == ("ON-1", S10, [])
    assert S10 in act.data["website"], "a platform that does not know the carrier wants a page to follow it"
    assert "queue_notice" not in dict(queued)
    acting.finish(act)
    assert dict(queued)["queue_notice"] == {"order": packed.pk, "purpose": "shipping_notice", "key": f"ship:{box.pk}"}
    with pytest.raises(CannotShip):
        ship(packed, S10, by=bob)


def test_a_mistyped_number_is_doubted_and_the_packer_may_insist(packed, bob):
    with pytest.raises(CannotShip) as doubted:
        ship(packed, "LX123456784CN", by=bob)
    assert doubted.value.doubt
    assert not PlatformAct.objects.exists()
    assert ship(packed, "LX123456784CN", by=bob, insist=True).number == "LX123456784CN"


@pytest.mark.parametrize("scanned", ["", "ON-1", "BULB"])
def test_what_is_no_label_is_refused(packed, bob, scanned):
    with pytest.raises(CannotShip) as refused:
        ship(packed, scanned, by=bob)
    assert not refused.value.doubt


def test_the_label_of_another_parcel_is_doubted(packed, make_order, bob):
    make_order("ON-2").parcels.create(number=S10)
    with pytest.raises(CannotShip, match="Another parcel") as doubted:
        ship(packed, S10, by=bob)
    assert doubted.value.doubt


def test_nothing_unpacked_leaves(order, bob):
    with pytest.raises(CannotShip, match="No packed parcel"):
        ship(order, S10, by=bob)


def test_a_cancellation_after_packing_keeps_the_parcel_here(packed, bob, sign_in):
    actions.see(packed.shop, OrderSeen("ON-1", status="IN_CANCEL", state="cancelling", cancel_wish="no more", at=clock.now()))
    with pytest.raises(Blocked):
        ship(packed, S10, by=bob)
    assert 'data-verdict="stop"' in sign_in(bob).get(f"/packing/{packed.pk}").content.decode()


def test_one_of_two_parcels_tells_what_is_in_it(order, bob):
    station.scan(order, "LAMP-R", key="1", by=bob)
    station.close(order, by=bob, partly=True)
    ship(order, S10, by=bob)
    assert PlatformAct.objects.get().data["lines"] == [["l1", 1]]


def test_an_announcement_taken_back_may_be_made_again(packed, bob):
    ship(packed, S10, by=bob)
    acting.withdraw(PlatformAct.objects.get(), by=bob)
    ship(packed, "LX123456771CN", by=bob, insist=True)
    assert sorted(PlatformAct.objects.values_list("state", flat=True)) == ["queued", "withdrawn"]


def test_an_own_shop_tells_nobody_but_the_buyer(packed, bob, queued):
    packed.shop.platform = "email"
    packed.shop.save()
    box = ship(packed, S10, by=bob)
    assert not PlatformAct.objects.exists()
    assert (box.shipped_at, Order.objects.get().state) == (box.shipped_at, "shipped")
    assert box.shipped_at
    assert dict(queued)["queue_notice"]["purpose"] == "shipping_notice"


def test_the_station_asks_for_the_label_and_says_what_it_read(packed, bob, sign_in):
    client = sign_in(bob)
    assert "Tracking number on the label" in client.get(f"/packing/{packed.pk}").content.decode()
    assert "Packed, without a number yet" in client.get("/packing").content.decode()
    wrong = client.post(f"/packing/{packed.pk}/ship", {"number": "LX123456784CN"}, **QUIET)
    assert (wrong.status_code, "It is right as it is" in wrong.content.decode()) == (409, True)
    right = client.post(f"/packing/{packed.pk}/ship", {"number": S10}, **QUIET).content.decode()
    assert 'data-verdict="gone"' in right
    assert "check digit right" in right
    assert "Packed, without a number yet" not in client.get("/packing").content.decode()


def test_charlie_and_an_observer_hand_nothing_over(packed, charlie, make_agent, sign_in):
    olga = make_agent("olga", "observer")
    packed.shop.agents.add(olga)
    assert sign_in(charlie).post(f"/packing/{packed.pk}/ship", {"number": S10}).status_code == 404
    assert sign_in(olga).post(f"/packing/{packed.pk}/ship", {"number": S10}).status_code == 403
    assert not PlatformAct.objects.exists()
