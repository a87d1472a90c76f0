"""`bin/bench sayings`: how well a yes, a no, a threat and swearing are read, by language.

Sentences labelled by us (bench/sayings.toml), in the answer to an offer. A table by language and kind; `--verbose` names what was
misread. Ends with 0 when everything was measured.
"""

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

from bridgedesk.assist import triage
from bridgedesk.playbooks import answers

SAYINGS = Path(__file__).with_name("sayings.toml")
THREATS = {"claim": "dispute_threat", "review": "review_threat", "court": "legal_threat"}
KINDS = ("accepts", "insists", "neither", *THREATS, "rude")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("bin/bench sayings")
    parser.add_argument("--verbose", action="store_true", help="what was misread")
    verbose = parser.parse_args(arguments).verbose
    known = tomllib.loads(SAYINGS.read_text("utf-8"))
    for line in (*(misread(known) if verbose else ()), *table(known)):
        print(line)
    return 0


def read_rightly(kind: str, text: str, language: str) -> bool:
    """Whether the sentence is read as its label says."""
    if kind in THREATS:
        return THREATS[kind] in triage.sure([(each.topic, each.score) for each in triage.topics_of(text)])
    if kind == "rude":
        return triage.manner(text, thread_language=language).rude == "strong"
    said = answers.heard([text], language)
    return (said.accepts, said.refuses) == (kind == "accepts", kind == "insists")


def table(known: dict[str, dict[str, list[str]]]) -> Iterator[str]:
    """One line a language."""
    yield f"| language | {' | '.join(KINDS)} |"
    yield "|---|" + "--:|" * len(KINDS)
    rights = {language: {kind: _right(kinds[kind], kind, language) for kind in KINDS} for language, kinds in known.items()}
    for language, right in rights.items():
        yield f"| {language} | " + " | ".join(f"{right[kind]}/{len(known[language][kind])}" for kind in KINDS) + " |"
    sums = {kind: (sum(right[kind] for right in rights.values()), sum(len(kinds[kind]) for kinds in known.values())) for kind in KINDS}
    yield "| all | " + " | ".join(f"{right}/{every}" for right, every in sums.values()) + " |"


def _right(texts: list[str], kind: str, language: str) -> int:
    return sum(read_rightly(kind, text, language) for text in texts)


def misread(known: dict[str, dict[str, list[str]]]) -> Iterator[str]:
    """Each sentence that was."""
    for language, kinds in known.items():
        yield from (f"  {language} {kind}: {text}" for kind in KINDS for text in kinds[kind] if not read_rightly(kind, text, language))
