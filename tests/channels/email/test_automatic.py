"""What no person wrote opens no conversation; what a person wrote always does."""

import pytest

from bridgedesk.channels.events import Bounced, Ignored, MessageReceived
from tests.channels.email.mails import lamps, mail, ours, read

MINE = ours("mail-thread")
DSN = (
    "--b\nContent-Type: text/plain\n\nThe following address failed.\n"
    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.buyer.example\n\n"
    "Final-Recipient: rfc822; ana@buyer.example\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {words}\n"
    f"--b\nContent-Type: message/rfc822\n\nMessage-ID: <{MINE}>\nSubject: x\n\nHello\n--b--\n"
)
REPORT = {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b", "sender": "MAILER-DAEMON@mx.buyer.example"}


@pytest.mark.parametrize(
    ("action", "status", "words", "permanent", "said"),
    [
        ("failed", "5.1.1", "550 5.1.1 User unknown", True, "The address does not exist"),
        ("failed", "5.2.2", "552 5.2.2 Mailbox full", True, "The mailbox is full"),
        ("failed", "5.1.2", "Host unknown: Name server: host not found", True, "The domain of the address does not exist"),
        ("failed", "5.7.1", "554 5.7.1 Message rejected: listed at blocklist", True, "The recipient's server refused mail from us"),
        ("failed", "5.3.4", "552 5.3.4 Message size exceeds fixed limit", True, "The mail is too large for the recipient"),
        ("delayed", "4.4.1", "connection timed out", False, "The mail could not be delivered in time"),
    ],
)
def test_a_bounce_says_which_mail_and_why(action: str, status: str, words: str, permanent: bool, said: str) -> None:
    event = read(mail(DSN.format(action=action, status=status, words=words), **REPORT))
    assert isinstance(event, Bounced)
    assert (event.reference, event.address, event.permanent) == (MINE, "ana@buyer.example", permanent)
    assert event.reason.startswith(said)


def test_a_bounce_of_a_mail_we_did_not_send_changes_nothing() -> None:
    forged = DSN.replace(MINE, "r1.mfuw4.00000000.00000000000000000000@lamps.example").format(action="failed", status="5.1.1", words="x")
    assert isinstance(read(mail(forged, **REPORT)), Ignored)


def test_a_bounce_in_plain_text_is_understood() -> None:
    text = "Hi. This is the mail program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
    text += f"<ana@buyer.example>:\n550 no such user\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <{MINE}>\n"
    event = read(mail(text, sender="MAILER-DAEMON@mx.example", subject="failure notice"))
    assert isinstance(event, Bounced)
    assert event.address == "ana@buyer.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"X_Autoreply": "yes"},
        {"Precedence": "bulk"},
        {"List_Id": "News <news.shop.example>"},
        {"List_Unsubscribe": "<https://x.example>"},
        {"Return_Path": "<>"},
        {"sender": "no-reply@carrier.example"},
        {"subject": "Automatische Antwort: Ihre Nachricht"},
        {"subject": "Réponse automatique : absence"},
        {"subject": "Respuesta automática: pedido"},
        {"subject": "自动回复：您的来信"},
        {"subject": "自動返信：不在"},
        {"subject": "Автоответ: заказ"},
        {"subject": "Out of office"},
        {"subject": "Out of Office: back on Monday"},
        {"X_Bridgedesk": "OWN"},
        {"Content_Type": "multipart/report; report-type=disposition-notification; boundary=b"},
    ],
)
def test_automatic_mail_opens_no_conversation(headers: dict[str, str]) -> None:
    headers = {name: value.replace("OWN", lamps().own.mark) for name, value in headers.items()}
    assert isinstance(read(mail("I am away.", **headers)), Ignored)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"subject": "Out of office chair arrived broken"},
        {"subject": "Undeliverable parcel"},
        {"subject": "Returned mail"},
        {"subject": "On holiday lamp order 123"},
        {"subject": "Automatic lamp"},
        {"subject": "Absence of the second lamp"},
        {"X_Auto_Response_Suppress": "All"},
        {"List_Id": "Help <help.lamps.example>", "Precedence": "list"},
        {"sender": "no-reply@forms.example", "Reply_To": "ana@buyer.example"},
        {"sender": "postmaster@smallfirm.example"},
        {"X_Bridgedesk": "somebody else's"},
        {"Precedence": "normal"},
        {"Return_Path": "<ana@buyer.example>"},
    ],
)
def test_a_buyers_mail_is_never_taken_for_automatic(headers: dict[str, str]) -> None:
    assert isinstance(read(mail("My lamp could not be delivered to me, the carrier says the address failed.", **headers)), MessageReceived)


def test_a_buyer_who_asks_for_no_automatic_answer_gets_none() -> None:
    event = read(mail(X_Auto_Response_Suppress="All"))
    assert isinstance(event, MessageReceived)
    assert event.meta["no_auto_reply"] is True
