"""What a log line may hold: no secret, and no line that somebody else wrote."""

import io
import logging

import pytest
from django.test import Client

from bridgedesk.lib.secrets import MASK, mask

SECRET = "s3cr3t-Value_0123456789abcdef"  # a marker, no credential


@pytest.fixture
def lines():
    """What the configured console handler would have written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(next(h.formatter for h in logging.getLogger().handlers if h.name == "console"))
    logging.getLogger().addHandler(handler)
    yield written.getvalue
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    "said",
    [
        f"password={SECRET}",
        f"password: {SECRET}",
        f'{{"refresh_token": "{SECRET}", "a": 1}}',
        f'{{"password": "two words {SECRET}"}}',
        f"{{'partner_key': '{SECRET}'}}",
        f'a body in a repr: \'{{\\"access_token\\": \\"{SECRET}\\"}}\'',
        f"Authorization: Bearer {SECRET}",
        f"authorization: Basic {SECRET}",
        f"[('Authorization', 'Bearer {SECRET}')]",
        f"[(b'authorization', b'Bearer {SECRET}')]",
        f"Cookie: theme=dark; sessionid={SECRET}; csrftoken={SECRET}",
        f"https://partner.example/api?partner_id=1&sign={SECRET}&access_token={SECRET}",
        f"postgresql://desk:{SECRET}@db.example/desk",
        f"Gone: /welcome/{SECRET}",
        f"an API token bd_{SECRET}",
        f"smtp_password = {SECRET}",
    ],
)
def test_a_secret_in_a_line_is_masked(said):
    assert SECRET not in mask(said)
    assert MASK in mask(said)


@pytest.mark.parametrize("said", ["the design: blue lamp", "shop 12 could not be polled", "CSRF token missing", "no password was given"])
def test_ordinary_words_stay(said):
    assert mask(said).split()[-1] in said or MASK in mask(said)
    assert mask(said)[:8] == said[:8]


def test_masking_a_hostile_line_takes_no_time():
    for piece in ("a", "password", "sign", "=", "token = ", '"', "://", "bd_", "cookie'  ", "authorization bearer "):
        mask(piece * (100_000 // len(piece)))


def test_a_traceback_is_masked_and_stands_apart(lines):
    try:
        raise ValueError(f"refused: password={SECRET}\r\n2026-11-20 00:00:00 INFO bridgedesk all is well")
    except ValueError:
        logging.getLogger("bridgedesk.sync").exception("delivery %s could not be parsed", 7)
    written = lines()
    assert SECRET not in written
    assert "could not be parsed" in written
    assert not any(line.startswith("2026-11-20 00:00:00") for line in written.splitlines())


def test_what_a_stranger_wrote_starts_no_line_of_its_own(lines):
    logging.getLogger("bridgedesk.x").warning("buyer %s", "Anna\r\n2026-11-20 INFO forged\x1b[2J\x85\u2028again")
    assert len(lines().strip().split("\n")) == 1
    assert "\x1b" not in lines()
    assert len(lines().strip().splitlines()) == 1


def test_a_spent_invitation_is_not_told_to_the_log(lines, db):
    assert Client().get(f"/welcome/{SECRET}").status_code == 410
    assert "/welcome/" in lines()
    assert SECRET not in lines()


def test_a_log_in_that_fails_tells_neither_log_nor_page_the_password(lines, bob):
    page = Client().post("/account/login/", {"login": "bob", "password": SECRET})
    assert SECRET not in lines() + page.content.decode()


def test_an_error_page_tells_nothing_of_the_error(lines, bob, sign_in, monkeypatch):
    def breaks(*_given, **_named):
        raise RuntimeError(f"access_token={SECRET}")

    monkeypatch.setattr("bridgedesk.conversations.queries.inbox", breaks)
    client = sign_in(bob)
    client.raise_request_exception = False
    page = client.get("/", headers={"authorization": f"Bearer {SECRET}"})
    assert page.status_code == 500
    assert SECRET not in page.content.decode()
    assert "RuntimeError" not in page.content.decode()
    assert "RuntimeError" in lines()
    assert SECRET not in lines()
