"""`bin/bench truth NAME [DIR]`: how often we agree with material the project did not write.

Each set is a file `truth_NAME.py` with `measure(folder) -> Score`. DIR is the set's folder; without it, NAME below
$BRIDGEDESK_TRUTH. Prints `passed/total`, the misses and one JSON line. Ends with 0 only when something was measured;
a missing folder is never a pass. `--misses N` limits the list (default 20).
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).parent


@dataclass
class Score:
    """How a set went: `count` books a case; `figures` are further results of the set."""

    passed: int = 0
    misses: list[str] = field(default_factory=list)
    skipped: int = 0
    figures: Mapping[str, object] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.passed + len(self.misses)

    def count(self, ok: bool, case: str) -> None:
        """Book one case; `case` names it in the list of misses."""
        if ok:
            self.passed += 1
        else:
            self.misses.append(case)


def sets() -> list[str]:
    """The sets that can be measured."""
    return sorted(path.stem.removeprefix("truth_") for path in HERE.glob("truth_*.py"))


def folder_of(name: str, given: str | None) -> Path:
    """Where the set lies: as given, else below $BRIDGEDESK_TRUTH (in the folder its file names as FOLDER, if not its own)."""
    return Path(given) if given else _below(Path(os.environ.get("BRIDGEDESK_TRUTH", "truth")), name)


def _below(base: Path, name: str) -> Path:
    return base / getattr(importlib.import_module(f"bench.truth_{name}"), "FOLDER", name)


_scores: dict[str, Score] = {}


def table() -> str:
    """Every set measured, one line each."""
    lines = [
        f"| {name} | {score.passed} | {score.total} | {100 * score.passed / (score.total or 1):.1f} % |" for name, score in _scores.items()
    ]
    return "\n".join(["| set | passed | of | share |", "|---|--:|--:|--:|", *lines])


def run(name: str, folder: Path, shown: int) -> int:
    """Measure and print one set."""
    if not folder.exists():
        print(f"{name}: {folder} is missing, nothing was measured")
        return 3
    begun = perf_counter()
    try:
        score: Score = importlib.import_module(f"bench.truth_{name}").measure(folder)
    except FileNotFoundError as error:
        print(f"{name}: {error.filename} is missing, nothing was measured")
        return 3
    _scores[name] = score
    for miss in score.misses[:shown]:
        print(f"  miss {miss}")
    if len(score.misses) > shown:
        print(f"  … and {len(score.misses) - shown} more")
    print(f"{name}: {score.passed}/{score.total}" + (f", {score.skipped} skipped" if score.skipped else ""))
    line = {
        "set": name,
        "passed": score.passed,
        "total": score.total,
        "skipped": score.skipped,
        "seconds": round(perf_counter() - begun, 2),
    }
    print(json.dumps(line | dict(score.figures), ensure_ascii=False))
    if not score.total:
        print(f"{name}: {folder} holds no case of this form, nothing was measured")
        return 3
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bin/bench truth")
    parser.add_argument("name", choices=[*sets(), "all"])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--misses", type=int, default=20)
    asked = parser.parse_args(arguments)
    if asked.name != "all":
        return run(asked.name, folder_of(asked.name, asked.folder), asked.misses)
    base = Path(asked.folder) if asked.folder else None
    code = max(run(name, _below(base, name) if base else folder_of(name, None), asked.misses) for name in sets())
    print(f"\n{table()}")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
