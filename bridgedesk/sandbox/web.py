"""A small HTTP/1.1 server on h11: one connection, one loop; what the pretend platforms answer with."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import h11

MAX_BODY = 12 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """One request, read whole. Header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; {} for anything else."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Answer:
    """What goes back. `cut` closes the connection instead, as a network does that loses the answer."""

    status: int = 200
    body: bytes = b""
    type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


Handler = Callable[[Request], Awaitable[Answer]]


def as_json(value: object, status: int = 200) -> Answer:
    """`value` as a JSON answer."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode())


async def serve(handler: Handler, port: int, now: Callable[[], datetime]) -> asyncio.Server:
    """Listen on loopback. `now` dates the answers (clients measure their clock offset against it)."""
    return await asyncio.start_server(partial(_converse, handler, now), "127.0.0.1", port)


async def _converse(handler: Handler, now: Callable[[], datetime], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    wire = h11.Connection(h11.SERVER)
    try:
        while request := await _read(wire, reader):
            answer = await handler(request)
            if answer.cut:
                break
            writer.write(_encode(wire, answer, now()))
            await writer.drain()
            if wire.our_state is h11.MUST_CLOSE:
                break
            wire.start_next_cycle()
    except (h11.ProtocolError, ConnectionError, asyncio.CancelledError):
        pass  # the sandbox ends while a client keeps its connection
    finally:
        writer.close()


async def _read(wire: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise h11.RemoteProtocolError("body too large", error_status_hint=413)
        elif isinstance(event, h11.EndOfMessage) and head:
            return _request(head, bytes(body))
        else:
            return None


def _request(head: h11.Request, body: bytes) -> Request:
    target = urlsplit(head.target.decode("ascii"))
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
    return Request(head.method.decode("ascii"), target.path, dict(parse_qsl(target.query, keep_blank_values=True)), headers, body)


def _encode(wire: h11.Connection, answer: Answer, at: datetime) -> bytes:
    headers = {
        "Date": format_datetime(at, usegmt=True),
        "Content-Type": answer.type,
        "Content-Length": str(len(answer.body)),
        **answer.headers,
    }
    start = h11.Response(status_code=answer.status, headers=[(k.encode(), v.encode()) for k, v in headers.items()])
    return b"".join(wire.send(part) or b"" for part in (start, h11.Data(data=answer.body), h11.EndOfMessage()))
