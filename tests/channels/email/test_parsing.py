"""A mail's bytes become what a person reads, whatever sent them."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels import mail_headers, mail_mime
from bridgedesk.channels.mail_charsets import decode
from bridgedesk.channels.mail_html import clean, to_text
from bridgedesk.channels.mail_parsing import FILES_CUT, TEXT_CUT, parse


def mail(body: bytes = b"Hello", kind: str = "text/plain", *more: str) -> bytes:
    head = ["From: Ana <ana@buyer.example>", "Subject: Where is my parcel?", f"Content-Type: {kind}", *more]
    return "\r\n".join(head).encode("utf-8") + b"\r\n\r\n" + body


def multipart(*parts: tuple[str, bytes], kind: str = "mixed") -> bytes:
    body = b"".join(b"--cut\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts)
    return mail(body + b"--cut--\r\n", f'multipart/{kind}; boundary="cut"')


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("gb18030", "我的包裹在哪里？"),
        ("gb2312", "订单什么时候发货"),
        ("big5", "我的包裹在哪裡"),
        ("koi8-r", "Где моя посылка?"),
        ("windows-1251", "Где моя посылка?"),
        ("windows-1250", "Gdzie jest moja przesyłka?"),
        ("windows-1253", "Πού είναι το δέμα μου;"),
        ("windows-1254", "Siparişim nerede?"),
        ("windows-1255", "איפה החבילה שלי"),
        ("windows-1256", "أين طردي"),
        ("windows-1258", "Don hàng"),
        ("tis-620", "พัสดุของฉันอยู่ที่ไหน"),
        ("iso-2022-jp", "荷物はどこですか"),
        ("shift_jis", "荷物はどこですか"),
        ("euc-jp", "荷物はどこですか"),
        ("euc-kr", "내 소포는 어디에 있나요"),
        ("utf-7", "Die Hasen und die Frösche"),
        ("utf-16", "Où est mon colis ?"),
        ("iso-8859-2", "Kde je můj balík?"),
        ("UTF-8", "Ở đâu?"),
    ],
)
def test_charsets_of_our_buyers_are_read(charset: str, text: str) -> None:
    codec = "cp874" if charset == "tis-620" else charset
    encoded = base64.b64encode(text.encode(codec))
    assert parse(mail(encoded, f"text/plain; charset={charset}", "Content-Transfer-Encoding: base64")).text == text


@pytest.mark.parametrize("label", ["iso-8859-1", "us-ascii", "windows-1252", "unknown-8bit", "no-such-charset", "rot13", "zlib", ""])
def test_utf8_under_a_wrong_label_is_read_as_utf8(label: str) -> None:
    assert decode("Où est-il passé ? 包裹".encode(), label) == "Où est-il passé ? 包裹"


def test_bytes_that_are_not_what_they_say_are_guessed() -> None:
    assert decode("Где моя посылка? Я жду уже три недели и очень волнуюсь.".encode("cp1251"), "utf-8").startswith("Где моя")


def test_unlabelled_japanese_is_recognised() -> None:
    assert decode("荷物はどこですか".encode("iso-2022-jp")) == "荷物はどこですか"


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"=?utf-8?B?5oiR55qE5YyF6KO5?=", "我的包裹"),
        (b"=?utf-8?B?5oiR55qE?= =?utf-8?B?5YyF6KO5?=", "我的包裹"),
        (b"=?utf-8?B?5oiR?=\r\n =?utf-8?B?55qE?=", "我的"),
        (b"=?utf-8?B?5oiR55o=?= =?utf-8?B?hOWMhQ==?=", "我的包"),
        (b"=?iso-8859-1?Q?Caf=E9_ouvert?=", "Café ouvert"),
        (b"=?iso-8859-1*fr?Q?Caf=E9?=", "Café"),
        (b"Re: =?utf-8?Q?Bestellung_f=C3=BCr?= Ana", "Re: Bestellung für Ana"),
        ("Commande reçue".encode(), "Commande reçue"),
        (b"=?utf-8?B?broken", "=?utf-8?B?broken"),
        (b"=?utf-8?Q?two=0D=0ABcc:_all@x.example?=", "two Bcc: all@x.example"),
        (b"a\x00b\x1bc", "a b c"),
    ],
)
def test_subjects_are_decoded_and_stay_one_line(header: bytes, subject: str) -> None:
    assert parse(b"Subject: " + header + b"\r\n\r\nx").subject == subject


@pytest.mark.parametrize(
    ("header", "name", "email"),
    [
        ("Ana Souza <Ana@Buyer.example>", "Ana Souza", "ana@buyer.example"),
        ('"Souza, Ana" <ana@buyer.example>', "Souza, Ana", "ana@buyer.example"),
        ("ana@buyer.example (Ana Souza)", "Ana Souza", "ana@buyer.example"),
        ("ana@buyer.example", "", "ana@buyer.example"),
        ("=?utf-8?Q?M=C3=BCller=2C_Ana?= <ana@buyer.example>", "Müller, Ana", "ana@buyer.example"),
        ("'Ana' <ana@buyer.example>", "Ana", "ana@buyer.example"),
        ('"help@shop.example" <thief@evil.example>', "help@shop.example", "thief@evil.example"),
        ("Ana <ana@buyer.example", "Ana", "ana@buyer.example"),
        ("Whoever", "Whoever", ""),
        ("", "", ""),
    ],
)
def test_senders_are_read(header: str, name: str, email: str) -> None:
    found = parse(f"From: {header}\r\n\r\nx".encode()).sender
    assert (found.name, found.email) == (name, email)


def test_plain_text_is_preferred_to_html() -> None:
    source = multipart(("Content-Type: text/plain", b"Plain"), ("Content-Type: text/html", b"<b>Rich</b>"), kind="alternative")
    assert parse(source).text == "Plain"
    assert parse(source).html == "<b>Rich</b>"


def test_html_alone_becomes_text_with_its_quotations_marked() -> None:
    html = b"<p>Red, please.</p><p>On 17/11/2026 09:14, Anna wrote:</p><blockquote><p>Which colour?</p></blockquote>"
    text = parse(mail(html, "text/html")).text
    assert "> Which colour?" in text
    assert text.startswith("Red, please.")


def test_an_empty_plain_part_does_not_hide_the_html() -> None:
    source = multipart(("Content-Type: text/plain", b"\r\n"), ("Content-Type: text/html", b"<b>Rich</b>"), kind="alternative")
    assert parse(source).text == "Rich"


def test_flowed_lines_are_joined() -> None:
    source = mail(b"This line goes \r\non here.\r\n> quoted \r\n> too\r\n-- \r\nAna", "text/plain; format=flowed")
    assert parse(source).text == "This line goes on here.\n> quoted too\n-- \nAna"


def test_inline_images_keep_their_content_id() -> None:
    source = multipart(
        ("Content-Type: text/html", b'<img src="cid:photo@x">'),
        ("Content-Type: image/png; name=p.png\r\nContent-ID: <photo@x>\r\nContent-Transfer-Encoding: base64", b"aGk="),
        kind="related",
    )
    (file,) = parse(source).files
    assert (file.name, file.data, file.content_id, file.inline) == ("p.png", b"hi", "photo@x", True)
    assert clean(parse(source).html, {"photo@x": "/files/abc"}).html == '<img src="/files/abc">'


def test_winmail_and_attached_mails_are_kept_as_files() -> None:
    source = multipart(
        ("Content-Type: text/plain", b"See attached"),
        ('Content-Type: application/ms-tnef; name="winmail.dat"', b'x\x9f>"data'),
        ("Content-Type: message/rfc822", b"Subject: inner\r\n\r\nInner text"),
    )
    found = parse(source)
    assert [file.name for file in found.files] == ["winmail.dat", "message-2.eml"]
    assert found.text == "See attached"
    assert found.files[1].data == b"Subject: inner\r\n\r\nInner text"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('filename="photo.png"', "photo.png"),
        ("filename*=utf-8''%E5%8C%85%E8%A3%B9.png", "包裹.png"),
        ('filename*0="long "; filename*1="name.png"', "long name.png"),
        ("filename*0*=utf-8''%E5%8C; filename*1*=%85.png", "包.png"),
        ('filename="=?utf-8?B?5YyF6KO5LnBuZw==?="', "包裹.png"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\Users\\\\x\\\\evil.png"', "evil.png"),
        ('filename="a\u200b.htaccess"', "a.htaccess"),
        ('filename="gpj\u202e.exe"', "gpj.exe"),
        ('filename=".."', "image-1.png"),
        ('filename=""', "image-1.png"),
        ("filename=" + "x" * 4000 + ".png", "x" * 146 + ".png"),
    ],
)
def test_file_names_are_names(disposition: str, name: str) -> None:
    source = multipart(
        ("Content-Type: text/plain", b"x"), (f"Content-Type: image/png\r\nContent-Disposition: attachment; {disposition}", b"x")
    )
    assert parse(source).files[0].name == name


def test_a_date_is_never_later_than_our_servers_receipt() -> None:
    stamp = "Received: by mx.shop.example; Fri, 20 Nov 2026 04:00:00 +0000\r\n"
    late = parse(f"{stamp}Date: Fri, 1 Jan 2038 00:00:00 +0000\r\n\r\nx".encode())
    none = parse(f"{stamp}Date: yesterday\r\n\r\nx".encode())
    assert late.at == none.at == datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize("newline", [b"\n", b"\r", b"\r\n"])
def test_every_newline_ends_a_line(newline: bytes) -> None:
    source = mail(b"One\r\nTwo").replace(b"\r\n", newline)
    assert parse(source).text == "One\nTwo"
    assert parse(source).subject == "Where is my parcel?"


def test_a_multipart_without_its_boundary_is_still_read() -> None:
    assert "Hello" in parse(mail(b"--x\r\n\r\nHello", "multipart/mixed")).text


def test_a_damaged_base64_file_loses_its_end_only() -> None:
    head = "Content-Type: application/pdf\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64"
    whole = base64.b64encode(b"%PDF-1.7 and so on")
    assert (parse(multipart((head, whole[:-3]))).files[0].data or b"").startswith(b"%PDF-1.7 and s")


def test_bounds_are_said_not_silent() -> None:
    many = parse(multipart(*[("Content-Type: image/png", b"x")] * 1_500))
    assert len(many.files) == 100
    assert {mail_mime.TOO_MANY, FILES_CUT} <= set(many.notes)
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3_000))
    assert mail_mime.TOO_DEEP in parse(deep).notes
    assert TEXT_CUT in parse(mail(b"x" * 500_000)).notes


@pytest.mark.parametrize(
    "source",
    [
        mail(b"<div>" * 100_000, "text/html"),
        mail(b"<b><p>" * 100_000, "text/html"),
        mail(b"<" * 1_000_000, "text/html"),
        mail(b"<table><tr>" + b"<td>" * 50_000, "text/html"),
        mail(b"--x\r\n\r\n" * 10_000, "multipart/mixed; boundary=x"),
        mail(b"--xy\r\n" * 500_000, "multipart/mixed; boundary=x"),
        b"From: " + b'"a\\' * 300_000 + b"\r\n\r\nx",
        b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\r\n\r\nx",
        b"References: " + b"<a@b> " * 200_000 + b"\r\n\r\nx",
        b"Content-Type: text/plain;" + b" " * 300_000 + b"x\r\n\r\nx",
        b"Content-Type: text/plain" + b"; a*1*=b" * 100_000 + b"\r\n\r\nx",
        b"X: y\r\n" * 300_000,
        mail(b"begin 644 x\n" + b"M" * 500_000, "text/plain", "Content-Transfer-Encoding: x-uuencode"),
    ],
    ids=range(13),
)
def test_mails_made_to_burn_time_are_bounded(source: bytes) -> None:
    found = parse(source)
    assert len(found.text) <= 400_000
    assert clean(found.html) is not None


def test_fifty_megabytes_are_read() -> None:
    body = base64.b64encode(b"\x00" * 37_000_000)
    found = parse(multipart(("Content-Type: text/plain", b"Big"), ("Content-Type: video/mp4\r\nContent-Transfer-Encoding: base64", body)))
    assert found.text == "Big"
    assert len(found.files[0].data or b"") == 37_000_000


@given(st.binary(max_size=4_000))
def test_any_bytes_are_a_mail(source: bytes) -> None:
    found = parse(source)
    assert "\x00" not in found.text
    found.text.encode()
    found.subject.encode()


_PIECES = [
    b"From: a@b.example\r\n",
    b"Subject: =?utf-8?b?\xff?=\r\n",
    b"Content-Type: multipart/mixed; boundary=a\r\n",
    b'Content-Type: multipart/related; boundary="a"\r\n',
    b"Content-Type: text/html; charset=utf-16\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Disposition: attachment; filename*=x''%ff\r\n",
    b"\r\n",
    b"--a\r\n",
    b"--a--\r\n",
    b" folded\r\n",
    b"=E5=\r\n",
    b"\xff\xfe<b>\x00",
    b"<!--<img src=x>",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=60))
def test_any_order_of_familiar_pieces_is_a_mail(pieces: list[bytes]) -> None:
    found = parse(b"".join(pieces))
    for text in (found.text, found.subject, found.html, *(file.name for file in found.files)):
        text.encode("utf-8", "surrogatepass")
    assert found.root.end <= len(b"".join(pieces))


@given(st.text(max_size=2_000))
def test_any_text_can_be_cleaned(text: str) -> None:
    clean(text)
    to_text(text)


def test_an_id_with_bytes_beyond_ascii_is_text_like_any_other():
    headers, _ = mail_headers.read(b"References: <a\x80b@shop.example> <\xe5\x8c\x85@x>\r\n\r\n", 0, 48)
    assert all(found.encode() for found in headers.ids("references"))
