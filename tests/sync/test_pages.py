"""The sync page: who sees what, bytes shown harmless, replay, entering by hand."""

import base64
import re

import pytest
from django.test import Client

from bridgedesk.activity.models import Activity
from bridgedesk.channels.base import Raw
from bridgedesk.conversations.models import Message
from bridgedesk.sync import actions, draining
from bridgedesk.sync.models import Cursor, Delivery

TABLE = "买家,消息内容,时间\nana,你好,2026-11-19 10:00\n,谁,2026-11-19 10:01\nbao,在吗,not a time\nbao,有货吗,2026-11-19 11:00\n"


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def stuck(pretend_shop):
    body = b"<script>alert(1)</script> not what we know"
    made = actions.accept(pretend_shop, Raw("odd", body, "push", headers={"Authorization": "s3cret", "X-Test": "1"}))
    Delivery.objects.filter(pk=made.pk).update(state="stuck", error="ValueError: password=hunter2", attempts=9)
    return made


@pytest.mark.parametrize("path", ["/sync/{}", "/sync/{}/bytes"])
@pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bob", 200), ("charlie", 404), ("admin", 200)])
def test_only_who_sees_the_shop_sees_what_came_in(stuck, path, who, status, request, sign_in):
    assert sign_in(request.getfixturevalue(who)).get(path.format(stuck.pk)).status_code == status


def test_the_list_holds_what_the_viewer_may_see(stuck, bob, charlie, sign_in):
    assert f"/sync/{stuck.pk}" in text(sign_in(bob).get("/sync"))
    page = text(sign_in(charlie).get("/sync"))
    assert f"/sync/{stuck.pk}" not in page
    assert "Pretend shop" not in page


@pytest.mark.parametrize(
    "query", ["state=stuck", "state=evil'", "shop=1e9", "shop=99999999999999999999", "before=x", "before=0", "shop=-1"]
)
def test_any_query_is_answered(stuck, alice, sign_in, query):
    assert sign_in(alice).get(f"/sync?{query}").status_code == 200


def test_bytes_are_shown_and_never_interpreted(stuck, alice, sign_in):
    page = text(sign_in(alice).get(f"/sync/{stuck.pk}"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; not what we know" in page
    assert "<script>alert" not in page
    for secret in ("s3cret", "hunter2"):
        assert secret not in page


def test_bytes_are_downloaded_as_nothing_a_browser_opens(stuck, alice, sign_in):
    answer = sign_in(alice).get(f"/sync/{stuck.pk}/bytes")
    assert answer.content == b"<script>alert(1)</script> not what we know"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_delivery_became_is_linked(say, alice, charlie, sign_in):
    came = say("m1", apply=True)
    message = Message.objects.get()
    assert f"/conversations/{message.conversation_id}" in text(sign_in(alice).get(f"/sync/{came.pk}"))


def test_alice_replays_one_and_all_that_is_stuck(stuck, alice, sign_in, pretend_shop):
    browser = sign_in(alice)
    browser.post(f"/sync/{stuck.pk}/replay")
    stuck.refresh_from_db()
    assert (stuck.state, stuck.attempts, stuck.error) == ("new", 0, "")
    Delivery.objects.update(state="stuck")
    browser.post(f"/shops/{pretend_shop.pk}/replay-stuck")
    assert Delivery.objects.get().state == "new"
    assert set(Activity.objects.values_list("verb", flat=True)) >= {"replayed", "replayed_stuck"}


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 404)])
def test_replaying_and_fetching_are_for_leads(stuck, pretend_shop, who, status, request, sign_in):
    browser = sign_in(request.getfixturevalue(who))
    for path in (f"/sync/{stuck.pk}/replay", f"/shops/{pretend_shop.pk}/replay-stuck", f"/shops/{pretend_shop.pk}/poll"):
        assert browser.post(path).status_code == status
    assert Delivery.objects.get().state == "stuck"


def test_forgotten_bytes_are_not_replayed(say, alice, sign_in):
    came = say("m1", apply=True)
    Delivery.objects.update(body=b"")
    page = text(sign_in(alice).post(f"/sync/{came.pk}/replay", follow=True))
    assert "Its bytes were forgotten" in page
    assert "Forgotten when their time was over" in page


def test_fetching_now_does_not_wait_for_the_turn(pretend_shop, platform, alice, sign_in):
    if not platform.polls:
        pytest.skip("the pretend platform only pushes")
    Cursor.objects.create(shop=pretend_shop)
    assert sign_in(alice).post(f"/shops/{pretend_shop.pk}/poll").status_code == 302
    assert Activity.objects.filter(verb="polled_now", by=alice).exists()


def test_rejections_and_polling_errors_are_shown(pretend_shop, alice, sign_in):
    actions.reject(pretend_shop, "wrong signature")
    Cursor.objects.create(shop=pretend_shop, error="Shopee cannot be reached.", failures=3)
    page = text(sign_in(alice).get("/sync"))
    assert "wrong signature" in page
    assert "Shopee cannot be reached." in page


def test_the_page_asks_a_fixed_number_of_times(say, pretend_shop, alice, sign_in, django_assert_num_queries):
    for number in range(6):
        say(f"m{number}", apply=number % 2 == 0)
    browser = sign_in(alice)
    with django_assert_num_queries(10):
        browser.get("/sync")


def test_bob_pastes_what_a_buyer_wrote(shop, bob, sign_in):
    browser = sign_in(bob)
    given = {"buyer": "ana_77", "text": "你好", "order": "A1", "at": "2026-11-20T10:00", "side": "buyer"}
    assert "Entered." in text(browser.post(f"/shops/{shop.pk}/paste", given, follow=True))
    assert "here already" in text(browser.post(f"/shops/{shop.pk}/paste", given, follow=True))
    came = Delivery.objects.get()
    draining.drain(came.shop_id)
    message = Message.objects.get()
    assert (message.text, message.at.isoformat()) == ("你好", "2026-11-20T02:00:00+00:00")
    assert Activity.objects.get(verb="entered_messages").by == bob


@pytest.mark.parametrize("wrong", [{"buyer": ""}, {"text": " \x00"}, {"at": "yesterday"}])
def test_half_a_message_is_not_entered(shop, bob, sign_in, wrong):
    given = {"buyer": "ana", "text": "hi", "at": ""} | wrong
    assert "needs a buyer and a text" in text(sign_in(bob).post(f"/shops/{shop.pk}/paste", given, follow=True))
    assert not Delivery.objects.exists()


def test_a_table_is_looked_through_before_it_is_taken(shop, bob, sign_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    browser = sign_in(bob)
    page = text(browser.post(f"/shops/{shop.pk}/table", {"table": SimpleUploadedFile("t.csv", TABLE.encode("gb18030"))}))
    assert "The buyer is missing." in page
    assert "The time cannot be read." in page
    assert "有货吗" in page
    assert 'value="消息内容" selected' in page, "the guessed column"
    assert not Delivery.objects.exists(), "nothing is taken yet"
    hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("data", "now")}
    for said in ("2 messages were new", "0 messages were new"):
        assert said in text(browser.post(f"/shops/{shop.pk}/table", hidden | {"accept": "1"}, follow=True))
    assert Delivery.objects.count() == 2


def test_a_person_says_which_column_is_what(shop, bob, sign_in):
    data = base64.b64encode(b"wer,was\nana,hallo\n").decode()
    browser = sign_in(bob)
    assert "No column for the buyer" in text(browser.post(f"/shops/{shop.pk}/table", {"data": data}))
    page = text(browser.post(f"/shops/{shop.pk}/table", {"data": data, "column-buyer": "wer", "column-text": "was"}))
    assert "Take 1 message" in page


@pytest.mark.parametrize(
    "given", [{}, {"data": "%%%"}, {"data": "", "accept": "1"}, {"data": base64.b64encode(b"a,b").decode(), "now": "x", "accept": "1"}]
)
def test_what_is_no_table_takes_nothing(shop, bob, sign_in, given):
    assert sign_in(bob).post(f"/shops/{shop.pk}/table", given).status_code in (200, 302)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("path", ["paste", "table"])
def test_entering_is_for_those_who_write_in_a_shop_kept_by_hand(shop, pretend_shop, alice, charlie, make_agent, sign_in, path):
    given = {"buyer": "ana", "text": "hi", "data": base64.b64encode("买家,内容\na,b\n".encode()).decode(), "accept": "1"}
    looker = make_agent("olga", "observer")
    shop.agents.add(looker)
    assert sign_in(charlie).post(f"/shops/{shop.pk}/{path}", given).status_code == 404
    assert sign_in(looker).post(f"/shops/{shop.pk}/{path}", given).status_code == 403
    assert sign_in(alice).post(f"/shops/{pretend_shop.pk}/{path}", given).status_code == 404
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("path", ["/sync", "/webhooks", "/activity", "/activity.csv", "/sync/1"])
def test_a_stranger_is_sent_to_the_door(path, db):
    assert Client().get(path).headers["Location"].startswith("/account/login/")
