"""A table is taken piece by piece: each in one transaction that also notes how far it came, so that a crash loses and doubles nothing."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import dropwhile, takewhile
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils.translation import gettext_noop as noop

from bridgedesk.activity.actions import record
from bridgedesk.imports import kinds, of_buyers, of_orders, of_parcels, of_products, of_stock, values
from bridgedesk.imports.columns import LINE
from bridgedesk.imports.kinds import Checked, Reading
from bridgedesk.imports.models import BadRow, Piece, Table
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import number

log = logging.getLogger(__name__)

TURN = 10.0
"""Seconds a job works before it queues the next one: others want their turn, and a worker must be able to stop."""
QUIET = timedelta(seconds=30)
"""A running table whose last piece is older was left by a crash, or is a large piece; being looked at twice does no harm."""
FAILED = noop("This row could not be stored.")
TAKERS: dict[str, ModuleType] = {
    "orders": of_orders,
    "products": of_products,
    "stock": of_stock,
    "parcels": of_parcels,
    "customers": of_buyers,
}
Raw = Sequence[Any]


def run(table_id: int) -> None:
    """Take pieces for a while; what is left is queued again."""
    until = time.monotonic() + TURN
    while advance(table_id):
        if time.monotonic() > until:
            enqueue("run_import", table=table_id)
            return


def sweep() -> None:
    """Queue what a crash left, each once."""
    for pk in due():
        enqueue("run_import", once=f"import:{pk}", table=pk)


def tidy() -> None:
    """Forget the rows of tables after settings.RAW_DAYS, like all raw bytes: they hold buyers' personal data."""
    old = Table.objects.filter(created_at__lt=clock.now() - timedelta(days=settings.RAW_DAYS)).exclude(state=Table.State.RUNNING)
    Piece.objects.filter(table__in=old).delete()
    BadRow.objects.filter(table__in=old).delete()
    old.filter(state__in=[Table.State.OPEN, Table.State.STOPPED]).delete()
    old.update(bad=0)


def due() -> list[int]:
    """Running tables nobody seems to work on."""
    rows = Table.objects.filter(state=Table.State.RUNNING, moved_at__lte=clock.now() - clock.real(QUIET))
    return list(rows.order_by("moved_at").values_list("pk", flat=True)[:100])


@transaction.atomic
def advance(table_id: int) -> bool:
    """Take the next piece. False when there is none, somebody stopped it, or who started it leads in the shop no more."""
    rows = Table.objects.select_for_update(of=("self",)).select_related("shop", "by")
    table = rows.filter(pk=table_id, state=Table.State.RUNNING).first()
    if table is None:
        return False
    if table.by is None or not table.by.is_active or not Table.objects.visible_to(table.by).filter(pk=table.pk).exists():
        return _end(table, Table.State.STOPPED)
    piece = _piece(table, table.piece)
    if piece is None:
        return _end(table, Table.State.DONE)
    count(table, take(table, _whole(table, piece)))
    table.piece += 1
    table.moved_at = clock.now()
    table.save()
    announce("import", shop=table.shop_id, table=table.pk)
    return True


def take(table: Table, raws: Iterable[Raw]) -> Counter[str]:
    """Take these rows; those that cannot be are kept for repair. How many were "made", "changed", "same", "bad"."""
    how = reading(table)
    rows = [look(how, raw) for raw in raws]
    good, counts = [row for row in rows if not row.errors], Counter[str]()
    groups = TAKERS[table.kind].groups(good)
    for group, outcome in zip(groups, _outcomes(table, groups), strict=True):
        if isinstance(outcome, str):
            counts[outcome] += len(group)
        else:
            for row in group:
                row.errors.append(outcome)
    bad = [row for row in rows if row.errors]
    BadRow.objects.bulk_create(
        (BadRow(table=table, line=row.line, cells=list(row.cells), errors=row.errors) for row in bad),
        update_conflicts=True, unique_fields=["table", "line"], update_fields=["cells", "errors"],
    )  # fmt: skip
    if table.repairs_id:
        _mended(table, table.repairs_id, [row.cells for row in good if not row.errors])
    return counts + Counter(bad=len(bad)) if bad else counts


def _mended(table: Table, source: int, taken: Sequence[Sequence[str]]) -> None:
    """Rows of a mended file wait no more in the table they were left over from."""
    place = table.headings.index(LINE) if LINE in table.headings else len(table.headings)
    lines = [number(cells[place]) for cells in taken if place < len(cells)]
    BadRow.objects.filter(table=source, line__in=lines).delete()
    Table.objects.filter(pk=source).update(bad=BadRow.objects.filter(table=source).count())


def look(how: Reading, raw: Raw) -> Checked:
    """A row as it was kept: what it tells, or what is wrong."""
    line, cells, problem = raw
    return Checked(line, cells, errors=[("", problem)]) if problem else kinds.check(how, line, cells)


def reading(table: Table) -> Reading:
    """How the table is read, told by its first piece and by what somebody said of it."""
    first = _piece(table, 0)
    said = table.options
    whole = values.Table(ZoneInfo(said["zone"]), said["currency"], said["weight"], said["length"])
    sample = [values_of for _line, values_of, problem in (first.rows if first else []) if not problem]
    return kinds.reading(table.kind, table.columns, table.headings, sample, whole, said["dates"])


def _outcomes(table: Table, groups: Sequence[Sequence[Checked]]) -> list[str | tuple[str, str]]:
    """Together, or, where one cannot be stored, one by one: it must not keep the others away."""
    if not groups:
        return []
    try:
        with transaction.atomic():
            return list(TAKERS[table.kind].take(table.shop, groups, table.by))
    except OperationalError:
        raise  # the database went away: nothing was changed, the sweep comes again
    except Exception:
        log.warning("rows of table %s go one by one", table.pk, exc_info=True)
    return [_alone(table, group) for group in groups]


def _alone(table: Table, group: Sequence[Checked]) -> str | tuple[str, str]:
    try:
        with transaction.atomic():
            return str(TAKERS[table.kind].take(table.shop, [group], table.by)[0])
    except OperationalError:
        raise
    except ValidationError as error:
        return "", " ".join(error.messages)
    except Exception:
        log.warning("line %s of table %s could not be stored", group[0].line, table.pk, exc_info=True)
        return "", FAILED


def _piece(table: Table, number: int) -> Piece | None:
    return Piece.objects.filter(table=table, sheet=table.sheets[table.sheet]["number"], number=number).first()


def _whole(table: Table, piece: Piece) -> list[Raw]:
    """The rows of a piece, so that no order is cut in two: what began before it is not its, what goes on after it is."""
    place = table.columns.get("number")
    if table.kind != Table.Kind.ORDERS or place is None:
        return list(piece.rows)
    before = _piece(table, piece.number - 1) if piece.number else None
    begun = _number(before.rows[-1], place) if before else None
    rows = list(dropwhile(lambda row: begun and _number(row, place) == begun, piece.rows))
    last = _number(rows[-1], place) if rows else None
    if last:
        rows += takewhile(lambda row: _number(row, place) == last, _after(table, piece.number))
    return rows


def _after(table: Table, number: int) -> Iterator[Raw]:
    """The rows of the pieces behind that one, read while they are wanted."""
    while piece := _piece(table, number := number + 1):
        yield from piece.rows


def _number(row: Raw, place: int) -> str | None:
    return str(row[1][place]).strip() if place < len(row[1]) else None


def count(table: Table, counts: Counter[str]) -> None:
    """Add to what was counted so far."""
    table.taken += counts.total()
    for name in ("made", "changed", "same", "bad"):
        setattr(table, name, getattr(table, name) + counts[name])


def _end(table: Table, state: str) -> bool:
    table.state, table.finished_at = state, clock.now()
    table.save()
    if state == Table.State.DONE:
        counts: dict[str, Any] = {"made": table.made, "changed": table.changed, "bad": table.bad}
        record("imported_table", table, by=table.by, shop=table.shop_id, name=table.name, **counts)
    else:
        record("stopped_import", table, by=None, shop=table.shop_id, name=table.name)
    announce("import", shop=table.shop_id, table=table.pk)
    return False
