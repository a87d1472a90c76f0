"""Mails of our own making for the tests, and a shop that reads them."""

from datetime import UTC, datetime

from bridgedesk.channels import mail_threads
from bridgedesk.channels.email import shop_of
from bridgedesk.channels.mail_events import Shop, events
from tests.channels.accounts import account

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
OPTIONS = {"address": "help@lamps.example", "from_name": "Lamp Shop", "aliases": "info@lamps.example"}
LAMPS = account("help@lamps.example", region="", options=OPTIONS, secrets={"thread_key": "a key for tests", "password": "secret"})
BUYER = "Ana Souza <ana@buyer.example>"


def lamps() -> Shop:
    return shop_of(LAMPS)


def mail(
    text: str = "Where is my parcel?",
    *,
    sender: str = BUYER,
    subject: str = "My order",
    message_id: str = "m1@buyer.example",
    **headers: str,
) -> bytes:
    rows = {
        "From": sender,
        "To": "help@lamps.example",
        "Subject": subject,
        "Message-ID": f"<{message_id}>",
        "Date": "Fri, 20 Nov 2026 03:58:00 +0000",
    }
    rows |= {name.replace("_", "-"): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in rows.items() if value).encode() + b"\r\n" + text.replace("\n", "\r\n").encode()


def read(source: bytes, *, sent: bool = False) -> object:
    """The one event of a mail."""
    (event,) = events(source, lamps(), received=NOON, sent_folder=sent)
    return event


def ours(thread: str, buyer: str = "ana@buyer.example", reference: str = "r1") -> str:
    """The Message-ID of an answer of ours in that thread."""
    return mail_threads.message_id(lamps().key, reference=reference, thread=thread, buyer=buyer, domain="lamps.example")
