"""What the pages of imports read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridgedesk.imports import columns, running, words
from bridgedesk.imports.kinds import KINDS, Checked
from bridgedesk.imports.models import BadRow, Piece, Table
from bridgedesk.lib.words import told
from bridgedesk.team.models import Agent

SHOWN = 12
EXAMPLES = 3
BAD = 25
CHUNK = 1000


@dataclass(frozen=True)
class ColumnOf:
    """A column of a file: its heading, what is in it, what it is taken for."""

    place: int
    heading: str
    examples: Sequence[str]
    field: str


@dataclass(frozen=True)
class Preview:
    """The first rows as they would be taken, and how many of those looked at could not be."""

    fields: Sequence[tuple[str, str]]
    rows: Sequence[Checked]
    looked: int
    bad: Sequence[tuple[int, Sequence[str]]]
    bad_count: int


def tables(agent: Agent) -> list[Table]:
    """The newest the agent may see."""
    return list(Table.objects.visible_to(agent).select_related("shop", "by").defer("columns", "options")[:50])


def columns_of(table: Table) -> list[ColumnOf]:
    """Every column with some of its cells."""
    first = Piece.objects.filter(table=table, sheet=table.sheets[table.sheet]["number"], number=0).first()
    rows = [cells for _line, cells, problem in (first.rows if first else []) if not problem]
    fields = {place: field for field, place in table.columns.items()}
    return [ColumnOf(place, heading, _examples(rows, place), fields.get(place, "")) for place, heading in enumerate(table.headings)]


def _examples(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return list(dict.fromkeys(cells[place] for cells in rows if place < len(cells) and cells[place].strip()))[:EXAMPLES]


def preview(table: Table) -> Preview:
    """What its first piece would bring."""
    first = Piece.objects.filter(table=table, sheet=table.sheets[table.sheet]["number"], number=0).first()
    how = running.reading(table)
    looked = [running.look(how, raw) for raw in (first.rows if first else [])]
    bad = [(row.line, [words.why(table.kind, *error) for error in row.errors]) for row in looked if row.errors]
    fields = [(name, str(spec.label)) for name, spec in KINDS[table.kind].fields.items() if name in table.columns]
    return Preview(fields, looked[:SHOWN], len(looked), bad[:SHOWN], len(bad))


def bad_rows(table: Table, after: int) -> tuple[list[BadRow], int]:
    """Rows to be mended behind a line, and the line the next page begins behind (0: this is the last)."""
    rows = list(table.bad_rows.filter(line__gt=after)[: BAD + 1])
    return rows[:BAD], rows[BAD - 1].line if len(rows) > BAD else 0


def bad_table(table: Table) -> Iterator[list[list[object]]]:
    """All rows to be mended in batches, each with its line and what is wrong."""
    after = -1
    while rows := list(table.bad_rows.filter(line__gt=after)[:CHUNK]):
        width = len(table.headings)
        yield [[*row.cells[:width], *[""] * (width - len(row.cells)), _reasons(table, row), row.line] for row in rows]
        after = rows[-1].line


def bad_headings(table: Table) -> list[str]:
    """The table's own headings and our two."""
    return [*table.headings, columns.ERROR, columns.LINE]


def _reasons(table: Table, row: BadRow) -> str:
    return "; ".join(words.why(table.kind, field, told(reason)) for field, reason in row.errors)
