"""A file becomes a table: read once, as whatever it is, and kept in pieces, so that no later step holds more than one of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.imports import workbooks
from bridgedesk.imports.columns import fingerprint, guess, headings_at, known, remembered
from bridgedesk.imports.columns import plain as plain_heading
from bridgedesk.imports.kinds import likeliest
from bridgedesk.imports.models import Mapping, Piece, Table
from bridgedesk.imports.workbooks import Refused
from bridgedesk.lib import clock, filenames, texttables
from bridgedesk.lib.storable import plain
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

MOST_BYTES = 50_000_000
MOST_ROWS = 250_000
PIECE = 500
"""Rows that are kept, and later taken, together; fewer where they are longer than PIECE_SIZE characters."""
PIECE_SIZE = 5_000_000
HEAD = 30
EMPTY = noop("There is no table in this file.")
TOO_LONG = noop("The file is too large: at most 50 MB and 250,000 rows.")
Raw = tuple[int, Sequence[str], str]


@dataclass
class Sheet:
    """One table of a file while it is read: its first rows are held back until the headings are found among them."""

    name: str
    number: int
    headings: list[str] = field(default_factory=list)
    line: int = 0
    rows: int = 0
    pieces: int = 0


@transaction.atomic
def store(shop: Shop, file: BinaryIO, name: str, *, kind: str, by: Agent, repairs: Table | None = None) -> Table:
    """Read the file and keep its rows; what its columns are is remembered or guessed. Refused with the reason."""
    table = Table(shop=shop, by=by, kind=kind or "orders", name=filenames.clean(name)[:200], repairs=repairs, created_at=clock.now())
    table.save()
    sheets = [sheet for sheet in _sheets(table, file) if any(map(plain_heading, sheet.headings))]
    if not sheets:
        raise Refused(EMPTY)
    table.sheets = [
        {"name": one.name, "headings": one.headings, "line": one.line, "rows": one.rows, "number": one.number} for one in sheets
    ]
    table.sheet = max(range(len(sheets)), key=lambda place: (known(sheets[place].headings), sheets[place].rows))
    table.kind = kind or likeliest(table.headings)
    propose(table)
    table.save()
    return table


def propose(table: Table) -> None:
    """What the columns are: as somebody said the last time for these headings in this shop, else as they are called."""
    before = Mapping.objects.filter(shop=table.shop_id, kind=table.kind, fingerprint=fingerprint(table.headings)).first()
    table.columns = remembered(before.columns, table.headings) if before else guess(table.kind, table.headings)
    table.options = before.options if before else _options(table.shop)


def _options(shop: Shop) -> dict[str, str]:
    return {"zone": shop.timezone, "currency": "", "weight": "g", "length": "cm", "dates": ""}


def _sheets(table: Table, file: BinaryIO) -> Iterator[Sheet]:
    rows = _of_workbook(file) if workbooks.is_one(file) else _of_text(table, file)
    for number, (name, of_sheet) in enumerate(groupby(rows, key=itemgetter(0))):
        yield _keep(table, Sheet(plain(name)[:100], number), ((line, cells, problem) for _name, line, cells, problem in of_sheet))


def _of_workbook(file: BinaryIO) -> Iterator[tuple[str, int, Sequence[str], str]]:
    for sheet, line, cells in workbooks.rows(file):
        yield sheet, line, cells, ""


def _of_text(table: Table, file: BinaryIO) -> Iterator[tuple[str, int, Sequence[str], str]]:
    how = texttables.shape(file, known)
    table.reading = {"charset": how.charset, "delimiter": how.delimiter}
    for row in texttables.rows(file, how):
        yield "", row.line, row.cells, row.problem


def _keep(table: Table, sheet: Sheet, rows: Iterable[Raw]) -> Sheet:
    head: list[Raw] = []
    rows = iter(rows)
    for row in rows:
        head.append(row)
        if len(head) >= HEAD:
            break
    if not head:
        return sheet
    place = headings_at([cells for _line, cells, _problem in head])
    sheet.line, sheet.headings = head[place][0], [plain(cell).strip()[:200] for cell in head[place][1]]
    waiting: list[Raw] = []
    size = 0
    for row in _chained(head[place + 1 :], rows):
        waiting.append((row[0], [plain(cell) for cell in row[1]], row[2]))
        size += sum(map(len, row[1]))
        sheet.rows += 1
        if sheet.rows > MOST_ROWS:
            raise Refused(TOO_LONG)
        if len(waiting) == PIECE or size > PIECE_SIZE:
            _put(table, sheet, waiting)
            waiting, size = [], 0
    _put(table, sheet, waiting)
    return sheet


def _chained(first: Iterable[Raw], then: Iterable[Raw]) -> Iterator[Raw]:
    yield from first
    yield from then


def _put(table: Table, sheet: Sheet, rows: Sequence[Any]) -> None:
    if rows:
        Piece.objects.create(table=table, sheet=sheet.number, number=sheet.pieces, rows=list(rows))
        sheet.pieces += 1
