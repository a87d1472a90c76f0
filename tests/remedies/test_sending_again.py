"""Goods sent again: packers are told, the station wants just those, the parcel is followed, the shelf agrees; each once."""

import pytest
from django.urls import reverse

from bridgedesk.channels.acts import ShipParcel
from bridgedesk.orders import acting, dispatch, holding, replacing, station
from bridgedesk.orders.models import Parcel, PlatformAct, Remark
from bridgedesk.orders.remarks import acknowledge
from bridgedesk.products.models import Movement
from bridgedesk.remedies import actions

NUMBER = "RB123456785GB"


@pytest.fixture
def accepted(case, bob):
    def take(option="resend"):
        actions.answered(actions.choose(case, option, by=bob), "accepted", by=bob)
        return PlatformAct.objects.get(kind="SendAgain")

    return take


def test_packers_are_told_what_to_send_once(accepted, order, bob):
    act = accepted()
    assert replacing.tell_packers(act, by=bob) is None
    remark = Remark.objects.get()
    assert (remark.kind, remark.addressee, "1 × Lamp" in remark.text) == ("resend", "packing", True)
    assert remark.data == {"act": act.pk, "lines": {str(order.lines.get().pk): 1}, "part": False}
    assert holding.obstacles(order) == [holding.UNREAD], "that it has left already is no obstacle, that nobody read the remark is"


def test_the_station_wants_just_that_and_its_label_ends_it(accepted, order, sku, bob):
    act = accepted()
    acknowledge(Remark.objects.get(), by=bob)
    (want,) = station.wants_of(order, None)
    assert (want.title, want.pieces) == ("Lamp", 1)
    assert station.scan(order, "LAMP", key="1", by=bob).verdict == "right"
    station.close(order, by=bob)
    box = dispatch.ship(order, NUMBER, by=bob)
    act.refresh_from_db()
    sku.refresh_from_db()
    assert (act.state, act.reference, box.status, bool(box.shipped_at), bool(box.next_look_at)) == (
        "done",
        NUMBER,
        "in_transit",
        True,
        True,
    )
    assert (sku.on_hand, Movement.objects.get().kind) == (9, "out")
    assert not PlatformAct.objects.filter(kind=ShipParcel.__name__).exists(), "no platform knows a second parcel of an order"
    assert station.reasons(order), "nothing more of it is to be packed"
    assert not holding.resending.to_send(order).exists()


def test_a_parcel_sent_again_needs_its_number(accepted, order, bob, shop):
    shop.platform = "shopee"
    shop.save()
    accepted()
    acknowledge(Remark.objects.get(), by=bob)
    station.scan(order, "LAMP", key="1", by=bob)
    station.close(order, by=bob)
    with pytest.raises(dispatch.CannotShip):
        dispatch.ship(order, "", by=bob)


def test_sent_by_another_way_it_is_entered_and_followed(accepted, order, sku, bob):
    act = accepted()
    parcel = replacing.sent_again(act, NUMBER, by=bob)
    with pytest.raises(acting.CannotNow):
        replacing.sent_again(act, NUMBER, by=bob)
    act.refresh_from_db()
    sku.refresh_from_db()
    assert (act.state, parcel.status, Parcel.objects.count(), sku.on_hand) == ("done", "in_transit", 2, 9)
    assert Remark.objects.get().withdrawn_at


def test_a_part_is_put_in_by_hand_and_is_no_article_off_the_shelf(accepted, order, sku, bob):
    act = accepted("resend_part")
    acknowledge(Remark.objects.get(), by=bob)
    (want,) = station.wants_of(order, None)
    assert ("Lamp" in want.title, want.title == "Lamp", want.codes) == (True, False, frozenset())
    acting.settle(act, done=True, by=bob)
    sku.refresh_from_db()
    assert (sku.on_hand, Remark.objects.get().withdrawn_at is None) == (10, False)


def test_taken_back_the_packers_are_told_no_more(accepted, order, sku, bob):
    acting.withdraw(accepted(), by=bob)
    sku.refresh_from_db()
    assert (bool(Remark.objects.get().withdrawn_at), sku.on_hand) == (True, 10)
    assert station.reasons(order)


def test_it_waits_in_the_queue_of_the_station_and_on_the_case(accepted, case, order, bob, charlie, sign_in):
    act = accepted()
    client = sign_in(bob)
    station_page = reverse("order-packing", args=[order.pk])
    assert f'"{station_page}"' in client.get("/packing").content.decode()
    page = client.get(f"/remedies/{case.pk}").content.decode()
    assert "Tracking number of the parcel sent again" in page
    wrong = client.post(f"/remedies/{case.pk}/do/sent", {"id": act.pk, "number": "RB123456786GB"}, follow=True).content.decode()
    assert "check digit" in wrong
    page = client.post(f"/remedies/{case.pk}/do/sent", {"id": act.pk, "number": NUMBER}, follow=True).content.decode()
    assert NUMBER in page
    assert f'"{station_page}"' not in client.get("/packing").content.decode()
    assert sign_in(charlie).post(f"/remedies/{case.pk}/do/sent", {"id": act.pk, "number": NUMBER}).status_code == 404


def test_nobody_leaves_such_a_remark_by_hand(order, bob, sign_in):
    page = sign_in(bob).post(f"/orders/{order.pk}/do/remark", {"kind": "resend", "text": "x"}, follow=True).content.decode()
    assert "from a case" in page
    assert not Remark.objects.exists()
