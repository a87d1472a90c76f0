"""The pretend mail world's SMTP server: takes what our shops send, knows who exists, and hands it on."""

import weakref
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bridgedesk.sandbox.mailbox import Mailbox
from bridgedesk.sandbox.world import Arrived, World

MAX_BYTES = 30 * 1024 * 1024
REFUSED_DOMAIN = "refused.example"  # refused at once (550); unknown people elsewhere bounce later
Hand = Callable[[str, str, EmailMessage], None]


class Post:
    """aiosmtpd's handler. Each taken mail goes to `hand(sender, recipient, mail)` once per recipient."""

    def __init__(self, world: World, boxes: dict[str, Mailbox], hand: Hand) -> None:
        self.world, self.boxes, self.hand = world, boxes, hand
        self.talking: weakref.WeakSet[SMTP] = weakref.WeakSet()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Only who logged in may send."""
        if not session.authenticated:
            return "530 5.7.0 authentication required"
        envelope.mail_from = address
        return "250 2.1.0 ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse recipients of the domain that refuses, and whatever a fault refuses."""
        if fault := self.world.trouble("smtp", "reject"):
            return f"{fault.status} {fault.code or 'refused by the sandbox'}"
        if address.lower().endswith(f"@{REFUSED_DOMAIN}"):
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the mail; a fault may drop the connection before or after."""
        if self.world.trouble("smtp", "lose_request"):
            raise ConnectionResetError
        mail = BytesParser(policy=policy.default).parsebytes(envelope.original_content or b"")
        assert isinstance(mail, EmailMessage)  # noqa: S101 - what that policy makes
        for recipient in envelope.rcpt_tos:
            self.world.arrived.append(arrived(envelope.mail_from or "", recipient, mail, self.world))
            self.hand(envelope.mail_from or "", recipient, mail)
        if self.world.trouble("smtp", "lose_answer"):
            raise ConnectionResetError
        return "250 2.0.0 taken"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
        """Addresses and passwords of the mailboxes."""
        if not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=False)
        box = self.boxes.get(given.login.decode().lower())
        return AuthResult(success=bool(box and box.password.encode() == given.password), handled=False)

    def connection(self) -> SMTP:
        """A protocol for one connection. Log-in without TLS is for loopback only."""
        protocol = SMTP(self, hostname="sandbox", authenticator=self.authenticate, auth_require_tls=False,
                    data_size_limit=MAX_BYTES, enable_SMTPUTF8=True)  # fmt: skip
        self.talking.add(protocol)
        return protocol


def arrived(sender: str, recipient: str, mail: EmailMessage, world: World) -> Arrived:
    """What the world remembers of a mail of ours."""
    files = tuple((part.get_filename() or "", len(part.get_content() or b"")) for part in mail.iter_attachments())
    return Arrived(
        "mail", sender, recipient, plain(mail), world.now(), subject=str(mail["Subject"] or ""), external_id=str(mail["Message-ID"] or ""),
        files=files, headers={name: str(value) for name, value in mail.items()},
        automatic=str(mail["Auto-Submitted"] or "no").lower() != "no",
    )  # fmt: skip


def plain(mail: EmailMessage) -> str:
    """The text part of a mail."""
    part = mail.get_body(("plain", "html"))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
