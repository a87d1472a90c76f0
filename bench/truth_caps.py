"""Sentences in capitals: caps.tsv (1 = has one, text; \\n stands for a line break)."""

from pathlib import Path

from bench.truth import Score
from bridgedesk.assist.shouting import shouted

FOLDER = "language"


def measure(folder: Path) -> Score:
    score = Score()
    for line in filter(None, (folder / "caps.tsv").read_text("utf-8").splitlines()):
        label, text = line.split("\t", 1)
        score.count(bool(shouted(text.replace("\\n", "\n"))) == (label == "1"), f"{label} {text}")
    return score
