"""The one way out over HTTP: to public addresses only, no redirects, no cookies, bounded in time and size.

A name is resolved once and the connection goes to the address that was checked; TLS still verifies the name.
Nothing here logs, and no exception carries a path, query, header or body: they hold tokens and signatures.
"""

import logging
import os
import time
import zlib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore
import httpx
from django.utils.translation import gettext_noop as noop
from httpx import Response

from bridgedesk.lib.addresses import Blocked, resolve_public

__all__ = ["Blocked", "Response", "Unreachable", "request"]

CANNOT_BE_REACHED = noop("cannot be reached")
NO_ANSWER = noop("gave no answer")
MALFORMED = noop("was not asked, a header of the request is malformed")
TOO_LONG = noop("answered with more than is read")
HOLDS_A_NAME = noop("an address must not hold a user name or password")
NOT_A_WEB_PORT = noop("not a web port")

USER_AGENT = "Bridgedesk"
CONNECTIONS = 64
logging.getLogger("httpcore").setLevel(logging.WARNING)  # its DEBUG lines quote headers
_deadline: ContextVar[float] = ContextVar("deadline")


class Unreachable(Exception):
    """No usable answer came. `sent` is True when the request may have arrived, so that a repeat may act twice."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    data: Mapping[str, Any] | None = None,
    content: bytes | None = None,
    files: Any = None,
    timeout: float = 10.0,
    max_bytes: int = 10_000_000,
) -> httpx.Response:
    """The answer, whatever its status; redirects are answers too.

    `timeout` in seconds bounds the whole exchange after the name is resolved; `max_bytes` the body, unpacked.
    Raises Blocked if the URL is not one we call, Unreachable if no whole answer came.
    """
    host = _checked(url)
    call = _build(method, url, headers, params=params, json=json, data=data, content=content, files=files)
    token = _deadline.set(time.monotonic() + timeout)
    try:
        return _exchange(call, max_bytes)
    except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
        raise Unreachable(f"{host}: {CANNOT_BE_REACHED} ({error or type(error).__name__})", sent=False) from None
    except httpcore.LocalProtocolError:
        raise Unreachable(f"{host}: {MALFORMED}", sent=False) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError, zlib.error) as error:
        raise Unreachable(f"{host}: {NO_ANSWER} ({type(error).__name__})", sent=True) from None
    except _TooLarge:
        raise Unreachable(f"{host}: {TOO_LONG} ({max_bytes})", sent=True) from None
    finally:
        _deadline.reset(token)


class _TooLarge(Exception):
    pass


def _checked(url: str) -> str:
    """The host of a URL we call: http or https, no user name in it, a web port."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise Blocked(noop("this is not a web address")) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Blocked(noop("only http and https addresses are called"))
    if parsed.userinfo:
        raise Blocked(f"{parsed.host}: {HOLDS_A_NAME}")
    if parsed.port is not None and parsed.port < 1024 and parsed.port not in (80, 443):
        raise Blocked(f"{parsed.host}: {NOT_A_WEB_PORT} ({parsed.port})")
    return parsed.host


def _build(method: str, url: str, headers: Mapping[str, str] | None, **body: Any) -> httpx.Request:
    """Only plain bodies are asked for, so that an answer cannot unpack to more than we read."""
    own = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    return httpx.Request(method, url, headers={**own, **(headers or {})}, **body)


def _exchange(call: httpx.Request, max_bytes: int) -> httpx.Response:
    target = httpcore.URL(scheme=call.url.raw_scheme, host=call.url.raw_host, port=call.url.port, target=call.url.raw_path)
    limits = {"timeout": {"connect": _left(), "read": _left(), "write": _left(), "pool": _left()}}
    answer = _pool().handle_request(httpcore.Request(call.method, target, headers=call.headers.raw, content=call.read(), extensions=limits))
    try:
        body = _read(answer, max_bytes)
    finally:
        answer.close()
    return _response(call, answer, body)


def _read(answer: httpcore.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > max_bytes:
            raise _TooLarge
    return _unpacked(bytes(body), answer, max_bytes)


def _unpacked(body: bytes, answer: httpcore.Response, max_bytes: int) -> bytes:
    """The body of a server that packs unasked, never unpacked beyond `max_bytes`."""
    coding = {name.lower(): value.lower() for name, value in answer.headers}.get(b"content-encoding", b"identity")
    if coding in (b"identity", b"") or not body:
        return body
    if coding not in (b"gzip", b"x-gzip", b"deflate"):
        raise zlib.error("unknown coding")
    plain = zlib.decompressobj(wbits=47).decompress(body, max_bytes + 1)
    if len(plain) > max_bytes:
        raise _TooLarge
    return plain


def _response(call: httpx.Request, answer: httpcore.Response, body: bytes) -> httpx.Response:
    """As httpx shows it, with the query taken out of the request it remembers."""
    spent = (b"content-encoding", b"content-length", b"transfer-encoding")
    return httpx.Response(
        answer.status,
        headers=[(name, value) for name, value in answer.headers if name.lower() not in spent],
        content=body,
        request=httpx.Request(call.method, call.url.copy_with(query=None)),
    )


@cache
def _pool() -> httpcore.ConnectionPool:
    """One pool for the process, trusting certifi's authorities or those of SSL_CERT_FILE."""
    return _new_pool(httpx.create_ssl_context())


def _new_pool(trust: SSLContext) -> httpcore.ConnectionPool:
    """Proxies of the environment are not used: they would resolve names for us."""
    return httpcore.ConnectionPool(
        ssl_context=trust, network_backend=_Checked(), max_connections=CONNECTIONS, max_keepalive_connections=16, keepalive_expiry=20
    )


os.register_at_fork(after_in_child=_pool.cache_clear)


def _left() -> float:
    """Seconds until this request's deadline; never zero, which would mean "do not wait" to a socket."""
    return max(_deadline.get() - time.monotonic(), 0.001)


class _Checked(httpcore.NetworkBackend):
    """Connects to addresses that were checked, never to a name."""

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        """The first address that answers; the time is shared out among them."""
        try:
            addresses = resolve_public(host, port)
        except OSError:
            raise httpcore.ConnectError("unknown name") from None
        problem: Exception = httpcore.ConnectError("no address")
        for place, address in enumerate(addresses):
            try:
                share = _left() / (len(addresses) - place)
                return _Timed(httpcore.SyncBackend().connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem


class _Timed(httpcore.NetworkStream):
    """A connection whose every step ends at the request's deadline, so that dripping bytes does not stretch it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self.stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if time.monotonic() > _deadline.get():
            raise httpcore.ReadTimeout
        return self.stream.read(max_bytes, _left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left())

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self.stream.start_tls(ssl_context, server_hostname, _left()))

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)
