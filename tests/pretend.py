"""A pretend platform for tests: signed JSON pushes in, answers out, with switches for everything that can go wrong."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bridgedesk.channels.acts import Act, Performed
from bridgedesk.channels.base import (
    Account,
    CannotTell,
    Check,
    Door,
    Fetched,
    Field,
    Inbound,
    Limits,
    Outgoing,
    Raw,
    Rejected,
    Sent,
    Unparsable,
)  # fmt: skip
from bridgedesk.channels.events import AuthorisationChanged, Event, File, Ignored, MessageReceived, MessageSent, Person

SECRET = b"pretend push key"
START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def sign(url: str, body: bytes) -> str:
    return hmac.new(SECRET, url.encode() + b"|" + body, hashlib.sha256).hexdigest()


def said(message: str, text: str = "Where is my parcel?", thread: str = "t1", **more: Any) -> dict[str, Any]:
    """A push: a buyer wrote."""
    return {"type": "message", "id": message, "thread": thread, "buyer": "b1", "text": text, **more}


class Pretend:
    """channels.base.Channel. `outbox` is what arrived at the platform, `done` what it did; the callables are replaced by tests."""

    name = "pretend"
    title = "Pretend"
    needs: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    door: Door | None = None
    pushes = polls = sends = True
    feeds: Mapping[str, timedelta] = {}
    acts: frozenset[type[Act]] = frozenset()

    def __init__(self) -> None:
        self.done: list[Act] = []
        self.on_act: Callable[[Act], Performed] = self.obey
        self.outbox: list[Outgoing] = []
        self.on_send: Callable[[Outgoing], Sent] = self.take
        self.on_find: Callable[[Outgoing], Sent | None] = self.look
        self.on_fetch: Callable[[str], Fetched] = lambda cursor: Fetched([], cursor)
        self.on_feed: Callable[[str, str], Fetched] = lambda feed, cursor: Fetched([], cursor)
        self.on_file: Callable[[File], bytes] = lambda file: b"\x89PNG\r\n\x1a\n"

    def limits(self, account: Account) -> Limits:
        return Limits(text=200, files=1, file_bytes=2_000_000, file_types=("image/png",), sure=False, source="pretend")

    def verify(self, account: Account, inbound: Inbound) -> None:
        if not hmac.compare_digest(inbound.headers.get("authorization", ""), sign(inbound.url, inbound.body)):
            raise Rejected("wrong signature")

    def raw_of(self, account: Account, inbound: Inbound) -> Raw:
        try:
            data = json.loads(inbound.body)
            return Raw(str(data["id"]), inbound.body, "push", str(data.get("thread", "")))
        except (ValueError, KeyError, TypeError):
            return Raw(hashlib.sha256(inbound.body).hexdigest(), inbound.body, "push")

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        try:
            data = json.loads(raw.body)
        except ValueError as error:
            raise Unparsable("not JSON") from error
        match data.get("type"):
            case "message":
                return [self._received(data)]
            case "echo":
                return [MessageSent(data["thread"], data["id"], Person(data["buyer"]), self._at(data), data["text"])]
            case "withdrawn":
                return [AuthorisationChanged(granted=False)]
            case "verification":
                return [Ignored("verification")]
        raise Unparsable(f"unknown type {data.get('type')!r}")

    def _received(self, data: dict[str, Any]) -> MessageReceived:
        files = tuple(File(**file | ({"data": file["data"].encode()} if "data" in file else {})) for file in data.get("files", ()))
        return MessageReceived(data["thread"], data["id"], Person(data["buyer"]), self._at(data), data["text"], files=files)

    def _at(self, data: dict[str, Any]) -> datetime:
        return START + timedelta(seconds=data.get("second", 0))

    def fetch(self, account: Account, cursor: str, feed: str = "messages") -> Fetched:
        return self.on_fetch(cursor) if feed == "messages" else self.on_feed(feed, cursor)

    def perform(self, account: Account, act: Act) -> Performed:
        return self.on_act(act)

    def obey(self, act: Act) -> Performed:
        """Do it."""
        self.done.append(act)
        return Performed(f"a{len(self.done)}")

    def send(self, account: Account, message: Outgoing) -> Sent:
        return self.on_send(message)

    def take(self, message: Outgoing) -> Sent:
        """Let it arrive."""
        self.outbox.append(message)
        return Sent(f"p{len(self.outbox)}", START + timedelta(minutes=1))

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        return self.on_find(message)

    def look(self, message: Outgoing) -> Sent | None:
        """By our reference, as a platform that echoes it can."""
        for number, arrived in enumerate(self.outbox, 1):
            if arrived.reference == message.reference:
                return Sent(f"p{number}", START + timedelta(minutes=1))
        return None

    def cannot_tell(self, message: Outgoing) -> Sent | None:
        raise CannotTell

    def fetch_file(self, account: Account, file: File) -> bytes:
        return self.on_file(file)

    def check(self, account: Account) -> list[Check]:
        return []
