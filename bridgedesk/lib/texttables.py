"""Tables as text: which character set, which delimiter, whether quotes count; read row by row, however long the file is.

Nothing that is in a file is an error here: what cannot be decoded becomes U+FFFD, what cannot be cut into cells is told by line.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext_noop as noop

CHARSETS = ("gb18030", "cp950", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 64 * 1024
LOOK = 30
"""Rows that are looked at to tell how a table is cut."""
MOST_CELLS = 300
LONGEST_LINE = 1_000_000
LONGEST_CELL = 32_767
"""Characters; the most a spreadsheet program holds. A longer one is a quotation mark that was never closed."""
UNCLOSED = noop("A quotation mark is not closed here.")
_STEP = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
Score = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Shape:
    """How a file is to be read. `quoted`: quotation marks keep delimiters and line ends together."""

    charset: str
    delimiter: str
    quoted: bool = True


@dataclass(frozen=True)
class Row:
    """One row that holds something; `line` as an editor counts it; `problem` (msgid) where it could not be cut."""

    line: int
    cells: Sequence[str]
    problem: str = ""


def shape(file: BinaryIO, known: Score) -> Shape:
    """The reading in which most headings are recognised: `known` counts them in a row; then the one whose rows are equally long."""
    sample = _sample(file)
    readings = [(_decoded(sample, charset), charset) for charset in charsets(file)]
    found = [(Shape(charset, *cut), list(_cut(text, *cut))) for text, charset in readings for cut in _cuts()]
    return max(found, key=lambda reading: _fitness(reading[1], known), default=(Shape("utf-8", ","), []))[0]


def rows(file: BinaryIO, how: Shape) -> Iterator[Row]:
    """Every row that is not empty, from the beginning; the file stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=how.charset, errors="replace", newline="")
    try:
        yield from _rows(text, how)
    finally:
        text.detach()


def charsets(file: BinaryIO) -> list[str]:
    """What the file may be written in, the likeliest first; never empty."""
    sample = _sample(file)
    for mark, charset in _BOMS:
        if sample.startswith(mark):
            return [charset]
    wide = ["utf-16-le", "utf-16-be"] if b"\0" in sample[:200] else []
    return [*wide, *_narrow(file, sample)]


def _narrow(file: BinaryIO, sample: bytes) -> list[str]:
    """Those of single bytes; a stray NUL in one of them does not make it a wide one, the headings tell."""
    if fits(file, "utf-8") or _nearly_utf8(sample):
        return ["utf-8"]
    from charset_normalizer import from_bytes  # some megabytes, needed only here

    best = from_bytes(sample, cp_isolation=list(CHARSETS)).best()
    likely = dict.fromkeys((*([best.encoding] if best else []), *CHARSETS))
    return [*(charset for charset in likely if fits(file, charset)), "latin-1"]


def fits(file: BinaryIO, charset: str) -> bool:
    """Whether all of it can be decoded."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(charset)()
    try:
        while step := file.read(_STEP):
            decoder.decode(step)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(SAMPLE)


def _nearly_utf8(sample: bytes) -> bool:
    """UTF-8 in which a byte was lost here and there."""
    text = sample.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    return 20 * lost < sum(not letter.isascii() for letter in text) - lost


def _decoded(sample: bytes, charset: str) -> str:
    return sample.decode(charset, "replace").removeprefix("\ufeff")


def _cuts() -> list[tuple[str, bool]]:
    return [(delimiter, True) for delimiter in DELIMITERS] + [("\t", False)]


def _cut(text: str, delimiter: str, quoted: bool) -> Iterator[Sequence[str]]:
    for row, _place in zip(_rows(io.StringIO(text, newline=""), Shape("", delimiter, quoted)), range(LOOK), strict=False):
        yield () if row.problem else row.cells


def _fitness(found: Sequence[Sequence[str]], known: Score) -> tuple[int, bool, int, int]:
    """Headings recognised; no quotation marks left around cells; rows equally long; their length."""
    widths = Counter(len(cells) for cells in found)
    width, often = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
    bare = not any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cells in found[:1] for cell in cells)
    return max(map(known, found), default=0), bare, often if width > 1 else 0, width


def _rows(text: io.TextIOBase, how: Shape) -> Iterator[Row]:
    quoting: Any = csv.QUOTE_MINIMAL if how.quoted else csv.QUOTE_NONE
    reader = csv.reader(_lines(text), delimiter=how.delimiter, quoting=quoting)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell beyond the reader's bounds
            yield Row(line, (), UNCLOSED)
            continue
        if any(map(len, cells)):
            yield _row(line, cells[:MOST_CELLS])


def _row(line: int, cells: list[str]) -> Row:
    return Row(line, [cell[:100] for cell in cells], UNCLOSED) if max(map(len, cells)) > LONGEST_CELL else Row(line, cells)


def _lines(text: io.TextIOBase) -> Iterator[str]:
    """Lines of bounded length, without the mark of byte order and without NUL."""
    first = text.readline(LONGEST_LINE).removeprefix("\ufeff")
    yield first.replace("\0", "")
    while line := text.readline(LONGEST_LINE):
        yield line.replace("\0", "")
