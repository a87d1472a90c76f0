"""Reads of playbooks and runs that more than one screen needs."""

import json
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from django.utils.translation import gettext as _

from bridgedesk.channels.policy import policy_name
from bridgedesk.conversations.models import Conversation
from bridgedesk.playbooks import loading
from bridgedesk.playbooks.labels import OUTCOME_WORDS
from bridgedesk.playbooks.models import Run, Version
from bridgedesk.playbooks.rules import Playbook


def playbook_of(version: Version) -> Playbook:
    """The process a version holds. What is published was checked, so it can be read."""
    return _read(json.dumps(version.data, sort_keys=True))


@lru_cache(maxsize=200)
def _read(data: str) -> Playbook:
    return loading.read(json.loads(data))


def name_of(playbook: Playbook, to: str) -> str:
    """A step or an ending in the reader's words; "" is the beginning."""
    step = playbook.step(to)
    return (str(step.names) or step.key) if step else str(OUTCOME_WORDS[to]) if to in OUTCOME_WORDS else _("The beginning")


def published() -> list[Version]:
    """What new cases may take: current versions and those on trial."""
    return list(Version.objects.filter(current=True).order_by("key") | Version.objects.filter(share__gt=0).order_by("key"))


def for_topic(versions: Sequence[Version], conversation: Conversation, topic: str) -> Version | None:
    """The version a new case of that topic takes in this conversation; None: no playbook serves it there."""
    fitting = [v for v in serving(versions, conversation) if topic in v.topics]
    fitting.sort(key=lambda v: (v.topics.index(topic), v.key))
    return chosen(fitting[0].key, versions, conversation.pk) if fitting else None


def for_event(versions: Sequence[Version], conversation: Conversation, event: str) -> Version | None:
    """The same for what happened without a word of the buyer (playbooks.events)."""
    fitting = [v for v in serving(versions, conversation) if event in playbook_of(v).events]
    fitting.sort(key=lambda v: (playbook_of(v).events.index(event), v.key))
    return chosen(fitting[0].key, versions, conversation.pk) if fitting else None


def serving(versions: Sequence[Version], conversation: Conversation) -> list[Version]:
    """Those that may be used with this buyer, on this platform."""
    platform = policy_name(conversation.shop, conversation.address)
    return [version for version in versions if playbook_of(version).serves(platform)]


def chosen(key: str, versions: Sequence[Version], conversation: int) -> Version | None:
    """Current or on trial in this shop, by the trial's share: the same conversation always gets the same."""
    own = [version for version in versions if version.key == key]
    trial = next((version for version in own if version.share), None)
    if trial and _lot(key, conversation) < trial.share and _in_its_shops(trial, conversation):
        return trial
    return next((version for version in own if version.current), None)


def _in_its_shops(trial: Version, conversation: int) -> bool:
    """Asked of those only whose lot was drawn."""
    return Conversation.objects.filter(pk=conversation, shop__in=trial.trial_shops).exists()


def _lot(key: str, conversation: int) -> int:
    """0 to 99, evenly."""
    return int.from_bytes(sha256(f"{key}/{conversation}".encode()).digest()[:4], "big") % 100


def open_run(conversation: Conversation) -> Run | None:
    """The run it is in."""
    return Run.objects.filter(conversation=conversation, state=Run.State.OPEN).select_related("version").first()


def last_run(conversation: Conversation) -> Run | None:
    """The open run, else the newest."""
    runs = Run.objects.filter(conversation=conversation).select_related("version", "started_by").order_by("-started_at", "-pk")
    rows = list(runs[:5])
    return next((run for run in rows if run.state == Run.State.OPEN), rows[0] if rows else None)
