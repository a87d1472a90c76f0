"""Retail orders: every ground-truth write of a task is done to our rows; afterwards exactly what the set expects has changed.

Reads users.json, products.json, orders.json (the start) and expected_*.jsonl: {i, writes: [[name, arguments, refusal or null]],
diff: {orders: {id: {field: value}}, users: …}}. Each task is replayed twice from the same start: by our actions, and by our HTTP API.
It passes when both times the whole export differs from the start by `diff` alone, and what must be refused was, without a change.
Sums are compared to the cent. `by` counts each way, `writes` each kind of write as done/asked.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import _stage
from bench.truth import Score

START = ("users", "products", "orders")


def measure(folder: Path) -> Score:
    start = {name: _read((folder / f"{name}.json").read_text("utf-8")) for name in START}
    files = sorted(folder.glob("expected_*.jsonl"))
    tasks = [(path.stem.removeprefix("expected_"), _read(line)) for path in files for line in path.read_text("utf-8").splitlines()]
    with _stage.database():
        logging.getLogger("django.request").setLevel(logging.ERROR)  # refusals are expected here
        return replay(start, tasks)


def _read(text: str) -> Any:
    return json.loads(text, parse_float=str)


def replay(start: Mapping[str, Any], tasks: list[tuple[str, Any]]) -> Score:
    """Every (name of its file, task) on the start, which is loaded for good; each task is rolled back."""
    from bench import _retail as retail
    from bench import _retail_export as exporting

    score, tally = Score(), Tally()
    world = retail.load(start)
    retail.mark(world)
    begun = exporting.export(world)
    if begun != retail.cents({name: start[name] for name in ("users", "orders")}):
        score.misses.append("what was loaded is not the set's start")
    ways = {"actions": retail.by_actions(world), "api": retail.by_api(world)}
    for name, task in tasks:
        troubles = {way: _trouble(world, begun, task, way, write, tally) for way, write in ways.items()}
        for way, trouble in troubles.items():
            tally.ways[f"{name} by {way}"] += not trouble
            tally.tasks[f"{name} by {way}"] += 1
        said = "; ".join(f"by {way}: {trouble}" for way, trouble in troubles.items() if trouble)
        score.count(not said, f"{name} {task['i']} {said}")
    score.figures = tally.figures()
    return score


class Tally:
    """Counts beside the score."""

    def __init__(self) -> None:
        self.ways, self.tasks, self.right, self.writes = (Counter[str]() for _ in range(4))

    def figures(self) -> dict[str, object]:
        return {
            "by": {name: f"{self.ways[name]}/{count}" for name, count in self.tasks.items()},
            "writes": {name: f"{self.right[name]}/{count}" for name, count in sorted(self.writes.items())},
        }


@contextmanager
def rolled_back() -> Any:
    """Nothing of the block stays."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _trouble(world: Any, begun: Any, task: Any, way: str, write: Callable[[Any], str], tally: Tally) -> str:
    """What went wrong with a task done one way, "" when nothing did."""
    from bench import _retail as retail
    from bench import _retail_export as exporting

    troubles = []
    with rolled_back():
        for name, given, refusal in task["writes"]:
            before = exporting.export_now(world, begun) if refusal else None
            code = _done(world, name, given, write)
            kind = f"{name}{' refused' if refusal else ''} by {way}"
            right = bool(code) == bool(refusal) and (before is None or exporting.export_now(world, begun) == before)
            tally.writes[kind] += 1
            tally.right[kind] += right
            troubles += [] if right else [f"{name} {'was not refused' if refusal else 'was refused: ' + code}"]
        changed = _changes(begun, exporting.export_now(world, begun))
    if changed != retail.cents(task["diff"]):
        troubles.append(_unlike(changed, retail.cents(task["diff"])))
    return ", ".join(troubles)


def _done(world: Any, name: str, given: Any, write: Callable[[Any], str]) -> str:
    from bench import _retail as retail

    return write(retail.asked(world, name, given)) if name in retail.ACTS else "no such action here"


def _changes(before: Any, after: Any) -> dict[str, dict[str, Any]]:
    """Per table and row the fields that are new or different; what is gone shows as None."""
    found: dict[str, dict[str, Any]] = {}
    for table in after:
        for key in before[table] | after[table]:
            old, new = before[table].get(key, {}), after[table].get(key, {})
            fields = {name: new.get(name) for name in old | new if old.get(name) != new.get(name)}
            if fields:
                found.setdefault(table, {})[key] = fields
    return found


def _unlike(found: Any, wanted: Any) -> str:
    rows = [f"{table} {key}" for table in found | wanted for key in found.get(table, {}) | wanted.get(table, {})
            if found.get(table, {}).get(key) != wanted.get(table, {}).get(key)]  # fmt: skip
    return f"differs in {', '.join(rows)}"
