"""A mail to our events. Pure: the bytes, the shop's addresses and the installation's key decide."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as noop

from bridgedesk.channels import mail_automatic, mail_quotes, mail_relay, mail_threads, mail_trust
from bridgedesk.channels.events import Bounced, Event, Ignored, MessageReceived, MessageSent, Person
from bridgedesk.channels.mail_automatic import Own
from bridgedesk.channels.mail_headers import Address
from bridgedesk.channels.mail_html import clean
from bridgedesk.channels.mail_parsing import Mail, parse

REASONS = {
    "unknown_address": noop("The address does not exist"),
    "unknown_domain": noop("The domain of the address does not exist"),
    "moved": noop("The recipient has moved to another address"),
    "takes_no_mail": noop("The address takes no mail"),
    "full": noop("The mailbox is full"),
    "suspended": noop("The mailbox is suspended or inactive"),
    "too_big": noop("The mail is too large for the recipient"),
    "refused_content": noop("The recipient's server took the content for spam or harmful"),
    "refused_policy": noop("The recipient's server refused mail from us"),
    "delayed": noop("The mail could not be delivered in time"),
    "other": noop("The mail came back"),
}


@dataclass(frozen=True)
class Shop:
    """What of a shop decides how its mails are read."""

    own: Own
    key: bytes
    server: str = ""  # authserv-id of the shop's mail provider


def events(source: bytes, shop: Shop, *, received: datetime, sent_folder: bool = False) -> list[Event]:
    """What a mail means. `received` is when the mailbox had it."""
    mail = parse(source)
    at = min(mail.at or received, received)
    if sent_folder:
        return [_sent(mail, shop, at)]
    if mail_relay.is_notice(mail):
        return [Ignored(noop("a notice from Amazon, no buyer's message"))]
    verdict = mail_automatic.judge(mail, shop.own)
    if verdict and verdict.bounce:
        return [_bounced(verdict.bounce, shop, at)]
    if verdict and not (mail_relay.is_alias(mail.sender.email) and verdict.reason in _OF_THE_RELAY):
        return [Ignored(verdict.reason)]
    writer = _writer(mail, shop.own)
    return [_received(mail, writer, shop, at)] if writer.email else [Ignored(noop("it names no sender to answer"))]


_OF_THE_RELAY = {"a newsletter or mailing list", "sent by a program", "from an address that takes no answers"}


def _bounced(report: Any, shop: Shop, at: datetime) -> Event:
    """Only a report on a mail we made is one; anybody can write the others."""
    if not mail_threads.is_ours(shop.key, report.message_id):
        return Ignored(noop("a bounce of a mail that was not sent from here"))
    words = REASONS.get(report.reason, REASONS["other"])
    return Bounced(
        reference=report.message_id, address=report.address, permanent=report.final, reason=f"{words}: {report.text}"[:300], at=at
    )


def _writer(mail: Mail, own: Own) -> Address:
    """The buyer: the sender, or whom to answer when a form of the shop's own site sent it from the shop's address."""
    if mail.sender.email not in own.addresses:
        return mail.sender
    return next((found for found in mail.headers.addresses("reply-to") if found.email and found.email not in own.addresses), mail.sender)


def _received(mail: Mail, writer: Address, shop: Shop, at: datetime) -> MessageReceived:
    found = mail_threads.place(shop.key, mail, writer.email)
    trust = mail_trust.results(mail, shop.server)
    relay = mail_relay.read(mail, found.thread if found.proof == "signed" else "") if mail_relay.is_alias(mail.sender.email) else None
    parts = mail_quotes.split(relay.said if relay else mail.text)
    quoted = "\n\n".join(text for text in (parts.quoted, relay.rest if relay else "") if text)
    thread = relay.thread if relay else found.thread
    if mail_trust.is_spoofed(trust):
        thread = mail_threads.root_thread(mail, f"spoofed {writer.email}")
    return MessageReceived(
        thread=thread,
        external_id=external_id(mail, shop.key),
        buyer=Person(external_id=writer.email, kind="email", name=mail_relay.buyers_name(writer), email=writer.email),
        at=at,
        text=parts.said,
        html=mail.html,
        quoted=quoted,
        subject=mail.subject,
        order=relay.order if relay else mail_relay.order_of(mail),
        reply_to=_reply_to(mail, writer, relay is not None),
        files=mail.files,
        meta=_meta(mail, found, trust, parts.cut, relay is not None),
    )


def _reply_to(mail: Mail, writer: Address, relayed: bool) -> str:
    """Where the answer goes; the relay is only ever answered at its alias."""
    given = next(iter(mail.headers.addresses("reply-to")), None)
    return given.email if given and given.email and not relayed and given.email != writer.email else ""


def external_id(mail: Mail, key: bytes) -> str:
    """The mail's id: its Message-ID, and a digest of who says what, so that a copied id does not hide another's mail."""
    if mail_threads.is_ours(key, mail.message_id):
        return mail.message_id
    digest = hashlib.sha256("\n".join((mail.sender.email, mail.subject, mail.text)).encode("utf-8", "replace")).hexdigest()
    return f"{mail.message_id}#{digest[:12]}" if mail.message_id else f"#{digest}"


def own_id(external: str) -> str:
    """The Message-ID within an external id."""
    return external.rpartition("#")[0] if "#" in external else external


def _meta(mail: Mail, found: mail_threads.Place, trust: dict[str, str], cut: bool, relayed: bool) -> dict[str, object]:
    """What the screen may show beside the message; only what is worth saying."""
    remote = clean(mail.html).remote if mail.html else ()
    warnings = [
        word
        for word, so in (
            ("forged_thread", found.forged),
            ("other_address", bool(found.hint)),
            ("spoofed_sender", mail_trust.is_spoofed(trust)),
            ("imitates_amazon", mail_relay.imitates(mail)),
        )
        if so
    ]
    told: dict[str, object] = {
        "message_id": mail.message_id,
        "references": list(mail_threads.chain(mail)[-20:]),
        "to": [person.email for person in mail.headers.addresses("to")[:20]],
        "cc": [person.email for person in mail.headers.addresses("cc")[:20]],
        "remote_images": list(remote[:100]),
        "authentication": trust,
        "warnings": warnings,
        "thread_hint": found.hint,
        "notes": [*mail.notes, *(["history_cut"] if cut else [])],
        "no_auto_reply": mail_automatic.is_quiet(mail) or bool(warnings),
        "relay": "amazon" if relayed else "",
    }
    return {name: value for name, value in told.items() if value}


def _sent(mail: Mail, shop: Shop, at: datetime) -> Event:
    """An answer typed in another mail program, or the copy of one of ours."""
    buyer = next((person for person in mail.headers.addresses("to") if person.email not in shop.own.addresses), None)
    if buyer is None or not buyer.email:
        return Ignored(noop("a sent mail without a buyer's address"))
    if mail.headers.text("auto-submitted").lower() not in ("", "no") and not mail_threads.is_ours(shop.key, mail.message_id):
        return Ignored(noop("an automatic mail of our own"))
    relay_order = mail_relay.order_of(mail)
    if mail_relay.is_alias(buyer.email) and relay_order:
        thread = f"amazon-{relay_order}-{hashlib.sha256(buyer.email.encode()).hexdigest()[:16]}"
    else:
        thread = mail_threads.place(shop.key, mail, buyer.email).thread
    return MessageSent(
        thread=thread,
        external_id=external_id(mail, shop.key),
        buyer=Person(external_id=buyer.email, kind="email", name=buyer.name, email=buyer.email),
        at=at,
        text=mail_quotes.split(mail.text).said,
        automatic=mail.headers.text("auto-submitted").lower() not in ("", "no"),
        sender=mail.sender.name,
        subject=mail.subject,
        order=relay_order,
        files=mail.files,
    )
