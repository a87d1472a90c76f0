"""A playbook and its form. Pure: what was posted becomes the shape of content/playbooks, and the buttons of the form change that shape.

Fields are named by their place (`s0-key`, `s0-when`); what the form does not know of stays as the shape before had it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict

from bridgedesk.channels.policy import LANGUAGES
from bridgedesk.lib.storable import number, plain
from bridgedesk.playbooks.loading import MOST_BRANCHES, MOST_STEPS

LONGEST = 2000
_ALL = ("name", "about", "topics", "events", "platforms", "begin", "step")
_STEP = ("key", "name", "template", "purpose", "strategy", "does", "values", "automatic", "branch", "timeout", "ends")
_USUAL = {"purpose": "", "strategy": "process", "does": "reply", "template": "", "ends": "", "automatic": False}

Shape = dict[str, Any]


def parse(posted: QueryDict, before: Mapping[str, Any]) -> Shape:
    """The shape the form holds. `before` is the shape it was made from."""
    count = min(number(posted.get("steps", "")), MOST_STEPS + 1)
    old = {str(step.get("key")): step for step in before.get("step", ())}
    shape: Shape = {name: value for name, value in before.items() if name not in _ALL}
    shape |= {"name": _words(posted, "name"), "about": _words(posted, "about")}
    shape |= {name: _many(posted, name) for name in ("topics", "events", "platforms")}
    shape["begin"] = _branches(posted, "b")
    shape["step"] = [_step(posted, f"s{place}", old) for place in range(count)]
    for place in range(count):
        _rename(shape, _text(posted, f"s{place}-was", 60), shape["step"][place]["key"])
    return {name: value for name, value in shape.items() if value or name not in ("events", "platforms")}


def empty(key: str, names: Mapping[str, str]) -> Shape:
    """A new playbook: one step, which waits three days for an answer."""
    step: Shape = {"key": "first", "name": {}, "branch": [], "timeout": {"days": 3, "to": "no_answer"}}
    return {"key": key, "name": dict(names), "about": {}, "topics": [], "begin": [{"to": "first"}], "step": [step]}


def whole(data: Mapping[str, Any]) -> Shape:
    """A published shape with what files may leave out."""
    return {**data, "begin": data.get("begin") or [{"to": data["step"][0]["key"]}]}


def act(shape: Shape, do: str) -> str:
    """What a button does to the shape: `up:2`, `branch-drop:2:0` … The field to go to next."""
    name, *places = do.split(":")
    doing = _ACTS.get(name)
    where = [int(place) if re.fullmatch(r"-1|\d{1,3}", place) else 999 for place in places]
    return doing(shape, *where) if doing and len(where) == _PLACES[name] else ""


def fields(shape: Mapping[str, Any], place: int) -> Mapping[str, Any]:
    """What the form shows of a step."""
    step = shape["step"][place]
    values = step.get("values") or {}
    return {
        **_USUAL,
        **step,
        "name": step.get("name") or {},
        "branch": step.get("branch") or [],
        "timeout": step.get("timeout") or {},
        "values": "\n".join(f"{name} = {value}" for name, value in values.items()),
    }


def _step(posted: QueryDict, at: str, old: Mapping[str, Mapping[str, Any]]) -> Shape:
    kept = old.get(_text(posted, f"{at}-was", 60), {})
    step: Shape = {name: value for name, value in kept.items() if name not in _STEP}
    step |= {"key": _text(posted, f"{at}-key", 60), "name": _words(posted, f"{at}-name")}
    for name in ("template", "purpose", "strategy", "does", "ends"):
        step[name] = _text(posted, f"{at}-{name}", 60)
    step["automatic"] = posted.get(f"{at}-automatic") == "1"
    step = {name: value for name, value in step.items() if name not in _USUAL or value not in (_USUAL[name], "")}
    if values := _values(_text(posted, f"{at}-values", LONGEST)):
        step["values"] = values
    if branches := _branches(posted, at):
        step["branch"] = branches
    if to := _text(posted, f"{at}-timeout-to", 60):
        step["timeout"] = {"days": _number(_text(posted, f"{at}-timeout-days", 12)), "to": to}
    return step


def _branches(posted: QueryDict, at: str) -> list[Shape]:
    whens, tos = posted.getlist(f"{at}-when"), posted.getlist(f"{at}-to")
    pairs = list(zip(whens, tos, strict=False))[: MOST_BRANCHES + 1]
    return [({"when": plain(when).strip()[:LONGEST]} if when.strip() else {}) | {"to": plain(to)[:60]} for when, to in pairs]


def _rename(shape: Shape, was: str, now: str) -> None:
    """A step was given another key: what leads to it leads to it still."""
    if not was or was == now or was in {step["key"] for step in shape["step"]}:
        return
    for one in [*shape["begin"], *(branch for step in shape["step"] for branch in [*step.get("branch", ()), step.get("timeout", {})])]:
        if one.get("to") == was:
            one["to"] = now


def _values(text: str) -> Shape:
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {name.strip(): _number(value.strip()) for name, _sign, value in pairs}


def _number(text: str) -> Any:
    if re.fullmatch(r"\d{1,9}", text):
        return int(text)
    return float(text) if re.fullmatch(r"\d{1,9}\.\d{1,6}", text) else text


def _words(posted: QueryDict, name: str) -> dict[str, str]:
    said = {language: _text(posted, f"{name}-{language}", 300) for language in LANGUAGES}
    return {language: text for language, text in said.items() if text}


def _many(posted: QueryDict, name: str) -> list[str]:
    return [plain(value)[:60] for value in posted.getlist(name)[:60]]


def _text(posted: QueryDict, name: str, most: int) -> str:
    return plain(posted.get(name, "").replace("\r\n", "\n")).strip()[:most]


def _add(shape: Shape, place: int) -> str:
    keys = {step["key"] for step in shape["step"]}
    if len(shape["step"]) >= MOST_STEPS:
        return ""
    key = next(f"step-{n}" for n in range(len(keys) + 1, 2 * MOST_STEPS + 3) if f"step-{n}" not in keys)
    after = min(place + 1, len(shape["step"]))
    shape["step"].insert(after, {"key": key, "name": {}, "branch": [], "timeout": {"days": 3, "to": "no_answer"}})
    return f"s{after}-name-en"


def _up(shape: Shape, place: int) -> str:
    return _swap(shape["step"], place, place - 1, "up-{}")


def _down(shape: Shape, place: int) -> str:
    return _swap(shape["step"], place, place + 1, "down-{}")


def _drop(shape: Shape, place: int) -> str:
    if place < len(shape["step"]) and len(shape["step"]) > 1:
        del shape["step"][place]
        return f"step-{max(place - 1, 0)}"
    return ""


def _branches_of(shape: Shape, place: int) -> list[Shape]:
    """Those of a step; of the beginning at -1."""
    if place == -1:
        begin: list[Shape] = shape["begin"]
        return begin
    if place >= len(shape["step"]):
        return []
    found: list[Shape] = shape["step"][place].setdefault("branch", [])
    return found


def _branch(shape: Shape, place: int) -> str:
    branches = _branches_of(shape, place)
    at = len(branches) - 1 if branches and not branches[-1].get("when") and place == -1 else len(branches)
    branches.insert(at, {"to": ""})
    return f"when-{place}-{at}"


def _branch_up(shape: Shape, place: int, nth: int) -> str:
    return _swap(_branches_of(shape, place), nth, nth - 1, f"when-{place}-{{}}")


def _branch_down(shape: Shape, place: int, nth: int) -> str:
    return _swap(_branches_of(shape, place), nth, nth + 1, f"when-{place}-{{}}")


def _branch_drop(shape: Shape, place: int, nth: int) -> str:
    branches = _branches_of(shape, place)
    if nth < len(branches):
        del branches[nth]
    return f"branch-{place}"


def _swap(rows: list[Shape], one: int, other: int, focus: str) -> str:
    if not 0 <= min(one, other) <= max(one, other) < len(rows):
        return focus.format(one)
    rows[one], rows[other] = rows[other], rows[one]
    return focus.format(other)


_ACTS: Mapping[str, Callable[..., str]] = {
    "add": _add,
    "up": _up,
    "down": _down,
    "drop": _drop,
    "branch": _branch,
    "branch-up": _branch_up,
    "branch-down": _branch_down,
    "branch-drop": _branch_drop,
}
_PLACES = {name: 2 if name.startswith("branch-") else 1 for name in _ACTS}
