"""What happens at the door stands in the log, and says neither a password nor a whole address."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from bridgedesk.activity.models import Activity
from bridgedesk.lib.addresses import shortened

GOOD = "a good long password"


def lines():
    return [(row.verb, row.by_id, row.data) for row in Activity.objects.order_by("pk")]


def verbs():
    return [verb for verb, *_ in lines()]


def log_in(name, password=GOOD, peer="198.51.100.7"):
    client = Client(REMOTE_ADDR=peer)
    client.post("/account/login/", {"login": name, "password": password})
    return client


def code(secret):
    return f"{hotp_value(secret, list(yield_hotp_counters_from_time())[1]):06d}"


def test_bob_comes_and_goes(bob):
    log_in("bob").post("/account/logout/")
    assert lines() == [
        ("logged_in", bob.pk, {"name": "Bob", "address": "198.51.100.x"}),
        ("logged_out", bob.pk, {"name": "Bob"}),
    ]


def test_a_wrong_password_is_told_without_it(bob):
    log_in("BOB", "my other secret")
    assert lines() == [("log_in_failed", None, {"name": "Bob", "address": "198.51.100.x"})]


def test_a_name_nobody_has_is_not_written_down(bob):
    """It may have been a password, typed into the wrong field."""
    log_in("my secret password", "x" * 12)
    assert lines() == [("log_in_unknown", None, {"address": "198.51.100.x"})]


def test_a_wrong_second_factor_is_told_apart(bob):
    TOTP.activate(bob, generate_totp_secret())
    log_in("bob").post("/account/2fa/authenticate/", {"code": "000000"})
    assert verbs() == ["second_factor_failed"], "and nobody is logged in"


def test_nobody_is_in_before_the_second_factor(bob):
    secret = generate_totp_secret()
    TOTP.activate(bob, secret)
    client = log_in("bob")
    assert verbs() == []
    client.post("/account/2fa/authenticate/", {"code": code(secret)})
    assert verbs() == ["logged_in"]


@pytest.mark.django_db(transaction=True)
def test_two_factor_switched_on_renewed_and_off_stand_in_the_log(bob):
    client = log_in("bob")
    client.post("/account/reauthenticate/", {"password": GOOD})
    client.get("/account/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    client.post("/account/2fa/totp/activate/", {"code": code(secret)})
    client.post("/account/2fa/recovery-codes/generate/")
    client.post("/account/2fa/totp/deactivate/")
    assert verbs() == ["logged_in", "two_factor_on", "made_recovery_codes", "two_factor_off"]
    assert {by for _, by, _ in lines()} == {bob.pk}
    assert secret not in str(lines())


def test_a_new_password_and_tokens_stand_there_too(bob):
    client = log_in("bob")
    new = "another good long password"
    client.post("/account/password/change/", {"oldpassword": GOOD, "password1": new, "password2": new})
    client.post("/me/tokens", {"name": "erp", "scopes": "read"})
    client.post(f"/me/tokens/{bob.tokens.get().pk}/revoke")
    assert verbs() == ["logged_in", "set_password", "made_token", "revoked_token"]
    assert new not in str(lines())


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_a_lead_reads_it_in_their_language(language, alice, bob, sign_in):
    log_in("bob", "wrong")
    log_in("nobody-here")
    log_in("bob").post("/account/logout/")
    type(alice).objects.filter(pk=alice.pk).update(language=language)
    page = sign_in(alice).get("/activity").content.decode()
    assert page.count("198.51.100.x") == 3
    told = {"en": "logged out", "zh-hans": "退出", "zh-hant": "登出"}
    assert told[language] in page


def test_charlie_and_bob_read_only_their_own_comings(bob, charlie, sign_in):
    log_in("bob", peer="203.0.113.5")
    assert "203.0.113.x" in sign_in(bob).get("/activity").content.decode()
    assert "203.0.113.x" not in sign_in(charlie).get("/activity").content.decode()


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("198.51.100.7", "198.51.100.x"),
        ("::ffff:198.51.100.7", "198.51.100.x"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("", ""),
        ("x<", ""),
    ],
)
def test_an_address_is_kept_as_its_network(address, kept):
    assert shortened(address) == kept
