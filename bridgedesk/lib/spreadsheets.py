"""Tables for spreadsheet programs, in which no cell is ever a formula."""

import csv
import io
from collections.abc import Iterable

BOM = "\ufeff"
"""Tells spreadsheet programs that the table is UTF-8."""
_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_INVISIBLE = "\t\r\n\v\f\0\u00a0\u200b\u200c\u200d\u2060\ufeff "


def safe(value: object) -> str:
    """A cell's text. One that a spreadsheet program would compute, whatever stands invisibly before it, gets an apostrophe in front."""
    text = "" if value is None else str(value).replace("\0", "")
    computed = text.startswith(("\t", "\r", "\n")) or text.lstrip(_INVISIBLE).startswith(_STARTS)
    return f"'{text}" if computed else text


def restored(text: str) -> str:
    """What `safe` made safe, as it was."""
    return text[1:] if text.startswith("'") and safe(text[1:]) == text else text


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV (RFC 4180), every cell quoted and safe."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()
