"""Mails as buyers' programs write them: quoted history in the client's style and language, relay forms, reports."""

import struct
import zlib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, formataddr, parseaddr, parsedate_to_datetime
from html import escape
from random import Random

WROTE = {
    "en": "On {date} at {time}, {name} <{mail}> wrote:",
    "de": "Am {date} um {time} Uhr schrieb {name} <{mail}>:",
    "fr": "Le {date} à {time}, {name} <{mail}> a écrit :",
    "es": "El {date} a las {time}, {name} (<{mail}>) escribió:",
    "it": "Il giorno {date} alle ore {time} {name} <{mail}> ha scritto:",
    "pt": "Em {date} às {time}, {name} <{mail}> escreveu:",
    "ru": "{date} в {time}, {name} <{mail}> пишет:",
    "pl": "{date} o {time} {name} <{mail}> napisał(a):",
    "ja": "{date} {time} {name} <{mail}>:",
    "ko": "{date} {time}, {name} <{mail}>님이 작성:",
    "zh-Hant": "{name} <{mail}> 於 {date} {time} 寫道：",
    "th": "เมื่อ {date} เวลา {time} {name} <{mail}> เขียนว่า:",
    "vi": "Vào {date} lúc {time} {name} <{mail}> đã viết:",
    "id": "Pada {date} pukul {time} {name} <{mail}> menulis:",
    "ms": "Pada {date} {time}, {name} <{mail}> menulis:",
    "tl": "Noong {date} nang {time}, isinulat ni {name} <{mail}>:",
}
HEADS = {
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "es": ("De", "Enviado el", "Para", "Asunto"),
    "it": ("Da", "Inviato", "A", "Oggetto"),
    "pt": ("De", "Enviada em", "Para", "Assunto"),
    "ru": ("От", "Отправлено", "Кому", "Тема"),
    "pl": ("Od", "Wysłano", "Do", "Temat"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    "zh-Hant": ("寄件者", "寄件日期", "收件者", "主旨"),
}
PHONE = {
    "en": "Sent from my iPhone",
    "de": "Von meinem iPhone gesendet",
    "fr": "Envoyé de mon iPhone",
    "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone",
    "pt": "Enviado do meu iPhone",
    "ru": "Отправлено с iPhone",
    "pl": "Wysłane z iPhone'a",
    "ja": "iPhoneから送信",
    "ko": "나의 iPhone에서 보냄",
    "zh-Hant": "從我的 iPhone 傳送",
    "th": "ส่งจาก iPhone ของฉัน",
    "vi": "Đã gửi từ iPhone của tôi",
    "id": "Dikirim dari iPhone saya",
    "ms": "Dihantar dari iPhone saya",
}
AGAIN = {"de": "AW", "fr": "RE", "it": "R", "pl": "Odp", "pt": "RES", "zh-Hant": "回覆"}
MARKERS = {
    "en": ("Begin message", "End message"),
    "de": ("Anfang der Nachricht", "Ende der Nachricht"),
    "it": ("Inizio messaggio", "Fine messaggio"),
    "fr": ("Début du message", "Fin du message"),
    "es": ("Iniciar mensaje", "Finalizar mensaje"),
    "ja": ("メッセージはここから", "メッセージはここまで"),
}
RELAY_SUBJECT = {
    "en": "Inquiry from Amazon customer {name} (Order: {order})",
    "de": "Anfrage von Amazon-Kunde {name} (Bestellung: {order})",
    "it": "Richiesta dal cliente Amazon {name} (Ordine: {order})",
    "fr": "Demande du client Amazon {name} (Commande : {order})",
    "es": "Consulta del cliente de Amazon {name} (Pedido: {order})",
    "ja": "Amazonのお客様 {name} からのお問い合わせ (注文番号: {order})",
}


@dataclass(frozen=True)
class Letter:
    """One mail of a buyer. `client` is gmail, outlook, apple or plain; `answers` the mail of ours it replies to."""

    name: str
    address: str
    to: str
    subject: str
    text: str
    language: str
    at: datetime
    client: str = "gmail"
    answers: EmailMessage | None = None
    photo: bytes = b""
    automatic: bool = False


def compose(letter: Letter, message_id: str) -> bytes:
    """The mail as it crosses the wire."""
    mail = _envelope(letter, message_id)
    quoted_text, quoted_html = _quoted(letter)
    signature = f"\n\n{PHONE[letter.language]}" if letter.client == "apple" and letter.language in PHONE else ""
    mail.set_content(letter.text + signature + quoted_text + "\n", cte="quoted-printable")
    if letter.client != "plain":
        mail.add_alternative(_page(letter.text + signature, quoted_html), subtype="html", cte="base64")
    if letter.photo:
        mail.add_attachment(letter.photo, maintype="image", subtype="png", filename="IMG_0417.png")
    return mail.as_bytes(policy=WIRE)


def _envelope(letter: Letter, message_id: str) -> EmailMessage:
    mail = EmailMessage(policy=WIRE)
    mail["From"] = formataddr((letter.name, letter.address))
    mail["To"] = letter.to
    mail["Subject"] = _subject(letter)
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = message_id
    if letter.answers is not None and (ours := letter.answers["Message-ID"]):
        mail["In-Reply-To"] = str(ours)
        mail["References"] = f"{letter.answers['References'] or ''} {ours}".strip()
    if letter.automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "bulk"
    return mail


def _subject(letter: Letter) -> str:
    if letter.answers is None:
        return letter.subject
    old = str(letter.answers["Subject"] or letter.subject)
    known = ("re:", "aw:", "r:", "odp:", "res:", "回覆:")
    return old if old.lower().startswith(known) else f"{AGAIN.get(letter.language, 'Re')}: {old}"


def _quoted(letter: Letter) -> tuple[str, str]:
    if letter.answers is None:
        return "", ""
    body = letter.answers.get_body(("plain", "html"))
    old = str(body.get_content()).replace("\r\n", "\n").strip() if body else ""
    if letter.client == "outlook":
        return _outlook(letter, letter.answers, old)
    name, mail = parseaddr(str(letter.answers["From"] or letter.to))
    at = _date(letter.answers) or letter.at
    line = WROTE.get(letter.language, WROTE["en"]).format(
        date=at.strftime("%d.%m.%Y"), time=at.strftime("%H:%M"), name=name or mail, mail=mail
    )
    marked = "\n".join(f"> {row}".rstrip() for row in old.splitlines())
    kind = ' type="cite"' if letter.client == "apple" else ' class="gmail_quote"'
    return f"\n\n{line}\n\n{marked}", f"<br><div{kind}>{escape(line)}<br><blockquote{kind}>{_lines(old)}</blockquote></div>"


def _outlook(letter: Letter, ours: EmailMessage, old: str) -> tuple[str, str]:
    heads = HEADS.get(letter.language, HEADS["en"])
    at = _date(ours) or letter.at
    values = (str(ours["From"] or letter.to), at.strftime("%d.%m.%Y %H:%M"), letter.address, str(ours["Subject"] or ""))
    rows = [f"{head}: {value}" for head, value in zip(heads, values, strict=True)]
    block = "\n".join(rows)
    html_rows = "<br>".join(f"<b>{escape(head)}:</b> {escape(value)}" for head, value in zip(heads, values, strict=True))
    return (
        f"\n\n________________________________\n{block}\n\n{old}",
        f'<hr><div id="divRplyFwdMsg">{html_rows}</div><div>{_lines(old)}</div>',
    )


def _date(mail: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(mail["Date"]))
    except ValueError:
        return None


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _page(text: str, quoted: str) -> str:
    head = '<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>'
    return f'<html>{head}<body><div dir="auto">{_lines(text)}</div>{quoted}</body></html>\n'


def relayed(letter: Letter, message_id: str, order: str) -> bytes:
    """A buyer's words as Amazon's relay forwards them: markers around, order id in subject and body, never the real address."""
    begin, end = MARKERS.get(letter.language, MARKERS["en"])
    subject = RELAY_SUBJECT.get(letter.language, RELAY_SUBJECT["en"]).format(name=letter.name, order=order)
    dashes = "-" * 13
    marked = f"{dashes} {begin} {dashes}\n\n{letter.text}\n\n{dashes} {end} {dashes}"
    body = f"Order ID {order}\n\n{marked}\n\nCopyright {letter.at.year} Amazon. All rights reserved.\n"
    mail = EmailMessage(policy=WIRE)
    domain = letter.address.rsplit("@", 1)[-1]
    mail["From"] = formataddr((f"{letter.name} - Amazon Marketplace", letter.address))
    mail["To"] = letter.to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = message_id
    mail["Authentication-Results"] = f"mx.sandbox; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={letter.address}; dmarc=pass"
    mail.set_content(body, cte="quoted-printable")
    mail.add_alternative(_page(body, ""), subtype="html", cte="base64")
    if letter.photo:
        mail.add_attachment(letter.photo, maintype="image", subtype="png", filename="photo.png")
    return mail.as_bytes(policy=WIRE)


def amazon_notice(to: str, order: str, at: datetime, message_id: str) -> bytes:
    """One of Amazon's own notices: nobody waits for an answer to it."""
    mail = EmailMessage(policy=WIRE)
    mail["From"] = "Amazon Services <donotreply@amazon.com>"
    mail["To"] = to
    mail["Subject"] = f"Sold, ship now: {order}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail.set_content(f"Congratulations, order {order} was placed. Please ship it in time.\n")
    return mail.as_bytes(policy=WIRE)


def bounce(ours: EmailMessage, address: str, at: datetime, message_id: str) -> bytes:
    """A delivery status notification (RFC 3464) for a mail of ours to an address that does not exist."""
    sender = parseaddr(str(ours["From"]))[1]
    heads = "".join(f"{name}: {ours[name]}\r\n" for name in ("From", "To", "Subject", "Date", "Message-ID") if ours[name])
    return (
        f"From: Mail Delivery Subsystem <mailer-daemon@mail.example>\r\nTo: {sender}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Date: {format_datetime(at)}\r\nMessage-ID: {message_id}\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"\r\n\r\n'
        "--=_report\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Your message could not be delivered.\r\n\r\n<{address}>: user unknown\r\n\r\n"
        "--=_report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"
        f"--=_report\r\nContent-Type: text/rfc822-headers\r\n\r\n{heads}\r\n--=_report--\r\n"
    ).encode()


def photo(random: Random, side: int = 96) -> bytes:
    """A small PNG, different each time: a tile with a crack across it."""
    red, green, blue = (random.randrange(90, 230) for _ in range(3))
    slant = random.uniform(0.4, 1.6)
    rows = bytearray()
    for y in range(side):
        rows.append(0)
        for x in range(side):
            crack = abs(x - slant * y - 4 * ((y * 7) % 3)) < 2
            shade = (40, 36, 32) if crack else (red - y // 3, green - x // 4, blue)
            rows += bytes(max(0, part) for part in shade)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(rows))) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
