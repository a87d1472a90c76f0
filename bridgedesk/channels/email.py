"""E-mail: any mailbox over IMAP, answers over SMTP; Amazon's buyer messages come through it too (`mail_relay`).

The parts stand beside this file: `mail_parsing` bytes to text, `mail_quotes` what is new, `mail_automatic` and `mail_bounces`
what no person wrote, `mail_threads` which conversation, `mail_imap` and `mail_smtp` the wire.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import mail_events, mail_imap, mail_smtp
from bridgedesk.channels.base import (
    MESSAGES,
    Account,
    CannotTell,
    Check,
    Fetched,
    Field,
    Inbound,
    Limits,
    Outgoing,
    Quiet,
    Raw,
    Rejected,
    SendError,
    Sent,
)
from bridgedesk.channels.events import Event, File
from bridgedesk.channels.mail_automatic import Own
from bridgedesk.channels.mail_server import is_on
from bridgedesk.lib import clock

_SECURITY = (("ssl", "TLS"), ("starttls", "STARTTLS"), ("plain", noop("None (this machine only)")))
_TYPES = ("image/*", "video/*", "audio/*", "text/*", "application/*")
_LIMITS_SOURCE = "common limits of mail providers; Amazon's relay takes 10 MB"
SETTLED = timedelta(minutes=5)
"""After this long a provider's Sent folder shows what it took."""


class Email(Quiet):
    """A shop's mailbox."""

    name = "email"
    title = noop("E-mail")
    needs: tuple[str, ...] = (
        noop("The address, and a password for IMAP and SMTP. Many providers want an app password for that."),
        noop("Amazon's relayed mail arrives here too: connect the mailbox that Amazon writes to."),
    )
    pushes = False
    polls = True
    sends = True
    fields: tuple[Field, ...] = (
        Field("address", noop("Address"), noop("Buyers write to it; answers come from it."), kind="text"),
        Field(
            "relay",
            noop("Real platform"),
            noop("Whose rules your answers and the clock follow. Mail to Amazon's aliases follows Amazon's in any case."),
            kind="choice",
            choices=(("", noop("Own shop")), ("amazon", "Amazon")),
            required=False,
        ),
        Field("from_name", noop("Name buyers see"), required=False),
        Field("aliases", noop("Further addresses of the shop"), noop("Separated by commas."), required=False),
        Field("user", noop("User name"), noop("If it is not the address."), required=False),
        Field("password", noop("Password"), noop("Often an app password made in the provider's settings."), secret=True, kind="password"),
        Field("imap_host", noop("Incoming mail server (IMAP)")),
        Field("imap_port", noop("Port"), kind="number", required=False, default="993"),
        Field("imap_security", noop("Security"), kind="choice", choices=_SECURITY, default="ssl"),
        Field("folder", noop("Folder to read"), required=False, default="INBOX"),
        Field(
            "sent_folder", noop("Folder of sent mails"), noop("Answers typed in another mail program are recorded from it."), required=False
        ),
        Field("sent_kept", noop("The provider keeps a copy of what it sends in that folder"), kind="check", required=False),
        Field("smtp_host", noop("Outgoing mail server (SMTP)")),
        Field("smtp_port", noop("Port"), kind="number", required=False, default="465"),
        Field("smtp_security", noop("Security"), kind="choice", choices=_SECURITY, default="ssl"),
        Field(
            "auth_server",
            noop("Name in Authentication-Results"),
            noop("Your provider's name there, so that forged ones do not count."),
            required=False,
        ),
    )

    def limits(self, account: Account) -> Limits:
        """No limit of length; what most providers take of attachments."""
        return Limits(text=None, files=20, file_bytes=20_000_000, file_types=_TYPES, sure=False, source=_LIMITS_SOURCE)

    def verify(self, account: Account, inbound: Inbound) -> None:
        """Nobody pushes mail."""
        raise Rejected(noop("e-mail is not pushed"))

    def raw_of(self, account: Account, inbound: Inbound) -> Raw:
        """A mail handed in as a body."""
        return mail_imap.raw_of(inbound.body, {"folder": "inbox"})

    def parse(self, account: Account, raw: Raw) -> list[Event]:
        """A mail's events; never raises on odd bytes."""
        return mail_events.events(raw.body, shop_of(account), received=_received(raw), sent_folder=raw.headers.get("folder") == "sent")

    def fetch(self, account: Account, cursor: str, feed: str = MESSAGES) -> Fetched:
        """What is new in the mailbox."""
        return mail_imap.fetch(account, cursor)

    def wait(self, account: Account, seconds: float, mark: str) -> str:
        """Wait for new mail where the server offers IDLE."""
        return mail_imap.wait(account, seconds, mark)

    def send(self, account: Account, message: Outgoing) -> Sent:
        """Hand a mail to the shop's own server."""
        return mail_smtp.send(account, shop_of(account), message)

    def find_sent(self, account: Account, message: Outgoing) -> Sent | None:
        """Look for our Message-ID in the Sent folder, where the provider keeps what it sends there."""
        folder = account.options.get("sent_folder", "")
        if not folder or not is_on(account, "sent_kept"):
            raise CannotTell("this mailbox keeps no copies of sent mails")
        message_id = mail_smtp.id_of(shop_of(account), message)
        if mail_imap.holds(account, folder, message_id):
            return Sent(external_id=message_id, at=message.since or clock.now())
        if message.since and clock.now() - message.since < SETTLED:
            raise CannotTell("the copy may still appear in the Sent folder")
        return None

    def fetch_file(self, account: Account, file: File) -> bytes:
        """Attachments come with the mail."""
        return file.data or b""

    def check(self, account: Account) -> list[Check]:
        """Log in to both servers and look at the folders."""
        return [*_check_reading(account), _check_sending(account)]


def shop_of(account: Account) -> mail_events.Shop:
    """The shop's own addresses and the key its threads are signed with."""
    options = account.options
    addresses = [options.get("address", ""), *str(options.get("aliases", "")).split(",")]
    own = tuple(dict.fromkeys(address.strip().lower() for address in addresses if "@" in address))
    key = _key(account)
    mark = hmac.new(key, b"own mail", hashlib.sha256).hexdigest()[:24]
    return mail_events.Shop(Own(own, mark), key, str(options.get("auth_server", "")))


def _key(account: Account) -> bytes:
    """From the vault, else from the installation's secret: one per shop, the same in every process."""
    secret = account.vault.get("thread_key") or str(settings.SECRET_KEY)
    return hmac.new(secret.encode(), f"mail threads of shop {account.key}".encode(), hashlib.sha256).digest()


def _received(raw: Raw) -> datetime:
    try:
        return datetime.fromisoformat(raw.headers.get("received", "")).astimezone(UTC)
    except ValueError:
        return clock.now()


def _check_reading(account: Account) -> list[Check]:
    name = noop("Incoming mail")
    try:
        with mail_imap.opened(account) as mailbox:
            for folder in mail_imap.folders(account):
                mail_imap.examine(mailbox, folder)
            idle = "IDLE" in mailbox.client.capabilities
    except SendError as error:
        return [Check(name, ok=False, word=str(error), advice=_ADVICE.get(error.code, _ADVICE[""]))]
    word = noop("New mail is announced at once.") if idle else noop("The mailbox is looked at every few minutes.")
    return [Check(name, ok=True, word=word)]


def _check_sending(account: Account) -> Check:
    name = noop("Outgoing mail")
    try:
        with mail_smtp.opened(account):
            return Check(name, ok=True, word=noop("The server takes our mail."))
    except SendError as error:
        return Check(name, ok=False, word=str(error), advice=_ADVICE.get(error.code, _ADVICE[""]))


_ADVICE = {
    "": noop("Check server, port and security against your provider's help page."),
    "reconnect": noop("Enter user name and password again; many providers want an app password."),
    "dns": noop("Check the spelling of the server's name."),
    "certificate": noop("Use the server name your provider gives; a bare IP address has no valid certificate."),
    "tls": noop("Port 993 and 465 go with TLS, 143 and 587 with STARTTLS."),
    "folder": noop("Choose a folder that exists; names differ by provider and language."),
    "blocked": noop("Servers in private networks have to be allowed in BRIDGEDESK_ALLOW_PRIVATE."),
    "plain": noop("Choose TLS or STARTTLS."),
}
