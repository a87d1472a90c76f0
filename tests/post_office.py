"""A real provider on loopback: Dovecot keeps the mailboxes, OpenSMTPD takes mail and hands it to Dovecot over LMTP.

Both from Debian's packages, with configuration, spool and sockets in a folder of their own (OpenSMTPD has its places built
in, so it gets a mount namespace). No system service is touched. `missing()` says what stands in the way elsewhere.

Debian 12's OpenSMTPD cannot serve TLS with OpenSSL 3 (OpenSMTPD issue 1171), so a counter in front of it does TLS, STARTTLS
and the log-in, and passes every mail on at once with OpenSMTPD's own answer.
"""

import asyncio
import imaplib
import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests import certificates

PATHS = "/usr/sbin:/usr/bin:/usr/local/sbin"
PASSWORD = "a-password"
SHOP, ANA, BEN = "help@lamps.example", "ana@buyer.example", "ben@buyer.example"
GONE = "gone@buyer.example"  # writes, but has no mailbox
PEOPLE = (SHOP, "desk@other.example", ANA, BEN)

DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = bridgedesk-post
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = yes
auth_mechanisms = plain
auth_username_chars =
default_internal_user = dovecot
default_internal_group = dovecot
default_login_user = dovecot
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mailbox_idle_check_interval = 1s
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/people
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/people
  default_fields = uid=dovecot gid=dovecot home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
"""

SMTPD = """
queue ttl 1m
listen on 127.0.0.1 port {smtp} hostname localhost
action boxes relay host "lmtp://127.0.0.1:{lmtp}"
match from any for any action boxes
"""


def missing() -> str:
    """Why there can be no post office here; "" if there can."""
    if lacking := [name for name in ("dovecot", "smtpd") if not shutil.which(name, path=PATHS)]:
        return f"{' and '.join(lacking)} not installed"
    if os.getuid() != 0:
        return "OpenSMTPD starts as root only"
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        return "mount namespaces are forbidden"
    return ""


@dataclass(frozen=True)
class PostOffice:
    """Its ports on localhost, and the file of the authority that signed its certificate."""

    folder: Path
    imap: int
    imaps: int
    lmtp: int
    smtp: int
    submission: int
    smtps: int

    @property
    def authority(self) -> Path:
        """Who is to be trusted."""
        return self.folder / "authority.pem"

    def options(self, security: str, address: str = SHOP) -> dict[str, str]:
        """A mailbox as the connect form gives it; `security` is ssl or starttls."""
        ports = (self.imaps, self.smtps) if security == "ssl" else (self.imap, self.submission)
        servers = {"imap_host": "localhost", "smtp_host": "localhost", "imap_port": str(ports[0]), "smtp_port": str(ports[1])}
        return servers | {"imap_security": security, "smtp_security": security, "address": address, "from_name": "Lamp shop"}

    @property
    def allowed(self) -> frozenset[str]:
        """For ALLOW_PRIVATE."""
        return frozenset(f"localhost:{port}" for port in (self.imap, self.imaps, self.submission, self.smtps))

    def send(self, sender: str, text: str, *, to: str = SHOP, subject: str = "My lamp", answers: EmailMessage | None = None,
             **headers: str) -> str:  # fmt: skip
        """A mail by somebody's own program; its Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Date"] = sender, to, formatdate()
        mail["Subject"] = f"Re: {answers['Subject']}" if answers else subject
        mail["Message-ID"] = f"<{time.monotonic_ns()}@{sender.partition('@')[2]}>"
        if answers:
            mail["In-Reply-To"] = answers["Message-ID"]
            mail["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        with smtplib.SMTP("localhost", self.submission, timeout=20) as smtp:
            smtp.starttls(context=self.trust())
            smtp.login(BEN, PASSWORD)
            smtp.send_message(mail, from_addr=sender)
        return str(mail["Message-ID"])

    def mails(self, who: str) -> list[EmailMessage]:
        """Everything in somebody's inbox, oldest first."""
        with imaplib.IMAP4_SSL("localhost", self.imaps, ssl_context=self.trust(), timeout=20) as client:
            client.login(who, PASSWORD)
            if client.select(readonly=True)[1] == [b"0"]:
                return []
            _, data = client.fetch("1:*", "(BODY.PEEK[])")
            return [message_from_bytes(item[1], policy=policy.default) for item in data if isinstance(item, tuple)]  # type: ignore[arg-type]

    def expect(self, who: str, count: int, seconds: float = 20) -> list[EmailMessage]:
        """The inbox once it holds that many."""
        for _ in range(int(seconds * 10)):
            if len(found := self.mails(who)) >= count:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{who} has {len(found)} of {count} mails\n{self.log()}")

    def trust(self) -> ssl.SSLContext:
        """As the buyers' programs trust it."""
        return ssl.create_default_context(cafile=str(self.authority))

    def empty(self) -> None:
        """Everybody's mailbox as on the first day."""
        for box in (self.folder / "mail").iterdir():
            shutil.rmtree(box)

    def log(self) -> str:
        """The last words of both servers."""
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log"))


@contextmanager
def opened() -> Iterator[PostOffice]:
    """Both servers, as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="bd-post-"))  # a short path, for the sockets in it
    office = PostOffice(folder, *_ports(6))
    _prepare(office)
    with open(folder / "smtpd.log", "wb") as log:
        started = [subprocess.Popen(command, stdout=log, stderr=log) for command in _commands(folder)]
    counters = _counters(office)
    try:
        for port in (office.imap, office.imaps, office.lmtp, office.smtp):
            _wait(office, port)
        for counter in counters:
            counter.start()
        yield office
    finally:
        for counter in counters:
            counter.stop(no_assert=True)
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


class Counter:
    """Takes mail of those who logged in and hands it to OpenSMTPD while they wait."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if not session.authenticated:
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        return "250 2.1.0 go on"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await asyncio.to_thread(self._pass_on, envelope)

    def _pass_on(self, envelope: Envelope) -> str:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as behind:
            try:
                behind.sendmail(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
            except smtplib.SMTPRecipientsRefused as refused:
                code, words = next(iter(refused.recipients.values()))
                return f"{code} {words.decode()}"
            except smtplib.SMTPResponseException as refused:
                return f"{refused.smtp_code} {refused.smtp_error!r}"
        return "250 2.0.0 passed on"

    @staticmethod
    def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
        known = isinstance(given, LoginPassword) and given.login.decode() in PEOPLE and given.password == PASSWORD.encode()
        return AuthResult(success=known, handled=False)


def _counters(office: PostOffice) -> list[Controller]:
    """STARTTLS on one port, TLS from the first byte on the other."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(office.folder / "server.pem", office.folder / "server.key")
    shared = {"hostname": "127.0.0.1", "authenticator": Counter.knows}
    taken, desk = Counter(office.smtp), Counter(office.smtp)
    return [
        Controller(taken, port=office.submission, tls_context=context, require_starttls=True, **shared),
        Controller(desk, port=office.smtps, ssl_context=context, auth_require_tls=False, **shared),
    ]


def _prepare(office: PostOffice) -> None:
    folder = office.folder
    folder.chmod(0o755)
    certificates.make(folder)
    for part in ("mail", "run", "state", "spool", "var-run"):
        (folder / part).mkdir()
        (folder / part).chmod(0o755)
    shutil.chown(folder / "mail", "dovecot", "dovecot")
    (folder / "people").write_text("".join(f"{who}:{{PLAIN}}{PASSWORD}::::::\n" for who in PEOPLE))
    facts = vars(office)
    (folder / "dovecot.conf").write_text(DOVECOT.format(**facts))
    (folder / "smtpd.conf").write_text(SMTPD.format(**facts))


def _commands(folder: Path) -> tuple[list[str], list[str]]:
    apart = f"mount --bind {folder}/spool /var/spool && mount --bind {folder}/var-run /run && exec smtpd -d -f {folder}/smtpd.conf"
    dovecot = shutil.which("dovecot", path=PATHS) or ""
    return [dovecot, "-F", "-c", f"{folder}/dovecot.conf"], ["unshare", "-m", "env", f"PATH={PATHS}:/bin:/sbin", "sh", "-c", apart]


def _ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    found = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return found


def _wait(office: PostOffice, port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens on {port}\n{office.log()}")
