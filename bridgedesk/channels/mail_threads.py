"""Which conversation a mail belongs to: proved by a signed Message-ID of ours, else by the root of its own chain and its sender.

Our Message-ID is `<reference.thread.buyer.signature@domain>`: the thread's id and a tag of the buyer's address, signed with
the installation's key. A mail enters that thread only if the signature holds and the mail comes from that buyer; whatever
else it claims in In-Reply-To or References, it cannot reach another buyer's conversation.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from bridgedesk.channels.mail_parsing import Mail

_SIGNATURE = 20
_TAG = 8


@dataclass(frozen=True)
class Place:
    """The thread, and what a person should know of how it was found. `hint` is the thread a known buyer's other address answers."""

    thread: str
    proof: Literal["signed", "chain"]
    hint: str = ""
    forged: bool = False


def message_id(key: bytes, *, reference: str, thread: str, buyer: str, domain: str) -> str:
    """The Message-ID (without angle brackets) of a mail of ours to `buyer`."""
    where = base64.b32encode(thread.encode()).decode().rstrip("=").lower()
    body = f"{reference}.{where}.{_tag(key, buyer)}"
    return f"{body}.{_sign(key, body)}@{domain}"


def place(key: bytes, mail: Mail, sender: str) -> Place:
    """Where a mail from `sender` belongs."""
    claims = [_read(key, claim) for claim in reversed(chain(mail))]
    for found in claims:
        if found and found[1] == _tag(key, sender):
            return Place(found[0], "signed")
    signed = next((found[0] for found in claims if found), "")
    forged = any(_looks_ours(claim) for claim in chain(mail)) and not signed
    return Place(root_thread(mail, sender), "chain", hint=signed, forged=forged)


def chain(mail: Mail) -> tuple[str, ...]:
    """The ids a mail names, oldest first, at most the first and the last hundred."""
    ids = mail.headers.ids("references") + mail.headers.ids("in-reply-to")
    return ids if len(ids) <= 200 else ids[:100] + ids[-100:]


def root_thread(mail: Mail, sender: str) -> str:
    """A thread id no other sender can have: from the first mail of the chain and the sender's address."""
    root = next(iter(chain(mail)), "") or mail.message_id or hashlib.sha256(mail.root.source).hexdigest()
    return "mail-" + hashlib.sha256(f"{root}\n{sender}".encode()).hexdigest()[:32]


def is_ours(key: bytes, claim: str) -> bool:
    """Whether we made this Message-ID."""
    return _read(key, claim) is not None


def _looks_ours(claim: str) -> bool:
    parts = claim.partition("@")[0].split(".")
    return len(parts) == 4 and len(parts[2]) == _TAG and len(parts[3]) == _SIGNATURE


def _read(key: bytes, claim: str) -> tuple[str, str] | None:
    """Thread and buyer's tag of a Message-ID that we signed."""
    if not _looks_ours(claim):
        return None
    body, _, signature = claim.partition("@")[0].rpartition(".")
    if not hmac.compare_digest(_sign(key, body).encode(), signature.encode("utf-8", "replace")):
        return None
    _, where, tag = body.split(".")
    return base64.b32decode(where.upper() + "=" * (-len(where) % 8)).decode(), tag


def _sign(key: bytes, body: str) -> str:
    return hmac.new(key, b"mail thread\n" + body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:_SIGNATURE]


def _tag(key: bytes, address: str) -> str:
    return hmac.new(key, b"mail buyer\n" + address.lower().encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:_TAG]
