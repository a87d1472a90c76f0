"""Every write on tables: uploaded, described, started, stopped, mended, forgotten. Leads do it, in shops of theirs."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.imports import running, uploading
from bridgedesk.imports.columns import fingerprint, numbered
from bridgedesk.imports.kinds import KINDS
from bridgedesk.imports.models import BadRow, Mapping, Table
from bridgedesk.lib import clock
from bridgedesk.lib.live import announce
from bridgedesk.lib.queue import enqueue
from bridgedesk.lib.storable import plain
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

State = Table.State


class CannotNow(Exception):
    """The table is not in a state for that: somebody else was faster."""


@transaction.atomic
def upload(shop: Shop, file: BinaryIO, name: str, *, kind: str = "", by: Agent, repairs: Table | None = None) -> Table:
    """Keep a file as a table to be described; uploading.Refused with the reason (msgid) for what is none."""
    _allow(by, shop.pk)
    table = uploading.store(shop, file, name, kind=kind if kind in KINDS else "", by=by, repairs=repairs)
    record("uploaded_table", table, by=by, shop=shop.pk, name=table.name, count=table.rows)
    return table


@transaction.atomic
def describe(table: Table, *, kind: str, sheet: int, columns: Dict[str, int], options: Dict[str, str], by: Agent) -> Table:
    """Say what the table is and what its columns hold. With another kind or sheet what is known of that is proposed anew."""
    row = _locked(table, by, State.OPEN)
    other = kind in KINDS and (kind, sheet) != (row.kind, row.sheet) and 0 <= sheet < len(row.sheets)
    if other:
        row.kind, row.sheet = kind, sheet
        uploading.propose(row)
    else:
        places = range(len(row.headings))
        row.columns = {name: place for name, place in columns.items() if name in KINDS[row.kind].fields and place in places}
        row.options = row.options | {name: plain(value)[:40] for name, value in options.items() if name in row.options}
    row.save()
    return row


@transaction.atomic
def start(table: Table, *, by: Agent) -> Table:
    """Take it, in the worker; how its columns were named is remembered for the shop. Also goes on with what was stopped."""
    row = _locked(table, by, State.OPEN, State.STOPPED)
    if lacks(row):
        raise CannotNow
    headings = numbered(row.headings)
    Mapping.objects.update_or_create(
        shop=row.shop, kind=row.kind, fingerprint=fingerprint(row.headings),
        defaults={"columns": {name: headings[at] for name, at in row.columns.items()}, "options": row.options, "changed_at": clock.now()},
    )  # fmt: skip
    row.state, row.by, row.moved_at = State.RUNNING, by, clock.now()
    row.save()
    record("started_import", row, by=by, shop=row.shop_id, name=row.name)
    enqueue("run_import", table=row.pk)
    announce("import", shop=row.shop_id, table=row.pk)
    return row


def lacks(table: Table) -> list[Sequence[str]]:
    """Groups of fields of which no column is one, though no row can be without."""
    return [group for group in KINDS[table.kind].needs if not any(name in table.columns for name in group)]


@transaction.atomic
def stop(table: Table, *, by: Agent) -> Table:
    """Take no more of it for now."""
    row = _locked(table, by, State.RUNNING)
    row.state = State.STOPPED
    row.save(update_fields=["state"])
    record("stopped_import", row, by=by, shop=row.shop_id, name=row.name)
    announce("import", shop=row.shop_id, table=row.pk)
    return row


@transaction.atomic
def mend(row: BadRow, cells: Dict[int, str], *, by: Agent) -> bool:
    """Set cells of a row that could not be taken, and take it; False while something is wrong with it."""
    table = _locked(row.table, by, State.DONE, State.STOPPED, State.RUNNING)
    kept = BadRow.objects.select_for_update().filter(pk=row.pk).first()
    if kept is None:
        raise CannotNow
    whole = list(kept.cells) + [""] * (len(table.headings) - len(kept.cells))
    for place, text in cells.items():
        if 0 <= place < len(whole):
            whole[place] = plain(text)[:5000]
    kept.delete()
    table.by = by
    counts = running.take(table, [(kept.line, whole, "")])
    running.count(table, counts)
    table.taken -= counts.total()
    table.bad = table.bad_rows.count()
    table.save()
    announce("import", shop=table.shop_id, table=table.pk)
    return not counts["bad"]


@transaction.atomic
def forget_bad(table: Table, *, by: Agent) -> None:
    """Nobody will mend what is left over."""
    row = _locked(table, by, State.DONE, State.STOPPED)
    row.bad_rows.all().delete()
    row.bad = 0
    row.save(update_fields=["bad"])
    record("forgot_bad_rows", row, by=by, shop=row.shop_id, name=row.name)


@transaction.atomic
def discard(table: Table, *, by: Agent) -> None:
    """Throw the table away with the rows it still holds; what was taken of it stays."""
    row = _locked(table, by, State.OPEN, State.STOPPED, State.DONE)
    record("discarded_table", None, by=by, shop=row.shop_id, name=row.name)
    row.delete()


def _allow(by: Agent, shop: int) -> None:
    if not by.leads or not Shop.objects.visible_to(by).filter(pk=shop).exists():
        raise PermissionDenied("Who leads in the shop imports tables.")


def _locked(table: Table, by: Agent, *states: str) -> Table:
    _allow(by, table.shop_id)
    row: Any = Table.objects.select_for_update(of=("self",)).select_related("shop", "by").filter(pk=table.pk).first()
    if row is None or row.state not in states:
        raise CannotNow
    return row  # type: ignore[no-any-return]
