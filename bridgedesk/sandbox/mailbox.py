"""Mailboxes of the pretend mail world: folders with UIDs that only grow, and waiting readers that are woken."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


@dataclass
class Stored:
    """One mail in a folder."""

    uid: int
    data: bytes
    at: datetime
    flags: set[str] = field(default_factory=set)

    def parsed(self) -> EmailMessage:
        """The mail as an object."""
        return BytesParser(policy=policy.default).parsebytes(self.data)


class Folder:
    """A mail folder. `validity` names the life of its UIDs."""

    def __init__(self, name: str, validity: int) -> None:
        self.name = name
        self.validity = validity
        self.next_uid = 1
        self.mails: list[Stored] = []
        self._waiting: set[asyncio.Event] = set()

    def add(self, data: bytes, at: datetime, flags: frozenset[str] = frozenset()) -> Stored:
        """Store a mail and wake whoever waits."""
        mail = Stored(self.next_uid, data, at, set(flags))
        self.next_uid += 1
        self.mails.append(mail)
        self._wake()
        return mail

    def remove(self, mails: list[Stored]) -> None:
        """Take mails out for good."""
        self.mails = [mail for mail in self.mails if mail not in mails]

    def renumber(self) -> None:
        """What a server move does: a new UIDVALIDITY, and every mail a new UID."""
        self.validity += 1
        for uid, mail in enumerate(self.mails, start=1001):
            mail.uid = uid
        self.next_uid = 1001 + len(self.mails)

    def watch(self, event: asyncio.Event) -> None:
        """Set `event` at every change from now on."""
        self._waiting.add(event)

    def unwatch(self, event: asyncio.Event) -> None:
        """Stop watching."""
        self._waiting.discard(event)

    def numbered(self) -> Iterator[tuple[int, Stored]]:
        """Sequence numbers and mails."""
        return enumerate(self.mails, start=1)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()


class Mailbox:
    """One account: address, password, folders."""

    def __init__(self, address: str, password: str, validity: int) -> None:
        self.address = address
        self.password = password
        self.folders = {name: Folder(name, validity) for name in ("INBOX", "Sent", "Drafts", "Trash")}

    @property
    def inbox(self) -> Folder:
        """Where mail arrives."""
        return self.folders["INBOX"]

    def folder(self, name: str) -> Folder | None:
        """A folder by name; INBOX in any case."""
        return self.folders.get("INBOX" if name.upper() == "INBOX" else name)
