"""Carriers: each valid number must be recognised as its courier's, no invalid one as that courier's.

Reads numbers.json: [{courier, code, format, valid: [...], invalid: [...]}].
"""

import json
from pathlib import Path

from bench.truth import Score
from bridgedesk.lib import tracking


def measure(folder: Path) -> Score:
    score = Score()
    for entry in json.loads((folder / "numbers.json").read_text("utf-8")):
        for number, valid in [(n, True) for n in entry["valid"]] + [(n, False) for n in entry["invalid"]]:
            verdict = "not recognised" if valid else "recognised"
            score.count(_is_of(number, entry["code"]) == valid, f"{entry['code']} {entry['format']}: {number} {verdict}")
    return score


def _is_of(number: str, code: str) -> bool:
    return any(match.carrier.code == code for match in tracking.recognise(number))
