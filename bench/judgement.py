"""`bin/bench judgement`: what comes of it when everybody takes what is suggested.

Plays every scripted buyer (bench/buyers, or `--folder DIR` of the same form) against an agent who always takes the suggested branch, on
real rows, with a recorder in place of the platforms. Each is played four times: in another order, at other hours, on what the cases before
have taught. Prints the share right and the share with a forbidden act, over all and by group; `--verbose` says what went wrong. Ends with
0 when everything was played, with 1 under `--strict` when something is wrong, with 3 when nothing could be measured.
"""

import argparse
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bench import _scripts, _stage
from bench._scripts import BadScript, Script

if TYPE_CHECKING:
    from bench._verdict import Played

FOLDER = Path(__file__).parent / "buyers"
GROUPS: dict[str, Callable[["Played"], str]] = {
    "archetype": lambda one: one.script.archetype,
    "platform": lambda one: one.script.platform,
    "playbook begun": lambda one: one.playbook,
    "language": lambda one: one.script.language,
    "part": lambda one: "held out" if one.script.held_out else "at hand",
}


def main(arguments: list[str]) -> int:
    asked = _arguments().parse_args(arguments)
    try:
        scripts = [script for script in _scripts.read(asked.folder) if _wanted(script, asked)]
    except BadScript as wrong:
        print(f"judgement: nothing was measured\n{wrong}")
        return 3
    if not scripts:
        print(f"judgement: no script of {asked.folder} fits, nothing was measured")
        return 3
    with _stage.database():
        return measure(scripts, asked.times, verbose=asked.verbose, strict=asked.strict)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bin/bench judgement")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--only", default="", help="scripts whose file or key holds this")
    parser.add_argument("--part", choices=["all", "at-hand", "held-out"], default="all")
    parser.add_argument("--verbose", action="store_true", help="what went wrong, script by script")
    parser.add_argument("--strict", action="store_true", help="end with 1 when anything is wrong")
    return parser


def _wanted(script: Script, asked: argparse.Namespace) -> bool:
    part = asked.part == "all" or script.held_out == (asked.part == "held-out")
    return part and asked.only in f"{script.file} {script.key}"


def measure(scripts: Sequence[Script], times: int, *, verbose: bool = False, strict: bool = False) -> int:
    """Play them, print the report; the exit code."""
    from bench._playing import repetition

    logging.getLogger("bridgedesk").setLevel(logging.CRITICAL)
    begun = perf_counter()
    played = [one for seed in range(times) for one in repetition(scripts, seed)]
    found = by_script(played)
    for line in (*(misses(found) if verbose else ()), *tables(found, times)):
        print(line)
    over_all = figures(found, times) | {"seconds": round(perf_counter() - begun, 1)}
    print(json.dumps(over_all, ensure_ascii=False))
    return 1 if strict and over_all["right"] != over_all["played"] else 0


def by_script(played: Sequence["Played"]) -> dict[str, list["Played"]]:
    """Every time a script was played, by its key, in the order of the files."""
    found: dict[str, list[Played]] = defaultdict(list)
    for one in sorted(played, key=lambda one: (one.script.file, one.script.key)):
        found[one.script.key].append(one)
    return dict(found)


def figures(found: dict[str, list["Played"]], times: int) -> dict[str, object]:
    """Over all: `pass^k` counts a script that was right k times of k."""
    every = [one for runs in found.values() for one in runs]
    return {
        "scripts": len(found), "times": times, "played": len(every), "right": sum(one.right for one in every),
        "forbidden": sum(bool(one.forbidden) for one in every), "always_right": sum(_always(runs) for runs in found.values()),
        "letters": sum(one.letters for one in every), "gaps": sum(one.gaps for one in every),
    }  # fmt: skip


def _always(runs: Sequence["Played"]) -> bool:
    return all(one.right for one in runs)


def tables(found: dict[str, list["Played"]], times: int) -> Iterator[str]:
    """One line a group: scripts, share right, right every time, share with a forbidden act."""
    for name, group in {"all": lambda one: "all", **GROUPS}.items():
        groups: dict[str, list[list[Played]]] = defaultdict(list)
        for runs in found.values():
            groups[group(runs[0])].append(runs)
        yield f"\n| {name} | scripts | right | right {times} of {times} | with a forbidden act |\n|---|--:|--:|--:|--:|"
        yield from (_line(label, groups[label]) for label in sorted(groups))


def _line(label: str, group: list[list["Played"]]) -> str:
    every = [one for runs in group for one in runs]
    right, forbidden = sum(one.right for one in every), sum(bool(one.forbidden) for one in every)
    always = sum(_always(runs) for runs in group)
    return f"| {label} | {len(group)} | {_share(right, len(every))} | {_share(always, len(group))} | {_share(forbidden, len(every))} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def misses(found: dict[str, list["Played"]]) -> Iterator[str]:
    """What went wrong, how often, and the way the case took."""
    for key, runs in found.items():
        troubles = Counter(trouble for one in runs for trouble in (*one.wrong, *(f"FORBIDDEN {act}" for act in one.forbidden)))
        if troubles:
            said = "; ".join(f"{trouble} ({count}×)" if count > 1 else trouble for trouble, count in troubles.items())
            yield f"  {runs[0].script.file} {key}: {said}\n    {' | '.join(runs[0].way)}\n    wanted: {runs[0].script.wants}"


if __name__ == "__main__":
    raise SystemExit(main([]))
