"""Quoted history: NAME.txt is a whole mail, NAME.expected.txt what the writer newly said; equal after folding white space."""

from pathlib import Path

from bench.truth import Score
from bridgedesk.channels.mail_quotes import split


def measure(folder: Path) -> Score:
    score = Score()
    for expected in sorted(folder.glob("*.expected.txt")):
        whole = expected.with_name(expected.name.replace(".expected.txt", ".txt"))
        said = split(whole.read_bytes().decode("utf-8", "replace")).said
        score.count(said.split() == expected.read_bytes().decode("utf-8", "replace").split(), whole.stem)
    return score
