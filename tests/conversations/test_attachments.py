"""Files of messages: kept under random names, typed by their bytes, served so that nothing in them can run."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from bridgedesk.channels.events import File, MessageReceived, Person
from bridgedesk.conversations import actions, attachments
from bridgedesk.conversations.models import Attachment, Message
from bridgedesk.lib import clock, filenames, filetypes
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
SignIn = Callable[[Agent], Client]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }


@pytest.fixture
def message(shop: Shop) -> Message:
    """A buyer's message in Alice's shop."""
    made = actions.receive(shop, MessageReceived("t1", "m1", Person("b1"), clock.now(), "See the photo"))
    assert made
    return made


def keep(message: Message, name: str, data: bytes) -> Attachment:
    return attachments.store(message.conversation, message, File(name=name, data=data))


def stored() -> list[str]:
    return [f"{folder}/{name}" for folder in default_storage.listdir("")[0] for name in default_storage.listdir(folder)[1]]


def test_a_file_is_kept_under_a_name_nobody_can_guess_and_typed_by_its_bytes(message: Message) -> None:
    kept = keep(message, "../../.htaccess", PNG)
    assert (kept.name, kept.type, kept.size) == ("htaccess", "image/png", len(PNG))
    assert stored() == [kept.storage_key]
    assert "htaccess" not in kept.storage_key
    assert attachments.open_bytes(kept) == PNG


@pytest.mark.parametrize(
    "data",
    [b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<?xml version='1.0'?>",
     b"hello <b>you</b>", b"\xef\xbb\xbf<!DOCTYPE html>", b"<\x00h\x00t\x00m\x00l\x00", b"GIF88a<script>", b""],
)  # fmt: skip
def test_anything_a_browser_could_take_for_markup_has_no_type(data: bytes) -> None:
    assert filetypes.sniff(data) == "application/octet-stream"


def a_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [(PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a..", "image/gif"), (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
     (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"), (b"\x00\x00\x00\x18ftypheic", "image/heic"),
     (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
     (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"), (b"%PDF-1.7", "application/pdf"), (b"OggS\x00", "audio/ogg"),
     (b"ID3\x04", "audio/mpeg"),
     (b"\x1aE\xdf\xa3", "video/webm"), ("订单 123\n".encode(), "text/plain")],
)  # fmt: skip
def test_common_files_are_known_by_their_bytes(data: bytes, kind: str) -> None:
    assert filetypes.sniff(data) == kind
    assert filetypes.sniff(a_zip()) == "application/zip"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("photo.jpg", "photo.jpg"), ("退货单 2.pdf", "退货单 2.pdf"), ("../../etc/passwd", "passwd"), ("C:\\temp\\a.txt", "a.txt"),
     ("a\u200b.htaccess", "a.htaccess"), ("invoice\u202egpj.exe", "invoicegpj.exe"), ("a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"),
     ("a\x00.png", "a.png"), ("CON", "_CON"), ("com1.txt", "_com1.txt"), (".htaccess", "htaccess"), ("", "file"), ("...", "file"),
     ("\u200b\u200f", "file"), ('a"b.txt', "a_b.txt"), ("nul .txt", "_nul .txt")],
)  # fmt: skip
def test_names_from_outside_are_made_readable_and_harmless(name: str, shown: str) -> None:
    assert filenames.clean(name) == shown


def test_an_endless_name_keeps_its_ending() -> None:
    assert filenames.clean("x" * 4096 + ".pdf") == "x" * 116 + ".pdf"


@given(st.text(max_size=300))
def test_a_clean_name_is_clean_whatever_it_was(name: str) -> None:
    shown = filenames.clean(name)
    assert 0 < len(shown) <= filenames.MAX_LENGTH
    assert not set(shown) & set('/\\<>:"|?*\r\n\0')
    assert not shown.startswith(".")
    assert filenames.clean(shown) == shown


def test_a_file_is_served_as_something_to_save_that_can_run_nothing(message: Message, alice: Agent, sign_in: SignIn) -> None:
    kept = keep(message, "evil.svg", b"<svg onload='alert(1)'/>")
    answer = sign_in(alice).get(f"/files/{kept.token}")
    assert answer.content == b"<svg onload='alert(1)'/>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="evil.svg"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "private" in answer["Cache-Control"]


def test_only_a_picture_asked_for_by_an_img_is_shown_in_place(message: Message, alice: Agent, sign_in: SignIn) -> None:
    picture, paper = keep(message, "a.png", PNG), keep(message, "a.pdf", b"%PDF-1.7")
    client, in_img = sign_in(alice), {"sec-fetch-dest": "image"}
    assert client.get(f"/files/{picture.token}", headers=in_img)["Content-Disposition"].startswith("inline")
    assert client.get(f"/files/{picture.token}")["Content-Disposition"].startswith("attachment")
    assert client.get(f"/files/{paper.token}", headers=in_img)["Content-Disposition"].startswith("attachment")


def test_charlie_finds_no_file_of_alices_shop(message: Message, bob: Agent, charlie: Agent, admin: Agent, sign_in: SignIn) -> None:
    kept = keep(message, "a.png", PNG)
    assert [sign_in(who).get(f"/files/{kept.token}").status_code for who in (bob, admin, charlie)] == [200, 200, 404]
    assert Client().get(f"/files/{kept.token}").status_code == 302
    assert sign_in(charlie).get("/files/unknown").status_code == 404


def test_an_upload_is_its_owners_alone_until_it_is_sent(alice: Agent, bob: Agent, shop: Shop, sign_in: SignIn) -> None:
    answer = sign_in(alice).post("/files", {"file": SimpleUploadedFile("a.png", PNG, content_type="text/html")})
    facts = json.loads(answer.content)
    assert (answer.status_code, facts["type"], facts["size"]) == (201, "image/png", len(PNG))
    token = facts["token"]
    assert [sign_in(who).get(f"/files/{token}").status_code for who in (alice, bob)] == [200, 404]
    assert ([file.token for file in attachments.drafts([token], by=alice)], attachments.drafts([token], by=bob)) == ([token], [])
    assert sign_in(bob).delete(f"/files/{token}").status_code == 404
    assert sign_in(alice).delete(f"/files/{token}").status_code == 204
    assert stored() == []


def test_an_upload_above_the_limit_is_refused_with_a_reason(alice: Agent, sign_in: SignIn, settings: Any) -> None:
    settings.MAX_ATTACHMENT_BYTES = 10
    answer = sign_in(alice).post("/files", {"file": SimpleUploadedFile("a.png", PNG)})
    assert answer.status_code == 413
    assert "a.png" in json.loads(answer.content)["error"]
    assert not Attachment.objects.exists()


def test_an_observer_uploads_nothing(make_agent: Callable[..., Agent], sign_in: SignIn) -> None:
    watcher = make_agent("olga", Agent.Role.OBSERVER)
    assert sign_in(watcher).post("/files", {"file": SimpleUploadedFile("a.png", PNG)}).status_code == 403


def test_a_buyers_file_above_the_limit_says_so_and_loses_no_message(message: Message, settings: Any) -> None:
    settings.MAX_ATTACHMENT_BYTES = 10
    kept = keep(message, "film.mp4", b"x" * 11)
    assert (kept.state, kept.storage_key, stored()) == ("failed", "", [])
    assert "film.mp4" in kept.error


def test_bytes_written_ahead_are_used_once_and_what_nobody_used_is_taken_back(message: Message) -> None:
    used, unused = File("a.png", PNG), File("b.png", PNG + b"1")
    with attachments.landed([used, unused]):
        assert len(stored()) == 2
        kept = attachments.store(message.conversation, message, used)
    assert stored() == [kept.storage_key]


def test_a_failed_transaction_leaves_no_bytes_behind(message: Message) -> None:
    with pytest.raises(RuntimeError), attachments.landed([File("a.png", PNG)]):
        raise RuntimeError
    assert stored() == []
