"""Sending one mail: its headers, the conversation with the server, and what each of its answers means."""

import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr
from mimetypes import guess_type
from re import IGNORECASE, fullmatch, match, sub

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import mail_relay, mail_threads
from bridgedesk.channels.base import Account, NeedsReconnect, Outgoing, SendError, Sent, Uncertain
from bridgedesk.channels.mail_automatic import OWN_HEADER
from bridgedesk.channels.mail_events import Shop, own_id
from bridgedesk.channels.mail_server import TIMEOUT, Server, dial, plainly, server, trust
from bridgedesk.lib import clock

NOT_OFFERED = noop("does not offer this security or log-in")
BROKE_OFF = noop("the mail server broke off")

RELAY_BYTES = 10_000_000  # Amazon's relay, as quoted by integrators (unconfirmed)
MAX_REFERENCES = 12
AUTOMATIC = {"greeting": "auto-replied", "shipping_notice": "auto-generated", "delivery_notice": "auto-generated"}
"""Auto-Submitted (RFC 3834) by purpose: nobody's robot should answer these."""
_POLICY = SMTP_POLICY.clone(max_line_length=900)


class _Pinned(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return dial(host, port, timeout)


class _PinnedTLS(smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(dial(host, port, timeout), server_hostname=host)


def send(account: Account, shop: Shop, message: Outgoing) -> Sent:
    """Hand one mail to the shop's server. SendError says whether trying again can help; Uncertain that it may have arrived."""
    _fits(message)
    composed = compose(account, shop, message)
    envelope = str(account.options.get("address", ""))
    with opened(account) as smtp:
        _accepted(smtp.mail(envelope), noop("The server does not take mail from this address"))
        _accepted(smtp.rcpt(message.to), noop("The server does not take mail for this address"))
        _handed_over(smtp, composed.as_bytes(policy=_POLICY))
    return Sent(external_id=id_of(shop, message), at=clock.now())


def id_of(shop: Shop, message: Outgoing) -> str:
    """The Message-ID of an outgoing mail: the same at every try."""
    domain = next(iter(shop.own.domains), "") or "localhost"
    return mail_threads.message_id(shop.key, reference=message.reference, thread=message.thread, buyer=message.to, domain=domain)


def _fits(message: Outgoing) -> None:
    if not fullmatch(r"[^\s<>@,;:\"()\[\]\x00-\x1f\x7f]{1,64}@[\w.-]{1,250}", message.to):
        raise SendError(noop("This is not an e-mail address."), permanent=True, code="address")
    size = sum(len(file.data or b"") for file in message.files)
    if mail_relay.is_alias(message.to) and size > RELAY_BYTES:
        raise SendError(noop("Amazon takes at most 10 MB of attachments in one message."), permanent=True, code="too_big")


def compose(account: Account, shop: Shop, message: Outgoing) -> EmailMessage:
    """The mail: plain text, threading headers, our marks."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = formataddr((_line(account.options.get("from_name", "")), str(account.options.get("address", ""))))
    mail["To"] = message.to
    mail["Subject"] = _subject(message)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{id_of(shop, message)}>"
    parent = _id(own_id(message.in_reply_to))
    if parent:
        mail["In-Reply-To"] = f"<{parent}>"
    chain = list(dict.fromkeys(found for each in (*message.references, parent) if (found := _id(own_id(each)))))
    if chain:
        mail["References"] = " ".join(f"<{found}>" for found in chain[:1] + chain[1:][-MAX_REFERENCES:])
    if shop.own.mark:
        mail[OWN_HEADER] = shop.own.mark
    if kind := AUTOMATIC.get(message.purpose):
        mail["Auto-Submitted"] = kind
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text.replace("\r\n", "\n"), charset="utf-8")
    for file in message.files:
        main, _, sub_type = (guess_type(file.name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(file.data or b"", maintype=main, subtype=sub_type, filename=_line(file.name) or "file")
    return mail


def _subject(message: Outgoing) -> str:
    subject = _line(message.subject)
    if not subject or not message.in_reply_to or match(r"(?:re|aw|sv|rv|res|odp|回复|答复|回覆)\s*[:：]", subject, IGNORECASE):
        return subject
    return f"Re: {subject}"


def _line(text: object) -> str:
    """One header line's worth: no control characters, so no header of somebody's own."""
    return sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", str(text)).strip()[:400]


def _id(text: str) -> str:
    """A Message-ID fit for a header, "" if it is none."""
    bare = text.strip("<> ")
    return bare if fullmatch(r"[!-;=?-~]{3,300}", bare) else ""


@contextmanager
def opened(account: Account) -> Iterator[smtplib.SMTP]:
    """A server, logged in. What fails before the mail is handed over is a SendError in plain words."""
    made = server(account, "smtp")
    with plainly(made):
        try:
            smtp = _connected(made)
        except smtplib.SMTPException as error:
            raise _trouble(made, error) from None
        try:
            yield smtp
        except smtplib.SMTPException as error:
            raise _trouble(made, error) from None
        finally:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()


def _connected(made: Server) -> smtplib.SMTP:
    if made.security == "ssl":
        smtp: smtplib.SMTP = _PinnedTLS(made.host, made.port, timeout=TIMEOUT, context=trust())
    else:
        smtp = _Pinned(made.host, made.port, timeout=TIMEOUT)
    smtp.ehlo_or_helo_if_needed()
    if made.security == "starttls":
        smtp.starttls(context=trust())
        smtp.ehlo()
    if made.password and smtp.has_extn("auth"):
        _log_in(smtp, made)
    return smtp


def _log_in(smtp: smtplib.SMTP, made: Server) -> None:
    try:
        smtp.login(made.user, made.password)
    except smtplib.SMTPAuthenticationError as error:
        smtp.close()
        if 400 <= error.smtp_code < 500:
            raise SendError(
                noop("The mail server cannot check the password now."), permanent=False, retry_after=timedelta(minutes=5)
            ) from None
        raise NeedsReconnect(noop("The mail server refuses the user name or password.")) from None


def _trouble(made: Server, error: smtplib.SMTPException) -> SendError:
    """A refusal by its code, anything else as a passing fault."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return SendError(f"{made.host}: {NOT_OFFERED}", permanent=True, code="smtp")
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error.smtp_code, error.smtp_error, noop("The mail server refuses"))
    return SendError(f"{made.host}: {BROKE_OFF}", permanent=False, code="smtp")


def _accepted(answer: tuple[int, bytes], words: str) -> None:
    if not 200 <= answer[0] < 300:
        raise _refusal(answer[0], answer[1], words)


def _refusal(code: int, said: object, words: str) -> SendError:
    """4xx: try again later; 5xx: a person has to look (RFC 5321 section 4.2.1). The server's words, short and on one line."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    short = " ".join(_line(text).split())[:160]
    retry = timedelta(minutes=5) if 400 <= code < 500 else None
    return SendError(f"{words} ({code} {short})", permanent=not 400 <= code < 500, retry_after=retry, code=str(code))


def _handed_over(smtp: smtplib.SMTP, source: bytes) -> None:
    """DATA. Once the text is on its way a lost connection leaves open whether the server took it."""
    try:
        answer = smtp.data(source)
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error, noop("The mail server refuses the message")) from None
    except (smtplib.SMTPException, OSError):
        raise Uncertain(noop("The connection broke while the mail was being handed over: it may have arrived.")) from None
    _accepted(answer, noop("The mail server refuses the message"))
