"""What strangers write shows as text and harmless layout, whatever it tries. The check reads the result on its own, with another parser."""

from html.parser import HTMLParser

import pytest

from bridgedesk.channels.mail_html import clean, to_text
from bridgedesk.channels.mail_parsing import parse
from tests.channels.email.payloads_xss import PAYLOADS

FORBIDDEN = {
    "script", "style", "svg", "math", "iframe", "object", "embed", "form", "input", "button", "textarea", "select", "option", "template",
    "base", "meta", "link", "body", "html", "head", "title", "noscript", "video", "audio", "source", "frame", "frameset", "marquee", "xmp",
}  # fmt: skip
ALLOWED = {"dir", "lang", "href", "title", "src", "alt", "width", "height", "colspan", "rowspan", "start", "rel", "target"}


class Findings(HTMLParser):
    """Everything in the result that could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN or ":" in tag:
            self.found.append(tag)
        for name, value in attrs:
            if name not in ALLOWED:
                self.found.append(name)
            if name == "href" and not (value or "").lower().startswith(("http://", "https://", "mailto:", "tel:")):
                self.found.append(f"href {value}")
            if name == "src" and not (value or "").startswith(("data:image/png", "/files/")):
                self.found.append(f"src {value}")

    def handle_decl(self, decl: str) -> None:
        self.found.append(decl)

    handle_pi = handle_comment = unknown_decl = handle_decl


def findings(html: str) -> list[str]:
    reader = Findings()
    reader.feed(html)
    reader.close()
    return reader.found


def test_there_are_enough_of_them() -> None:
    assert len(PAYLOADS) >= 200


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nothing_in_a_mail_can_act(payload: str) -> None:
    mail = parse(b"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + payload.encode())
    once = clean(mail.html).html
    assert findings(once) == []
    assert findings(clean(once).html) == []


def test_the_check_itself_sees_what_is_wrong() -> None:
    assert sum(bool(findings(payload.replace("\x00", ""))) for payload in PAYLOADS) > len(PAYLOADS) * 0.9


@pytest.mark.parametrize("payload", PAYLOADS[::5])
def test_the_text_of_a_mail_is_only_text(payload: str) -> None:
    assert isinstance(to_text(payload), str)


def test_remote_images_are_listed_not_loaded() -> None:
    cleaned = clean('<img src="https://tracker.example/p.gif?u=1" alt="pixel"><img src="HTTP://other.example/x">')
    assert findings(cleaned.html) == []
    assert cleaned.remote == ("https://tracker.example/p.gif?u=1", "HTTP://other.example/x")


def test_links_open_apart_and_tell_nothing() -> None:
    html = clean('<a href="https://shop.example/x">shop</a>').html
    assert 'target="_blank"' in html
    assert "noopener" in html
    assert "noreferrer" in html


def test_an_embedded_picture_is_shown_from_its_attachment_only() -> None:
    own = {"a@x": "/files/abc"}
    assert clean('<img src="cid:a@x">', own).html == '<img src="/files/abc">'
    assert "src" not in clean('<img src="cid:b@x">', own).html
