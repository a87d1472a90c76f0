"""A process of its own that turns a workbook (.xlsx, .xlsb, .xls, .ods) on standard input into lines of JSON on standard output.

It is given a foreign file and nothing else: no database, no secrets, so much memory and time and no more. Formulas are not computed;
what their program stored as their result is what they say. Each sheet begins with its name, then [row, cells] follow.
Ends with 0, or 3 where the workbook has a password, 4 where it cannot be read.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta

PASSWORD, BROKEN = 3, 4
MEMORY, SECONDS = 1_500_000_000, 90
MOST_CELLS = 300
LONGEST_CELL = 32_767
"""Characters; the most a spreadsheet program holds."""
EXACT = 10**15
"""Whole numbers from here on have lost digits: workbooks keep fifteen."""


def main() -> int:
    """Convert."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine as calamine

    data = io.BytesIO(sys.stdin.buffer.read())
    try:
        book = calamine.load_workbook(data)
        for sheet in book.sheets_metadata:
            if sheet.visible == calamine.SheetVisibleEnum.Visible and sheet.typ == calamine.SheetTypeEnum.WorkSheet:
                _write(book.get_sheet_by_name(sheet.name))
    except calamine.PasswordError:
        return PASSWORD
    except BrokenPipeError:
        return 0
    except BaseException:  # the library's panics are no Exception
        return BROKEN
    return 0


def _write(sheet: object) -> None:
    out = sys.stdout
    out.write(json.dumps(sheet.name) + "\n")  # type: ignore[attr-defined]
    start = sheet.start  # type: ignore[attr-defined]
    if start is None:
        return
    for number, row in enumerate(sheet.to_python(skip_empty_area=False), 1):  # type: ignore[attr-defined]
        cells = [_text(cell)[:LONGEST_CELL] for cell in row[:MOST_CELLS]]
        if any(cells):
            out.write(json.dumps([number, cells]) + "\n")
    out.flush()


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, float | int):
        return _number(cell)
    return str(cell)


def _number(cell: float) -> str:
    if cell != cell or abs(cell) == float("inf"):
        return ""
    if abs(cell) >= EXACT:
        return f"{cell:.14E}"
    return str(int(cell)) if cell == int(cell) else f"{cell:.15g}"


if __name__ == "__main__":
    sys.exit(main())
