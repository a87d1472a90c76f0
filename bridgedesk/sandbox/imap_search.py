"""IMAP SEARCH and FETCH over one folder: which mails match, and what is sent of them. Pure."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from bridgedesk.sandbox.imap_wire import Bad, Value, numbers, text
from bridgedesk.sandbox.mailbox import Folder, Stored

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Test = Callable[[int, Stored], bool]
_FLAGS = {"SEEN": "\\Seen", "ANSWERED": "\\Answered", "FLAGGED": "\\Flagged", "DELETED": "\\Deleted", "DRAFT": "\\Draft"}
_DATES: dict[str, Callable[[date, date], bool]] = {"SINCE": date.__ge__, "BEFORE": date.__lt__, "ON": date.__eq__}
_SECTION = re.compile(r"BODY(?:\.PEEK)?\[(HEADER(?:\.FIELDS(?:\.NOT)? ?\((.*)\))?|TEXT|)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE | re.DOTALL)


def search(folder: Folder, keys: tuple[Value, ...]) -> list[tuple[int, Stored]]:
    """The mails all `keys` hold for, with their sequence numbers; Bad for a key this server does not know."""
    words = iter(keys[2:] if keys and text_or_empty(keys[0]).upper() == "CHARSET" else keys)
    tests = list(_tests(words, folder))
    return [(number, mail) for number, mail in folder.numbered() if all(test(number, mail) for test in tests)]


def text_or_empty(value: Value) -> str:
    """`value` as text, "" for a list."""
    return "" if isinstance(value, list) else text(value)


def _tests(words: Iterator[Value], folder: Folder) -> Iterator[Test]:
    for word in words:
        yield _test(word, words, folder)


def _test(word: Value, rest: Iterator[Value], folder: Folder) -> Test:
    if isinstance(word, list):
        inner = list(_tests(iter(word), folder))
        return lambda number, mail: all(test(number, mail) for test in inner)
    key = text(word).upper()
    if key == "NOT":
        refused = _test(_next(rest), rest, folder)
        return lambda number, mail: not refused(number, mail)
    if key == "OR":
        one, other = _test(_next(rest), rest, folder), _test(_next(rest), rest, folder)
        return lambda number, mail: one(number, mail) or other(number, mail)
    return _plain(key, rest, folder)


def _plain(key: str, rest: Iterator[Value], folder: Folder) -> Test:
    if key in ("ALL", "OLD", "NEW", "RECENT"):
        return lambda _number, _mail: key in ("ALL", "OLD")
    if key in _FLAGS:
        return lambda _number, mail: _FLAGS[key] in mail.flags
    if key.removeprefix("UN") in _FLAGS:
        return lambda _number, mail: _FLAGS[key.removeprefix("UN")] not in mail.flags
    if key == "UID":
        uids = numbers(text(_next(rest)), max((m.uid for m in folder.mails), default=0))
        return lambda _number, mail: mail.uid in uids
    if key[:1].isdigit() or key[:1] == "*":
        chosen = numbers(key, len(folder.mails))
        return lambda number, _mail: number in chosen
    return _content(key, rest)


def _content(key: str, rest: Iterator[Value]) -> Test:
    if key.removeprefix("SENT") in _DATES:
        compare, day = _DATES[key.removeprefix("SENT")], _day(text(_next(rest)))
        return lambda _number, mail: compare(mail.at.date(), day)
    if key in ("LARGER", "SMALLER"):
        size = int(text(_next(rest)))
        return lambda _number, mail: len(mail.data) > size if key == "LARGER" else len(mail.data) < size
    if key in ("KEYWORD", "UNKEYWORD"):
        flag = text(_next(rest))
        return lambda _number, mail: (flag in mail.flags) == (key == "KEYWORD")
    if key in ("TEXT", "BODY"):
        wanted = text(_next(rest)).lower().encode("utf-8", "surrogateescape")
        return lambda _number, mail: wanted in mail.data.lower()
    return _header_test(text(_next(rest)) if key == "HEADER" else _header_key(key), text(_next(rest)).lower())


def _header_key(key: str) -> str:
    if key not in ("FROM", "TO", "CC", "BCC", "SUBJECT"):
        raise Bad(f"unknown search key {key}")
    return key


def _header_test(name: str, wanted: str) -> Test:
    def test(_number: int, mail: Stored) -> bool:
        values = mail.parsed().get_all(name) or []
        return any(wanted in str(value).lower() for value in values)

    return test


def _next(words: Iterator[Value]) -> Value:
    try:
        return next(words)
    except StopIteration:
        raise Bad("a search key lacks its value") from None


def _day(word: str) -> date:
    found = re.fullmatch(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})", word)
    if not found or found[2].title() not in MONTHS:
        raise Bad("bad date")
    return date(int(found[3]), MONTHS.index(found[2].title()) + 1, int(found[1]))


def internal_date(at: datetime) -> str:
    """A date as INTERNALDATE shows it."""
    at = at.astimezone(UTC)
    return f"{at.day:2}-{MONTHS[at.month - 1]}-{at:%Y %H:%M:%S} +0000"


def fetched(mail: Stored, items: list[str]) -> bytes:
    """The parenthesised answer of FETCH for one mail; Bad for an item this server does not know."""
    return b"(" + b" ".join(_item(mail, item) for item in items) + b")"


def _item(mail: Stored, item: str) -> bytes:
    simple = {
        "UID": lambda: f"UID {mail.uid}",
        "FLAGS": lambda: f"FLAGS ({' '.join(sorted(mail.flags))})",
        "INTERNALDATE": lambda: f'INTERNALDATE "{internal_date(mail.at)}"',
        "RFC822.SIZE": lambda: f"RFC822.SIZE {len(mail.data)}",
    }
    if make := simple.get(item.upper()):
        return make().encode()
    if item.upper() in ("RFC822", "RFC822.HEADER", "RFC822.TEXT"):
        return _literal(item.upper(), _section(mail, item.upper().removeprefix("RFC822").lstrip("."), ""))
    return _body(mail, item)


def _body(mail: Stored, item: str) -> bytes:
    found = _SECTION.fullmatch(item)
    if not found:
        raise Bad(f"unknown fetch item {item}")
    data, name = _section(mail, found[1], found[2] or ""), f"BODY[{found[1]}]"
    if found[3]:
        start = int(found[3])
        data, name = data[start : start + int(found[4])], f"{name}<{start}>"
    return _literal(name, data)


def _section(mail: Stored, section: str, names: str) -> bytes:
    head, gap, body = mail.data.partition(b"\r\n\r\n")
    kind = section.upper()
    if not kind:
        return mail.data
    if kind == "TEXT":
        return body
    if kind == "HEADER":
        return head + gap
    wanted = {name.lower() for name in names.replace('"', "").split()}
    return _chosen(head, wanted, leave_out=".NOT" in kind)


def _chosen(head: bytes, names: set[str], *, leave_out: bool) -> bytes:
    fields: Message = BytesParser(policy=compat32).parsebytes(head, headersonly=True)
    lines = [f"{name}: {value}" for name, value in fields.raw_items() if (name.lower() in names) != leave_out]
    unix = "\n".join([*lines, "", ""])
    return unix.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def _literal(name: str, data: bytes) -> bytes:
    return f"{name} {{{len(data)}}}\r\n".encode() + data


def marks_seen(items: list[str]) -> bool:
    """Whether fetching these items sets \\Seen."""
    return any(re.match(r"BODY\[|RFC822$|RFC822\.TEXT$", item, re.IGNORECASE) for item in items)
