"""When a far side fails it often repeats what it was told. No log of any library, no line of the activity log, no row says it on."""

import io
import logging
import socketserver
import threading
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from bridgedesk.activity.models import Activity
from bridgedesk.assist import actions as assist
from bridgedesk.assist import translate
from bridgedesk.channels.base import Outgoing, SendError
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.shops import actions as shops
from bridgedesk.shops.vault import account_of
from bridgedesk.sync import actions as sync
from bridgedesk.sync import outgoing, polling
from bridgedesk.sync.models import Cursor, Delivery, Rejection
from tests.lib.servers import reply, serving

SECRET = "5ecretValue0123456789"  # a marker, no credential
NAMES = ("partner_key", "push_key", "access_token", "refresh_token", "auth_token", "password")


@pytest.fixture
def heard():
    """Everything any logger said at its most talkative, as our console writes it."""
    written, levels = io.StringIO(), {}
    handler = logging.StreamHandler(written)
    handler.setFormatter(next(h.formatter for h in logging.getLogger().handlers if h.name == "console"))
    for name in ("", *logging.root.manager.loggerDict):
        levels[name] = logging.getLogger(name).level
        if name not in ("httpcore", "django.db.backends"):  # httpcore is silenced by lib.http; the database's log is for developers
            logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield written.getvalue
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def parrot(settings):
    """A server that refuses and repeats all it was told: its path, headers and body."""

    def repeat(handler, call):
        told = f'{{"error": "error_auth", "message": "{call.path} {call.headers} {call.body!r}", "code": 20003}}'.replace("\\", "")
        reply(handler, told.encode(), 403)

    with serving(repeat) as running:
        settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{running.port}"})
        yield running


def shop_with_secrets(make_shop, admin, platform, base_url="", **options):
    shop = make_shop(f"{platform} shop", platform, external_id="123", base_url=base_url, options=options)
    shops.keep_secrets(shop, dict.fromkeys(NAMES, SECRET), by=admin)
    return shop


def kept_rows():
    tables = (Activity, Delivery, Cursor, Rejection)
    rows = [str(list(table.objects.values())) for table in tables]
    from bridgedesk.shops.models import Shop

    return " ".join([*rows, str(list(Shop.objects.values()))])


def tried(shop):
    """Every way to use the shop; what the errors said."""
    channel, said = CHANNELS[shop.platform], []
    to = {"shopee": "12345", "sms": "+4915112345678", "email": "b@buyer.example"}[shop.platform]
    for act in (
        lambda: channel.send(account_of(shop), Outgoing(reference="r", thread="t", to=to, text="hi")),
        lambda: channel.fetch(account_of(shop), ""),
        lambda: polling.poll(shop.pk),
        lambda: said.append(str(channel.check(account_of(shop)))),
    ):
        try:
            act()
        except SendError as error:
            said.append(repr(error) + str(error.__cause__))
    shop.refresh_from_db()
    return " ".join(said)


def options_for(platform, port):
    mail = {
        f"{kind}_{what}": value
        for kind in ("imap", "smtp")
        for what, value in (("host", "127.0.0.1"), ("port", port), ("security", "plain"))
    }
    return {"shopee": {"partner_id": "77"}, "sms": {"account_sid": "AC1"}, "email": {"address": "a@shop.example", **mail}}[platform]


@pytest.mark.parametrize("platform", ["shopee", "sms"])
def test_a_platform_that_repeats_our_secrets_is_not_quoted(platform, heard, parrot, make_shop, admin):
    shop = shop_with_secrets(make_shop, admin, platform, parrot.url, **options_for(platform, ""))
    said = tried(shop)
    assert parrot.calls
    assert any(SECRET in call.path + str(call.headers) + str(call.body) or "Basic" in str(call.headers) for call in parrot.calls)
    assert SECRET not in said + heard() + kept_rows()


class _Repeats(socketserver.StreamRequestHandler):
    """IMAP where the first line asks for it, else SMTP: offers a log-in and refuses it in the words it was asked with."""

    def handle(self):
        with suppress(OSError):
            self.wfile.write(self.server.hello)
            for line in iter(self.rfile.readline, b""):
                self.server.heard.append(line)
                self.wfile.write(self.server.answer(line))


def _imap(line):
    tag, _, rest = line.decode().strip().partition(" ")
    if rest.upper().startswith("CAPABILITY"):
        return f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n".encode()
    return f"{tag} NO no: {rest}\r\n".encode()


def _smtp(line):
    if line[:4].upper() == b"EHLO":
        return b"250-there\r\n250 AUTH LOGIN PLAIN\r\n"
    return b"221 bye\r\n" if line[:4].upper() == b"QUIT" else b"535 5.7.8 no: " + line.strip() + SECRET.encode() + b"\r\n"


@contextmanager
def a_server(hello, answer):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Repeats)
    server.daemon_threads, server.hello, server.answer, server.heard = True, hello, answer, []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("hello", "answer"), [(b"* OK IMAP4rev1\r\n", _imap), (b"220 there ESMTP\r\n", _smtp)], ids=["imap", "smtp"])
def test_a_mail_server_that_repeats_the_password_is_not_quoted(hello, answer, heard, settings, make_shop, admin):
    with a_server(hello, answer) as server:
        port = server.server_address[1]
        settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{port}"})
        shop = shop_with_secrets(make_shop, admin, "email", **options_for("email", str(port)))
        said = tried(shop)
        assert server.heard
    assert SECRET not in said + heard() + kept_rows()


def test_a_push_that_does_not_verify_leaves_no_key_behind(heard, make_shop, admin):
    shop = shop_with_secrets(make_shop, admin, "shopee", partner_id="77")
    answer = Client().post(f"/in/shopee/{shop.pk}", b"{}", "application/json", headers={"authorization": SECRET})
    assert answer.status_code == 401
    assert SECRET not in heard() + kept_rows()


def test_a_push_that_breaks_the_parser_leaves_no_key_behind(heard, make_shop, admin, monkeypatch):
    shop = shop_with_secrets(make_shop, admin, "shopee", partner_id="77")

    def breaks(account, raw):
        raise RuntimeError(f"cannot parse with partner_key={account.vault.get('partner_key')}")

    monkeypatch.setattr(CHANNELS["shopee"], "parse", breaks)
    delivery = sync.accept(shop, CHANNELS["shopee"].raw_of(account_of(shop), type("In", (), {"body": b"{}", "headers": {}, "url": ""})()))
    sync.apply(delivery.pk)
    assert "cannot parse" in heard() + kept_rows()
    assert SECRET not in heard() + kept_rows()


def test_an_authorisation_that_fails_tells_nobody_the_code(heard, parrot, make_shop, admin, sign_in):
    shop = shop_with_secrets(make_shop, admin, "shopee", parrot.url, partner_id="77")
    browser = sign_in(admin)
    away = parse_qs(urlsplit(browser.get(f"/shops/{shop.pk}/authorise").headers["Location"]).query)
    state = parse_qs(urlsplit(away["redirect"][0]).query)["state"][0]
    page = browser.get("/shops/authorised", {"code": SECRET, "shop_id": "123", "state": state}, follow=True)
    assert parrot.calls
    assert SECRET not in page.content.decode() + heard() + kept_rows()


@pytest.mark.parametrize("name", ["deepl", "libretranslate", "openai"])
def test_a_translator_that_repeats_the_key_is_not_quoted(name, heard, parrot, admin):
    assist.save_engine(name=name, base_url=parrot.url, model="m", key=SECRET, options={}, enabled=True, by=admin)
    with pytest.raises(translate.TranslationFailed) as failed:
        translate.translate("¿Dónde está mi pedido?", "en", "es")
    assert parrot.calls
    assert SECRET not in str(failed.value) + heard() + kept_rows()


def test_a_webhook_that_fails_tells_nobody_its_secret(heard, parrot, alice):
    endpoint, secret = outgoing.add_endpoint(alice, f"{parrot.url}/{SECRET}?token={SECRET}", [], by=alice)
    outgoing.ping(endpoint)
    assert parrot.calls
    assert SECRET not in heard()
    assert secret not in heard() + kept_rows()
