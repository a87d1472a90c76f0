"""The door: where a log-in leads, what cookies and headers say, how often one may guess, and what stands on no page."""

import ast
import re
from pathlib import Path

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.db import transaction
from django.test import Client

import bridgedesk
from bridgedesk.api import api
from bridgedesk.conversations import attachments
from bridgedesk.team import actions
from bridgedesk.team.models import Agent
from tests.attacks.test_every_address import Visitor, addresses, who, world

__all__ = ["who", "world"]
GOOD = "a good long password"
ELSEWHERE = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "\n//evil.example", "http:/\\evil.example", "//evil%E3%80%82example",
    "https://testserver@evil.example/", "https://testserver.evil.example/", "/%09/evil.example/..//", "\x00//evil.example",
    "https://evil.example\\@testserver/",
)  # fmt: skip


def stays_here(place):
    """A path of ours, in any browser's reading: one slash, then anything but a slash or backslash."""
    return bool(re.match(r"/(?![/\\\s])", place)) and not re.search(r"[\x00-\x20\\]", place)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_no_log_in_leads_elsewhere(place, bob, sign_in):
    doors = [
        Client().post("/account/login/", {"login": "bob", "password": GOOD, "next": place}),
        Client().post("/account/login/?next=" + place.replace("\n", "%0a").replace("\x00", "%00"), {"login": "bob", "password": GOOD}),
        sign_in(bob).get("/account/login/", {"next": place}),
        sign_in(bob).post("/account/logout/", {"next": place}),
        sign_in(bob).post("/account/reauthenticate/", {"password": GOOD, "next": place}),
    ]
    for answer in doors:
        assert answer.status_code == 302, answer.status_code
        assert stays_here(answer.headers["location"]), answer.headers["location"]


def test_no_page_takes_a_way_out_from_its_query(world, who):
    visitor = Visitor(who["lead"], world)
    for address in addresses():
        if address.name != "live" and not address.arguments:
            for place in ("https://evil.example/", "//evil.example", "/\\evil.example"):
                answer = visitor.client.get("/" + address.pattern, dict.fromkeys(("next", "url", "redirect", "return_to", "back"), place))
                for header in ("location", "hx-redirect", "hx-location", "refresh"):
                    assert stays_here(answer.headers.get(header, "/")), f"{address.pattern}: {header}"


def test_every_answer_carries_its_headers_and_its_cookies_are_closed(world, who, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    wrong = []
    for agent in (None, who["admin"]):
        visitor = Visitor(agent, world)
        for address in addresses():
            if address.name == "live":
                continue
            with transaction.atomic():
                answer = visitor.ask(address, "GET")
                transaction.set_rollback(True)
            wrong += [f"{address.pattern}: {word}" for word in _missing(answer)]
    assert wrong == []


def _missing(answer):
    policy, said = answer.headers.get("Content-Security-Policy", ""), answer.headers
    if "unsafe" in policy or "default-src 'none'" not in policy:
        yield f"policy {policy!r}"
    framed = "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy or policy.startswith("sandbox;")
    if not framed or said.get("X-Frame-Options") not in ("DENY", "SAMEORIGIN"):
        yield "may be framed"
    if said.get("X-Content-Type-Options") != "nosniff" or said.get("Referrer-Policy") != "same-origin":
        yield "sniffed, or tells where one came from"
    if said.get("Cross-Origin-Opener-Policy") != "same-origin":
        yield "shares its window"
    if not any(word in said.get("Cache-Control", "") for word in ("no-store", "private", "no-cache")):
        yield f"kept by caches: {said.get('Cache-Control')}"
    for cookie in (one for one in answer.cookies.values() if one.value):  # one that is taken back holds nothing
        if not cookie["secure"] or cookie["samesite"] not in ("Lax", "Strict") or (cookie.key != "csrftoken" and not cookie["httponly"]):
            yield f"cookie {cookie.OutputString()}"


@pytest.fixture
def two_factor(bob):
    """Bob's second factor, and the code of this moment."""
    secret = generate_totp_secret()
    TOTP.activate(bob, secret)
    RecoveryCodes.activate(bob)
    return lambda: f"{hotp_value(secret, list(yield_hotp_counters_from_time())[1]):06d}"


def with_password():
    client = Client()
    answer = client.post("/account/login/", {"login": "bob", "password": GOOD})
    assert "/account/2fa/authenticate/" in answer.headers["location"]
    return client


def test_a_password_alone_opens_nothing_behind_a_second_factor(two_factor):
    client = with_password()
    for path in ("/", "/me", "/account/2fa/", "/account/password/change/", "/account/2fa/recovery-codes/"):
        assert "/account/" in client.get(path).headers["location"], path
    assert client.post("/account/2fa/authenticate/", {"code": two_factor()}).status_code == 302
    assert client.get("/me").status_code == 200


def test_the_second_factor_cannot_be_guessed(two_factor):
    for number in range(8):
        assert with_password().post("/account/2fa/authenticate/", {"code": f"{number:06d}"}).status_code == 200
    answer = with_password().post("/account/2fa/authenticate/", {"code": two_factor()})
    assert answer.status_code == 200, "after so many wrong ones even the right one waits"


def test_a_code_is_good_for_one_log_in(two_factor):
    code = two_factor()
    assert with_password().post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert with_password().post("/account/2fa/authenticate/", {"code": code}).status_code == 200


def test_a_recovery_code_is_good_once(two_factor, bob):
    code = RecoveryCodes(bob.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0]
    assert with_password().post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert with_password().post("/account/2fa/authenticate/", {"code": code}).status_code == 200


def test_a_link_for_a_password_names_our_address_whatever_the_request_says(bob, admin, sign_in):
    told = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-original-url": "https://evil.example"}
    page = sign_in(admin).post(f"/team/{bob.pk}/do/link", headers=told).content.decode()
    assert "/welcome/" in page
    assert "evil.example" not in page


def test_nobody_makes_more_of_themselves_than_they_are(bob, sign_in):
    more = {"role": "admin", "is_superuser": "1", "is_staff": "1", "is_active": "0",
            "username": "root", "password": "x", "email": "x@x.example",
            "shops": "1", "on_duty": "1", "shown_name": "Bob",
            "language": "en", "timezone": "UTC", "theme": "dark"}  # fmt: skip
    sign_in(bob).post("/me", more)
    after = Agent.objects.get(pk=bob.pk)
    assert after.theme == "dark"
    assert (after.role, after.username, after.is_superuser, after.is_staff, after.is_active) == ("agent", "bob", False, False, True)
    assert after.check_password(GOOD)


def test_every_body_of_the_api_refuses_what_it_does_not_know():
    described = api.get_openapi_schema()
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path in described["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    }
    assert bodies
    assert [name for name in bodies if described["components"]["schemas"][name].get("additionalProperties") is not False] == []


def test_what_opens_a_door_cannot_be_guessed(bob, admin, alice):
    """160 bits at least, no two alike, nothing counted up."""
    many = [attachments.draft("a", b"a", by=bob).token for _ in range(50)]
    many += [actions.new_link(bob, by=admin) for _ in range(50)]
    many += [actions.new_token(alice, "x", ["read"], by=alice)[1].removeprefix("bd_") for _ in range(50)]
    assert len(set(many)) == len(many)
    assert min(map(len, many)) >= 27
    assert len({one[:4] for one in many}) > len(many) * 0.9


def test_only_pauses_and_pretend_buyers_are_left_to_a_guessable_chance():
    package = Path(bridgedesk.__file__).parent
    users = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names):
                users.add(path.relative_to(package).as_posix())
    assert {user for user in users if not user.startswith("sandbox/")} <= {"conversations/sending.py", "orders/performing.py"}
