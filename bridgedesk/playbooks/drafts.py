"""Every write on drafts of playbooks: begin, save, publish, discard. For leads."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bridgedesk.activity.actions import record
from bridgedesk.lib import clock
from bridgedesk.playbooks import editing, publishing, queries
from bridgedesk.playbooks.checking import Problem, problems
from bridgedesk.playbooks.draft_models import Draft
from bridgedesk.playbooks.loading import take_apart
from bridgedesk.playbooks.models import Version
from bridgedesk.playbooks.rules import Playbook
from bridgedesk.team.models import Agent


class Overtaken(Exception):
    """A colleague saved the draft, or published another version, since it was opened. `draft` is how it stands now."""

    def __init__(self, draft: Draft, published: Version | None = None) -> None:
        super().__init__()
        self.draft, self.published = draft, published


class Gone(Exception):
    """A colleague (or the same click, twice) published it or threw it away since it was opened."""


@transaction.atomic
def begin(key: str, *, by: Agent) -> Draft:
    """The draft of a playbook: the one that is being written, else one made from the current version. Gone: the playbook has none."""
    _leads(by)
    publishing.hold(key)
    version = Version.objects.filter(key=key, current=True).first()
    if version is None:
        raise Gone
    now = clock.now()
    draft, made = Draft.objects.get_or_create(
        key=key, defaults={"base": version, "data": editing.whole(version.data), "by": by, "created_at": now, "changed_at": now}
    )
    if made:
        record("drafted_playbook", draft, by=by, key=key)
    return draft


@transaction.atomic
def begin_new(key: str, names: Mapping[str, str], *, by: Agent, source: Mapping[str, Any] | None = None) -> Draft | None:
    """The draft of a playbook there is not yet, empty or a copy of `source`. None where the key is taken."""
    _leads(by)
    if Version.objects.filter(key=key).exists():
        return None
    data = {**editing.whole(source), "key": key, "name": dict(names)} if source else editing.empty(key, names)
    now = clock.now()
    draft, made = Draft.objects.get_or_create(key=key, defaults={"data": data, "by": by, "created_at": now, "changed_at": now})
    if made:
        record("drafted_playbook", draft, by=by, key=key)
    return draft if made else None


@transaction.atomic
def save(draft: Draft, data: Mapping[str, Any], *, revision: int, by: Agent) -> Draft:
    """Keep what was written, finished or not. Overtaken where a colleague saved other words after `revision`; Gone."""
    _leads(by)
    row = _there(draft)
    if row.data == data:
        return row
    if row.revision != revision:
        raise Overtaken(row)
    row.data, row.revision, row.by, row.changed_at = dict(data), row.revision + 1, by, clock.now()
    row.save()
    record("saved_draft", row, by=by, key=row.key, revision=row.revision)
    return row


@transaction.atomic
def publish(draft: Draft, *, note: str, base: int, by: Agent) -> Version:
    """Make what was saved the version new cases take. PlaybookError lists what is wrong with it; Overtaken where another version than
    number `base` is current now (0: none); Gone."""
    row = locked(draft, base)
    made = publishing.publish(row.data, note=note, by=by)
    row.delete()
    return made


def locked(draft: Draft, base: int) -> Draft:
    """The draft as it stands, locked, to be published over version number `base` (0: none). Overtaken: another is current now; Gone."""
    publishing.hold(draft.key)
    row = _there(draft)
    current = Version.objects.filter(key=row.key, current=True).select_related("by").first()
    if (current.number if current else 0) != base:
        raise Overtaken(row, current)
    return row


@transaction.atomic
def discard(draft: Draft, *, by: Agent) -> None:
    """Throw it away. Gone where there is nothing to throw."""
    _leads(by)
    row = _there(draft)
    record("discarded_draft", row, by=by, key=row.key)
    row.delete()


def faults(data: Mapping[str, Any]) -> tuple[Playbook, list[Problem]]:
    """What can be made of a draft, and everything that keeps it from being published, each sentence once."""
    playbook, unread = take_apart(data)
    return playbook, list(dict.fromkeys([*unread, *problems(playbook, publishing.shelf())]))


def changed(draft: Draft) -> bool:
    """Whether publishing it would change anything."""
    return draft.base is None or take_apart(draft.data)[0] != queries.playbook_of(draft.base)


def _there(draft: Draft) -> Draft:
    """The row as it stands, locked."""
    row = Draft.objects.select_for_update(of=("self",)).select_related("by", "base").filter(pk=draft.pk).first()
    if row is None:
        raise Gone
    return row


def _leads(by: Agent) -> None:
    if not by.leads:
        raise PermissionDenied("Only leads write playbooks.")
