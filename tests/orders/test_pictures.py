"""Pictures of articles: fetched once by us over HTTP, shown from our own origin to who sees the order, never by a third host."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bridgedesk.channels.events import LineSeen, OrderSeen
from bridgedesk.lib import clock
from bridgedesk.lib.pictures import secure
from bridgedesk.orders import pictures
from bridgedesk.orders.models import Order
from bridgedesk.orders.picture_models import Picture
from bridgedesk.orders.receiving import see

LAMP = "https://cdn.example.com/lamp.jpg"


def a_png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return out.getvalue()


class Host(BaseHTTPRequestHandler):
    """A picture server: what lies where, and who asked for what."""

    lies: dict[str, bytes] = {}
    asked: list[tuple[str, str]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Referer", "") + self.headers.get("Cookie", "")))
        data = self.lies.get(self.path)
        self.send_response(200 if data is not None else 404)
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def host(settings) -> Iterator[str]:
    Host.lies, Host.asked = {"/lamp.png": a_png(), "/page.png": b"<html><script>", "/vector.png": b"<svg onload=alert(1)>"}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"127.0.0.1:{server.server_port}"
    settings.ALLOW_PRIVATE = frozenset({address})
    yield f"http://{address}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def order(shop, noon) -> Order:
    lamp = LineSeen("1", 1, "Lamp", sku="L-1", image=LAMP)
    return see(shop, OrderSeen("A1", state="to_ship", lines=(lamp, LineSeen("2", 1, "Bulb", sku="B-1", image="javascript:alert(1)"))))


def lies_at(order: Order, url: str) -> Picture:
    """The order's picture, as if it lay at that address (of the loopback, which has no https)."""
    pictures.of(order, [LAMP])
    Picture.objects.filter(key=pictures.key_of(LAMP)).update(url=url)
    return Picture.objects.get()


def test_a_picture_is_fetched_once_and_seen_by_the_packer_and_nobody_else(order, host, sign_in, bob, charlie):
    picture, packer = lies_at(order, f"{host}/lamp.png"), sign_in(bob)
    waiting = packer.get(f"/packing/{order.pk}").content.decode()
    assert "The picture is being fetched." in waiting
    assert "<img" not in waiting
    for _twice in range(2):
        pictures.fetch(picture.key, order.pk)
    assert Host.asked == [("/lamp.png", "")]
    address = f"/orders/{order.pk}/pictures/{picture.key}"
    for page in (f"/packing/{order.pk}", f"/orders/{order.pk}"):
        shown = packer.get(page).content.decode()
        assert f'src="{address}"' in shown
        assert "cdn.example.com" not in shown
    answer = packer.get(address, headers={"sec-fetch-dest": "image"})
    assert (answer.content, answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (a_png(), "image/png", "inline")
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Content-Security-Policy"][:7]) == ("nosniff", "sandbox")
    assert packer.get(address).headers["Content-Disposition"].startswith("attachment")
    assert sign_in(charlie).get(address).status_code == 404


def test_a_picture_of_another_order_is_not_had_through_ones_own(order, host, shop, sign_in, bob):
    picture = lies_at(order, f"{host}/lamp.png")
    pictures.fetch(picture.key, order.pk)
    other = see(shop, OrderSeen("A2", state="to_ship", lines=(LineSeen("1", 1, "Bulb"),)))
    packer = sign_in(bob)
    assert packer.get(f"/orders/{other.pk}/pictures/{picture.key}").status_code == 404
    assert packer.get(f"/orders/{order.pk}/pictures/nothing").status_code == 404


@pytest.mark.parametrize("name", ["page.png", "vector.png", "gone.png"])
def test_what_is_no_picture_is_never_served(name, order, host, sign_in, bob):
    picture = lies_at(order, f"{host}/{name}")
    pictures.fetch(picture.key, order.pk)
    picture.refresh_from_db()
    assert (picture.state, bool(picture.error)) == ("failed", True)
    assert sign_in(bob).get(f"/orders/{order.pk}/pictures/{picture.key}").status_code == 404


def test_addresses_inside_our_own_network_are_not_asked(order, sign_in, bob):
    picture = lies_at(order, "http://127.0.0.1:5432/")
    pictures.fetch(picture.key, order.pk)
    picture.refresh_from_db()
    assert picture.state == "failed"


def test_a_host_that_is_away_is_asked_again_when_somebody_looks_later(order, host, monkeypatch):
    monkeypatch.setattr("bridgedesk.lib.http.request", _away)
    picture = lies_at(order, f"{host}/lamp.png")
    pictures.fetch(picture.key, order.pk)
    picture.refresh_from_db()
    assert (picture.state, picture.attempts) == ("waiting", 1)
    assert picture.next_try_at > clock.now()
    Picture.objects.update(next_try_at=clock.now())
    monkeypatch.undo()
    pictures.fetch(picture.key, order.pk)
    assert pictures.of(order, [LAMP])[LAMP].endswith(picture.key)


def _away(*_asked: object, **_more: object) -> None:
    from bridgedesk.lib.http import Unreachable

    raise Unreachable("away", sent=False)


def test_a_page_that_was_seen_asks_the_database_the_same_however_often(order, host, django_assert_num_queries):
    picture = lies_at(order, f"{host}/lamp.png")
    pictures.fetch(picture.key, order.pk)
    with django_assert_num_queries(1):
        pictures.of(order, [LAMP, LAMP, ""])
    with django_assert_num_queries(0):
        pictures.of(order, ["", "javascript:alert(1)"])


def test_only_encrypted_addresses_of_the_web_are_kept(order):
    assert list(order.lines.values_list("image", flat=True)) == [LAMP, ""]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (LAMP, LAMP), (" https://cf.shopee.tw/file/1 ", "https://cf.shopee.tw/file/1"),
        ("http://cdn.example.com/a", "https://cdn.example.com/a"),
        ("//cdn.example.com/a", "https://cdn.example.com/a"), ("data:image/png;base64,AAAA", ""),
        ("file:///etc/passwd", ""), ("lamp.jpg", ""),
        ("https://user:pass@cdn.example.com/a", ""), ("https://cdn.example.com:8443/a", ""), ("https://localhost/a", ""),
        ("https:///a", ""),
        ("https://cdn.example.com/a b", ""), ('https://cdn.example.com/"onerror=', ""), ("https://[::1/a", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_an_address_of_a_picture_is(told, kept):
    assert secure(told) == kept


@given(st.text(max_size=600))
def test_any_text_is_an_address_or_none(text):
    found = secure(text)
    assert found == "" or (found.startswith("https://") and secure(found) == found)
