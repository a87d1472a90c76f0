"""Every way the program calls out, pointed at what it must not reach: this machine, its network, a cloud's metadata service."""

import socket

import pytest

from bridgedesk.assist import actions as assist
from bridgedesk.assist import translate
from bridgedesk.channels.base import Outgoing, SendError
from bridgedesk.channels.events import File
from bridgedesk.channels.registry import CHANNELS
from bridgedesk.lib import addresses, http
from bridgedesk.sync import outgoing
from tests.channels.accounts import account
from tests.lib.servers import reply, serving

HIDDEN = (
    "127.0.0.1", "localhost", "[::1]", "[::]", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0",
    "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::1]", "169.254.169.254", "10.0.0.1", "192.168.0.1",
    "172.17.0.1", "100.100.100.200", "168.63.129.16", "metadata.example", "①②⑦.0.0.1",
)  # fmt: skip


@pytest.fixture(autouse=True)
def reached(monkeypatch, settings):
    """Addresses something connected to; nothing may. `metadata.example` is a name that means the metadata service."""
    settings.ALLOW_PRIVATE = frozenset()
    found, resolve = [], socket.getaddrinfo

    def getaddrinfo(host, *more, **named):
        return resolve("169.254.169.254" if host == "metadata.example" else host, *more, **named)

    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            found.append(address)
            raise ConnectionRefusedError
        return plain(self, address)

    plain = socket.socket.connect
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)
    yield found
    assert found == []


SECRETS = dict.fromkeys(("partner_key", "refresh_token", "access_token", "auth_token", "password"), "secret")


def shop_at(host, **options):
    shopee = {"partner_id": "1", "custom_base_url": f"http://{host}"}
    mail = {"address": "a@shop.example", "user": "a", "allow_plain": "1"}
    mail |= {f"{kind}_{what}": value for kind in ("imap", "smtp") for what, value in (("host", host.strip("[]")), ("security", "plain"))}
    return account("123", base_url=f"http://{host}", options={**shopee, **mail, "account_sid": "AC1", **options}, secrets=SECRETS)


def letter(to):
    return Outgoing(reference="r", thread="t", to=to, text="hi")


@pytest.mark.parametrize("host", HIDDEN)
@pytest.mark.parametrize(
    ("platform", "to"), [("shopee", "12345"), ("sms", "+4915112345678"), ("email", "b@buyer.example")], ids=["shopee", "sms", "mail"]
)
def test_no_shop_is_sent_to_fetched_from_or_checked_at_a_hidden_address(platform, to, host):
    channel, shop = CHANNELS[platform], shop_at(host)
    with pytest.raises(SendError) as sent:
        channel.send(shop, letter(to))
    with pytest.raises(SendError):
        list(channel.fetch(shop, "").raws)
    assert sent.value.code != "uncertain"
    assert not all(check.ok for check in channel.check(shop))


@pytest.mark.parametrize("host", HIDDEN)
@pytest.mark.parametrize("platform", ["shopee", "sms"])
def test_no_file_a_platform_names_is_fetched_from_a_hidden_address(platform, host):
    with pytest.raises(SendError):
        CHANNELS[platform].fetch_file(shop_at("api.example"), File(name="x", url=f"http://{host}/latest/meta-data/"))


@pytest.mark.parametrize("host", HIDDEN)
@pytest.mark.parametrize("name", ["deepl", "libretranslate", "openai"])
def test_no_buyers_words_are_sent_to_a_translator_at_a_hidden_address(name, host, admin):
    assist.save_engine(name=name, base_url=f"http://{host}", model="m", key="k", options={}, enabled=True, by=admin)
    with pytest.raises(translate.TranslationFailed):
        translate.translate("¿Dónde está mi pedido?", "en", "es")


@pytest.mark.parametrize("host", HIDDEN)
def test_no_webhook_is_kept_or_called_at_a_hidden_address(host, alice, sign_in):
    page = sign_in(alice).post("/webhooks", {"url": f"http://{host}/x"})
    assert page.status_code == 422
    kept = outgoing.add_endpoint(alice, f"http://{host}/x", [], by=alice)[0]
    status, said = outgoing.ping(kept)
    assert status is None
    assert said


def test_a_name_that_turns_private_after_it_was_checked_is_not_followed(monkeypatch, alice, sign_in):
    """Good when the form is saved, the metadata service when the call is made: the call looks again, and once only."""
    answers = iter(["93.184.215.14", "169.254.169.254"])
    monkeypatch.setattr(addresses, "_lookup", lambda host, port: [(0, 0, 0, "", (next(answers), port))])
    assert sign_in(alice).post("/webhooks", {"url": "https://turning.example/x"}).status_code == 200
    status, said = outgoing.ping(outgoing.Endpoint.objects.get())
    assert status is None
    assert "turning.example" in said
    assert list(answers) == []


def test_each_connection_goes_to_the_address_that_was_checked(monkeypatch, reached):
    """A resolver that turns between the check and the connection finds nobody asking a second time."""
    asked = []

    def lookup(host, port):
        asked.append(host)
        return [(0, 0, 0, "", ("93.184.215.14" if len(asked) == 1 else "127.0.0.1", port))]

    monkeypatch.setattr(addresses, "_lookup", lookup)
    with pytest.raises(http.Unreachable):
        http.request("GET", "https://turning.example/")
    with pytest.raises(SendError):
        CHANNELS["email"].send(shop_at("turning.example", smtp_security="ssl"), letter("b@buyer.example"))
    assert [address[0] for address in reached] == ["93.184.215.14"]
    reached.clear()


def test_no_answer_sends_us_elsewhere(monkeypatch, settings):
    """A platform, a provider or a translator that redirects to the metadata service is not followed."""
    monkeypatch.undo()
    elsewhere = {"Location": ""}
    with (
        serving(lambda handler, call: reply(handler, b"{}", 302, elsewhere)) as front,
        serving(lambda handler, call: reply(handler, b"the secret")) as behind,
    ):
        elsewhere["Location"] = f"{behind.url}/secret"
        settings.ALLOW_PRIVATE = frozenset({f"127.0.0.1:{front.port}"})
        for platform, to in (("shopee", "12345"), ("sms", "+4915112345678")):
            with pytest.raises(SendError):
                CHANNELS[platform].send(shop_at(f"127.0.0.1:{front.port}"), letter(to))
            with pytest.raises(SendError):
                CHANNELS[platform].fetch_file(shop_at(f"127.0.0.1:{front.port}"), File(name="x", url=f"{front.url}/x"))
        assert front.calls
        assert behind.calls == []


def test_the_list_would_be_reached_by_a_plain_client(reached):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9), 1)
    assert reached
    reached.clear()
