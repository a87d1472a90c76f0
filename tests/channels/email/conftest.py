"""Real mail servers on loopback: Dovecot where it is installed, else the sandbox's mailbox; a scripted SMTP server for its faults."""

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bridgedesk.channels.base import Account
from bridgedesk.lib import clock
from bridgedesk.sandbox.mailbox import Folder, Mailbox
from bridgedesk.sandbox.servers import Sandbox
from tests.channels.accounts import account

DOVECOT = "" if os.environ.get("BRIDGEDESK_TEST_IMAP") == "sandbox" else shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin")
PASSWORD = "a-password"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens on {port}")


@dataclass
class Imap:
    """A mailbox server: `deliver` puts a mail into a folder as its provider would."""

    port: int
    user: str = "help"

    def with_user(self, user: str) -> "Imap":
        """The mailbox of somebody else, empty."""
        return replace(self, user=user)

    def client(self) -> imaplib.IMAP4:
        made = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        made.login(self.user, PASSWORD)
        return made

    def deliver(self, body: bytes, folder: str = "INBOX") -> None:
        client = self.client()
        client.create(folder)
        client.append(folder, None, None, body)  # type: ignore[arg-type]
        client.logout()

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        client = self.client()
        client.select(folder, readonly=True)
        _, data = client.fetch("1:*", "(FLAGS)")
        client.logout()
        return [line for line in data if isinstance(line, bytes)]

    def renumber(self, folder: str = "INBOX") -> None:
        """Rebuild the folder as a provider's move does: the same mails, another UIDVALIDITY."""
        client = self.client()
        client.select(folder, readonly=True)
        _, data = client.fetch("1:*", "(BODY.PEEK[])")
        client.close()
        client.rename(folder, f"old-{time.monotonic_ns()}")
        for item in data:
            if isinstance(item, tuple):
                client.create(folder)
                client.append(folder, None, None, item[1])  # type: ignore[arg-type]
        client.logout()


CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = bridgedesk-test
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


def _dovecot(folder: Path) -> Iterator[Imap]:
    name = "dovecot" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    who = pwd.getpwnam(name)
    for part in ("mail", "run", "state"):
        (folder / part).mkdir()
    folder.chmod(0o755)
    if os.getuid() == 0:
        os.chown(folder / "mail", who.pw_uid, who.pw_gid)
    port = free_port()
    group = next(line.split(":")[0] for line in Path("/etc/group").read_text().splitlines() if line.split(":")[2] == str(who.pw_gid))
    conf = folder / "dovecot.conf"
    conf.write_text(CONFIG.format(folder=folder, user=name, group=group, port=port, password=PASSWORD))
    process = subprocess.Popen([DOVECOT or "", "-F", "-c", str(conf)])
    try:
        wait_for(port)
        yield Imap(port)
    finally:
        process.terminate()
        process.wait(10)


class Pretend(Imap):
    """The sandbox's mailboxes, where no Dovecot is installed; mails are put in behind its back."""

    def __init__(self, sandbox: Sandbox, user: str = "help") -> None:
        super().__init__(sandbox.port + 2, user)
        self.sandbox = sandbox

    def with_user(self, user: str) -> "Pretend":
        made = Pretend(self.sandbox, user)
        box = Mailbox(user, PASSWORD, 1)
        self.sandbox.servers.mail.boxes[user] = box
        return made

    def _folder(self, name: str) -> Folder:
        box = self.sandbox.servers.mail.boxes[self.user]
        return box.folder(name) or box.inbox

    def deliver(self, body: bytes, folder: str = "INBOX") -> None:
        self._folder(folder).add(body, clock.now())

    def renumber(self, folder: str = "INBOX") -> None:
        self._folder(folder).renumber()


def _sandbox() -> Iterator[Imap]:
    with Sandbox() as sandbox:
        yield Pretend(sandbox)


@pytest.fixture(scope="session")
def _imap_server() -> Iterator[Imap]:
    if not DOVECOT:
        yield from _sandbox()
        return
    folder = Path(tempfile.mkdtemp(prefix="bd-imap-"))  # a short path, for the sockets in it
    try:
        yield from _dovecot(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def imap(_imap_server: Imap, settings: Any) -> Imap:
    """A fresh mailbox."""
    settings.ALLOW_PRIVATE = {f"127.0.0.1:{_imap_server.port}"}
    return _imap_server.with_user(f"help{time.monotonic_ns()}")


@dataclass
class Post:
    """An SMTP server that answers as it is told and keeps what it took."""

    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    rcpt: str = "250 fine"
    data: str = "250 taken"
    hang_up: bool = False

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.taken.append(envelope)
        if self.hang_up:
            assert server.transport is not None
            server.transport.abort()
        return self.data


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    made = Post(port=free_port())
    controller = Controller(made, hostname="127.0.0.1", port=made.port)
    controller.start()
    settings.ALLOW_PRIVATE = {*settings.ALLOW_PRIVATE, f"127.0.0.1:{made.port}"}
    yield made
    controller.stop()


@pytest.fixture
def mailbox() -> Callable[..., Account]:
    def make(imap: Imap | None = None, post: Post | None = None, **options: str) -> Account:
        servers = {
            "imap_host": "127.0.0.1",
            "imap_port": str(imap.port if imap else 1),
            "imap_security": "plain",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(post.port if post else 1),
            "smtp_security": "plain",
            "user": imap.user if imap else "help",
        }
        own = {"address": "help@lamps.example", "from_name": "Lamp Shop"}
        return account(
            "help@lamps.example",
            region="",
            options=servers | own | options,
            secrets={"thread_key": "a key for tests", "password": PASSWORD},
        )

    return make
