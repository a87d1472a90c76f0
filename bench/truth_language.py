"""Languages: langid.tsv and langid_mixed.tsv (language, text; "none" = must stay undetermined)."""

from pathlib import Path

from bench.truth import Score
from bridgedesk.assist.language import identify
from bridgedesk.lib.languages import canonical


def measure(folder: Path) -> Score:
    score = Score()
    for path in sorted(folder.glob("langid*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            expected, _, text = line.partition("\t")
            if not text:
                continue
            guess = identify(text)
            right = guess.language == ("" if expected == "none" else canonical(expected))
            score.count(right, f"{path.stem} {expected} -> {guess.language or 'none'} ({guess.probability:.2f}): {text}")
    return score
