"""Jumping in a film: a part of a file, as safely as the whole."""

import pytest

from bridgedesk.conversations import attachments

DATA = b"0123456789"


@pytest.fixture
def film(tmp_path, settings, bob):
    """Ten bytes; what is asked of them."""
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"default": kept}
    return attachments.draft("film.mp4", DATA, by=bob)


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, DATA, "bytes 0-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=999999999999-", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, DATA, None),
        ("bytes=-", 200, DATA, None),
        ("bytes=0-1,4-5", 200, DATA, None),
        ("bytes=" + "0-0," * 2000, 200, DATA, None),
        ("bytes=" + "9" * 5000 + "-", 200, DATA, None),
        ("bytes=٣-", 200, DATA, None),
        ("chars=0-3", 200, DATA, None),
        ("", 200, DATA, None),
    ],
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_part_is_given_where_there_is_one(asked, status, part, told, method, film, bob, sign_in):
    answer = getattr(sign_in(bob), method)(f"/files/{film.token}", headers={"range": asked.encode().decode("latin-1")})
    assert answer.status_code == status
    assert answer.headers.get("Content-Range") == told
    assert answer.content == (part if method == "get" else b"")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_part_of_what_the_browser_no_longer_has_is_the_whole(film, bob, sign_in):
    browser = sign_in(bob)
    etag = browser.head(f"/files/{film.token}").headers["ETag"]
    assert browser.get(f"/files/{film.token}", headers={"range": "bytes=0-3", "if-range": etag}).status_code == 206
    assert browser.get(f"/files/{film.token}", headers={"range": "bytes=0-3", "if-range": '"other"'}).status_code == 200


def test_charlie_gets_no_part_either(film, charlie, sign_in):
    assert sign_in(charlie).get(f"/files/{film.token}", headers={"range": "bytes=0-3"}).status_code == 404
