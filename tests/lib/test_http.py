"""The one way out: what it refuses, what it bounds, and what it never tells."""

import datetime
import gzip
import logging
import socket
import ssl
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.lib import addresses, http
from tests.lib.servers import Server, reply, serving

SECRET = "s3cr3t-value"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """Answers every path with its name, reachable by exception."""
    with serving(lambda handler, call: reply(handler, call.path.encode())) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        yield running


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """A resolver under our control: each look-up of a name takes its next answer; the look-ups are listed."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def put(**answers: list[list[str]]) -> list[str]:
        def getaddrinfo(host: str, port: int, *rest: Any, **more: Any) -> Any:
            name = str(host).replace(".", "_")
            if name not in answers:
                return real(host, port, *rest, **more)
            asked.append(host)
            row = answers[name].pop(0) if len(answers[name]) > 1 else answers[name][0]
            return [entry for address in row for entry in real(address, port, type=socket.SOCK_STREAM)]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return put


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://0.0.0.0/", "http://0/", "http://127.1/",
        "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0x7f.1/", "http://①②⑦.0.0.1/", "http://127。0。0。1/",
        "http://10.1.2.3/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/",
        "http://100.100.100.200/", "http://169.254.169.254/latest/meta-data/", "http://168.63.129.16/", "http://198.18.0.1/",
        "http://192.0.0.1/", "http://192.88.99.1/", "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/",
        "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:a9fe:a9fe]/",
        "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::1]/",
        "http://[2002:7f00:1::1]/", "http://[2001::1]/", "http://[2001:db8::1]/", "http://[fe80::1]/", "http://[fc00::1]/",
        "http://[fd00:ec2::254]/", "http://[ff02::1]/", "http://[fec0::1]/", "http://[100::1]/",
    ],
)  # fmt: skip
def test_nothing_of_this_machine_or_its_network_is_called(url: str) -> None:
    with pytest.raises(http.Blocked):
        http.request("GET", url)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "data:text/plain,x", "//example.com/", "example.com", "",
        "http://", "http:///x", "https://user:pass@example.com/", "https://user@example.com/", "http://example.com:22/",
        "http://example.com:25/", "http://example.com:0/", "http://example.com:99999/",
        "http://[fe80::1%25eth0]/", "http://[::1", "http://a b/",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_are_called(url: str) -> None:
    with pytest.raises((http.Blocked, http.Unreachable)) as caught:
        http.request("GET", url)
    assert not getattr(caught.value, "sent", False)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_called(address: str) -> None:
    assert addresses.is_public(address)


def test_an_address_with_a_scope_is_not_public() -> None:
    assert not addresses.is_public("2606:4700:4700::1111%eth0")


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_does_not_change_whether_it_is_public(plain: Any) -> None:
    wrapped = [f"::ffff:{plain}", f"64:ff9b::{plain}", str(__import__("ipaddress").IPv6Address((0x2002 << 112) | (int(plain) << 80)))]
    assert {addresses.is_public(address) for address in wrapped} == {addresses.is_public(str(plain))}


def test_a_name_with_one_private_address_among_public_ones_is_refused(names: Any) -> None:
    names(mixed_example=[["8.8.8.8", "10.0.0.5"]])
    with pytest.raises(http.Blocked):
        addresses.resolve_public("mixed.example", 443)


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(names: Any, server: Server, settings: Any) -> None:
    asked = names(rebind_example=[["127.0.0.1"], ["127.0.0.9"]])
    settings.ALLOW_PRIVATE = {f"rebind.example:{server.port}"}
    assert http.request("GET", f"http://rebind.example:{server.port}/once").text == "/once"
    assert asked == ["rebind.example"]
    assert server.calls[0].headers["host"] == f"rebind.example:{server.port}"


def test_a_name_that_turns_private_after_the_first_call_is_refused(names: Any, server: Server, settings: Any) -> None:
    names(turning_example=[["8.8.8.8"], ["127.0.0.1"]])
    assert addresses.resolve_public("turning.example", server.port) == ["8.8.8.8"]
    with pytest.raises(http.Blocked):
        http.request("GET", f"http://turning.example:{server.port}/")
    assert server.calls == []


def test_an_exception_is_for_one_host_and_port(server: Server, settings: Any) -> None:
    settings.ALLOW_PRIVATE = {"127.0.0.1:1"}
    with pytest.raises(http.Blocked):
        http.request("GET", server.url)


def test_an_unknown_name_was_not_reached(names: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(http.Unreachable) as caught:
        http.request("GET", "https://nowhere.example/")
    assert not caught.value.sent


def test_a_closed_port_was_not_reached(settings: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.ALLOW_PRIVATE = {f"127.0.0.1:{port}"}
    with pytest.raises(http.Unreachable) as caught:
        http.request("GET", f"http://127.0.0.1:{port}/")
    assert not caught.value.sent


def test_a_server_that_hangs_up_may_have_acted(settings: Any) -> None:
    with serving(lambda handler, call: handler.connection.shutdown(socket.SHUT_RDWR)) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        with pytest.raises(http.Unreachable) as caught:
            http.request("POST", running.url, json={"a": 1})
    assert caught.value.sent


def test_a_server_that_never_answers_ends_at_the_timeout(settings: Any) -> None:
    with serving(lambda handler, call: time.sleep(5)) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        with pytest.raises(http.Unreachable) as caught:
            http.request("GET", running.url, timeout=0.2)
    assert caught.value.sent


def test_a_server_that_drips_bytes_cannot_stretch_the_timeout(settings: Any) -> None:
    dripped = []

    def drip(handler: Any, call: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b".")
            dripped.append(1)
            time.sleep(0.02)

    with serving(drip) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        with pytest.raises(http.Unreachable):
            http.request("GET", running.url, timeout=0.3)
    assert len(dripped) < 500


def test_a_server_that_never_stops_sending_is_left_at_the_timeout(settings: Any) -> None:
    def flood(handler: Any, call: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        begun = time.monotonic()
        while time.monotonic() < begun + 5:
            handler.wfile.write(b"." * 50)

    with serving(flood) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        with pytest.raises(http.Unreachable, match="no answer"):
            http.request("GET", running.url, timeout=0.3, max_bytes=10**9)


def test_redirects_are_answers_not_orders(settings: Any) -> None:
    with serving(lambda handler, call: reply(handler, status=302, headers={"Location": "http://169.254.169.254/"})) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        assert http.request("GET", running.url).status_code == 302
        assert len(running.calls) == 1


def test_an_answer_too_large_is_not_read_to_its_end(settings: Any) -> None:
    with serving(lambda handler, call: reply(handler, b"x" * 5_000_000)) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        with pytest.raises(http.Unreachable, match=r"more than is read \(1000\)"):
            http.request("GET", running.url, max_bytes=1000)
        assert len(http.request("GET", running.url).content) == 5_000_000


def test_a_packed_answer_unpacks_only_so_far(settings: Any) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    with serving(lambda handler, call: reply(handler, bomb, headers={"Content-Encoding": "gzip"})) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        with pytest.raises(http.Unreachable, match="more than"):
            http.request("GET", running.url)
        assert running.calls[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("coding", "body"), [("gzip", gzip.compress(b"hello", mtime=0)), ("deflate", zlib.compress(b"hello"))], ids=["gzip", "deflate"]
)
def test_a_server_that_packs_unasked_is_understood(coding: str, body: bytes, settings: Any) -> None:
    with serving(lambda handler, call: reply(handler, body, headers={"Content-Encoding": coding})) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        assert http.request("GET", running.url).text == "hello"


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_broken_or_unknown_packing_is_no_answer(coding: str, settings: Any) -> None:
    with serving(lambda handler, call: reply(handler, b"not packed", headers={"Content-Encoding": coding})) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        with pytest.raises(http.Unreachable):
            http.request("GET", running.url)


def test_cookies_of_one_shop_do_not_reach_the_next(settings: Any) -> None:
    with serving(lambda handler, call: reply(handler, headers={"Set-Cookie": "session=1"})) as running:
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{running.port}"}
        http.request("GET", running.url)
        http.request("GET", running.url)
        assert "cookie" not in running.calls[1].headers


def test_proxies_of_the_environment_are_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert http.request("GET", f"{server.url}/direct").text == "/direct"


def test_forms_files_and_json_arrive(server: Server) -> None:
    http.request("POST", server.url, json={"a": "ü"}, params={"q": "1 2"})
    http.request("POST", server.url, data={"a": "ü"}, headers={"Authorization": "Basic x"})
    http.request("POST", server.url, files={"file": ("a.png", b"\x89PNG", "image/png")})
    http.request("PUT", server.url, content=b"raw")
    json_call, form, files, raw = server.calls
    assert (json_call.path, json_call.body) == ("/?q=1+2", '{"a":"ü"}'.encode())
    assert (form.body, form.headers["authorization"]) == (b"a=%C3%BC", "Basic x")
    assert b"\x89PNG" in files.body
    assert raw.body == b"raw"


@pytest.mark.parametrize("breaks", ["no answer", "refused", "too large", "header"])
def test_secrets_stay_out_of_exceptions_and_logs(breaks: str, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def answer(handler: Any, call: Any) -> None:
        if breaks == "too large":
            reply(handler, b"x" * 100)
        else:
            handler.connection.shutdown(socket.SHUT_RDWR)

    with serving(answer) as running:
        port = 1025 if breaks == "refused" else running.port
        settings.ALLOW_PRIVATE = {f"127.0.0.1:{port}"}
        headers = {"Authorization": SECRET + ("\r\nX: y" if breaks == "header" else "")}
        with pytest.raises(http.Unreachable) as caught:
            http.request(
                "POST", f"http://127.0.0.1:{port}/{SECRET}", params={"sign": SECRET}, json={"k": SECRET}, headers=headers, max_bytes=10
            )
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert SECRET not in shown.replace("SECRET", "")


def test_an_answer_does_not_remember_the_query(server: Server) -> None:
    answer = http.request("GET", server.url, params={"sign": SECRET})
    assert SECRET not in str(answer.request.url)


def authority(folder: Path, name: str) -> Path:
    """A self-signed certificate for `name`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, start, start.replace(year=2050))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + made.public_bytes(pem),
    )
    return path


@pytest.fixture
def tls(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, names: Any) -> Iterator[tuple[Server, list[str]]]:
    """A server for "shop.example" whose certificate we trust, and the names it was greeted with."""
    certificate = authority(tmp_path, "shop.example")
    greeted: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda sock, name, ctx: greeted.append(name)
    names(shop_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    trust = ssl.create_default_context(cafile=str(certificate))
    with serving(lambda handler, call: reply(handler, b"safe"), context) as running, http._new_pool(trust) as pool:
        settings.ALLOW_PRIVATE = {f"shop.example:{running.port}", f"other.example:{running.port}"}
        monkeypatch.setattr(http, "_pool", lambda: pool)
        yield running, greeted


def test_the_certificate_is_checked_against_the_name_not_the_address(tls: tuple[Server, list[str]]) -> None:
    server, greeted = tls
    assert http.request("GET", f"https://shop.example:{server.port}/").text == "safe"
    assert greeted == ["shop.example"]


def test_a_certificate_of_another_name_is_refused(tls: tuple[Server, list[str]]) -> None:
    server, _ = tls
    with pytest.raises(http.Unreachable, match="certificate") as caught:
        http.request("GET", f"https://other.example:{server.port}/")
    assert not caught.value.sent
    assert server.calls == []
