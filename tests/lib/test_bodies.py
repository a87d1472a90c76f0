"""Bodies too large are refused before they are read."""

import asyncio
from typing import Any

import pytest

from bridgedesk.lib import bodies


async def reads_all(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(chunks: list[bytes], headers: list[tuple[bytes, bytes]], path: str = "/in/shopee/1") -> tuple[int, int]:
    """The status, and how many chunks were taken."""
    taken, answers = [], []

    async def receive() -> dict[str, Any]:
        taken.append(1)
        return {"type": "http.request", "body": chunks[len(taken) - 1], "more_body": len(taken) < len(chunks)}

    async def send(message: Any) -> None:
        answers.append(message)

    app = bodies.limited(reads_all, lambda asked: 10 if asked.startswith("/in/") else 1000)
    asyncio.run(app({"type": "http", "path": path, "headers": headers}, receive, send))
    return answers[0]["status"], len(taken)


def test_a_body_within_the_limit_goes_through() -> None:
    assert ask([b"x" * 5, b"y" * 5], [(b"content-length", b"10")]) == (200, 2)


def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    assert ask([b"x"], [(b"content-length", b"11")]) == (413, 0)


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"5")], [(b"content-length", b"-1")], [(b"content-length", b"9" * 40)]])
def test_a_body_that_does_not_say_so_is_read_no_further_than_the_limit(headers: list[tuple[bytes, bytes]]) -> None:
    assert ask([b"x" * 8] * 100, headers) == (413, 2)


def test_other_addresses_have_their_own_limit() -> None:
    assert ask([b"x" * 100], [], path="/files") == (200, 1)
