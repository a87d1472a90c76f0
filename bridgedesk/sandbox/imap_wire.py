"""Reading IMAP commands (RFC 3501): words, quoted strings, literals, lists, section names, sequence sets. Pure."""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

MAX_DEPTH = 20
_LITERAL = re.compile(rb"\{(\d{1,9})(\+?)\}$")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\["\\])*)"')
_ATOM_END = b' ()\r\n"'

Value = str | bytes | list["Value"]


class Bad(Exception):
    """A command this server cannot read; answered BAD."""


@dataclass(frozen=True)
class Command:
    """One command. Words and quoted strings are str (bytes kept as surrogates), literals bytes, lists lists."""

    tag: str
    name: str
    args: tuple[Value, ...]


def announced(line: bytes) -> tuple[int, bool] | None:
    """Size of the literal that follows this line, and whether the client sends it without being asked; None if none."""
    found = _LITERAL.search(line)
    return (int(found[1]), bool(found[2])) if found else None


def parse(lines: Sequence[bytes], literals: Sequence[bytes]) -> Command:
    """A command from its lines (without line ends) and the literals between them; Bad when it is none."""
    reader = _Reader(lines, literals)
    tag = reader.word()
    name = reader.next_word().upper()
    if not re.fullmatch(r"[A-Za-z0-9.]+", tag) or not name:
        raise Bad("tag and command expected")
    args: list[Value] = []
    while reader.space():
        args.append(reader.value(0))
    if not reader.done():
        raise Bad("unexpected characters at the end")
    if name == "UID":
        name, args = _uid(args)
    return Command(tag, name, tuple(args))


def _uid(args: list[Value]) -> tuple[str, list[Value]]:
    if not args or not isinstance(args[0], str):
        raise Bad("UID what?")
    return f"UID {args[0].upper()}", args[1:]


def text(value: Value) -> str:
    """A word, string or literal as text; Bad for a list."""
    if isinstance(value, list):
        raise Bad("a string was expected")
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def numbers(word: str, top: int) -> Container[int]:
    """The numbers of a sequence set like "1:3,7,9:*"; `top` is what "*" means. Bad when malformed."""
    ranges = [_range(part, top) for part in word.split(",")]
    return _Union(ranges)


def _range(part: str, top: int) -> range:
    ends = [top if end == "*" else _positive(end) for end in part.split(":")]
    if len(ends) > 2:
        raise Bad("bad sequence set")
    return range(min(ends), max(ends) + 1)


def _positive(digits: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,9}", digits):
        raise Bad("bad sequence set")
    return int(digits)


@dataclass(frozen=True)
class _Union:
    ranges: list[range]

    def __contains__(self, number: object) -> bool:
        return any(number in part for part in self.ranges)


class _Reader:
    """Walks through one command."""

    def __init__(self, lines: Sequence[bytes], literals: Sequence[bytes]) -> None:
        self.data, self.place = (lines[0] if lines else b""), 0
        self.more = list(lines[1:])
        self.literals = list(literals)

    def done(self) -> bool:
        return self.place == len(self.data) and not self.more

    def space(self) -> bool:
        if self.data[self.place : self.place + 1] != b" ":
            return False
        self.place += 1
        return True

    def next_word(self) -> str:
        if not self.space():
            raise Bad("tag and command expected")
        return self.word()

    def value(self, depth: int) -> Value:
        first = self.data[self.place : self.place + 1]
        if first == b"(":
            return self._list(depth + 1)
        if first == b'"':
            return self._quoted()
        if first == b"{":
            return self._literal()
        return self.word()

    def word(self) -> str:
        start, inside = self.place, 0
        while self.place < len(self.data):
            byte = self.data[self.place : self.place + 1]
            inside += (byte == b"[") - (byte == b"]")
            if inside <= 0 and byte in _ATOM_END:
                break
            self.place += 1
        if start == self.place or inside > 0:
            raise Bad("a word was expected")
        return _decode(self.data[start : self.place])

    def _quoted(self) -> str:
        found = _QUOTED.match(self.data, self.place)
        if not found:
            raise Bad("unfinished string")
        self.place = found.end()
        return _decode(re.sub(rb'\\(["\\])', rb"\1", found[1]))

    def _literal(self) -> bytes:
        found = _LITERAL.match(self.data, self.place)
        if not found or not self.literals or not self.more:
            raise Bad("bad literal")
        self.data, self.place = self.more.pop(0), 0
        return self.literals.pop(0)

    def _list(self, depth: int) -> list[Value]:
        if depth > MAX_DEPTH:
            raise Bad("too deep")
        self.place += 1
        items: list[Value] = []
        while self.data[self.place : self.place + 1] != b")":
            if items and not self.space():
                raise Bad("unfinished list")
            items.append(self.value(depth))
        self.place += 1
        return items


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
