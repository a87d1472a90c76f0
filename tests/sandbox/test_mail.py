"""The pretend mail world serves the clients the product uses: imap-tools, imaplib, smtplib."""

import imaplib
import smtplib
import threading
from email.message import EmailMessage

import pytest
from imap_tools import AND, MailBoxUnencrypted

from bridgedesk.sandbox import scenery
from bridgedesk.sandbox.letters import Letter, photo
from bridgedesk.sandbox.people import words

SHOP, PASSWORD = scenery.OWN_SITE, scenery.MAIL_PASSWORD


@pytest.fixture
def box(sandbox):
    with MailBoxUnencrypted("127.0.0.1", sandbox.imap_port).login(SHOP, PASSWORD) as opened:
        yield opened


def letter(sandbox, text="Where is it?", **more):
    given = {"name": "Ana Pérez", "address": "ana7@mail.example", "to": SHOP, "subject": "Pedido", "language": "es"} | more
    return sandbox.do(lambda s: s.mail.buyer_writes(Letter(text=text, at=s.world.now(), **given)))


def answer(sandbox, to="ana7@mail.example", text="Está en camino.", **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        SHOP,
        to,
        headers.pop("subject", "Re: Pedido"),
        "<ours-1@lumen-home.example>",
    )
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as server:
        server.login(SHOP, PASSWORD)
        server.send_message(mail)
    return mail


def test_a_buyers_mail_is_read_with_imap_tools(sandbox, box):
    letter(sandbox, "¿Dónde está?", photo=b"\x89PNG\r\n\x1a\n123")
    mail = next(box.fetch(AND(all=True), mark_seen=False))
    assert mail.from_ == "ana7@mail.example"
    assert mail.text.startswith("¿Dónde está?")
    assert "¿Dónde está?" in mail.html
    assert [(a.filename, a.payload) for a in mail.attachments] == [("IMG_0417.png", b"\x89PNG\r\n\x1a\n123")]
    assert mail.flags == ()


def test_uids_only_grow_and_ranges_select(sandbox, box):
    for n in range(4):
        letter(sandbox, f"m{n}")
    assert box.uids("UID 3:*") == ["3", "4"]
    assert box.uids(AND(uid="2,4")) == ["2", "4"]
    assert box.uids(AND(from_="ana7", subject="pedido")) == ["1", "2", "3", "4"]


def test_a_message_is_found_by_its_message_id(sandbox, box):
    message_id = letter(sandbox)
    letter(sandbox)
    assert box.uids(f'HEADER Message-ID "{message_id}"') == ["1"]


def test_flags_are_kept(sandbox, box):
    letter(sandbox)
    box.flag("1", "\\Seen", True)
    assert next(box.fetch(AND(seen=True), mark_seen=False)).flags == ("\\Seen",)
    assert box.uids(AND(seen=False)) == []


def test_sent_mail_is_appended_and_listed(sandbox, box):
    box.append(b"Subject: x\r\n\r\nhello\r\n", "Sent", flag_set=["\\Seen"])
    box.folder.set("Sent")
    assert [m.subject for m in box.fetch(mark_seen=False)] == ["x"]
    assert {f.name for f in box.folder.list()} == {"INBOX", "Sent", "Drafts", "Trash"}
    assert box.folder.status("Sent", ["MESSAGES", "UIDNEXT", "UIDVALIDITY"])["MESSAGES"] == 1


def test_headers_alone_can_be_fetched(sandbox, box):
    letter(sandbox)
    mail = next(box.fetch(mark_seen=False, headers_only=True))
    assert (mail.subject, mail.text) == ("Pedido", "")


def test_an_idle_client_hears_of_new_mail(sandbox, box):
    threading.Timer(0.2, letter, [sandbox]).start()
    assert any(b"EXISTS" in line for line in box.idle.wait(timeout=10))


def test_a_moved_mailbox_has_new_uids_and_a_new_validity(sandbox, box):
    letter(sandbox)
    before = box.folder.status("INBOX", ["UIDVALIDITY"])["UIDVALIDITY"]
    sandbox.fault("imap", "uidvalidity")
    box.folder.set("INBOX")
    assert box.folder.status("INBOX", ["UIDVALIDITY"])["UIDVALIDITY"] > before
    assert box.uids() == ["1001"]


def test_a_dropped_connection_is_felt(sandbox):
    client = imaplib.IMAP4("127.0.0.1", sandbox.imap_port)
    sandbox.fault("imap", "drop")
    with pytest.raises(imaplib.IMAP4.abort):
        client.login(SHOP, PASSWORD)
    client.shutdown()


def test_a_wrong_password_is_refused(sandbox):
    client = imaplib.IMAP4("127.0.0.1", sandbox.imap_port)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.login(SHOP, "wrong")
    client.logout()


def test_odd_commands_do_not_end_the_session(sandbox):
    client = imaplib.IMAP4("127.0.0.1", sandbox.imap_port)
    with pytest.raises(imaplib.IMAP4.error):
        client._simple_command("SELECT", '"unfinished')
    client.login(SHOP, PASSWORD)
    assert client.select("INBOX", readonly=True)[0] == "OK"
    with pytest.raises(imaplib.IMAP4.error):
        client.uid("SEARCH", "BANANA")
    assert client.uid("SEARCH", None, "NOT", "SEEN", "OR", "SINCE", "1-Jan-2020", "LARGER", "10")[0] == "OK"
    client.logout()


def test_our_answer_arrives_with_its_headers(sandbox):
    letter(sandbox)
    answer(sandbox, In_Reply_To="<x@mail.example>")
    got = sandbox.arrived[0]
    assert (got.to, got.text.strip(), got.headers["In-Reply-To"]) == ("ana7@mail.example", "Está en camino.", "<x@mail.example>")


def test_smtp_wants_a_log_in_and_the_right_one(sandbox):
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as server:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            server.login(SHOP, "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused):
            server.sendmail(SHOP, ["ana7@mail.example"], b"Subject: x\r\n\r\n")


def test_a_refused_address_is_refused_at_once(sandbox):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        answer(sandbox, to="nobody@refused.example")


def test_a_wrong_address_bounces_with_our_message_id(sandbox, box):
    answer(sandbox, to="nosuchbody@mail.example")
    for _ in range(100):
        if mails := list(box.fetch(mark_seen=False)):
            break
        threading.Event().wait(0.02)
    report = mails[0].obj
    assert report.get_content_type() == "multipart/report"
    assert "ours-1@lumen-home.example" in report.as_string()
    assert "5.1.1" in report.as_string()


@pytest.mark.parametrize(("client", "sign"), [("gmail", "escribió:"), ("outlook", "Enviado el:"), ("apple", "Enviado desde mi iPhone")])
def test_each_mail_program_quotes_in_its_own_way(sandbox, box, client, sign):
    ours = answer(sandbox)
    letter(sandbox, "Gracias", client=client, answers=ours)
    mail = next(box.fetch(mark_seen=False))
    assert mail.obj["In-Reply-To"] == "<ours-1@lumen-home.example>"
    assert mail.text.startswith("Gracias")
    assert sign in mail.text
    assert "Está en camino." in mail.text


def test_amazon_relays_hide_the_buyer_and_mark_the_words(sandbox):
    order = "302-1234567-7654321"
    sandbox.do(
        lambda s: s.mail.buyer_writes(
            Letter("Uwe", "a1b2@marketplace.amazon.de", scenery.AMAZON, "", "Wo ist es?", "de", s.world.now()), relay_order=order
        )
    )
    with MailBoxUnencrypted("127.0.0.1", sandbox.imap_port).login(scenery.AMAZON, PASSWORD) as box:
        mail = next(box.fetch(mark_seen=False))
    assert order in mail.subject
    assert "Anfang der Nachricht" in mail.text
    assert "dkim=pass" in mail.obj["Authentication-Results"]


def test_photos_are_small_real_pngs(sandbox):
    picture = sandbox.do(lambda s: photo(s.world.random))
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 40_000


def test_a_lost_smtp_answer_has_delivered_nevertheless(sandbox):
    sandbox.fault("smtp", "lose_answer")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        answer(sandbox)
    assert len(sandbox.arrived) == 1


def test_every_language_is_spoken_by_somebody():
    assert words()
