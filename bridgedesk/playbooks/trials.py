"""A version on trial: a share of the new cases of some shops takes it beside the current one, until a lead chooses."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.playbooks import history, publishing
from bridgedesk.playbooks.comparing import Side
from bridgedesk.playbooks.draft_models import Draft
from bridgedesk.playbooks.drafts import locked
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.playbooks.replaying import LEFT
from bridgedesk.shops.models import Shop
from bridgedesk.team.models import Agent

BATCH = 500


@dataclass(frozen=True)
class Compared:
    """The trial version and the one it is tried against."""

    version: Version
    against: Version
    trial: Side
    current: Side
    still_open: int


@transaction.atomic
def begin(draft: Draft, share: int, shops: Sequence[Shop], *, note: str, base: int, by: Agent) -> Version:
    """Publish the draft to `share` percent (1–99) of the new cases of these shops. PlaybookError lists what is wrong with it."""
    row = locked(draft, base)
    publishing.check(row.data, by)
    current = Version.objects.get(key=row.key, current=True)
    made = publishing.store(row.data, origin="edited", note=note, by=by, current=False)
    made.share, made.trial_shops, made.against = share, [shop.pk for shop in shops], current
    made.save(update_fields=["share", "trial_shops", "against"])
    record("began_trial", made, by=by, key=made.key, version=made.number, share=share)
    row.delete()
    return made


@transaction.atomic
def end(version: Version, *, keep: bool, by: Agent) -> Version:
    """New cases take the trial version from now on, or the current one again. Running cases keep theirs."""
    if not by.leads:
        raise PermissionDenied("Only leads end trials.")
    publishing.hold(version.key)
    row = Version.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if not row.share:
        return row
    row.share, row.trial_ended_at = 0, clock.now()
    if keep:
        Version.objects.filter(key=row.key, current=True).update(current=False)
        row.current = True
    row.save(update_fields=["share", "trial_ended_at", "current"])
    record("kept_trial" if keep else "dropped_trial", row, by=by, key=row.key, version=row.number)
    return row


def latest(key: str) -> Version | None:
    """The trial that runs, else the last one."""
    return Version.objects.filter(key=key, against__isnull=False).select_related("against").order_by("-number").first()


def compare(version: Version, agent: Agent, currency: str) -> Compared:
    """Cases that began during the trial in its shops, as far as the agent sees them."""
    against = version.against or version
    seen = Run.objects.visible_to(agent).filter(shop__in=version.trial_shops, started_at__gte=version.published_at)
    if version.trial_ended_at:
        seen = seen.filter(started_at__lt=version.trial_ended_at)
    both = seen.filter(version__in=[version, against])
    sides = [_side(_ended(both.filter(version=one)), currency) for one in (version, against)]
    return Compared(version, against, sides[0], sides[1], both.filter(state=Run.State.OPEN).count())


def _ended(rows: QuerySet[Run]) -> Iterator[list[Run]]:
    found = history.whole(rows.exclude(state=Run.State.OPEN).order_by("pk")).iterator(chunk_size=BATCH)
    while batch := list(islice(found, BATCH)):
        yield batch


def _side(batches: Iterable[list[Run]], currency: str) -> Side:
    costs: list[int] = []
    letters: list[int] = []
    ends: Counter[str] = Counter()
    for batch in batches:
        paid = history.costs(batch, currency)
        for run, past in zip(batch, history.pasts(batch), strict=True):
            costs.append(paid[run.pk])
            letters.append(past.letters)
            ends[LEFT if run.state == Run.State.LEFT else run.outcome] += 1
    return Side(costs, letters, dict(ends))
