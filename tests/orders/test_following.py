"""Tracking services over real HTTP: registered, asked, told by hooks; one that fails holds up no other."""

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.events import TRACK_STATES, OrderSeen, ParcelSeen
from bridgedesk.channels.trackers import TrackerError
from bridgedesk.lib import clock
from bridgedesk.orders import actions, following
from bridgedesk.orders.models import Parcel
from bridgedesk.orders.tracker_models import Tracker, TrackerNews
from bridgedesk.sandbox import trackers
from bridgedesk.sandbox.servers import Sandbox
from tests.conftest import NOON

DAY = timedelta(days=1)


class Days:
    """The clock of sandbox and desk, turned by hand."""

    now = NOON


@pytest.fixture
def days(monkeypatch):
    turned = Days()
    monkeypatch.setattr(clock, "now", lambda: turned.now)
    return turned


@pytest.fixture
def sandbox(days, settings):
    with Sandbox(now=lambda: days.now) as running:
        settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{running.port}"})
        yield running


@pytest.fixture
def set_up(sandbox, admin):
    def make(name="17track", **more):
        base = sandbox.url + {"17track": "/track/v2.4", "aftership": "/tracking/2026-07"}[name]
        given_ = {"key": trackers.KEY, "secret": trackers.SECRET, "base_url": base, "sign": "confirm", "enabled": True}
        return following.save(name, **(given_ | more), by=admin)

    return make


def sent(shop, number="RR123456785CN", order="ON-1"):
    actions.see(shop, OrderSeen(order, state="shipped", at=clock.now(), parcels=(ParcelSeen(order, number=number),)))
    return Parcel.objects.get(number=number)


def later(days, name="17track", **span):
    days.now += timedelta(**span)
    return following.follow(name)


@pytest.mark.parametrize("name", ["17track", "aftership"])
def test_a_parcel_is_registered_once_and_followed_to_the_door(name, shop, set_up, days):
    set_up(name)
    parcel = sent(shop)
    assert following.due() == [name]
    later(days, name)
    seen = []
    for _ in range(40):
        later(days, name, hours=12)
        parcel.refresh_from_db()
        seen.append(parcel.status)
    assert parcel.tracker == name
    assert parcel.status == "delivered"
    assert {"in_transit", "customs", "pickup_ready", "delivered"} <= set(seen)
    assert parcel.scans.count() == len(trackers.WAY)
    assert parcel.next_look_at is None
    assert parcel.delivered_at == NOON + 14 * DAY


def test_more_than_forty_numbers_are_asked_for_in_batches(shop, set_up, days):
    set_up()
    for number in range(45):
        sent(shop, f"LP{number:014}", f"ON-{number}")
    following.follow("17track")
    assert Parcel.objects.filter(tracker="17track").count() == 40
    following.follow("17track")
    assert Parcel.objects.filter(tracker="17track").count() == 45


def test_a_used_up_quota_waits_for_a_person_and_loses_no_parcel(shop, set_up, sandbox, days):
    row = set_up()
    sandbox.do(lambda servers: setattr(servers.trackers, "quota", 0))
    sent(shop)
    assert following.follow("17track") == 0
    row.refresh_from_db()
    assert "quota" in row.error
    sandbox.do(lambda servers: setattr(servers.trackers, "quota", 5))
    later(days, hours=7)
    assert Parcel.objects.get().tracker == "17track"


def test_one_service_out_of_order_holds_up_no_other(shop, set_up, sandbox, days):
    set_up("17track")
    set_up("aftership")
    first, second = sent(shop), sent(shop, "LP00000000000001", "ON-2")
    Parcel.objects.filter(pk=second.pk).update(tracker="aftership")
    sandbox.do(lambda servers: servers.trackers.known.update({second.number: days.now - 2 * DAY}))
    sandbox.fault("/track/v2.4/register", "status", status=503)
    assert following.follow("17track") == 0
    assert following.due() == ["aftership"]
    assert following.follow("aftership") == 1
    first.refresh_from_db()
    assert first.next_look_at > days.now


def test_a_wrong_key_is_told_by_the_test_button_and_the_quota_is_shown(set_up, admin):
    row = set_up()
    assert following.test(row, by=admin) == ""
    row.refresh_from_db()
    assert row.left == 1000
    assert "refused the key" in following.test(set_up(key="wrong"), by=admin)


def test_a_stored_key_never_goes_to_another_address(set_up):
    assert following.service_of(set_up()).key == trackers.KEY
    assert following.service_of(set_up(key="", base_url="https://elsewhere.example")).key == ""


def test_a_hook_that_is_not_proved_makes_us_ask_again_and_changes_nothing_by_itself(shop, set_up, sandbox, days):
    set_up()
    parcel = sent(shop)
    following.follow("17track")
    Parcel.objects.update(next_look_at=days.now + 9 * DAY)
    lie = {"event": "TRACKING_UPDATED", "data": {"number": parcel.number, "track_info": {"latest_status": {"status": "Delivered"}}}}
    assert Client().post("/in/tracker/17track", lie, "application/json").status_code == 200
    following.apply(TrackerNews.objects.get().pk)
    parcel.refresh_from_db()
    assert parcel.status != "delivered"
    assert parcel.next_look_at == days.now


def hint(number="RR1", **more):
    return json.dumps({"event": "TRACKING_UPDATED", "data": {"number": number}, **more}).encode()


def knock(body):
    return Client().post("/in/tracker/17track", body, "application/json").status_code


def test_of_a_hook_that_is_not_proved_only_the_number_of_a_parcel_of_ours_is_kept_once_in_a_while(shop, set_up, sandbox, days):
    set_up()
    parcel = sent(shop)
    following.follow("17track")
    assert [knock(hint(parcel.number, padding="x" * size)) for size in (0, 10, 150_000)] == [200, 200, 200]
    assert json.loads(bytes(TrackerNews.objects.get().body)) == {"data": {"number": parcel.number}}
    days.now += following.HINTS_EVERY
    assert knock(hint(parcel.number)) == 200
    assert TrackerNews.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (hint("NOT-OURS"), 200),
        (hint(padding="x" * following.HINT_BYTES), 401),
        (b"[" * 100_000, 401),
        (b"\xff", 401),
        (b'{"data": 1}', 401),
    ],
)
def test_what_anybody_may_send_to_an_open_hook_leaves_nothing_behind(body, status, set_up, sandbox, days):
    set_up()
    assert knock(body) == status
    assert not TrackerNews.objects.exists()


def test_a_signed_hook_of_17track_is_taken_at_its_word_where_somebody_chose_the_formula(shop, set_up, sandbox, days):
    set_up(sign="body_key")
    parcel = sent(shop)
    following.follow("17track")
    days.now += 9 * DAY
    row = sandbox.do(lambda servers: servers.trackers.seventeen_row(parcel.number))
    body = json.dumps({"event": "TRACKING_UPDATED", "data": row}).encode()
    sign = hashlib.sha256(body + b"/" + trackers.KEY.encode()).hexdigest()
    assert Client().post("/in/tracker/17track", body, "application/json", headers={"sign": "0" * 64}).status_code == 401
    assert Client().post("/in/tracker/17track", body, "application/json", headers={"sign": sign}).status_code == 200
    following.apply(TrackerNews.objects.get().pk)
    parcel.refresh_from_db()
    assert parcel.scans.count() == 5


def test_a_hook_of_aftership_is_proved_kept_raw_once_and_can_be_applied_again(shop, set_up, sandbox, days, admin):
    set_up("aftership")
    parcel = sent(shop)
    following.follow("aftership")
    days.now += 2 * DAY
    row = sandbox.do(lambda servers: servers.trackers.aftership_row(parcel.number))
    body = json.dumps({"event": "tracking_update", "msg": row}).encode()
    proof = base64.b64encode(hmac.new(trackers.SECRET.encode(), body, hashlib.sha256).digest()).decode()
    for _ in range(2):
        answer = Client().post("/in/tracker/aftership", body, "application/json", headers={"aftership-hmac-sha256": proof})
        assert (answer.status_code, answer.content) == (200, b"")
    assert (
        Client().post("/in/tracker/aftership", body + b" ", "application/json", headers={"aftership-hmac-sha256": proof}).status_code == 401
    )
    news = TrackerNews.objects.get()
    assert bytes(news.body) == body
    following.apply(news.pk)
    following.replay(news, by=admin)
    parcel.refresh_from_db()
    assert (parcel.status, parcel.scans.count()) == ("in_transit", 2)


def test_a_hook_nobody_can_read_is_kept_and_shown(set_up, days):
    row = set_up("aftership")
    body = b"[]"
    proof = base64.b64encode(hmac.new(trackers.SECRET.encode(), body, hashlib.sha256).digest()).decode()
    assert following.hear(row, {"aftership-hmac-sha256": proof}, body)
    following.apply(TrackerNews.objects.get().pk)
    assert TrackerNews.objects.get().state == "failed"


def test_hooks_of_services_that_are_not_in_use_go_nowhere(db):
    assert Client().post("/in/tracker/17track", {}, "application/json").status_code == 404
    assert Client().post("/in/tracker/nonsense", {}, "application/json").status_code == 404


@given(st.sampled_from(TRACK_STATES), st.integers(0, 400), st.integers(0, 40))
def test_a_parcel_is_asked_for_between_every_three_hours_and_every_four_days_until_it_rests(status, age, looks):
    wait = following.pause(status, age * DAY, looks)
    assert (wait is None) == (status in ("delivered", "returned") or age > 120)
    assert wait is None or timedelta(hours=3) <= wait <= 4 * DAY


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_whatever_json_a_hook_holds_is_read_or_refused_in_words(value):
    for tracker in following.TRACKERS.values():
        with contextlib.suppress(ValueError, TrackerError):
            tracker.read(json.dumps(value).encode())


def test_only_an_admin_sees_and_changes_tracking_services(set_up, sign_in, admin, alice):
    set_up()
    page = sign_in(admin).get("/trackers").content.decode()
    assert "17TRACK" in page
    assert trackers.KEY not in page
    assert sign_in(alice).get("/trackers").status_code == 403
    assert sign_in(alice).post("/trackers/17track/save", {"key": "x"}).status_code == 403
    assert sign_in(admin).post("/trackers/17track/test", follow=True).status_code == 200
    sign_in(admin).post("/trackers/17track/save", {"base_url": "ftp://x", "sign": "confirm"})
    assert Tracker.objects.get().base_url.startswith("http://127.0.0.1")
