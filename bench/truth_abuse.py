"""Rudeness: prof.tsv (1 = abusive, language, text). Either grade counts as recognised; clean text must have none.

The language of the set stands in for what the conversation already knows, as it does at work.
"""

from pathlib import Path

from bench.truth import Score
from bridgedesk.assist import triage

FOLDER = "language"


def measure(folder: Path) -> Score:
    score = Score()
    seen = {"abusive": 0, "recognised": 0, "strong": 0, "clean": 0, "false_alarms": 0}
    for line in filter(None, (folder / "prof.tsv").read_text("utf-8").splitlines()):
        label, language, text = line.split("\t", 2)
        rude = triage.manner(text, thread_language=language, shop_language=language).rude
        _book(seen, label, rude)
        score.count((label == "1") == bool(rude), f"{'missed' if label == '1' else 'false alarm'} {language}: {text}")
    score.figures = seen
    return score


def _book(seen: dict[str, int], label: str, rude: str) -> None:
    if label == "1":
        seen["abusive"] += 1
        seen["recognised"] += bool(rude)
        seen["strong"] += rude == "strong"
    else:
        seen["clean"] += 1
        seen["false_alarms"] += bool(rude)
