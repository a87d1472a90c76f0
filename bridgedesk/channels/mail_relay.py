"""Amazon's mail relay: buyers write from an alias at marketplace.amazon.<tld>, their words stand between two marker lines.

Sources: Amazon seller help on buyer-seller messages (as quoted by integrators, unconfirmed); marker lines as seen in mails.
Markers may change: without them the whole text counts.
"""

import hashlib
import re
from dataclasses import dataclass

from bridgedesk.channels.mail_headers import Address
from bridgedesk.channels.mail_parsing import Mail

_TLD = (
    r"(?:com|ca|com\.mx|com\.br|co\.uk|de|fr|it|es|nl|se|pl|com\.be|be|ie|com\.tr|ae|sa|eg|in|co\.jp|jp"
    r"|com\.au|sg|com\.sg|co\.za|cn|com\.co|cl)"
)
_ALIAS = re.compile(rf"[^@\s]+@marketplace\.amazon\.{_TLD}")
_AMAZON = re.compile(rf"[^@\s]+@(?:[\w-]+\.)*amazon\.{_TLD}")
_NOTICE = re.compile(
    r"(?:no-?reply|do-?not-?reply|auto-?(?:confirm|communication|shipping)|order-update|ship-?confirm|shipment-tracking"
    r"|payments?-(?:messages|update)"
    r"|seller-notification|atoz-guarantee-no-reply|marketplace-messages|buyer-seller-messag\w*|fba-\w+|returns?-?\w*"
    r"|merch\w*|store-news)[^@]*@",
    re.I,
)
_BEGIN = (
    r"begin message|anfang der nachricht|beginn der nachricht|inizio (?:del )?messaggio|début du message|iniciar mensaje"
    r"|inicio del mensaje|comienzo del mensaje"
    r"|início da mensagem|iniciar mensagem|begin bericht|begin van (?:het )?bericht|początek wiadomości"
    r"|början på meddelande(?:t)?|mesaj(?:ın)? başlangıcı|メッセージはここから|邮件开始|消息开始"
)
_END = (
    r"end message|ende der nachricht|fine (?:del )?messaggio|fin du message|finalizar mensaje|fin(?:al)? del mensaje"
    r"|fim da mensagem|finalizar mensagem|einde bericht"
    r"|einde van (?:het )?bericht|koniec wiadomości|slut på meddelande(?:t)?|mesaj(?:ın)? sonu|メッセージはここまで|邮件结束"
    r"|消息结束"
)
_MARKED = re.compile(
    rf"^[ \t>*]*-+[ \t:*]*(?:{_BEGIN})[ \t:*]*-+[ \t*\r]*$(.*?)(?:^[ \t>*]*-+[ \t:*]*(?:{_END})[ \t:*]*-+[ \t*\r]*$|\Z)", re.I | re.M | re.S
)
ORDER = re.compile(r"(?<![\d-])\d{3}-\d{7}-\d{7}(?![\d-])")

_SUFFIX = re.compile(r"\s+[-–]\s+Amazon(?:\.[a-z.]{2,6})?(?:\s+Marketplace)?\s*$", re.I)


@dataclass(frozen=True)
class Relayed:
    """A buyer's message that came through the relay."""

    order: str
    said: str
    rest: str
    thread: str


def is_alias(address: str) -> bool:
    """Whether mail to or from it goes through the relay."""
    return bool(_ALIAS.fullmatch(address.lower()))


def is_notice(mail: Mail) -> bool:
    """Whether Amazon itself tells the seller something: no buyer wrote."""
    return bool(_AMAZON.fullmatch(mail.sender.email)) and not is_alias(mail.sender.email) and bool(_NOTICE.match(mail.sender.email))


def read(mail: Mail, fallback: str) -> Relayed:
    """Take a relayed mail apart. The thread is the order at this alias, else the alias; `fallback` a thread proved otherwise."""
    order = order_of(mail)
    alias = hashlib.sha256(mail.sender.email.encode()).hexdigest()[:16]
    said, rest = between_markers(mail.text)
    thread = f"amazon-{order}-{alias}" if order else fallback or f"amazon-{alias}"
    return Relayed(order, said, rest, thread)


def buyers_name(writer: Address) -> str:
    """The buyer's own name: the relay adds the marketplace's to it ("Ana Pérez - Amazon Marketplace")."""
    return _SUFFIX.sub("", writer.name) if is_alias(writer.email) else writer.name


def order_of(mail: Mail) -> str:
    """The order a mail names, in its subject before its text; "" if none."""
    found = ORDER.search(mail.subject) or ORDER.search(mail.text[:20_000])
    return found[0] if found else ""


def between_markers(text: str) -> tuple[str, str]:
    """What stands between the first pair of markers, and the rest; the whole text when there are none."""
    found = _MARKED.search(text)
    if not found or not found[1].strip():
        return text, ""
    return found[1].strip("\r\n"), f"{text[: found.start()].strip()}\n\n{text[found.end() :].strip()}".strip()


def imitates(mail: Mail) -> bool:
    """It calls itself Amazon, and its address is not Amazon's."""
    address = mail.sender.email
    if _AMAZON.fullmatch(address):
        return False
    domain = address.rpartition("@")[2]
    return bool(
        re.search(r"amaz[o0]n|arnazon|аmazon", domain, re.I)
        or re.search(
            r"\bamazon\b|亚马逊"
            r"|アマゾン",
            mail.sender.name,
            re.I,
        )
    )
