"""When access ends, it ends: sessions, open screens and links of people who lost their right to look."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.hashers import make_password
from django.test import Client

from bridgedesk.activity import views
from bridgedesk.team import actions
from bridgedesk.team.models import Agent, Invitation
from tests.activity.test_live import heard, listening, run, say, screen_of

GOOD, NEW = "a good long password", "another good long password"


@pytest.mark.django_db(transaction=True)
def test_a_new_password_ends_the_screens_of_the_old_one(shop, bob, admin):
    token = actions.new_link(bob, by=admin)

    async def story():
        stream = await screen_of(bob)
        await listening(stream)
        await sync_to_async(actions.accept)(token, NEW)
        await say("message", shop=shop.pk, conversation=1)
        assert "message" not in [event["kind"] for event in await heard(stream, "message")]

    run(story)


@pytest.mark.django_db(transaction=True)
def test_a_locked_colleagues_screen_goes_quiet(shop, bob, admin):
    async def story():
        stream = await screen_of(bob)
        await listening(stream)
        await sync_to_async(actions.lock)(bob, by=admin)
        await say("message", shop=shop.pk, conversation=1)
        assert "message" not in [event["kind"] for event in await heard(stream, "message")]

    run(story)


@pytest.mark.django_db(transaction=True)
def test_a_busy_screen_proves_itself_anew(shop, bob, monkeypatch):
    monkeypatch.setattr(views, "ASKED_AGAIN", -1.0)

    async def story():
        stream = await screen_of(bob)
        await listening(stream)
        await sync_to_async(Agent.objects.filter(pk=bob.pk).update)(password=make_password(NEW))
        await say("message", shop=shop.pk, conversation=1)
        assert await asyncio.wait_for(heard(stream, "message"), 10) == []

    run(story)


def test_changing_ones_password_ends_the_other_sessions_and_tells_the_screens(bob, sign_in, monkeypatch):
    told = []
    monkeypatch.setattr(actions, "announce", lambda kind, **ids: told.append((kind, ids.get("agent"))))
    here, stolen = sign_in(bob), sign_in(bob)
    answer = here.post("/account/password/change/", {"oldpassword": GOOD, "password1": NEW, "password2": NEW})
    assert answer.status_code == 302, answer.content.decode()
    assert here.get("/me").status_code == 200
    assert stolen.get("/me").status_code == 302
    assert stolen.get("/live").status_code == 401
    assert told == [("team", bob.pk)]


def test_a_locked_colleague_is_out_at_the_next_click(bob, admin, sign_in):
    session = sign_in(bob)
    actions.lock(bob, by=admin)
    assert session.get("/me").status_code == 302
    assert Client().post("/account/login/", {"login": "bob", "password": GOOD}).headers.get("location") != "/"


def test_logging_in_takes_a_new_session_id(bob):
    client = Client()
    client.get("/account/login/")
    client.session["planted"] = True
    client.session.save()
    before = client.session.session_key
    client.post("/account/login/", {"login": "bob", "password": GOOD})
    assert client.session.session_key != before


def test_an_invitation_is_kept_as_a_hash_works_once_and_ends(bob, admin):
    token = actions.new_link(bob, by=admin)
    kept = Invitation.objects.get()
    assert token not in str(vars(kept))
    assert actions.invitation("") is None
    assert actions.invitation(kept.token_hash) is None
    actions.accept(token, NEW)
    with pytest.raises(actions.NotPossible):
        actions.accept(token, NEW + "!")


@pytest.mark.parametrize("known", ["bob", "nobody-of-this-name"])
def test_a_wrong_password_and_an_unknown_name_look_the_same(known, bob):
    page = Client().post("/account/login/", {"login": known, "password": "wrong wrong wrong"}).content.decode()
    told = page.replace(known, "NAME")
    assert "exist" not in told.lower()
    assert told.count("data-tone") == page.count("data-tone")


def test_no_door_says_who_has_an_account(bob):
    for path in ("/account/password/reset/", "/account/signup/", "/account/email/", "/account/confirm-email/"):
        for name in ("bob", "nobody"):
            page = Client().post(path, {"email": f"{name}@example.org", "login": name, "username": name})
            assert page.status_code in (200, 302, 403, 404, 405), path
            assert "already" not in page.content.decode()


def test_cookies_cannot_be_read_by_script_and_travel_encrypted(bob, settings):
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    client.post("/account/login/", {"login": "bob", "password": GOOD}, secure=True)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
