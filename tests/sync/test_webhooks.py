"""The webhooks page: whose endpoints, addresses that are refused, the secret shown once, the ping."""

import hashlib
import hmac
import re
from pathlib import Path

import httpx
import pytest

from bridgedesk.lib import http
from bridgedesk.sync import outgoing
from bridgedesk.sync.models import Endpoint, Notification


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def endpoint(alice, shop):
    return outgoing.add_endpoint(alice, "https://erp.example/hook", ["replied"], by=alice)[0]


@pytest.fixture
def known_hosts(monkeypatch):
    monkeypatch.setattr(
        "bridgedesk.lib.addresses._lookup", lambda host, port: [(0, 0, 0, "", ("127.0.0.1" if "local" in host else "93.184.215.14", port))]
    )


def test_alice_adds_one_and_sees_its_secret_once(alice, shop, sign_in, known_hosts):
    browser = sign_in(alice)
    page = text(browser.post("/webhooks", {"url": "https://erp.example/hook", "verbs": ["replied", "no such verb"]}))
    secret = re.search(r'<pre class="mono codes">([\w-]{40,})</pre>', page)[1]
    made = Endpoint.objects.get()
    assert (made.owner, made.verbs) == (alice, ["replied"])
    for path in ("/webhooks", f"/webhooks/{made.pk}"):
        assert secret not in text(browser.get(path))


@pytest.mark.parametrize(
    "url", ["http://local.example/x", "ftp://erp.example", "javascript:1", "https://u:p@erp.example/", "https://erp.example:99999/"]
)
def test_an_address_we_do_not_call_is_refused(alice, sign_in, known_hosts, url):
    assert sign_in(alice).post("/webhooks", {"url": url}).status_code == 422
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 403), ("admin", 200), ("alice", 200)])
def test_webhooks_are_for_leads_and_each_sees_their_own(endpoint, who, status, request, sign_in):
    browser = sign_in(request.getfixturevalue(who))
    assert browser.get("/webhooks").status_code == status
    assert browser.get(f"/webhooks/{endpoint.pk}").status_code == status


def test_another_lead_does_not_see_it(endpoint, make_agent, sign_in):
    browser = sign_in(make_agent("lena", "lead"))
    assert "erp.example" not in text(browser.get("/webhooks"))
    for act in ("ping", "off", "remove"):
        assert browser.post(f"/webhooks/{endpoint.pk}/do/{act}").status_code == 404
    assert Endpoint.objects.get().enabled


def test_it_is_switched_off_and_on_and_removed(endpoint, alice, sign_in):
    browser = sign_in(alice)
    for act, enabled in [("off", False), ("on", True)]:
        browser.post(f"/webhooks/{endpoint.pk}/do/{act}")
        endpoint.refresh_from_db()
        assert endpoint.enabled is enabled
    browser.post(f"/webhooks/{endpoint.pk}/do/remove")
    assert not Endpoint.objects.exists()
    assert browser.post(f"/webhooks/{endpoint.pk}/do/remove").status_code == 404


def test_the_ping_is_signed_and_its_answer_said(endpoint, alice, sign_in, monkeypatch):
    got = []

    def answer(method, url, *, content, headers, max_bytes):
        got.append((content, headers["Bridgedesk-Signature"]))
        return httpx.Response(500)

    monkeypatch.setattr(http, "request", answer)
    assert "It answered 500" in text(sign_in(alice).post(f"/webhooks/{endpoint.pk}/do/ping", follow=True))
    ((body, signature),) = got
    at, digest = re.fullmatch(r"t=(\d+),v1=(\w+)", signature).groups()
    from django.conf import settings

    from bridgedesk.lib.secrets import unseal

    secret = unseal(endpoint.sealed_secret, settings.SECRET_KEY)
    assert hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() == digest


def test_the_log_tells_how_it_went(endpoint, alice, sign_in, noon):
    Notification.objects.create(endpoint=endpoint, activity_id=1, state="given_up", next_try_at=noon, status=404, error="<b>gone</b>")
    page = text(sign_in(alice).get(f"/webhooks/{endpoint.pk}"))
    assert "404" in page
    assert "&lt;b&gt;gone&lt;/b&gt;" in page


def test_the_page_asks_a_fixed_number_of_times(endpoint, alice, sign_in, django_assert_num_queries):
    browser = sign_in(alice)
    for number in range(4):
        outgoing.add_endpoint(alice, f"https://erp.example/{number}", [], by=alice)
    with django_assert_num_queries(3):
        browser.get("/webhooks")


def test_the_documented_way_to_verify_verifies():
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    told: dict = {}
    exec(re.search(r"```python\n(.*?)```", page, re.S)[1], told)
    header = outgoing.signature("secret", 1_000_000, b"body")
    assert told["is_ours"]("secret", header, b"body", now=1_000_100)
    assert not told["is_ours"]("secret", header, b"other", now=1_000_100)
    assert not told["is_ours"]("secret", header, b"body", now=1_000_900)
