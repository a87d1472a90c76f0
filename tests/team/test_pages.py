"""The team's pages with Alice, Bob, Charlie and the admin Dora."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from bridgedesk.lib import clock
from bridgedesk.team import actions
from bridgedesk.team.models import Agent, ApiToken
from tests.conftest import NOON

GOOD = "correct horse battery"
LOG_IN = {"login": "bob", "password": "a good long password"}


def test_dora_invites_a_colleague_who_then_logs_in(admin, sign_in):
    page = sign_in(admin).post("/team", {"username": "mei", "role": "agent", "shown_name": "小梅"})
    link = re.search(r"/welcome/[\w-]+", page.content.decode())
    assert link
    visitor = Client()
    assert "小梅" in visitor.get(link[0]).content.decode()
    visitor.post(link[0], {"password": GOOD})
    assert visitor.post("/account/login/", {"login": "mei", "password": GOOD}).status_code == 302
    assert visitor.get("/").status_code == 200
    assert Client().get(link[0]).status_code == 410


def test_a_weak_password_is_answered_with_the_reason(admin):
    _, token = actions.invite("mei", "agent", by=admin)
    assert "too short" in Client().post(f"/welcome/{token}", {"password": "short"}).content.decode()


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_only_an_admin_invites(who, request, sign_in):
    assert sign_in(request.getfixturevalue(who)).post("/team", {"username": "x", "role": "admin"}).status_code == 403
    assert not Agent.objects.filter(username="x").exists()


@pytest.mark.parametrize("act", ["role", "lock", "unlock", "link"])
@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_an_admin_acts_on_colleagues(who, act, request, sign_in, make_agent):
    victim = make_agent("victim")
    answer = sign_in(request.getfixturevalue(who)).post(f"/team/{victim.pk}/do/{act}", {"role": "admin"})
    assert answer.status_code == 403
    victim.refresh_from_db()
    assert (victim.role, victim.is_active) == ("agent", True)


def test_nobody_makes_themselves_admin_by_their_own_settings(bob, sign_in):
    sign_in(bob).post(
        "/me", {"shown_name": "B", "language": "en", "timezone": "Asia/Tokyo", "theme": "dark", "role": "admin", "is_superuser": "1"}
    )
    bob.refresh_from_db()
    assert (bob.role, bob.is_superuser, bob.timezone) == ("agent", False, "Asia/Tokyo")


def test_an_unknown_time_zone_is_said(bob, sign_in):
    page = sign_in(bob).post("/me", {"shown_name": "B", "language": "en", "timezone": "Mars/Base", "theme": "dark"})
    assert "There is no such time zone." in page.content.decode()


def test_a_token_is_shown_once_and_never_again(bob, sign_in):
    browser = sign_in(bob)
    page = browser.post("/me/tokens", {"name": "ERP", "scopes": ["read"]}).content.decode()
    secret = re.search(r"bd_[\w-]{40,}", page)
    assert secret
    assert secret[0] not in browser.get("/me").content.decode()


def test_bob_cannot_revoke_a_token_of_alice(alice, bob, sign_in):
    token, _ = actions.new_token(alice, "hers", ["read"], by=alice)
    assert sign_in(bob).post(f"/me/tokens/{token.pk}/revoke").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


def test_the_team_page_names_only_shops_the_viewer_sees(shop, charlie, bob, alice, make_shop, sign_in):
    make_shop("Secret shop").agents.set([charlie])
    page = sign_in(bob).get("/team").content.decode()
    assert "Lamp shop" in page
    assert "Secret shop" not in page


def test_the_team_page_asks_a_fixed_number_of_times(shop, admin, make_agent, sign_in, django_assert_num_queries):
    browser = sign_in(admin)
    for number in range(10):
        shop.agents.add(make_agent(f"agent{number}"))
    browser.get("/team")
    with django_assert_num_queries(7):
        browser.get("/team")


def test_logging_in_with_a_second_factor_asks_for_the_code(bob):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(bob, generate_totp_secret())
    visitor = Client()
    answer = visitor.post("/account/login/", LOG_IN)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert visitor.get("/").status_code == 302, "the password alone opens nothing"
    assert "Second step" in visitor.get("/account/2fa/authenticate/", headers={"accept-language": "en"}).content.decode()


def test_a_colleague_switches_two_factor_on(bob):
    visitor = Client(headers={"accept-language": "en"})
    visitor.post("/account/login/", LOG_IN)
    asked = visitor.get("/account/2fa/totp/activate/", follow=True)
    page = visitor.post(asked.redirect_chain[-1][0], {"password": LOG_IN["password"]}, follow=True).content.decode()
    assert "data:image/svg+xml" in page
    visitor.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert not Authenticator.objects.exists()


def test_a_name_that_does_not_exist_is_answered_like_a_wrong_password(bob):
    wrong = Client().post("/account/login/", {"login": "bob", "password": "wrong"}, headers={"accept-language": "en"})
    nobody = Client().post("/account/login/", {"login": "nobody", "password": "wrong"}, headers={"accept-language": "en"})

    def plain(answer: object) -> str:
        text = re.sub(r'value="[^"]*"|data-now="[^"]*"', "", answer.content.decode())  # type: ignore[attr-defined]
        return re.sub(r'X-CSRFToken": "\w+', "", text)

    assert plain(wrong) == plain(nobody)


def test_many_wrong_passwords_are_slowed_down(bob, settings):
    visitor = Client(headers={"accept-language": "en"})
    answers = [visitor.post("/account/login/", {"login": "bob", "password": f"wrong{n}"}) for n in range(12)]
    assert "Too many" in answers[-1].content.decode()
    assert visitor.post("/account/login/", LOG_IN).status_code == 200, "not even with the right one, for a while"


@pytest.mark.parametrize("path", ["/account/signup/", "/account/password/reset/", "/account/email/"])
def test_the_doors_we_do_not_use_lead_nowhere(path, bob):
    answer = Client().get(path, headers={"accept-language": "en"})
    assert answer.status_code in (200, 302, 404)
    assert "<form" not in answer.content.decode() or "Log in" in answer.content.decode()


@pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:alert(1)"])
def test_logging_in_leads_to_no_foreign_page(next_page, bob):
    answer = Client().post(f"/account/login/?next={next_page}", LOG_IN | {"next": next_page})
    assert "evil" not in answer.headers.get("Location", "")
    assert "javascript" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("path", ["/team", "/me"])
def test_without_a_log_in_there_is_only_the_door(path):
    assert Client().get(path).headers["Location"].startswith("/account/login/")


def test_a_shift_is_planned_in_the_planners_time_zone(alice, bob, sign_in):
    with clock.frozen(NOON):
        sign_in(alice).post("/team/shifts", {"agent": bob.pk, "starts": "2026-11-21T08:30", "ends": "2026-11-21T16:30"})
    assert bob.shifts.get().starts_at.isoformat() == "2026-11-21T00:30:00+00:00"
