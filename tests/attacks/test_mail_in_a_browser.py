"""Hostile mails in a real browser, wherever one shows: no script runs, no dialog opens, nothing leaves the house.

The content security policy and the frame's sandbox stand behind the cleaning; a page that needed them complains here.
"""

import re
import struct
import zlib
from urllib.parse import quote

import pytest

from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.channels.mail_html import clean, to_text
from bridgedesk.conversations import actions
from bridgedesk.conversations.models import Conversation
from bridgedesk.lib import clock
from tests.channels.email.payloads_xss import PAYLOADS, VECTORS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PER_THREAD = 50
REMOTE = "https://pics.example/pixel.png"


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff\0\0" * 8 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Watch:
    """What a page tried: dialogs, requests to elsewhere, complaints of the browser."""

    def __init__(self, page, home):
        self.page, self.dialogs, self.away, self.headers = page, [], [], {}
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.context.route(lambda address: not address.startswith((home, "data:", "blob:", "about:")), self._stop)
        page.complaints.clear()

    def _stop(self, route):
        self.away.append(route.request.url)
        self.headers = route.request.all_headers()
        route.fulfill(body=_png(), content_type="image/png")

    def is_quiet(self):
        assert self.page.evaluate("window.pwned") is None
        assert self.dialogs == []
        assert self.away == []
        assert self.page.complaints == []


def hostile_mail(shop, number, payload):
    person = Person(f"b{number // PER_THREAD}@example.org", "email", payload[:190])
    file = File(name=payload[:80] + ".png", data=_png())
    event = MessageReceived(
        f"t{number // PER_THREAD}", f"m{number}", person, clock.now(), f"lamp {payload} {to_text(payload)}", subject=payload, html=payload,
        quoted=payload, files=(file,) if number % 10 == 0 else (), order=payload[:60] if number % PER_THREAD == 0 else "",
    )  # fmt: skip
    assert actions.receive(shop, event)


@pytest.fixture
def watched(screen_of, server, make_shop, bob):
    shop = make_shop("Mail shop", "email", options={"address": "service@example.org"})
    shop.agents.add(bob)
    page = screen_of(bob, "/me")
    return shop, page, Watch(page, server)


def test_two_hundred_hostile_mails_do_nothing_on_any_page(watched, bob):
    shop, page, watch = watched
    for number, payload in enumerate(PAYLOADS):
        hostile_mail(shop, number, payload)
    assert len(PAYLOADS) > 200
    threads = Conversation.objects.order_by("pk")
    for thread, payload in zip(threads, VECTORS, strict=False):
        actions.tag(thread, payload[:40], by=bob)
        actions.note(thread, payload, by=bob)
    for path in ("/?sort=newest", "/search?q=lamp", "/palette?q=lamp", f"/search?q={quote(VECTORS[3])}", f"/?tag={quote(VECTORS[3])}"):
        page.goto(path)
        watch.is_quiet()
    for thread in threads:
        page.goto(f"/conversations/{thread.pk}")
        assert page.locator("[data-message]").count() > 10
        page.emulate_media(media="print")
        watch.is_quiet()
        page.emulate_media(media="screen")


OPEN_ALL = """async () => {
  const folds = [...document.querySelectorAll("details[data-frame]")];
  for (const fold of folds) fold.open = true;
  await new Promise((done) => setTimeout(done, 50));
  const frames = folds.map((fold) => fold.querySelector("iframe"));
  await Promise.all(frames.map((one) => new Promise((done) => one.contentDocument?.readyState === "complete"
    && one.contentWindow.location.href !== "about:blank" ? done() : one.addEventListener("load", done))));
  return frames.map((one) => [one.contentWindow.pwned ?? null, one.contentDocument.scripts.length, one.contentDocument.body.outerHTML]);
}"""


def test_a_hostile_mail_in_its_frame_needs_neither_sandbox_nor_policy_to_be_quiet(watched):
    shop, page, watch = watched
    for number, payload in enumerate(PAYLOADS):
        hostile_mail(shop, number, payload)
    seen = 0
    for thread in Conversation.objects.order_by("pk"):
        page.goto(f"/conversations/{thread.pk}")
        for pwned, scripts, body in page.evaluate(OPEN_ALL):
            seen += 1
            assert (pwned, scripts) == (None, 0), body
        complaints = [said for said in page.complaints if "img-src" not in said and not re.search(r"Failed to load resource.*404", said)]
        assert complaints == []
        assert watch.away == watch.dialogs == []
    assert seen > 200


def test_cleaning_alone_would_be_enough(page):
    """The cleaned markup on a page without any policy or sandbox; and, so that this proves something, the markup as it came."""
    left, dialogs = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.context.route("**/*", lambda route: (left.append(route.request.url), route.abort()))
    for start in range(0, len(PAYLOADS), 5):
        page.set_content("".join(f"<section>{clean(payload).html}</section>" for payload in PAYLOADS[start : start + 5]))
        assert page.evaluate("window.pwned") is None, PAYLOADS[start]
    assert left == dialogs == []
    ran = 0
    for vector in VECTORS:
        page.set_content(vector, wait_until="domcontentloaded")
        page.wait_for_timeout(5)
        ran += page.evaluate("window.pwned") == 1
    assert ran > 10


def test_an_embedded_picture_shows_in_its_frame_and_a_remote_one_only_when_asked(watched):
    shop, page, watch = watched
    html = f'<p>see</p><img id=a src="cid:pic@x" alt="embedded"><img src="{REMOTE}" alt="remote">'
    file = File(name="pic.png", data=_png(), content_id="pic@x", inline=True)
    event = MessageReceived("t1", "m1", Person("anna@example.org", "email", "Anna"), clock.now(), "see", html=html, files=(file,))
    message = actions.receive(shop, event)
    page.goto(f"/conversations/{message.conversation_id}")
    page.locator("details[data-frame] summary").click()
    frame = page.frame_locator("details[data-frame] iframe")
    drawn = "image => image.complete ? image.naturalWidth : new Promise(done => image.onload = () => done(image.naturalWidth))"
    assert frame.get_by_alt_text("embedded").evaluate(drawn) == 8
    assert frame.get_by_alt_text("remote").evaluate("image => image.naturalWidth") == 0
    assert watch.away == []
    page.locator("[data-images]").click()
    assert page.frame_locator("details[data-frame] iframe[src*='images=1']").get_by_alt_text("remote").evaluate(drawn) == 8
    assert watch.away == [REMOTE]
    assert not {"cookie", "referer", "origin"} & watch.headers.keys()
