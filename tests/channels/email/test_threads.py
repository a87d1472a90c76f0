"""Who may write into which conversation."""

import pytest

from bridgedesk.channels.events import Ignored, MessageReceived, MessageSent
from tests.channels.email.mails import mail, ours, read


def received(source: bytes) -> MessageReceived:
    event = read(source)
    assert isinstance(event, MessageReceived)
    return event


def test_a_buyers_answer_to_our_answer_stays_in_the_conversation() -> None:
    first = received(mail())
    answer = received(
        mail(
            "Thanks",
            message_id="m2@buyer.example",
            In_Reply_To=f"<{ours(first.thread)}>",
            References=f"<m1@buyer.example> <{ours(first.thread)}>",
        )
    )
    assert answer.thread == first.thread
    assert "warnings" not in answer.meta


def test_our_id_alone_is_enough_when_the_mail_program_drops_the_chain() -> None:
    first = received(mail())
    assert received(mail(message_id="m3@buyer.example", In_Reply_To=f"<{ours(first.thread)}>")).thread == first.thread


def test_the_chain_alone_is_enough_for_the_same_sender() -> None:
    first = received(mail())
    assert received(mail(message_id="m4@buyer.example", References="<m1@buyer.example>")).thread == first.thread


def test_a_stranger_who_quotes_anothers_chain_opens_a_conversation_of_their_own() -> None:
    first = received(mail())
    theirs = received(
        mail(sender="thief@evil.example", message_id="x@evil.example", In_Reply_To="<m1@buyer.example>", References="<m1@buyer.example>")
    )
    assert theirs.thread != first.thread


def test_a_stranger_with_a_genuine_id_of_ours_does_not_get_in_and_a_person_is_told() -> None:
    first = received(mail())
    theirs = received(mail(sender="thief@evil.example", message_id="x@evil.example", In_Reply_To=f"<{ours(first.thread)}>"))
    assert theirs.thread != first.thread
    assert theirs.meta["warnings"] == ["other_address"]
    assert theirs.meta["thread_hint"] == first.thread


@pytest.mark.parametrize("change", ["reference", "thread", "buyer", "signature"])
def test_a_forged_id_is_flagged_and_opens_its_own_conversation(change: str) -> None:
    first = received(mail())
    genuine = ours(first.thread)
    forged = {
        "reference": "r2" + genuine[2:],
        "thread": ours("mail-other").replace(ours("mail-other").split(".")[3], genuine.split(".")[3]),
        "buyer": ".".join([*genuine.split(".")[:2], "00000000", *genuine.split(".")[3:]]),
        "signature": genuine.replace(genuine.split(".")[3][:20], "0" * 20),
    }[change]
    theirs = received(mail(message_id="x@evil.example", In_Reply_To=f"<{forged}>"))
    assert theirs.thread != first.thread
    assert theirs.meta["warnings"] == ["forged_thread"]


def test_the_same_buyer_with_a_new_mail_opens_a_new_conversation() -> None:
    assert received(mail()).thread != received(mail(message_id="later@buyer.example")).thread


def test_the_same_mail_read_twice_is_one_and_a_copied_id_hides_nobody() -> None:
    assert received(mail()).external_id == received(mail()).external_id
    assert received(mail()).external_id != received(mail("Something else", sender="thief@evil.example")).external_id


def test_a_form_on_the_shops_site_speaks_for_the_buyer_in_reply_to() -> None:
    event = received(mail(sender="Shop <help@lamps.example>", Reply_To="Ana <ana@buyer.example>"))
    assert event.buyer.email == "ana@buyer.example"


def test_a_mail_that_claims_to_be_from_the_shop_never_speaks_for_it() -> None:
    assert isinstance(read(mail(sender="help@lamps.example")), Ignored)


def test_a_mail_its_domain_disowns_stays_apart_and_is_flagged() -> None:
    first = received(mail())
    spoofed = received(
        mail(message_id="m9@x", In_Reply_To=f"<{ours(first.thread)}>", Authentication_Results="mx.example; dmarc=fail; spf=fail")
    )
    assert spoofed.thread != first.thread
    assert "spoofed_sender" in spoofed.meta["warnings"]  # type: ignore[operator]


def test_an_answer_typed_in_another_program_is_recorded_in_the_buyers_conversation() -> None:
    first = received(mail())
    typed = mail(
        "It left today.",
        sender="Lamp Shop <help@lamps.example>",
        message_id="t@lamps.example",
        To="ana@buyer.example",
        References="<m1@buyer.example>",
    )
    sent = read(typed, sent=True)
    assert isinstance(sent, MessageSent)
    assert (sent.thread, sent.text, sent.automatic) == (first.thread, "It left today.", False)


def test_the_copy_of_an_answer_of_ours_has_its_id() -> None:
    first = received(mail())
    sent = read(mail("x", sender="help@lamps.example", To="ana@buyer.example", message_id=ours(first.thread)), sent=True)
    assert isinstance(sent, MessageSent)
    assert sent.external_id == ours(first.thread)


@pytest.mark.parametrize("field", ["Subject", "From"])
def test_no_line_break_gets_through(field: str) -> None:
    event = received(mail(**{field: "=?utf-8?Q?a=0D=0ABcc:_x@evil.example?= <ana@buyer.example>"}))
    assert "\n" not in event.subject + event.buyer.name + event.buyer.email
    assert "\r" not in event.subject + event.buyer.name + event.buyer.email
