"""Amazon's relay: buyers behind aliases, orders, marker lines, notices and imitations."""

import pytest

from bridgedesk.channels.events import Ignored, MessageReceived
from tests.channels.email.mails import mail, ours, read

ALIAS = "Ana <x7k2p9@marketplace.amazon.com>"
ORDER = "250-1234567-8901234"


def received(source: bytes) -> MessageReceived:
    event = read(source)
    assert isinstance(event, MessageReceived)
    return event


def relayed(
    text: str = "Where is it?", subject: str = f"Order information (Order: {ORDER})", sender: str = ALIAS, **more: str
) -> MessageReceived:
    return received(mail(text, sender=sender, subject=subject, **more))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("Begin message", "End message"),
        ("Anfang der Nachricht", "Ende der Nachricht"),
        ("Inizio messaggio", "Fine messaggio"),
        ("Début du message", "Fin du message"),
        ("Iniciar mensaje", "Finalizar mensaje"),
        ("メッセージはここから", "メッセージはここまで"),
    ],
)
def test_only_what_stands_between_the_markers_is_said(begin: str, end: str) -> None:
    marked = f"------------- {begin}: -------------\n\nWhere is it?\n\n------------- {end} -------------"
    text = f"You have a message.\n\n{marked}\n\nReport questionable activity."
    event = relayed(text)
    assert event.text == "Where is it?"
    assert "questionable" in event.quoted


def test_without_markers_everything_counts() -> None:
    assert relayed("Where is it?\nAna").text == "Where is it?\nAna"


def test_two_mails_about_one_order_are_one_conversation_and_two_orders_are_two() -> None:
    assert relayed().thread == relayed("And now?", message_id="m2@amazon.example").thread
    assert relayed().thread != relayed(subject="Order: 250-1234567-8901235").thread
    assert relayed().order == ORDER


def test_naming_anothers_order_does_not_lead_into_their_conversation() -> None:
    assert relayed().thread != relayed(sender="thief@marketplace.amazon.com").thread


def test_without_an_order_the_alias_or_our_own_id_decides() -> None:
    loose = relayed(subject="A question")
    assert loose.thread == relayed(subject="Another", message_id="m5@x").thread
    mine = ours("amazon-thread", buyer="x7k2p9@marketplace.amazon.com")
    assert relayed(subject="Re: A question", message_id="m6@x", In_Reply_To=f"<{mine}>").thread == "amazon-thread"


def test_the_relay_is_answered_at_its_alias_whatever_reply_to_says() -> None:
    assert relayed(Reply_To="thief@evil.example").reply_to == ""


@pytest.mark.parametrize(
    "sender", ["no-reply@amazon.com", "donotreply@amazon.de", "seller-notification@amazon.co.uk", "payments-messages@amazon.co.jp"]
)
def test_amazons_own_notices_open_no_conversation(sender: str) -> None:
    assert isinstance(read(mail(sender=sender)), Ignored)


@pytest.mark.parametrize(
    "sender", ["Amazon <help@amazon-support.example>", "x@marketplace.amazon.com.evil.example", "Amazon <a@gmail.example>", "a@arnazon.com"]
)
def test_imitations_are_flagged(sender: str) -> None:
    event = received(mail(sender=sender))
    assert event.meta["warnings"] == ["imitates_amazon"]
    assert "relay" not in event.meta


def test_a_forged_relay_address_is_kept_apart() -> None:
    forged = relayed(Authentication_Results="mx.lamps.example; spf=fail; dkim=none")
    assert forged.thread != relayed().thread
    assert forged.meta["warnings"] == ["spoofed_sender"]


def test_only_the_topmost_verdict_counts() -> None:
    source = mail(sender=ALIAS).replace(
        b"Subject:", b"Authentication-Results: mx; dmarc=fail\r\nAuthentication-Results: mx; dmarc=pass\r\nSubject:", 1
    )
    assert "spoofed_sender" in received(source).meta["warnings"]  # type: ignore[operator]


@pytest.mark.parametrize("suffix", [" - Amazon Marketplace", " - Amazon.de Marketplace", " – Amazon.co.uk"])
def test_the_buyer_is_called_by_their_own_name(suffix):
    assert relayed(sender=f"Ana Pérez{suffix} <x7k2p9@marketplace.amazon.com>").buyer.name == "Ana Pérez"


def test_a_buyer_elsewhere_keeps_the_whole_name():
    assert received(mail("Hi", sender="Ana - Amazon Marketplace <ana@example.com>", subject="Hi")).buyer.name == "Ana - Amazon Marketplace"
