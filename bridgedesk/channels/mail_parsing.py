"""A mail's bytes to what a person reads. Pure, never raises, bounded; what a bound cut off is named in `notes`."""

import re
from dataclasses import dataclass
from datetime import datetime

from bridgedesk.channels import mail_mime
from bridgedesk.channels.events import File
from bridgedesk.channels.mail_charsets import decode
from bridgedesk.channels.mail_headers import Address, Headers, moment
from bridgedesk.channels.mail_html import MAX_HTML, to_text
from bridgedesk.channels.mail_mime import Part

MAX_TEXT = 400_000  # characters of text that are shown
MAX_FILES = 100
MAX_SUBJECT = 500
TEXT_CUT, FILES_CUT = "text_cut", "files_cut"
NOBODY = Address("", "")


@dataclass(frozen=True)
class Mail:
    """One mail. `text` is plain text (from HTML when there is none); `html` untrusted. Ids without angle brackets."""

    root: Part
    subject: str
    sender: Address
    at: datetime | None
    text: str
    html: str
    files: tuple[File, ...]
    notes: tuple[str, ...]

    @property
    def headers(self) -> Headers:
        return self.root.headers

    @property
    def message_id(self) -> str:
        return next(iter(self.headers.ids("message-id")), "") or self.headers.text("message-id")[:200]


def parse(source: bytes) -> Mail:
    """Read a mail."""
    root, notes = mail_mime.read(source)
    texts, htmls = _bodies(root)
    plain = "\n\n".join(found for part in texts if (found := _text_of(part).strip("\r\n")))
    if not texts and not htmls and root.type.startswith("multipart/") and not root.children:
        plain = decode(root.data()[: MAX_TEXT * 4])  # no boundary: all there is to read
    html = "\n".join(_html_of(part) for part in htmls)
    if len(plain) > MAX_TEXT or len(html) > MAX_HTML:
        notes.append(TEXT_CUT)
    text = plain[:MAX_TEXT] if plain.strip() else to_text(html)[:MAX_TEXT]
    files, all_there = _files(root, texts + htmls)
    if not all_there:
        notes.append(FILES_CUT)
    headers = root.headers
    sender = next(iter(headers.addresses("from")), None) or next(iter(headers.addresses("sender")), NOBODY)
    return Mail(root, headers.text("subject")[:MAX_SUBJECT], sender, _moment(headers), _clean(text), html[:MAX_HTML], files, tuple(notes))


def _moment(headers: Headers) -> datetime | None:
    """When it was written, but not later than our server had it; the time of receipt when it does not say."""
    received = next((found for raw in headers.all("received")[:3] if (found := moment(raw.rpartition(";")[2]))), None)
    written = headers.date("date")
    if written and received:
        return min(written, received)
    return written or received


def _clean(text: str) -> str:
    """Without NUL and lone surrogates, one sort of newline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


# --- which parts are the message (RFC 8621 section 4.1.4) -------------------------------------------


def _bodies(root: Part) -> tuple[list[Part], list[Part]]:
    """The parts that make the plain and the HTML text."""
    texts: list[Part] = []
    htmls: list[Part] = []
    _choose(root, "mixed", texts, htmls)
    return texts, htmls


def _choose(part: Part, inside: str, texts: list[Part], htmls: list[Part]) -> None:
    for at, child in enumerate(part.children or [part]):
        if child.children:
            _choose(child, child.type.removeprefix("multipart/"), texts, htmls)
        elif _is_written(child, at, part.type.removeprefix("multipart/") if part.children else inside):
            (htmls if child.type == "text/html" else texts).append(child)


def _is_written(part: Part, at: int, inside: str) -> bool:
    """Whether the sender wrote it, rather than attached it."""
    if part.attached or part.type not in ("text/plain", "text/html"):
        return False
    return at == 0 or (inside != "related" and not part.name)


def _text_of(part: Part) -> str:
    text = decode(part.data()[: MAX_TEXT * 4], part.charset)
    parameters = part.headers.parameters("content-type")[1]
    return _unflow(text, parameters.get("delsp", "").lower() == "yes") if parameters.get("format", "").lower() == "flowed" else text


def _unflow(text: str, delete_space: bool) -> str:
    """RFC 3676: a line ending in a space goes on in the next line of the same quotation."""
    lines: list[str] = []
    flowing = False
    for line in text.replace("\r\n", "\n").split("\n"):
        marks = re.match(r">*", line)[0] if line.startswith(">") else ""  # type: ignore[index]
        content = line[len(marks) :].removeprefix(" ")
        if flowing and lines and _marks(lines[-1]) == marks and line != "-- ":
            lines[-1] += content
        else:
            lines.append(f"{marks} {content}" if marks else content)
        flowing = content.endswith(" ") and content != "-- "
        if flowing and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def _marks(line: str) -> str:
    return line[: len(line) - len(line.lstrip(">"))]


def _html_of(part: Part) -> str:
    data = part.data()[: MAX_HTML * 4]
    named = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,30})", data[:4000], re.IGNORECASE)
    return decode(data, part.charset or (named[1].decode("ascii") if named else ""))


def _files(root: Part, written: list[Part]) -> tuple[tuple[File, ...], bool]:
    """Everything that is not the message itself, and whether all of it was taken."""
    taken = {id(part) for part in written}
    rest = [part for part in root.leaves() if id(part) not in taken and not _is_hollow(part, root)]
    return tuple(_file(part, number) for number, part in enumerate(rest[:MAX_FILES], 1)), len(rest) <= MAX_FILES


def _is_hollow(part: Part, root: Part) -> bool:
    """An empty mail, or a multipart that holds nothing."""
    return (part is root or part.type.startswith("multipart/")) and not part.source[part.start : part.end].strip()


def _file(part: Part, number: int) -> File:
    inline = bool(part.content_id) and part.type.startswith("image/") and not part.attached
    return File(name=_name(part, number), data=part.data(), content_id=part.content_id[:200], inline=inline)


def _name(part: Part, number: int) -> str:
    """The sender's name for it as far as it is a name: no folders, no invisible or control characters, at most 150."""
    name = re.split(r"[\\/]", part.name)[-1] if "/" in part.name or "\\" in part.name else part.name
    name = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", name).strip(" .")
    if len(name) > 150:
        stem, dot, end = name.rpartition(".")
        name = f"{stem[: 149 - len(end)]}.{end}" if dot and len(end) < 12 else name[:150]
    return name or f"{part.type.partition('/')[0]}-{number}{_ENDING.get(part.type, '')}"


_ENDING = {
    "message/rfc822": ".eml",
    "application/ms-tnef": ".dat",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "text/calendar": ".ics",
    "text/vcard": ".vcf",
}
