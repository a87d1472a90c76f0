"""Shops without an interface to their platform: messages are pasted or imported from a table, answers copied and sent by hand."""

from datetime import datetime

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels.base import Account, Field, Limits, Raw, Unparsable
from bridgedesk.channels.by_hand import Entered, entered, moment, read
from bridgedesk.channels.events import Event, MessageReceived, MessageSent, Person

PLATFORMS = (
    ("", noop("Another platform")),
    ("shopee", "Shopee"),
    ("amazon", "Amazon"),
    ("aliexpress", "AliExpress"),
)


class Manual(Entered):
    """Paste and tables in, copy out."""

    name = "manual"
    title = noop("By hand")
    needs: tuple[str, ...] = (
        noop("Nothing: messages are pasted or imported from a table, answers copied into the platform's own tool."),
        noop("Works for every platform, and while you wait for API access."),
    )
    fields: tuple[Field, ...] = (
        Field(
            "policy",
            noop("Real platform"),
            noop("Whose rules your answers are checked against."),
            kind="choice",
            choices=PLATFORMS,
            required=False,
        ),
        Field(
            "tool_url",
            noop("Address of the platform's own tool"),
            noop("Opened when you copy an answer, so that you can paste it there."),
            kind="url",
            required=False,
        ),
    )

    def limits(self, account: Account) -> Limits:
        """None of ours: the platform's own tool says what it takes."""
        types = ("image/jpeg", "image/png", "image/gif", "application/pdf")
        return Limits(text=None, files=10, file_bytes=25_000_000, file_types=types, sure=False, source="the platform's own tool decides")

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """The message a person entered, of the buyer or of the shop."""
        said = read(raw)
        buyer, text, thread = said.get("buyer", ""), said.get("text", ""), said.get("thread", "")
        if not (buyer and text and thread):
            raise Unparsable(noop("a message needs a buyer and a text"))
        person, at, number = Person(buyer, name=said.get("name") or buyer), moment(said.get("at", "")), said.get("id") or raw.key
        if said.get("side") == "shop":
            return [MessageSent(thread, number, person, at, text=text, order=said.get("order", ""))]
        return [MessageReceived(thread, number, person, at, text=text, order=said.get("order", ""))]


def paste(
    buyer: str,
    text: str,
    *,
    at: datetime,
    order: str = "",
    thread: str = "",
    side: str = "buyer",
    name: str = "",
    number: str = "",
    repeat: int = 0,
) -> Raw:
    """One message as a row; the same message entered again is the same row. `side` is "buyer" or "shop".

    `thread` is the platform's conversation id, else all messages of a buyer are one conversation. ValueError if empty.
    """
    buyer, text = _plain(buyer), _plain(text)
    if not buyer or not text:
        raise ValueError("a message needs a buyer and a text")
    said = {
        "buyer": buyer,
        "name": _plain(name),
        "text": text,
        "at": at.isoformat(),
        "order": _plain(order),
        "side": side,
        "id": _plain(number),
    }
    thread = _plain(thread) or f"buyer:{buyer}"
    return entered({name: value for name, value in {**said, "thread": thread}.items() if value}, thread=thread, repeat=repeat)


def _plain(text: str) -> str:
    return text.replace("\0", "").strip()
