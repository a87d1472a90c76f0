"""A workbook (.xlsx) written while its rows are made: what it holds costs no memory, and no cell is ever a formula."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from typing import IO, cast

MOST_ROWS = 1_048_576
"""Of one sheet; what is longer goes on in a second one, under the same headings."""
LONGEST = 32_767
_BEGINS = datetime(1899, 12, 30, tzinfo=UTC)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BOLD, _MOMENT = 1, 2
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill/><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
    '<xf fontId="1" applyFont="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = (
    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/>'
    '</sheetView></sheetViews><sheetFormatPr baseColWidth="14" defaultRowHeight="15"/><sheetData>'
)


class _Pipe:
    """What the archive writes, until it is taken."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        """All that was written since the last time."""
        found, self.parts = b"".join(self.parts), []
        return found


def workbook(headings: Iterable[object], batches: Iterable[Iterable[Iterable[object]]]) -> Iterator[bytes]:
    """The file in parts, one or more a batch of rows. Moments are written as they stand, without their zone."""
    pipe, top = _Pipe(), _row(headings, _BOLD)
    rows = (row for batch in batches for row in [*map(_row, batch), ""])  # "" after each batch: what is ready may go
    sheets, row = 0, next(rows, None)
    with zipfile.ZipFile(cast(IO[bytes], pipe), "w", zipfile.ZIP_DEFLATED) as archive:
        while row is not None or not sheets:
            sheets, written = sheets + 1, 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as part:
                part.write((_SHEET + top).encode())
                while row is not None and written < MOST_ROWS:
                    part.write(row.encode())
                    written += bool(row)
                    if not row:
                        yield pipe.taken()
                    row = next(rows, None)
                while row == "":
                    row = next(rows, None)
                part.write(b"</sheetData></worksheet>")
        for name, text in _frame(sheets):
            archive.writestr(name, text)
    yield pipe.taken()


def _row(cells: Iterable[object], style: int = 0) -> str:
    return f"<row>{''.join(_cell(cell, style) for cell in cells)}</row>"


def _cell(value: object, style: int) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and abs(Decimal(value)) < 10**15:
        return f"<c><v>{value}</v></c>"
    if isinstance(value, datetime):
        return f'<c s="{_MOMENT}"><v>{_days(value):.8f}</v></c>'
    text = value.isoformat() if isinstance(value, date) else _NOT_XML.sub("", str(value))[:LONGEST]
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(text, quote=False)}</t></is></c>'


def _days(value: datetime) -> float:
    return (value.replace(tzinfo=UTC) - _BEGINS).total_seconds() / 86400


def _frame(sheets: int) -> Iterator[tuple[str, str]]:
    """The parts that hold the sheets together."""
    numbers = range(1, sheets + 1)
    kinds = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>' for n in numbers)
    yield (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{kinds}</Types>',
    )
    link = f'<Relationship Id="{{}}" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
    yield (
        "_rels/.rels",
        f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{link.format("r1", "officeDocument", "xl/workbook.xml")}</Relationships>',
    )
    links = "".join(link.format(f"r{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers) + link.format(
        "s", "styles", "styles.xml"
    )
    yield "xl/_rels/workbook.xml.rels", f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{links}</Relationships>'
    listed = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    yield "xl/workbook.xml", f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    yield "xl/styles.xml", _STYLES
