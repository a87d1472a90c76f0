"""Playbooks as files: content/playbooks/*.toml, and the same shape as rows keep it (a dict).

`read` takes the shape apart and says what is misspelt or missing; checking.py says whether the process makes sense.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from bridgedesk.channels.policy import LANGUAGES, PURPOSES, Words
from bridgedesk.conversations import templates
from bridgedesk.playbooks.checking import Problem, Shelf, problems
from bridgedesk.playbooks.labels import EVENT_WORDS
from bridgedesk.playbooks.rules import DOES, OUTCOMES, STRATEGIES, Branch, Playbook, Step

_PLAYBOOK = ("key", "name", "about", "topics", "events", "platforms", "begin", "step")
_STEP = ("key", "name", "template", "purpose", "strategy", "does", "values", "automatic", "branch", "timeout", "ends")
_BRANCH, _TIMEOUT = ("when", "to"), ("days", "to")
MOST_STEPS, MOST_BRANCHES = 40, 20


class PlaybookError(ValueError):
    """A playbook that cannot be used; `problems` are sentences for its author."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class _Place:
    """Where something stands: a step ("" the beginning), or the playbook as a whole."""

    words: str
    step: str | None = None

    def __str__(self) -> str:
        return self.words

    def wrong(self, text: str) -> Problem:
        return Problem(text, self.step, text.removeprefix(self.words).lstrip(":： "))


def shipped(folder: Path | None = None) -> list[Mapping[str, Any]]:
    """Every playbook of content/playbooks, read and checked; PlaybookError names file and fault."""
    folder = folder or Path(settings.CONTENT) / "playbooks"
    found = [deepcopy(_file(path.name, path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml"))]
    keys = [data["key"] for data in found]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise PlaybookError([f"Two playbooks are called {', '.join(twice)}."])
    return found


@cache
def shelf_of_files() -> Shelf:
    """The shipped templates, as the checker asks for them."""
    return Shelf({one.key: (one.purpose, frozenset(one.texts)) for one in templates.shipped()})


@lru_cache(maxsize=100)
def _file(name: str, text: str) -> Mapping[str, Any]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlaybookError([f"{name} cannot be read: {error}"]) from error
    try:
        wrong = problems(read(data), shelf_of_files())
    except PlaybookError as error:
        raise PlaybookError([f"{name}: {problem}" for problem in error.problems]) from error
    if wrong:
        raise PlaybookError([f"{name}: {problem}" for problem in wrong])
    return data


def read(data: Mapping[str, Any]) -> Playbook:
    """The playbook of that shape; PlaybookError with everything that is misspelt, missing or of the wrong kind."""
    made, wrong = take_apart(data)
    if wrong:
        raise PlaybookError(wrong)
    return made


def take_apart(data: Mapping[str, Any]) -> tuple[Playbook, list[Problem]]:
    """What can be made of that shape, be it ever so unfinished, and everything that is wrong with it."""
    wrong: list[Problem] = []
    where = _Place(_("The playbook"))
    _unknown(data, _PLAYBOOK, where, wrong)
    raw = [entry for entry in _list(data, "step", where, wrong) if isinstance(entry, Mapping)]
    steps = tuple(_step(entry, number, wrong) for number, entry in enumerate(raw[:MOST_STEPS], 1))
    if not steps:
        wrong.append(where.wrong(_("The playbook has no step.")))
    if len(raw) > MOST_STEPS:
        wrong.append(where.wrong(_("A playbook has at most %(most)s steps.") % {"most": MOST_STEPS}))
    begin = _branches(_list(data, "begin", where, wrong), _Place(_("The beginning"), ""), wrong) or tuple(
        Branch(step.key) for step in steps[:1]
    )
    made = Playbook(
        key=_key(data, where, wrong),
        names=_words(data, "name", where, wrong),
        about=_words(data, "about", where, wrong),
        topics=_texts(data, "topics", where, wrong),
        events=_texts(data, "events", where, wrong, tuple(EVENT_WORDS)),
        platforms=_texts(data, "platforms", where, wrong),
        begin=begin,
        steps=steps,
    )
    return made, wrong


def _step(entry: Mapping[str, Any], number: int, wrong: list[Problem]) -> Step:
    where = _Place(_("Step %(step)s") % {"step": entry.get("key") or number}, str(entry.get("key") or ""))
    _unknown(entry, _STEP, where, wrong)
    timeout = entry.get("timeout") or {}
    if not isinstance(timeout, Mapping):
        wrong.append(where.wrong(_("%(where)s: %(name)s has the wrong form.") % {"where": where, "name": "timeout"}))
        timeout = {}
    _unknown(timeout, _TIMEOUT, where, wrong)
    return Step(
        key=_key(entry, where, wrong),
        names=_words(entry, "name", where, wrong),
        template=_text(entry, "template", where, wrong),
        purpose=_one_of(entry, "purpose", ("", *PURPOSES), where, wrong, ""),
        strategy=_one_of(entry, "strategy", STRATEGIES, where, wrong, "process"),
        does=_one_of(entry, "does", DOES, where, wrong, "reply"),
        values=_values(entry, where, wrong),
        automatic=entry.get("automatic") is True,
        branches=_branches(_list(entry, "branch", where, wrong), where, wrong),
        timeout_days=_days(timeout, where, wrong),
        timeout_to=_text(timeout, "to", where, wrong),
        ends=_one_of(entry, "ends", ("", *OUTCOMES), where, wrong, ""),
    )


def _branches(entries: Sequence[Any], where: _Place, wrong: list[Problem]) -> tuple[Branch, ...]:
    if len(entries) > MOST_BRANCHES:
        wrong.append(where.wrong(_("%(where)s has more than %(most)s branches.") % {"where": where, "most": MOST_BRANCHES}))
    made = []
    for entry in entries[:MOST_BRANCHES]:
        if not isinstance(entry, Mapping):
            wrong.append(where.wrong(_("%(where)s: %(name)s has the wrong form.") % {"where": where, "name": "branch"}))
            continue
        _unknown(entry, _BRANCH, where, wrong)
        made.append(Branch(_text(entry, "to", where, wrong), _text(entry, "when", where, wrong)))
    return tuple(made)


def _unknown(data: Mapping[str, Any], known: Sequence[str], where: _Place, wrong: list[Problem]) -> None:
    for name in data:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = _(" Did you mean %(fact)s?") % {"fact": near[0]} if near else ""
            wrong.append(where.wrong(_("%(where)s: there is no field “%(name)s”.") % {"where": where, "name": name} + hint))


def _list(data: Mapping[str, Any], name: str, where: _Place, wrong: list[Problem]) -> list[Any]:
    value = data.get(name, [])
    if isinstance(value, list):
        return value
    wrong.append(where.wrong(_("%(where)s: %(name)s has the wrong form.") % {"where": where, "name": name}))
    return []


def _text(data: Mapping[str, Any], name: str, where: _Place, wrong: list[Problem]) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        wrong.append(where.wrong(_("%(where)s: %(name)s has the wrong form.") % {"where": where, "name": name}))
        return ""
    return value.strip()


def _texts(data: Mapping[str, Any], name: str, where: _Place, wrong: list[Problem], known: Sequence[str] = ()) -> tuple[str, ...]:
    found = tuple(str(value) for value in _list(data, name, where, wrong))
    for value in found:
        if known and value not in known:
            wrong.append(where.wrong(_not_one_of(where, value, known)))
    return found


def _one_of(data: Mapping[str, Any], name: str, known: Sequence[str], where: _Place, wrong: list[Problem], default: str) -> str:
    value = data.get(name, default)
    if value in known:
        return str(value)
    wrong.append(where.wrong(_not_one_of(where, str(value), known)))
    return default


def _not_one_of(where: _Place, value: str, known: Sequence[str]) -> str:
    said = {"where": where, "value": value, "values": ", ".join(filter(None, known))}
    return _("%(where)s: “%(value)s” is not one of: %(values)s.") % said


def _key(data: Mapping[str, Any], where: _Place, wrong: list[Problem]) -> str:
    key = _text(data, "key", where, wrong)
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,59}", key):
        wrong.append(where.wrong(_("%(where)s: the key must be small letters, digits and hyphens.") % {"where": where}))
    return key


def _words(data: Mapping[str, Any], name: str, where: _Place, wrong: list[Problem]) -> Words:
    words = data.get(name)
    texts = [str(words.get(language, "")).strip() if isinstance(words, Mapping) else "" for language in LANGUAGES]
    if missing := [language for language, text in zip(LANGUAGES, texts, strict=True) if not text]:
        said = {"where": where, "name": name, "languages": ", ".join(missing)}
        wrong.append(where.wrong(_("%(where)s: the %(name)s is missing in %(languages)s.") % said))
    return Words(*texts)


def _values(entry: Mapping[str, Any], where: _Place, wrong: list[Problem]) -> Mapping[str, Any]:
    value = entry.get("values", {})
    if isinstance(value, Mapping) and all(isinstance(one, str | int | float) for one in value.values()):
        return dict(value)
    wrong.append(where.wrong(_("%(where)s: %(name)s has the wrong form.") % {"where": where, "name": "values"}))
    return {}


def _days(timeout: Mapping[str, Any], where: _Place, wrong: list[Problem]) -> float:
    days = timeout.get("days", 0)
    if isinstance(days, int | float) and not isinstance(days, bool) and 0 <= days <= 90:
        return float(days)
    wrong.append(where.wrong(_("%(where)s: the days of silence must be a number up to 90.") % {"where": where}))
    return 0
