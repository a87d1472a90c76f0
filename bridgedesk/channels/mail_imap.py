"""Reading a mailbox: only looked at (EXAMINE, BODY.PEEK), never marked, moved or deleted.

The cursor is JSON, by folder `[uidvalidity, last uid]`. When a server renumbers its folder the last days are read again;
a mail's key is a digest of its bytes, so what is known stays one row.
"""

import hashlib
import imaplib
import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import imap_tools
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import mail_headers
from bridgedesk.channels.base import Account, Fetched, NeedsReconnect, Raw, SendError
from bridgedesk.channels.mail_server import TIMEOUT, Server, dial, plainly, server, trust
from bridgedesk.lib import clock

BROKE_OFF = noop("the mailbox broke off")
NOT_IMAP = noop("this is not an IMAP server, or it does not offer this security")
NO_FOLDER = noop("There is no such folder in this mailbox")
NO_IDLE = noop("this server does not tell of new mail by itself")

BATCH = 40  # mails of one page
BATCH_BYTES = 20_000_000
MAX_MAIL = 50_000_000  # of a larger one the beginning is read
CUT_MAIL = 2_000_000
FIRST_DAYS = 14  # how far back a new mailbox is read, unless the shop says otherwise
AGAIN_DAYS = 30  # and one whose UIDVALIDITY changed
_ITEM = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_INTERNAL = re.compile(rb'INTERNALDATE "([^"]+)"')


class _Pinned(imaplib.IMAP4):
    """Connects to the address that was checked."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return dial(self.host, self.port, timeout or TIMEOUT)


class _PinnedTLS(imaplib.IMAP4_SSL):
    """The same, in TLS from the first byte; the certificate must be the name's."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        context: ssl.SSLContext = self.ssl_context
        return context.wrap_socket(dial(self.host, self.port, timeout or TIMEOUT), server_hostname=self.host)


class Mailbox(imap_tools.MailBoxUnencrypted):
    """imap-tools over a connection of ours."""

    def __init__(self, made: Server) -> None:
        self._made = made
        super().__init__(made.host, made.port, TIMEOUT)

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        made = self._made
        if made.security == "ssl":
            return _PinnedTLS(made.host, made.port, ssl_context=trust(), timeout=TIMEOUT)
        client = _Pinned(made.host, made.port, timeout=TIMEOUT)
        if made.security == "starttls":
            client.starttls(trust())
        return client


@contextmanager
def opened(account: Account) -> Iterator[Mailbox]:
    """A mailbox, logged in; SendError with plain words if that fails."""
    made = server(account, "imap")
    with plainly(made):
        mailbox = _connected(made)
        try:
            yield mailbox
        except (imaplib.IMAP4.abort, imap_tools.errors.ImapToolsError) as error:
            raise SendError(f"{made.host}: {BROKE_OFF} ({type(error).__name__})", permanent=False, code="imap") from None
        finally:
            _left(mailbox)


def _connected(made: Server) -> Mailbox:
    try:
        mailbox = Mailbox(made)
    except imaplib.IMAP4.error:
        raise SendError(f"{made.host}: {NOT_IMAP}", permanent=False, code="imap") from None
    try:
        mailbox.login(made.user, made.password, initial_folder=None)
    except imap_tools.errors.MailboxLoginError:
        _left(mailbox)
        raise NeedsReconnect(noop("The mailbox refuses the user name or password.")) from None
    except UnicodeEncodeError:
        _left(mailbox)
        raise NeedsReconnect(noop("This mailbox takes only plain letters and digits in its password.")) from None
    return mailbox


def _left(mailbox: Mailbox) -> None:
    try:
        mailbox.client.logout()
    except (OSError, imaplib.IMAP4.error):
        mailbox.client.shutdown()


def folders(account: Account) -> dict[str, str]:
    """The folders that are read, with their role: the inbox, and the sent mails where the shop asks for it."""
    read = {str(account.options.get("folder", "") or "INBOX"): "inbox"}
    sent = str(account.options.get("sent_folder", ""))
    return read | ({sent: "sent"} if sent else {})


def fetch(account: Account, cursor: str) -> Fetched:
    """One page of what is new in every folder."""
    state = _state(cursor)
    raws: list[Raw] = []
    more = False
    with opened(account) as mailbox:
        for folder, role in folders(account).items():
            found, state[folder], rest = _page(mailbox, account, folder, role, state.get(folder))
            raws += found
            more = more or rest
    return Fetched(raws, json.dumps(state), more)


def _state(cursor: str) -> dict[str, list[int]]:
    try:
        state = json.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def examine(mailbox: Mailbox, folder: str) -> int:
    """Open a folder for reading only; its UIDVALIDITY. SendError if there is no such folder."""
    try:
        mailbox.folder.set(folder, readonly=True)
    except imap_tools.errors.MailboxFolderSelectError:
        raise SendError(f"{NO_FOLDER}: {folder}", permanent=False, code="folder") from None
    _, found = mailbox.client.response("UIDVALIDITY")
    return int(bytes(found[-1] or b"0"))


def _page(mailbox: Mailbox, account: Account, folder: str, role: str, known: list[int] | None) -> tuple[list[Raw], list[int], bool]:
    validity = examine(mailbox, folder)
    last = known[1] if known and known[0] == validity else 0
    uids = [uid for uid in _search(mailbox, _criteria(account, known, last)) if uid > last]
    if not uids:
        return [], [validity, max(last, _highest(mailbox))], False
    taken = _affordable(_sizes(mailbox, uids[:BATCH]))
    raws = [raw for uid, size in taken if (raw := _read(mailbox, uid, size, role))]
    return raws, [validity, taken[-1][0]], len(taken) < len(uids)


def _criteria(account: Account, known: list[int] | None, last: int) -> str:
    if last:
        return f"UID {last + 1}:*"
    asked = str(account.options.get("first_days", ""))
    days = AGAIN_DAYS if known else int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else FIRST_DAYS
    since = clock.now() - timedelta(days=days)
    return f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905


def _search(mailbox: Mailbox, criteria: str) -> list[int]:
    _, data = mailbox.client.uid("SEARCH", criteria)
    return sorted(int(uid) for uid in (data[0] or b"").split())


def _highest(mailbox: Mailbox) -> int:
    """The highest uid there is, so that an old folder is not searched by date for ever."""
    return max(_search(mailbox, "UID *:*"), default=0)


def _sizes(mailbox: Mailbox, uids: list[int]) -> list[tuple[int, int]]:
    _, data = mailbox.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
    found: dict[int, int] = {}
    for item in data:
        line = item[0] if isinstance(item, tuple) else item
        uid, size = _ITEM.search(line or b""), _SIZE.search(line or b"")
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return [(uid, found.get(uid, 0)) for uid in uids]


def _affordable(sizes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many as fit a page, one at least."""
    taken, total = 1, sizes[0][1]
    while taken < len(sizes) and total + sizes[taken][1] <= BATCH_BYTES:
        total += sizes[taken][1]
        taken += 1
    return sizes[:taken]


def _read(mailbox: Mailbox, uid: int, size: int, role: str) -> Raw | None:
    """One mail; None if it was deleted meanwhile. The \\Seen flag is not touched."""
    part = f"BODY.PEEK[]<0.{CUT_MAIL}>" if size > MAX_MAIL else "BODY.PEEK[]"
    _, data = mailbox.client.uid("FETCH", str(uid), f"(INTERNALDATE {part})")
    item = next((item for item in data if isinstance(item, tuple)), None)
    if item is None:
        return None
    headers = {"folder": role, "received": _received(b" ".join(_bytes(data))).isoformat()}
    if size > MAX_MAIL:
        headers["cut"] = str(size)
    return raw_of(bytes(item[1]), headers)


def _bytes(data: list[Any]) -> Iterator[bytes]:
    for item in data:
        yield item[0] if isinstance(item, tuple) else item if isinstance(item, bytes) else b""


def _received(line: bytes) -> datetime:
    found = _INTERNAL.search(line)
    try:
        return parsedate_to_datetime(found[1].decode("ascii").replace("-", " ", 2)).astimezone(UTC) if found else clock.now()
    except (ValueError, UnicodeDecodeError):
        return clock.now()


def raw_of(body: bytes, headers: dict[str, str]) -> Raw:
    """A mail's bytes as a Raw: its key a digest, its thread the sender, so that one writer's mails keep their order."""
    read, _ = mail_headers.read(body, 0, len(body))
    sender = next((person.email for person in read.addresses("from")), "")
    thread = "from-" + hashlib.sha256(sender.encode("utf-8", "replace")).hexdigest()[:32]
    return Raw(key="mail-" + hashlib.sha256(body).hexdigest(), body=body, kind="mail", thread=thread, headers=headers)


def wait(account: Account, seconds: float, mark: str) -> str:
    """Wait, at most `seconds`, until the inbox is not as `mark` says any more; how it is now. "" and any old mark: at once.

    Returning a mark instead of what was heard, nothing is missed between two waits. SendError without IDLE at the server.
    """
    with opened(account) as mailbox:
        if "IDLE" not in mailbox.client.capabilities:
            raise SendError(NO_IDLE, permanent=False, code="idle")
        inbox = next(iter(folders(account)))
        found = _mark(mailbox, inbox)
        if found == mark:
            mailbox.idle.wait(timeout=seconds)
            found = _mark(mailbox, inbox)
        return found


def _mark(mailbox: Mailbox, folder: str) -> str:
    """Changes with every mail that comes."""
    validity = examine(mailbox, folder)
    told = [mailbox.client.response(name)[1][-1] for name in ("UIDNEXT", "EXISTS")]
    return " ".join([str(validity), *(bytes(value or b"").decode("ascii", "replace") for value in told)])


def holds(account: Account, folder: str, message_id: str) -> bool:
    """Whether a folder has a mail of that Message-ID."""
    with opened(account) as mailbox:
        examine(mailbox, folder)
        _, data = mailbox.client.uid("SEARCH", "HEADER", "Message-ID", f'"<{message_id}>"')
        return bool((data[0] or b"").split())
