"""Texts made to keep a worker busy: fifty thousand characters of near-misses through everything a stranger's words pass.

Five seconds of processor time is a hundred times what any of it needs; what grows with the square of a text needs minutes.
"""

import signal
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from bridgedesk.assist import triage
from bridgedesk.channels import mail_html, mail_parsing, mail_quotes, mail_relay
from bridgedesk.channels.base import Limits
from bridgedesk.channels.policy import policy
from bridgedesk.conversations import gate, splitting
from bridgedesk.lib import secrets, text

LENGTH = 50_000
PIECES = (
    "a", "A", "0", " ", "\n", "<", "> ", "-", "_", ".", "a.", "@", "a@", "a@a.", ":", "=", "/", "(", "[", "{{", "%", "a ", "a\n",
    "+", "1-", "é", "的", "а", "On ", "Re: ", "http://", "www.", "<a ", "</", "<!--", "a-", "1.", "- -", "-----\n", "> a\n",
    "a:\n", "wrote:\n", "A A", "From: a\n",
)  # fmt: skip
LIMITS = Limits(text=1000, files=1, file_bytes=10, file_types=(), sure=False, source="")


def mail(words: str) -> None:
    line = words[:5000].replace("\n", " ")
    source = f"From: {line} <a@b.example>\nSubject: {line}\nContent-Type: text/plain; charset=utf-8; name={line}\n\n{words}"
    mail_parsing.parse(source.encode("utf-8", "replace"))


WAYS: dict[str, Callable[[str], object]] = {
    "first look": triage.look,
    "gate": lambda words: gate.examine(words, purpose="answer", policy=policy("amazon"), limits=LIMITS, on=date(2026, 11, 22)),
    "quoted history": mail_quotes.split,
    "html": mail_html.to_text,
    "relay markers": mail_relay.between_markers,
    "mail": mail,
    "parts of an answer": lambda words: splitting.letters(words, [], LIMITS),
    "search words": text.tokens,
    "log line": secrets.mask,
}


@pytest.fixture
def five_seconds() -> Iterator[None]:
    def give_up(number: int, frame: object) -> None:
        raise AssertionError("more than five seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, 5)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.fixture(scope="module", autouse=True)
def _models_loaded() -> None:
    triage.look("where is my order")


@pytest.mark.usefixtures("five_seconds")
@pytest.mark.parametrize("piece", ["_", "*", "-", "- ", "* ", "_ ", "=", "~", "—", " ", "a", "> _"])
def test_no_mail_of_many_long_lines_keeps_a_worker_busy(piece):
    mail_quotes.split("\n".join(["x", *[piece * (400 // len(piece)) + "!"] * 1000]))


@pytest.mark.usefixtures("five_seconds")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("piece", PIECES)
def test_no_text_keeps_a_worker_busy(way, piece):
    WAYS[way](piece * (LENGTH // len(piece)) + "\x01!")
