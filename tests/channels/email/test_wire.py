"""Over the wire: a real IMAP server is read, an SMTP server answers in every way."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from bridgedesk.channels import mail_imap
from bridgedesk.channels.base import Account, CannotTell, NeedsReconnect, Outgoing, Raw, SendError, Uncertain
from bridgedesk.channels.email import Email
from bridgedesk.channels.events import File, MessageReceived, MessageSent
from bridgedesk.lib import clock
from tests.channels.email.conftest import Imap, Post
from tests.channels.email.mails import mail

Mailbox = Callable[..., Account]
ANSWER = Outgoing(
    reference="ref1",
    thread="mail-1",
    to="ana@buyer.example",
    text="It left today. 已发货",
    subject="My order",
    in_reply_to="m1@buyer.example#0123456789ab",
    references=("m0@buyer.example",),
)


def fetch_all(shop: Account, cursor: str = "") -> tuple[list[Raw], str]:
    raws: list[Raw] = []
    while True:
        page = Email().fetch(shop, cursor)
        raws += page.raws
        cursor = page.cursor
        if not page.more:
            return raws, cursor


def test_new_mail_is_read_once_and_nothing_is_marked(imap: Imap, mailbox: Mailbox) -> None:
    imap.deliver(mail())
    shop = mailbox(imap)
    raws, cursor = fetch_all(shop)
    assert [raw.body for raw in raws] == [mail()]
    assert fetch_all(shop, cursor)[0] == []
    assert not any(b"\\Seen" in line for line in imap.flags())
    (event,) = Email().parse(shop, raws[0])
    assert isinstance(event, MessageReceived)


def test_what_arrives_later_is_read_from_the_cursor_on(imap: Imap, mailbox: Mailbox) -> None:
    imap.deliver(mail())
    _, cursor = fetch_all(mailbox(imap))
    imap.deliver(mail("And now?", message_id="m2@buyer.example"))
    raws, _ = fetch_all(mailbox(imap), cursor)
    assert len(raws) == 1
    assert b"And now?" in raws[0].body


def test_an_empty_mailbox_has_a_cursor_too(imap: Imap, mailbox: Mailbox) -> None:
    raws, cursor = fetch_all(mailbox(imap))
    assert raws == []
    imap.deliver(mail())
    assert len(fetch_all(mailbox(imap), cursor)[0]) == 1


def test_many_mails_come_in_pages(imap: Imap, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_imap, "BATCH", 3)
    for number in range(7):
        imap.deliver(mail(message_id=f"m{number}@buyer.example"))
    first = Email().fetch(mailbox(imap), "")
    assert len(first.raws) == 3
    assert first.more
    assert len(fetch_all(mailbox(imap), first.cursor)[0]) == 4


def test_a_renumbered_folder_is_read_again_under_the_same_keys(imap: Imap, mailbox: Mailbox) -> None:
    imap.deliver(mail())
    before, cursor = fetch_all(mailbox(imap))
    imap.renumber()
    imap.deliver(mail("New", message_id="m2@buyer.example"))
    after, _ = fetch_all(mailbox(imap), cursor)
    assert before[0].key in {raw.key for raw in after}
    assert any(b"New" in raw.body for raw in after)


def test_a_mail_too_large_is_read_in_part_and_says_so(imap: Imap, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_imap, "MAX_MAIL", 1_000)
    monkeypatch.setattr(mail_imap, "CUT_MAIL", 500)
    imap.deliver(mail("x" * 5_000))
    (raw,), _ = fetch_all(mailbox(imap))
    assert len(raw.body) == 500
    assert int(raw.headers["cut"]) > 5_000


def test_answers_typed_elsewhere_come_from_the_sent_folder(imap: Imap, mailbox: Mailbox) -> None:
    imap.deliver(mail("It left.", sender="help@lamps.example", To="ana@buyer.example"), "Sent")
    shop = mailbox(imap, sent_folder="Sent")
    (raw,), _ = fetch_all(shop)
    (event,) = Email().parse(shop, raw)
    assert isinstance(event, MessageSent)


def test_a_new_shop_says_how_far_back_it_is_read(imap: Imap, mailbox: Mailbox) -> None:
    imap.deliver(mail())
    assert len(fetch_all(mailbox(imap, first_days="1"))[0]) == 1
    assert len(fetch_all(mailbox(imap, first_days="soon"))[0]) == 1


def test_a_wrong_password_asks_to_connect_again(imap: Imap, mailbox: Mailbox) -> None:
    shop = mailbox(imap)
    shop.vault.kept["password"] = ("wrong", None)  # type: ignore[attr-defined]
    with pytest.raises(NeedsReconnect, match="password"):
        Email().fetch(shop, "")


def test_a_missing_folder_is_said(imap: Imap, mailbox: Mailbox) -> None:
    with pytest.raises(SendError, match="no such folder"):
        Email().fetch(mailbox(imap, folder="Nowhere"), "")


def test_news_wake_the_waiting(imap: Imap, mailbox: Mailbox) -> None:
    imap.deliver(mail())
    assert Email().wait(mailbox(imap), 0.3, "") != ""


def test_a_private_server_is_not_connected_to(mailbox: Mailbox, settings: object) -> None:
    settings.ALLOW_PRIVATE = set()  # type: ignore[attr-defined]
    for security in ("ssl", "starttls"):
        with pytest.raises(SendError) as caught:
            Email().fetch(mailbox(imap_security=security), "")
        assert caught.value.code == "blocked"
        with pytest.raises(SendError) as caught:
            Email().send(mailbox(smtp_security=security), ANSWER)
        assert caught.value.code == "blocked"


def test_a_mail_without_encryption_goes_to_this_machine_only(mailbox: Mailbox, settings: object) -> None:
    settings.ALLOW_PRIVATE = set()  # type: ignore[attr-defined]
    with pytest.raises(SendError) as caught:
        Email().fetch(mailbox(imap_host="192.0.2.1"), "")
    assert caught.value.code == "plain"


def test_an_answer_is_sent_with_threading_and_our_marks(post: Post, mailbox: Mailbox) -> None:
    shop = mailbox(post=post)
    sent = Email().send(shop, ANSWER)
    (envelope,) = post.taken
    got = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
    assert got["Message-ID"] == f"<{sent.external_id}>"
    assert got["In-Reply-To"] == "<m1@buyer.example>"
    assert got["References"] == "<m0@buyer.example> <m1@buyer.example>"
    assert got["Subject"] == "Re: My order"
    assert got["From"] == "Lamp Shop <help@lamps.example>"
    assert got["Auto-Submitted"] is None
    assert got.get_content().strip() == ANSWER.text
    assert envelope.rcpt_tos == ["ana@buyer.example"]


def test_a_second_try_has_the_same_id(post: Post, mailbox: Mailbox) -> None:
    shop = mailbox(post=post)
    assert Email().send(shop, ANSWER).external_id == Email().send(shop, ANSWER).external_id


def test_the_buyers_answer_to_it_finds_the_conversation(post: Post, mailbox: Mailbox) -> None:
    shop = mailbox(post=post)
    sent = Email().send(shop, ANSWER)
    raw = Raw("k", mail("Thanks", message_id="m7@x", In_Reply_To=f"<{sent.external_id}>"), "mail")
    (event,) = Email().parse(shop, raw)
    assert isinstance(event, MessageReceived)
    assert event.thread == "mail-1"


def test_a_greeting_is_marked_automatic(post: Post, mailbox: Mailbox) -> None:
    Email().send(mailbox(post=post), Outgoing("r", "mail-1", "ana@buyer.example", "Hello", purpose="greeting"))
    got = message_from_bytes(post.taken[0].content or b"")  # type: ignore[arg-type]
    assert got["Auto-Submitted"] == "auto-replied"


def test_attachments_go_along(post: Post, mailbox: Mailbox) -> None:
    files = (File("说明.pdf", b"%PDF"), File("x.png", b"\x89PNG"))
    Email().send(mailbox(post=post), Outgoing("r", "mail-1", "ana@buyer.example", "Hello", files=files))
    got = message_from_bytes(post.taken[0].content or b"", policy=policy.default)  # type: ignore[arg-type]
    assert [part.get_filename() for part in got.iter_attachments()] == ["说明.pdf", "x.png"]


@pytest.mark.parametrize("evil", ["x\r\nBcc: all@evil.example", "x\nX-Evil: 1", "x\x00\u2028y"])
def test_no_header_can_be_slipped_in(evil: str, post: Post, mailbox: Mailbox) -> None:
    Email().send(mailbox(post=post, from_name=evil), Outgoing("r", "mail-1", "ana@buyer.example", "Hello", subject=evil, in_reply_to=evil))
    got = message_from_bytes(post.taken[0].content or b"")  # type: ignore[arg-type]
    assert got["Bcc"] is None
    assert got["X-Evil"] is None


@pytest.mark.parametrize("to", ["", "ana", "ana@buyer.example, all@evil.example", "a@b\r\nRCPT TO:<x@y>", "<ana@buyer.example>"])
def test_only_one_plain_address_is_written_to(to: str, post: Post, mailbox: Mailbox) -> None:
    with pytest.raises(SendError) as caught:
        Email().send(mailbox(post=post), Outgoing("r", "mail-1", to, "Hello"))
    assert caught.value.permanent
    assert post.taken == []


@pytest.mark.parametrize(
    ("where", "answer", "permanent"),
    [("rcpt", "550 5.1.1 no such user", True), ("rcpt", "450 try later", False), ("data", "554 spam", True), ("data", "451 busy", False)],
)
def test_a_refusal_says_whether_trying_again_can_help(where: str, answer: str, permanent: bool, post: Post, mailbox: Mailbox) -> None:
    setattr(post, where, answer)
    with pytest.raises(SendError) as caught:
        Email().send(mailbox(post=post), ANSWER)
    assert not isinstance(caught.value, Uncertain)
    assert caught.value.permanent is permanent
    assert caught.value.code == answer[:3]
    assert bool(caught.value.retry_after) is not permanent


def test_a_connection_lost_after_the_text_leaves_it_open(post: Post, mailbox: Mailbox) -> None:
    post.hang_up = True
    with pytest.raises(Uncertain):
        Email().send(mailbox(post=post), ANSWER)


def test_a_server_that_is_not_there_is_a_passing_fault(mailbox: Mailbox, settings: object) -> None:
    settings.ALLOW_PRIVATE = {"127.0.0.1:1"}  # type: ignore[attr-defined]
    with pytest.raises(SendError) as caught:
        Email().send(mailbox(), ANSWER)
    assert not caught.value.permanent
    assert not isinstance(caught.value, Uncertain)


def test_amazons_relay_takes_ten_megabytes(post: Post, mailbox: Mailbox) -> None:
    big = Outgoing("r", "amazon-1", "x@marketplace.amazon.de", "Hello", files=(File("x.pdf", b"x" * 10_000_001),))
    with pytest.raises(SendError, match="10 MB"):
        Email().send(mailbox(post=post), big)


def test_an_unsure_mail_is_looked_for_in_the_sent_folder(imap: Imap, post: Post, mailbox: Mailbox) -> None:
    shop = mailbox(imap, post, sent_folder="Sent", sent_kept="True")
    old = Outgoing(**{**ANSWER.__dict__, "since": clock.now() - timedelta(minutes=10)})
    imap.deliver(mail(), "Sent")
    assert Email().find_sent(shop, old) is None
    sent = Email().send(shop, ANSWER)
    imap.deliver(bytes(post.taken[0].content or b""), "Sent")
    found = Email().find_sent(shop, ANSWER)
    assert found is not None
    assert found.external_id == sent.external_id


def test_a_young_mail_may_still_appear_and_a_mailbox_without_copies_cannot_tell(imap: Imap, mailbox: Mailbox) -> None:
    imap.deliver(mail(), "Sent")
    young = Outgoing(**{**ANSWER.__dict__, "since": clock.now()})
    with pytest.raises(CannotTell):
        Email().find_sent(mailbox(imap, sent_folder="Sent", sent_kept="1"), young)
    with pytest.raises(CannotTell):
        Email().find_sent(mailbox(imap), ANSWER)


def test_the_doctor_sees_both_servers(imap: Imap, post: Post, mailbox: Mailbox) -> None:
    assert all(found.ok for found in Email().check(mailbox(imap, post)))
    reading, sending = Email().check(mailbox(imap))
    assert reading.ok
    assert not sending.ok
    assert sending.advice
