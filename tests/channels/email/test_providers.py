"""The same channel against a whole provider: TLS and STARTTLS, log-in, threads in the buyer's program, bounces, IDLE."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridgedesk.channels.base import Account, NeedsReconnect, Outgoing, SendError
from bridgedesk.channels.email import Email
from bridgedesk.channels.events import Bounced, MessageReceived
from bridgedesk.shops.models import Shop
from bridgedesk.sync import watching
from tests import post_office
from tests.channels.accounts import account
from tests.post_office import ANA, GONE, PASSWORD, SHOP, PostOffice

pytestmark = pytest.mark.skipif(bool(post_office.missing()), reason=f"{post_office.missing()}; the sandbox's servers stand in (test_wire)")
SECURITY = pytest.mark.parametrize("security", ["ssl", "starttls"])


@pytest.fixture(scope="module")
def _office() -> Iterator[PostOffice]:
    with post_office.opened() as opened:
        yield opened


@pytest.fixture
def office(_office: PostOffice, settings: Any, monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    """Empty boxes, and its authority trusted as an operator would: SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(_office.authority))
    settings.ALLOW_PRIVATE = _office.allowed
    _office.empty()
    return _office


@pytest.fixture
def mailbox(office: PostOffice) -> Callable[..., Account]:
    def make(security: str = "ssl", password: str = PASSWORD, **options: str) -> Account:
        given = office.options(security) | options
        return account(SHOP, region="", options=given, secrets={"thread_key": "a key for tests", "password": password})

    return make


def read(shop: Account, count: int = 1) -> list[Any]:
    """The events of the mailbox once it holds that many mails."""
    for _ in range(100):
        raws = Email().fetch(shop, "").raws
        if len(raws) >= count:
            return [event for raw in raws for event in Email().parse(shop, raw)]
        time.sleep(0.1)
    raise AssertionError(f"{len(raws)} of {count} mails came")


@SECURITY
def test_a_question_comes_in_and_the_answer_stands_below_it(security: str, office: PostOffice, mailbox: Callable[..., Account]) -> None:
    shop = mailbox(security)
    asked = office.send(ANA, "Where is my lamp? 台灯在哪里")
    (question,) = read(shop)
    assert isinstance(question, MessageReceived)
    assert question.text == "Where is my lamp? 台灯在哪里"
    answer = Outgoing("r1", question.thread, ANA, "It left today.", subject="My lamp", in_reply_to=question.external_id)
    sent = Email().send(shop, answer)
    (got,) = office.expect(ANA, 1)
    assert (got["Message-ID"], got["In-Reply-To"], got["References"]) == (f"<{sent.external_id}>", asked, asked)
    office.send(ANA, "Thank you!", answers=got)
    events = read(shop, 2)
    assert [event.thread for event in events] == [question.thread, question.thread]


@SECURITY
def test_a_server_nobody_vouches_for_is_not_talked_to(
    security: str, mailbox: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    shop = mailbox(security)
    for act in (lambda: Email().fetch(shop, ""), lambda: Email().send(shop, Outgoing("r", "t", ANA, "Hello"))):
        with pytest.raises(SendError) as caught:
            act()
        assert caught.value.code == "certificate"
    assert [found.ok for found in Email().check(shop)] == [False, False]


@SECURITY
def test_a_certificate_of_another_name_is_refused(
    security: str, office: PostOffice, mailbox: Callable[..., Account], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = "127.0.0.2"
    settings.ALLOW_PRIVATE = frozenset(name.replace("localhost", elsewhere) for name in office.allowed)
    monkeypatch.setattr("bridgedesk.channels.mail_server.resolve_public", lambda _host, _port: ["127.0.0.1"])
    with pytest.raises(SendError) as caught:
        Email().fetch(mailbox(security, imap_host=elsewhere), "")
    assert caught.value.code == "certificate"


@SECURITY
def test_a_wrong_password_asks_to_connect_again(security: str, mailbox: Callable[..., Account]) -> None:
    shop = mailbox(security, password="wrong")
    with pytest.raises(NeedsReconnect):
        Email().fetch(shop, "")
    with pytest.raises(NeedsReconnect):
        Email().send(shop, Outgoing("r", "t", ANA, "Hello"))


def test_the_wrong_kind_of_security_is_said_in_words_with_an_advice(office: PostOffice, mailbox: Callable[..., Account]) -> None:
    crossed = office.options("ssl") | {"imap_port": str(office.imap), "smtp_port": str(office.submission)}
    reading, sending = Email().check(mailbox(**crossed))
    assert not reading.ok
    assert not sending.ok
    assert "does not speak TLS this way" in reading.word
    assert "STARTTLS" in reading.advice
    assert "STARTTLS" in sending.advice


def test_the_doctor_finds_both_servers_well(mailbox: Callable[..., Account]) -> None:
    assert [(found.ok, found.word) for found in Email().check(mailbox())] == [
        (True, "New mail is announced at once."),
        (True, "The server takes our mail."),
    ]


def test_a_mail_to_nobody_comes_back_as_a_failed_delivery(office: PostOffice, mailbox: Callable[..., Account]) -> None:
    shop = mailbox()
    sent = Email().send(shop, Outgoing("r9", "mail-9", GONE, "Are you there?"))
    (event,) = read(shop)
    assert isinstance(event, Bounced)
    assert (event.reference.strip("<>"), event.address, event.permanent) == (sent.external_id, GONE, True)


def test_a_waiting_mailbox_hears_of_new_mail_at_once(office: PostOffice, mailbox: Callable[..., Account]) -> None:
    shop, heard = mailbox(), list[str]()
    mark = Email().wait(shop, 60, "")
    assert Email().wait(shop, 0.2, mark) == mark
    waiting = threading.Thread(target=lambda: heard.append(Email().wait(shop, 60, mark)))
    waiting.start()
    office.send(ANA, "Hello?")
    waiting.join(50)
    assert heard
    assert heard != [mark]


def test_a_mail_between_two_waits_is_heard_of_too(office: PostOffice, mailbox: Callable[..., Account]) -> None:
    shop = mailbox()
    mark = Email().wait(shop, 60, "")
    office.send(ANA, "Hello?")
    while (found := Email().wait(shop, 1, mark)) == mark:
        pass
    assert Email().wait(shop, 0.2, found) == found


@pytest.mark.django_db(transaction=True)
def test_a_watched_mailbox_is_polled_when_a_mail_comes(
    office: PostOffice, make_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bridgedesk.shops import vault

    shop = make_shop("Lamp mail", "email", options=office.options("starttls"))
    vault.store(shop.pk, {"password": (PASSWORD, None)})
    polled, stop = threading.Event(), threading.Event()
    monkeypatch.setattr(watching, "enqueue", lambda task, **about: about["shop"] == shop.pk and polled.set())
    monkeypatch.setattr(watching, "WAIT", 3.0)
    thread = threading.Thread(target=watching.watch, args=(stop,))
    thread.start()
    try:
        assert polled.wait(30), "what came while nobody watched"
        polled.clear()
        office.send(ANA, "Hello?")
        assert polled.wait(30)
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
