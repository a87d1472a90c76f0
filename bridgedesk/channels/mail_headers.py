"""Headers of a mail: unfolded, decoded (RFC 2047, RFC 2231, raw bytes), addresses and dates; malformed ones yield what can be read."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from bridgedesk.channels.mail_charsets import decode

MAX_SECTION = 256_000  # bytes of headers that are read
MAX_HEADERS = 2_000
MAX_VALUE = 32_000  # characters of one header that are read
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_LINE = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(rb"([!-9;-~]{1,120})[ \t]*:")
_BETWEEN = re.compile(r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)[ \t]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_ANGLE = re.compile(r"<\s*([^<>\s]{1,320})\s*>")
_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]]{1,64}@(?:[^\s<>@,;:\"()\[\]\\]{1,190}|\[[\d.a-fA-F:]{2,50}\])")


@dataclass(frozen=True)
class Address:
    """A person as a header names them; `email` in lower case, "" when there is none."""

    name: str
    email: str


@dataclass
class Headers:
    """All headers in their order; look-ups take lower-case names."""

    rows: list[tuple[str, bytes]]
    _parsed: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def raw(self, name: str) -> str:
        """The first header of that name, unfolded and not decoded; bytes beyond ASCII as surrogates."""
        return next((_unfold(value) for row, value in self.rows if row == name), "")

    def all(self, name: str) -> list[str]:
        """Every header of that name, decoded."""
        return [words(_unfold(value)) for row, value in self.rows if row == name]

    def text(self, name: str) -> str:
        """The first header of that name, decoded, without control characters."""
        return words(self.raw(name))

    def has(self, name: str) -> bool:
        return any(row == name for row, _ in self.rows)

    def parameters(self, name: str) -> tuple[str, dict[str, str]]:
        """A header's value in lower case and its parameters, RFC 2231 pieces joined."""
        if name not in self._parsed:
            self._parsed[name] = _parameters(self.raw(name))
        return self._parsed[name]

    def addresses(self, name: str) -> list[Address]:
        """The people a header names."""
        return [person for raw in self._raws(name) for person in addresses(raw)]

    def ids(self, name: str) -> tuple[str, ...]:
        """Message ids, without their angle brackets."""
        raw = _raw_text(" ".join(self._raws(name))[:MAX_VALUE])
        return tuple(_CONTROL.sub("", found) for found in _ANGLE.findall(raw))

    def date(self, name: str) -> datetime | None:
        """A date in UTC, None if it cannot be read."""
        return moment(self.raw(name))

    def _raws(self, name: str) -> list[str]:
        return [_unfold(value) for row, value in self.rows if row == name]


def read(source: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The headers from `start` on and where the body begins."""
    rows: list[tuple[str, bytes]] = []
    at, limit = start, min(end, start + MAX_SECTION)
    if source.startswith((b"From ", b">From "), at):
        at = _next_line(source, at, limit)
    while at < limit and len(rows) < MAX_HEADERS:
        stop = _next_line(source, at, limit)
        line = source[at:stop].rstrip(b"\r\n")
        if not line.strip(b" \t") and not (line and rows and source[stop : stop + 1] in (b" ", b"\t")):
            return Headers(rows), stop
        found = _NAME.match(line)
        if found:
            rows.append((found[1].decode("ascii").lower(), line[found.end() :]))
        elif line[:1] in (b" ", b"\t") and rows:
            rows[-1] = (rows[-1][0], (rows[-1][1] + b" " + line.lstrip())[:MAX_VALUE])
        elif not rows or line.startswith(b"--"):
            return Headers(rows), at
        at = stop
    return Headers(rows), max(at, _blank_line(source, at, end) if at >= limit and limit < end else at)


def _next_line(source: bytes, at: int, end: int) -> int:
    found = _LINE.search(source, at, end)
    return found.end() if found else end


def _blank_line(source: bytes, at: int, end: int) -> int:
    found = re.compile(rb"\r?\n\r?\n").search(source, at, end)
    return found.end() if found else end


def _unfold(value: bytes) -> str:
    return value[:MAX_VALUE].strip().decode("ascii", "surrogateescape")


def words(value: str) -> str:
    """A raw header value with its encoded words decoded, raw bytes guessed, control characters as one space."""
    text = _BETWEEN.sub(r"\1", value)
    pieces: list[str] = []
    at, pending, label = 0, b"", ""
    for found in _WORD.finditer(text):
        charset = found[1].split("*")[0].lower()
        if found.start() > at or charset != label:
            pieces += [decode(pending, label), _raw_text(text[at : found.start()])]
            pending = b""
        pending, label, at = pending + _word_bytes(found[2], found[3]), charset, found.end()
    pieces += [decode(pending, label), _raw_text(text[at:])]
    return _CONTROL.sub(" ", "".join(pieces)).strip()


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("ascii", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return base64.b64decode(data[: len(data) // 4 * 4] or b"")


def _raw_text(text: str) -> str:
    return text if text.isascii() else decode(text.encode("utf-8", "surrogateescape"))


def addresses(raw: str) -> list[Address]:
    """The people in a raw address header. Groups give their members; what has no address gives a name only."""
    return [person for piece in _pieces(raw[:MAX_VALUE]) if (person := _person(piece)).name or person.email]


def _pieces(raw: str) -> list[str]:
    """Cut at commas and semicolons outside quotes, comments and brackets."""
    pieces, piece, quoted, depth = [], "", False, 0
    skip = False
    for letter in raw:
        if skip or letter == "\\":
            skip = not skip
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in "(<":
            depth += 1
        elif not quoted and letter in ")>":
            depth = max(0, depth - 1)
        elif not quoted and depth == 0 and letter in ",;":
            pieces.append(piece)
            piece = ""
            continue
        piece += letter
    return [*pieces, piece] if len(pieces) < 500 else pieces[:500]


def _person(piece: str) -> Address:
    angle = _ANGLE.findall(piece)
    angle = [found for found in angle if "@" in found] or _ADDRESS.findall(piece)[:1] or angle
    if not angle:
        return Address(_phrase(re.sub(r"<[^<>]*>?", "", piece).removesuffix(":")), "")
    email = _raw_text(angle[-1]).strip("'\"").removeprefix("mailto:")
    name = piece.split("<" if "<" in piece else angle[-1])[0]
    name = re.sub(r"^[^\":]*:(?!\S*@)\s*", "", name)
    return Address(_phrase(name) or _comment(piece), _CONTROL.sub("", email).lower())


def _phrase(raw: str) -> str:
    bare = re.sub(r"\\(.)", r"\1", raw.strip().strip("\"'")) if '"' in raw else raw.strip().strip("'")
    return re.sub(r"\s+", " ", words(re.sub(r"\([^()]*\)", "", bare) if '"' not in raw else bare)).strip(' "<')[:200]


def _comment(piece: str) -> str:
    found = re.search(r"\(([^()]{1,200})\)", piece)
    return words(found[1]).strip() if found else ""


def moment(raw: str) -> datetime | None:
    """A mail's date in UTC; None when unreadable or outside 1990–2100."""
    try:
        found = parsedate_to_datetime(raw[:200])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None
    return found if 1990 <= found.year < 2100 else None


_PARAMETER = re.compile(r"(?:;|\s|^)\s*([\w!#$&^.+*'-]{1,60})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"?|([^;]*))", re.DOTALL)


def _parameters(raw: str) -> tuple[str, dict[str, str]]:
    value, rest = re.match(r"\s*([^;\s]*)(.*)", raw, re.DOTALL).groups()  # type: ignore[union-attr]
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for name, quoted, bare in _PARAMETER.findall(rest):
        text = re.sub(r"\\([\"\\])", r"\1", quoted) if quoted else bare.strip()
        key = re.fullmatch(r"([^*]+)(?:\*(\d{1,3}))?(\*)?", name)
        if not key or (key[2] is None and key[3] is None):
            plain.setdefault(name.lower(), words(text))
        else:
            pieces.setdefault(key[1].lower(), {})[int(key[2] or 0)] = (key[3] is not None, text)
    return value.lower(), plain | {name: _joined(parts) for name, parts in pieces.items()}


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """RFC 2231: numbered pieces, percent-encoded ones in the charset the first one names."""
    label, data = "", b""
    for number in sorted(parts):
        encoded, text = parts[number]
        if encoded and number == 0 and text.count("'") >= 2:
            label, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if encoded else raw
    return _CONTROL.sub(" ", decode(data, label)).strip()
