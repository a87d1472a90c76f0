"""A bucket on loopback: it keeps objects, and believes nobody whose signature (AWS version 4) or digest is wrong."""

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

KEY, SECRET = "the-key-id", "the-secret"
_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})")


@dataclass
class Bucket:
    """What it holds by path, and the requests it took and refused."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    taken: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    away: bool = False


@contextmanager
def opened() -> Iterator[Bucket]:
    """Listening, as long as the block runs."""
    bucket = Bucket()

    class Handler(_Handler):
        holds = bucket

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bucket.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield bucket
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    holds: Bucket

    def do_PUT(self) -> None:
        self._answer()

    do_GET = do_HEAD = do_DELETE = do_PUT  # noqa: N815

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(urlsplit(self.path).path)
        if self.holds.away:
            return self._say(503, b"<Error><Code>SlowDown</Code></Error>")
        if trouble := _trouble(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body):
            self.holds.refused.append(trouble)
            return self._say(403, f"<Error><Code>{trouble}</Code></Error>".encode())
        self.holds.taken.append((self.command, path, {k.lower(): v for k, v in self.headers.items()}))
        return self._act(path, body)

    def _act(self, path: str, body: bytes) -> None:
        if self.command == "PUT":
            self.holds.objects[path] = body
            self._say(200)
        elif self.command == "DELETE":
            self.holds.objects.pop(path, None)
            self._say(204)
        elif self.command == "GET" and path.count("/") == 1:
            self._say(200, _listing(path, parse_qs(urlsplit(self.path).query), self.holds.objects))
        elif path not in self.holds.objects:
            self._say(404, b"" if self.command == "HEAD" else b"<Error><Code>NoSuchKey</Code></Error>")
        elif asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            whole, first, last = self.holds.objects[path], int(asked[1]), int(asked[2] or len(self.holds.objects[path]) - 1)
            self._say(206, whole[first : last + 1], f"bytes {first}-{last}/{len(whole)}")
        else:
            self._say(200, self.holds.objects[path])

    def _say(self, status: int, body: bytes = b"", part: str = "") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        if part:
            self.send_header("Content-Range", part)
        self.send_header("ETag", '"the-only-version"')
        self.send_header("Last-Modified", "Fri, 20 Nov 2026 04:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


def _listing(bucket: str, asked: dict[str, list[str]], objects: dict[str, bytes]) -> bytes:
    """What lies under a prefix: keys, and folders in place of what lies deeper."""
    prefix = asked.get("prefix", [""])[0]
    keys = [key.removeprefix(f"{bucket}/") for key in objects]
    below = [key for key in keys if key.startswith(prefix)]
    folders = {prefix + key.removeprefix(prefix).split("/")[0] + "/" for key in below if "/" in key.removeprefix(prefix)}
    files = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in below if "/" not in key.removeprefix(prefix))
    deeper = "".join(f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in sorted(folders))
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{files}{deeper}</ListBucketResult>".encode()


def _trouble(method: str, target: str, headers: dict[str, str], body: bytes) -> str:
    """What Amazon would object to; "" for nothing."""
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if not found or found[1] != KEY:
        return "AccessDenied"
    digest = headers.get("x-amz-content-sha256", "")
    if digest not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
        return "XAmzContentSHA256Mismatch"
    if any(name.startswith(("x-amz-acl", "x-amz-sdk-checksum", "x-amz-trailer")) for name in headers):
        return "NotImplemented"  # as new buckets at Amazon answer to ACLs, and other servers to trailing checksums
    scope, signed = found[2], found[3]
    parts = urlsplit(target)
    asked = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    lines = [f"{name}:{' '.join(headers[name].split())}" for name in signed.split(";")]
    canonical = "\n".join([method, quote(unquote(parts.path), safe="/-_.~"), asked, *lines, "", signed, digest])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return "" if hmac.compare_digest(expected, found[4]) else "SignatureDoesNotMatch"
