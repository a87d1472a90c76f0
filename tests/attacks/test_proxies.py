"""Who says whom they speak for: X-Forwarded headers of strangers change nothing."""

import pytest
from django.conf import settings as configured
from django.test import Client

from bridgedesk.lib.proxies import believe

PROXY, BUYER, LIAR = "10.0.0.2", "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/30", "::1"]


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        (LIAR, BUYER, LIAR),
        (PROXY, BUYER, BUYER),
        (PROXY, f"{LIAR}, {BUYER}", BUYER),
        (PROXY, f"{LIAR}, {BUYER}, 10.0.0.1", BUYER),
        (f"::ffff:{PROXY}", BUYER, BUYER),
        ("::1", "2001:db8::7", "2001:db8::7"),
        (PROXY, "", PROXY),
        (PROXY, "<script>", PROXY),
        (PROXY, "unknown, 10.0.0.1", PROXY),
        ("", BUYER, ""),
    ],
)
def test_a_forged_address_is_not_believed(peer, said, client):
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": said}
    believe(meta)
    assert meta == {"REMOTE_ADDR": client}


def test_only_a_known_proxy_says_that_the_line_is_encrypted(client, settings):
    settings.SECURE_PROXY_SSL_HEADER, settings.SECURE_HSTS_SECONDS = ("HTTP_X_FORWARDED_PROTO", "https"), 60
    told = {"x-forwarded-proto": "https"}
    assert "Strict-Transport-Security" in client.get("/account/login/", headers=told, REMOTE_ADDR=PROXY).headers
    assert "Strict-Transport-Security" not in client.get("/account/login/", headers=told, REMOTE_ADDR=LIAR).headers


def guess(name, peer, forged):
    told = {"x-forwarded-for": forged, "x-real-ip": forged, "forwarded": f"for={forged}"}
    return Client().post("/account/login/", {"login": name, "password": "guess guess guess"}, headers=told, REMOTE_ADDR=peer)


def log_in(name, peer, **more):
    return (
        Client().post("/account/login/", {"login": name, "password": "a good long password"}, REMOTE_ADDR=peer, **more).status_code == 302
    )


def test_guessing_many_names_is_slowed_down_whatever_address_is_forged(alice):
    for number in range(12):
        guess(f"name{number}", LIAR, f"192.0.2.{number}")
    assert not log_in("alice", LIAR)
    assert log_in("alice", BUYER)


def test_guessing_one_persons_password_is_slowed_down_from_any_address(bob):
    for number in range(8):
        guess("bob", f"192.0.2.{number}", BUYER)
    assert not log_in("bob", LIAR)


def test_a_colleague_behind_the_same_proxy_still_gets_in(bob, alice):
    for number in range(12):
        guess(f"name{number}", PROXY, LIAR)
    assert log_in("alice", PROXY, headers={"x-forwarded-for": BUYER})


def test_a_foreign_host_name_gets_no_page(client, db):
    assert client.get("/account/login/", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/account/login/", headers={"x-forwarded-host": "evil.example"}).status_code == 200
    assert b"evil.example" not in client.get("/account/login/", headers={"x-forwarded-host": "evil.example"}).content


def test_every_forwarded_header_is_named_in_the_settings():
    assert configured.MIDDLEWARE[0] == "bridgedesk.lib.proxies.forwarded"
    assert not configured.USE_X_FORWARDED_HOST
    assert not configured.USE_X_FORWARDED_PORT
