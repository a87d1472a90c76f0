"""Text messages against a small provider on loopback, and its signed form posts."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.base import Account, CannotTell, Inbound, NeedsReconnect, Outgoing, Rejected, SendError, Uncertain
from bridgedesk.channels.events import Bounced, File, MessageReceived
from bridgedesk.channels.sms import Sms, form, signature
from bridgedesk.lib import clock
from tests.channels.accounts import account
from tests.lib.servers import Call, Server, reply, serving

CALLBACK = "https://desk.example/in/sms/3"
OURS, BUYER = "+6531580001", "+6591234567"


@dataclass
class Provider:
    """The provider's memory; `faults` are answers given instead, one each."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Any] = field(default_factory=list)
    server: Server = field(default_factory=lambda: Server(0))

    def add(self, sender: str, to: str, body: str, *, ago: int = 0, **more: Any) -> str:
        sid = f"SM{len(self.rows):032d}"
        at = format_datetime(clock.now() - timedelta(seconds=ago))
        direction = "inbound" if to == OURS else "outbound-api"
        self.rows.insert(0, {"sid": sid, "from": sender, "to": to, "body": body, "direction": direction, "num_media": "0",
                             "date_sent": at, "date_created": at, "status": "queued", **more})  # fmt: skip
        return sid

    def answer(self, handler: BaseHTTPRequestHandler, call: Call) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault == "lose request":
            return handler.connection.close()
        if isinstance(fault, tuple):
            return reply(handler, json.dumps(fault[1]).encode() if isinstance(fault[1], dict) else fault[1], fault[0])
        answer = self.post(call) if call.method == "POST" else self.get(call)
        if fault == "lose answer":
            return handler.connection.close()
        return reply(handler, *answer)

    def post(self, call: Call) -> Any:
        given = {name: value[0] for name, value in parse_qs(call.body.decode()).items()}
        sid = self.add(given.get("From", ""), given["To"], given["Body"])
        return json.dumps(next(row for row in self.rows if row["sid"] == sid)).encode(), 201

    def get(self, call: Call) -> Any:
        parts, query = urlsplit(call.path), parse_qs(urlsplit(call.path).query)
        if parts.path.endswith("/Media.json"):
            return (json.dumps({"media_list": [{"uri": "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1.json"}]}).encode(),)
        if parts.path.endswith("/Media/ME1"):
            return b"", 307, {"Location": "/file-server/ME1"}
        if parts.path == "/file-server/ME1":
            return (b"\x89PNG",)
        if parts.path.endswith("/AC1.json"):
            return (b'{"status":"active"}',)
        page = int(query.get("Page", ["0"])[0])
        found = [row for row in self.rows if row["to"] == query["To"][0]]
        more = f"{parts.path}?{urlencode({'To': query['To'][0], 'Page': page + 1})}" if len(found) > page * 2 + 2 else None
        return (json.dumps({"messages": found[page * 2 : page * 2 + 2], "next_page_uri": more}).encode(),)


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    made = Provider()
    with serving(made.answer) as made.server:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{made.server.port}"}
        yield made


@pytest.fixture
def shop(provider: Provider) -> Account:
    options = {"account_sid": "AC1", "callback_url": CALLBACK}
    return account(OURS, region="SG", base_url=provider.server.url, options=options, secrets={"auth_token": "tok-secret"})


def text(body: str = "On its way", **more: Any) -> Outgoing:
    return Outgoing(reference="r", thread=BUYER, to=BUYER, text=body, since=clock.now(), **more)


def test_a_text_is_sent_with_our_log_in_and_callback(provider: Provider, shop: Account) -> None:
    sent = Sms().send(shop, text("你好 & goodbye"))
    call = provider.server.calls[0]
    assert sent.external_id == provider.rows[0]["sid"]
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:tok-secret").decode()
    assert parse_qs(call.body.decode()) == {"To": [BUYER], "From": [OURS], "Body": ["你好 & goodbye"], "StatusCallback": [CALLBACK]}


def test_a_messaging_service_sends_in_its_own_name(provider: Provider, shop: Account) -> None:
    Sms().send(replace(shop, external_id="MG1"), text())
    assert parse_qs(provider.server.calls[0].body.decode())["MessagingServiceSid"] == ["MG1"]


@pytest.mark.parametrize(
    ("status", "code", "permanent"), [(400, 21610, True), (400, 21211, True), (400, 21614, True), (429, 20429, False), (400, 99999, True)]
)
def test_refusals_are_permanent_but_for_those_that_pass(provider: Provider, shop: Account, status: int, code: int, permanent: bool) -> None:
    provider.faults = [(status, {"code": code, "message": "no", "status": status})]
    with pytest.raises(SendError) as caught:
        Sms().send(shop, text())
    assert (caught.value.permanent, caught.value.code, isinstance(caught.value, Uncertain)) == (permanent, str(code), False)


def test_a_wrong_token_needs_a_person(provider: Provider, shop: Account) -> None:
    provider.faults = [(401, {"code": 20003, "message": "Authenticate"})]
    with pytest.raises(NeedsReconnect):
        Sms().send(shop, text())


def test_without_a_token_nothing_is_asked(provider: Provider, shop: Account) -> None:
    with pytest.raises(NeedsReconnect):
        Sms().send(replace(shop, options={}), text())
    assert provider.server.calls == []


@pytest.mark.parametrize("fault", ["lose answer", "lose request", (503, b"busy"), (200, b"<html>")])
def test_no_clear_answer_is_uncertain(provider: Provider, shop: Account, fault: Any) -> None:
    provider.faults = [fault]
    with pytest.raises(Uncertain):
        Sms().send(shop, text())


def test_an_uncertain_text_is_found_on_a_later_page_or_surely_not_there(provider: Provider, shop: Account) -> None:
    message = text("needle")
    provider.faults = ["lose answer"]
    with pytest.raises(Uncertain):
        Sms().send(shop, message)
    sid = provider.rows[0]["sid"]
    for number in range(5):
        provider.add(OURS, BUYER, f"other {number}")
    found = Sms().find_sent(shop, message)
    assert found
    assert found.external_id == sid
    assert Sms().find_sent(shop, replace(message, known=(sid,))) is None
    assert Sms().find_sent(shop, text("never sent")) is None


def test_an_equal_text_of_before_is_another(provider: Provider, shop: Account) -> None:
    provider.add(OURS, BUYER, "ok", ago=60)
    assert Sms().find_sent(shop, text("ok")) is None


def test_without_a_time_nobody_can_tell(shop: Account) -> None:
    with pytest.raises(CannotTell):
        Sms().find_sent(shop, replace(text(), since=None))


def test_files_are_refused(shop: Account) -> None:
    with pytest.raises(SendError):
        Sms().send(shop, text(files=(File("a.png", b"x"),)))


def test_polling_brings_what_pushes_missed_oldest_first_and_once(provider: Provider, shop: Account) -> None:
    provider.add(BUYER, OURS, "too old", ago=9 * 86400)
    first = provider.add(BUYER, OURS, "one", ago=30)
    second = provider.add(BUYER, OURS, "two", ago=20)
    third = provider.add(BUYER, OURS, "", num_media="1")
    page = Sms().fetch(shop, "")
    assert [raw.key for raw in page.raws] == [f"sms:{sid}" for sid in (first, second, third)]
    events = [Sms().parse(shop, raw)[0] for raw in page.raws]
    assert [event.text for event in events if isinstance(event, MessageReceived)] == ["one", "two", ""]
    assert isinstance(events[2], MessageReceived)
    assert Sms().fetch_file(shop, events[2].files[0]) == b"\x89PNG"
    again = Sms().fetch(shop, page.cursor)
    assert {raw.key for raw in again.raws} <= {raw.key for raw in page.raws}


def test_pushed_and_polled_a_text_is_one_row(provider: Provider, shop: Account) -> None:
    sid = provider.add(BUYER, OURS, "hello ä")
    body = urlencode({"MessageSid": sid, "From": BUYER, "To": OURS, "Body": "hello ä", "NumMedia": "0"}).encode()
    pushed = Sms().raw_of(shop, Inbound(CALLBACK, {}, body))
    polled = Sms().fetch(shop, "").raws[0]
    assert (pushed.key, pushed.thread) == (polled.key, polled.thread) == (f"sms:{sid}", BUYER)


def test_the_log_in_is_shown_to_the_provider_s_host_only(shop: Account, provider: Provider, settings: Any) -> None:
    with serving(lambda handler, call: reply(handler, b"x")) as other:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{other.port}"}
        Sms().fetch_file(shop, File("a", url=other.url + "/a"))
        assert "authorization" not in other.calls[0].headers


def sign(body: bytes, url: str = CALLBACK, token: str = "tok-secret") -> str:
    told = url + "".join(name + value for name, value in sorted(set(form(body))))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode()


def verify(shop: Account, body: bytes, given: str, url: str = CALLBACK) -> None:
    Sms().verify(
        replace(shop, options={**shop.options, "callback_url": url}), Inbound("https://inside/", {"x-twilio-signature": given}, body)
    )


BODY = urlencode({"From": BUYER, "Body": "Zeile 1\nZeile 2 ä+&=", "MessageSid": "SM1", "Empty": ""}).encode()


@pytest.mark.parametrize(
    "url", [CALLBACK, "https://desk.example:443/in/sms/3", "http://desk.example:80/x", "https://desk.example:8443/x?a=1"]
)
def test_a_signed_push_is_taken_with_or_without_the_usual_port(shop: Account, url: str) -> None:
    verify(shop, BODY, sign(BODY, url), url)
    verify(shop, BODY, sign(BODY, url.replace(":443", "").replace(":80/", "/")), url)


@pytest.mark.parametrize("given", ["", "x", "é", sign(BODY, token="other"), sign(BODY, url="https://other.example/"), sign(BODY + b"&a=1")])
def test_any_other_signature_is_rejected(shop: Account, given: str) -> None:
    with pytest.raises(Rejected):
        verify(shop, BODY, given)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=5))
def test_the_order_of_the_fields_does_not_matter(fields: list[tuple[str, str]]) -> None:
    assert signature("t", "u", fields) == signature("t", "u", fields[::-1])


def test_a_failure_reported_later_comes_back_to_the_message(shop: Account) -> None:
    body = urlencode({"MessageSid": "SM9", "MessageStatus": "failed", "To": BUYER, "ErrorCode": "21610"}).encode()
    raw = Sms().raw_of(shop, Inbound(CALLBACK, {}, body))
    event = Sms().parse(shop, raw)[0]
    assert isinstance(event, Bounced)
    assert (event.reference, event.permanent, raw.key) == ("SM9", True, "status:SM9:failed")


def test_the_doctor_asks_whether_the_account_is_active(provider: Provider, shop: Account) -> None:
    assert [check.ok for check in Sms().check(shop)] == [True]
    provider.faults = [(200, {"status": "suspended"})]
    assert [check.ok for check in Sms().check(shop)] == [False]
    provider.faults = [(401, {"code": 20003})]
    assert [check.ok for check in Sms().check(shop)] == [False]
