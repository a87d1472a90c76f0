"""Simulations: begun by a lead, done by a job batch by batch, each batch in one transaction with what it counted."""

import logging
import time
from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.lib.queue import enqueue
from bridgedesk.playbooks import history, loading, tallying
from bridgedesk.playbooks.checking import untraceable
from bridgedesk.playbooks.draft_models import Draft, Parted, Simulation
from bridgedesk.playbooks.models import Run
from bridgedesk.playbooks.replaying import replay
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

log = logging.getLogger(__name__)

BATCH = 200
TURN = 10.0
"""Seconds a job works before it queues the next one."""
QUIET = timedelta(seconds=30)
"""One that moved longer ago was left by a crash."""
LISTED = 2000
"""Cases that are listed one by one; all are counted."""


@transaction.atomic
def begin(draft: Draft, shops: Sequence[Shop], since: date, until: date, *, by: Agent) -> Simulation:
    """Take the past cases of these shops and days through the draft as it is saved. PlaybookError where no case can be led through it."""
    if not by.leads:
        raise PermissionDenied("Only leads simulate.")
    if wrong := untraceable(loading.take_apart(draft.data)[0]):
        raise loading.PlaybookError(wrong)
    rows = history.runs(draft.key, draft.data.get("topics", ()), shops, since, until)
    ended = rows.exclude(state=Run.State.OPEN).count()
    now = clock.now()
    made = Simulation.objects.create(
        key=draft.key, data=draft.data, revision=draft.revision, since=since, until=until, currency=history.currency_of(shops), by=by,
        total=ended, still_open=rows.count() - ended, tally=tallying.empty(), created_at=now, moved_at=now,
    )  # fmt: skip
    made.shops.set(shops)
    record("simulated_playbook", made, by=by, key=draft.key)
    enqueue("run_simulation", simulation=made.pk)
    return made


def run(pk: int) -> None:
    """Count batches for a while; what is left is queued again."""
    until = time.monotonic() + TURN
    while advance(pk):
        if time.monotonic() > until:
            enqueue("run_simulation", simulation=pk)
            return


@transaction.atomic
def advance(pk: int) -> bool:
    """Count the next batch. False when there is none, or somebody stopped it."""
    row = Simulation.objects.select_for_update(of=("self",)).filter(pk=pk, state=Simulation.State.RUNNING).first()
    if row is None:
        return False
    ended = history.runs(row.key, row.data.get("topics", ()), list(row.shops.all()), row.since, row.until).exclude(state=Run.State.OPEN)
    batch = list(history.whole(ended.filter(pk__gt=row.after).order_by("pk"))[:BATCH])
    _count(row, batch)
    row.moved_at = clock.now()
    if len(batch) < BATCH:
        row.state = Simulation.State.DONE
    row.save()
    return row.state == Simulation.State.RUNNING


@transaction.atomic
def stop(simulation: Simulation, *, by: Agent) -> None:
    """Leave it where it is."""
    if Simulation.objects.filter(pk=simulation.pk, state=Simulation.State.RUNNING).update(state=Simulation.State.STOPPED):
        record("stopped_simulation", simulation, by=by, key=simulation.key)


def sweep() -> None:
    """Queue what a crash left, each once."""
    rows = Simulation.objects.filter(state=Simulation.State.RUNNING, moved_at__lte=clock.now() - clock.real(QUIET))
    for pk in rows.values_list("pk", flat=True)[:100]:
        enqueue("run_simulation", once=f"simulation:{pk}", simulation=pk)


def _count(row: Simulation, batch: Sequence[Run]) -> None:
    draft = loading.take_apart(row.data)[0]
    cost, parted = history.costs(batch, row.currency), []
    for run_, past in zip(batch, history.pasts(batch), strict=True):
        worth = next((known for turn in past.turns if (known := history.value(turn.facts, row.currency)) is not None), None)
        case = tallying.Weighed(past, replay(past, draft), cost[run_.pk], worth)
        tallying.add(row.tally, case)
        if case.kind != "same":
            told = case.replayed
            parted.append(Parted(simulation=row, run=run_, step=told.parted, end=told.end, why=told.why, letters=told.letters,
                                 letters_then=past.letters))  # fmt: skip
    room = LISTED - Parted.objects.filter(simulation=row).count() if parted else 0
    Parted.objects.bulk_create(parted[: max(room, 0)])
    row.done += len(batch)
    row.after = batch[-1].pk if batch else row.after
