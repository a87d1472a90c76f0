"""What the editor offers and says: the choices of its fields, faults at their steps, conditions in words, the drawing, the letters."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bridgedesk.channels.policy import PURPOSES
from bridgedesk.channels.policy import names as policies
from bridgedesk.conversations import labels, shelf
from bridgedesk.conversations import templates as replies
from bridgedesk.conversations.composing import name_of
from bridgedesk.conversations.models import Template
from bridgedesk.playbooks import drafts, editing, queries
from bridgedesk.playbooks.checking import Problem
from bridgedesk.playbooks.expressions import ExpressionError, example, in_words, parse
from bridgedesk.playbooks.facts import FACTS
from bridgedesk.playbooks.graph import draw
from bridgedesk.playbooks.labels import DOES_WORDS, EVENT_WORDS, OUTCOME_WORDS, STRATEGY_WORDS
from bridgedesk.playbooks.models import Version
from bridgedesk.playbooks.rules import Playbook
from bridgedesk.team.models import Agent

TONGUES = (("en", "English"), ("zh-Hans", "简体中文"), ("zh-Hant", "繁體中文"))


def choices() -> dict[str, Any]:
    """What can be chosen in the form, in the reader's words."""
    return {
        "tongues": TONGUES,
        "template_choices": [("", _("No message")), *_by_name((row.key, name_of(row)) for row in _templates())],
        "purpose_choices": [("", _("the template's own")), *((name, labels.purpose(name)) for name in PURPOSES)],
        "strategy_choices": list(STRATEGY_WORDS.items()),
        "does_choices": list(DOES_WORDS.items()),
        "end_choices": list(OUTCOME_WORDS.items()),
        "topic_choices": _by_name((key, str(word)) for key, word in labels.TOPICS.items()),
        "event_choices": list(EVENT_WORDS.items()),
        "platform_choices": [(name, labels.PLATFORMS.get(name, name)) for name in policies()],
        "facts": [(fact, example(fact.name)) for fact in FACTS.values()],
    }


def sources() -> list[tuple[str, str]]:
    """The playbooks a new one may be a copy of."""
    rows = Version.objects.filter(current=True)
    return [("", _("none: begin empty")), *_by_name((row.key, str(queries.playbook_of(row).names)) for row in rows)]


def looked(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be said of a shape as it stands."""
    playbook, faults = drafts.faults(data)
    return {
        "data": data,
        "live": False,  # pieces that are swapped into the form one by one
        "apart": False,  # beside the form that is swapped
        "playbook": playbook,
        "steps": [editing.fields(data, place) for place in range(len(data["step"]))],
        "targets": [(step.key, queries.name_of(playbook, step.key)) for step in playbook.steps],
        "faults": faults,
        "at": _placed(data, faults),
        "words": _conditions(data),
        "drawing": draw(playbook),
        "name": lambda to: queries.name_of(playbook, to),
        "place_of": {step.key: place for place, step in reversed(list(enumerate(playbook.steps)))},
    }


def letter(data: Mapping[str, Any], place: int, language: str, agent: Agent) -> dict[str, Any]:
    """A step's message as a buyer of that language reads it, and what each platform's gate says of it."""
    playbook, _unread = drafts.faults(data)
    step = playbook.steps[place] if place < len(playbook.steps) else None
    template = _templates().filter(key=step.template).first() if step and step.template else None
    if step is None or template is None:
        return {"template": None}
    texts = {text.language: text.body for text in template.texts.all()}
    language = language if language in replies.LANGUAGES else "en"
    own = {name: value for name, value in step.values.items() if not str(value).startswith("=")}
    found = shelf.look(texts, language, step.purpose or template.purpose, _platforms(playbook, agent), own)
    return {"template": template, "looked": found, "languages": replies.LANGUAGES, "there": texts, "platforms": labels.PLATFORMS}


def _platforms(playbook: Playbook, agent: Agent) -> Sequence[str]:
    return [name for name in playbook.platforms if name in policies()] or shelf.platforms_of(agent)


def _templates() -> QuerySet[Template]:
    return Template.objects.filter(current=True).prefetch_related("texts").order_by("key")


def _by_name(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1].casefold())


def _placed(data: Mapping[str, Any], faults: Iterable[Problem]) -> Mapping[int, list[Problem]]:
    """By the step's place in the form; the beginning's at -1, those of the whole at -2."""
    places = {str(step.get("key", "")): place for place, step in reversed(list(enumerate(data["step"])))} | {"": -1}
    found: dict[int, list[Problem]] = {}
    for fault in faults:
        found.setdefault(-2 if fault.step is None else places.get(fault.step, -2), []).append(fault)
    return found


def _conditions(data: Mapping[str, Any]) -> Mapping[tuple[int, int], str]:
    """Each branch's condition in words, by step and branch; the beginning's at -1."""
    rows = [(-1, data["begin"]), *((place, step.get("branch") or ()) for place, step in enumerate(data["step"]))]
    return {(place, nth): _in_words(branch.get("when", "")) for place, branches in rows for nth, branch in enumerate(branches)}


def _in_words(when: str) -> str:
    if not when:
        return _("in every other case")
    try:
        return in_words(parse(when))
    except ExpressionError as error:
        return str(error)
