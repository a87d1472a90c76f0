"""Versions of playbooks: from the files, and from the screen."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext as _

from bridgedesk.activity.actions import record
from bridgedesk.conversations.models import Template
from bridgedesk.lib import clock
from bridgedesk.lib.storable import plain
from bridgedesk.playbooks import loading
from bridgedesk.playbooks.checking import Shelf, problems
from bridgedesk.playbooks.models import Version
from bridgedesk.team.models import Agent


class Newer(Exception):
    """Another version is current than the one that was looked at: `version`, None where there is none any more."""

    def __init__(self, version: Version | None) -> None:
        super().__init__()
        self.version = version


def hold(key: str) -> None:
    """Nobody else publishes a version of that playbook until the transaction ends; what is read next is what they left."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"playbook:{key}"])


def load_content(by: Agent | None = None) -> int:
    """Bring the shipped playbooks into the tables; the number of new versions. What a team edited or retired stays as it is."""
    changed = 0
    for data in loading.shipped():
        with transaction.atomic():
            hold(data["key"])
            newest = Version.objects.filter(key=data["key"]).order_by("-number").first()
            if newest and (newest.origin == "edited" or not newest.current or newest.data == data):
                continue
            store(data, origin="shipped", note="", by=by)
            changed += 1
    return changed


@transaction.atomic
def publish(data: Mapping[str, Any], *, note: str, by: Agent) -> Version:
    """Make the next version. PlaybookError lists everything that is wrong with it. For leads."""
    hold(data["key"])
    check(data, by)
    return store(data, origin="edited", note=plain(note)[:300], by=by)


@transaction.atomic
def restore(old: Version, *, base: int, by: Agent) -> Version:
    """Bring an older version back as a new one, over version number `base`. Newer where another is current now; PlaybookError."""
    _leads(by)
    hold(old.key)
    current = Version.objects.filter(key=old.key, current=True).select_related("by").first()
    if current is None or current.number != base:
        raise Newer(current)
    return publish(old.data, note=_("Version %(version)s brought back") % {"version": old.number}, by=by)


def check(data: Mapping[str, Any], by: Agent) -> None:
    """PlaybookError lists what keeps it from being published by that person."""
    _leads(by)
    if wrong := problems(loading.read(data), shelf()):
        raise loading.PlaybookError(wrong)
    if Version.objects.filter(key=data["key"], share__gt=0).exists():
        raise loading.PlaybookError([_("A version of it is on trial. End the trial first.")])


def shelf() -> Shelf:
    """The templates as they are now, for the checker."""
    rows = Template.objects.filter(current=True).prefetch_related("texts")
    return Shelf({row.key: (row.purpose, frozenset(text.language for text in row.texts.all())) for row in rows})


def store(data: Mapping[str, Any], *, origin: str, note: str, by: Agent | None, current: bool = True) -> Version:
    """Make the next version, the one new cases take unless it is not to be `current`. The caller checked it and holds a transaction."""
    key = data["key"]
    newest = Version.objects.filter(key=key).order_by("-number").first()
    if current:
        Version.objects.filter(key=key, current=True).update(current=False)
    made = Version.objects.create(
        key=key, number=newest.number + 1 if newest else 1, data=data, topics=list(data.get("topics", ())), origin=origin, note=note, by=by,
        published_at=clock.now(), current=current,
    )  # fmt: skip
    record("published_playbook", made, by=by, key=key, version=made.number, note=note)
    return made


def _leads(by: Agent) -> None:
    if not by.leads:
        raise PermissionDenied("Only leads publish playbooks.")
