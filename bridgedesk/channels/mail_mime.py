"""The tree of parts of a mail, cut from its bytes without copying and without recursion.

The standard library's parser takes ten times the mail's size in memory and fails at a few hundred nested parts; this one is
bounded (docs/adr). What lies beyond a bound is named in `notes`, never lost: the raw mail is kept.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bridgedesk.channels import mail_headers as headers_of
from bridgedesk.channels.mail_headers import Headers

MAX_PARTS = 1_000
MAX_DEPTH = 20
TOO_MANY, TOO_DEEP, NO_BOUNDARY = "too_many_parts", "parts_too_deep", "no_boundary"


@dataclass
class Part:
    """One part: its headers and where its body lies. `children` of a multipart in their order."""

    headers: Headers
    source: bytes
    start: int
    end: int
    depth: int = 0
    default: str = "text/plain"
    children: list["Part"] = field(default_factory=list)

    @property
    def type(self) -> str:
        """Content type in lower case; what its surroundings imply when absent or malformed."""
        value = self.headers.parameters("content-type")[0]
        return value if re.fullmatch(r"[\w.+-]+/[\w.+-]+", value) else self.default

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    @property
    def attached(self) -> bool:
        """Whether the sender hung it on rather than wrote it."""
        return self.headers.parameters("content-disposition")[0] == "attachment"

    @property
    def charset(self) -> str:
        return self.headers.parameters("content-type")[1].get("charset", "")

    @property
    def name(self) -> str:
        """The file name the sender gave, "" if none: never a path to write to."""
        given = self.headers.parameters("content-disposition")[1].get("filename", "")
        return given or self.headers.parameters("content-type")[1].get("name", "")

    @property
    def content_id(self) -> str:
        return self.headers.text("content-id").strip(" <>")

    def data(self) -> bytes:
        """The body, its transfer encoding undone as far as it can be."""
        return _undo(self.source[self.start : self.end], self.headers.text("content-transfer-encoding").split(";")[0].strip().lower())

    def leaves(self) -> Iterator["Part"]:
        """Every part that holds something, in order."""
        stack = [self]
        while stack:
            part = stack.pop()
            if part.children:
                stack.extend(reversed(part.children))
            else:
                yield part


def read(source: bytes) -> tuple[Part, list[str]]:
    """The root part and notes of what was cut."""
    if b"\n" not in source[:100_000] and b"\r" in source[:100_000]:
        source = source.replace(b"\r", b"\n")
    start = len(source[:4096]) - len(source[:4096].lstrip(b"\r\n"))
    root = _part(source, start, len(source))
    notes: list[str] = []
    waiting, count = [root], 1
    while waiting:
        part = waiting.pop()
        if not part.type.startswith("multipart/"):
            continue
        if part.depth >= MAX_DEPTH:
            notes.append(TOO_DEEP)
            continue
        for begin, end in _bodies(part, notes):
            if count >= MAX_PARTS:
                notes.append(TOO_MANY)
                return root, _once(notes)
            part.children.append(_part(source, begin, end, part))
            count += 1
        waiting.extend(part.children)
    return root, _once(notes)


def _once(notes: list[str]) -> list[str]:
    return list(dict.fromkeys(notes))


def _part(source: bytes, start: int, end: int, inside: Part | None = None) -> Part:
    headers, body = headers_of.read(source, start, end)
    if inside is None:
        return Part(headers, source, body, end)
    default = "message/rfc822" if inside.type == "multipart/digest" else "text/plain"  # RFC 2046 section 5.1.5
    return Part(headers, source, body, end, inside.depth + 1, default)


def _bodies(part: Part, notes: list[str]) -> Iterator[tuple[int, int]]:
    """Where the parts between the boundary lines begin and end."""
    boundary = part.headers.parameters("content-type")[1].get("boundary", "")
    if not boundary:
        notes.append(NO_BOUNDARY)
        return
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")[:200]
    begin = -1
    for line_start, line_end, closing in _boundary_lines(part, mark):
        if begin >= 0:
            yield begin, _without_newline(part.source, begin, line_start)
        begin = line_end
        if closing:
            return
    if begin >= 0:
        yield begin, part.end


def _boundary_lines(part: Part, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each boundary line, and whether it closes the multipart."""
    source, at = part.source, part.start
    while (at := source.find(mark, at, part.end)) >= 0:
        stop = _line_end(source, at, part.end)
        rest = source[at + len(mark) : min(stop, at + len(mark) + 80)].strip()
        if (at == part.start or source[at - 1 : at] in (b"\n", b"\r")) and rest in (b"", b"--"):
            yield at, stop, rest == b"--"
            at = stop
        else:
            at += len(mark)


def _line_end(source: bytes, at: int, end: int) -> int:
    """Behind the line's newline."""
    found = source.find(b"\n", at, end)
    return end if found < 0 else found + 1


def _without_newline(source: bytes, begin: int, end: int) -> int:
    """The newline before a boundary belongs to the boundary."""
    if end > begin and source[end - 1 : end] == b"\n":
        end -= 1
    if end > begin and source[end - 1 : end] == b"\r":
        end -= 1
    return end


def _undo(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return _base64(body)
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return b"".join(_uu_line(line) for line in body.splitlines())
    return body


def _base64(body: bytes) -> bytes:
    """What decodes; a damaged end loses a few bytes, not the file."""
    try:
        return base64.b64decode(body)
    except binascii.Error:
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return base64.b64decode(clean[: len(clean) // 4 * 4] + _padded(clean[len(clean) // 4 * 4 :]))


def _padded(rest: bytes) -> bytes:
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _uu_line(line: bytes) -> bytes:
    if line.startswith((b"begin ", b"end")) or not line.strip():
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
